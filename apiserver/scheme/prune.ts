import { isArray, isObject, type Json, type JsonObject } from './json.ts';
import { SCHEME_LIMITS } from './limits.ts';
import { type Schema, shapeOf } from './schema.ts';

/**
 * Drops, in place, what a structural schema does not know, and returns the paths dropped (`spec.x`, at most SCHEME_LIMITS.maxReportedFaults).
 * apiVersion, kind and metadata of the object itself and of embedded resources always stay.
 * Source: apiextensions pkg/apiserver/schema/pruning.
 */
export function prune(object: JsonObject, schema: Schema): readonly string[] {
  const dropped: string[] = [];
  pruneObject(object, schema, '', dropped, true);
  return dropped;
}

const RESOURCE_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

function pruneValue(value: Json, lazy: Schema, path: string, dropped: string[]): void {
  const schema = shapeOf(lazy);
  if (isArray(value)) {
    if (schema.items === undefined) return;
    for (let i = 0; i < value.length; i++) {
      const item = value[i] as Json;
      if (typeof item === 'object' && item !== null) pruneValue(item, schema.items, `${path}[${i}]`, dropped);
    }
  } else if (isObject(value)) pruneObject(value, schema, path, dropped, schema.embeddedResource ?? false);
}

function pruneObject(object: JsonObject, lazy: Schema, path: string, dropped: string[], isResource: boolean): void {
  const schema = shapeOf(lazy);
  const keepAll = schema.preserveUnknownFields === true;
  const additional = schema.additionalProperties;
  for (const name of Object.keys(object)) {
    if (isResource && RESOURCE_FIELDS.has(name)) continue;
    const at = path === '' ? name : `${path}.${name}`;
    const property = ownProperty(schema.properties, name) ?? (typeof additional === 'object' ? additional : undefined);
    if (property !== undefined) {
      const value = object[name];
      if (typeof value === 'object' && value !== null) pruneValue(value, property, at, dropped);
    } else if (!keepAll && additional !== true) {
      delete object[name];
      if (dropped.length < SCHEME_LIMITS.maxReportedFaults) dropped.push(at);
    }
  }
}

function ownProperty(properties: Schema['properties'], name: string): Schema | undefined {
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}
