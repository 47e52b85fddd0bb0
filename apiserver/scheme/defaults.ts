import { isArray, isObject, type Json, type JsonObject } from './json.ts';
import { type Schema, shapeOf } from './schema.ts';

/**
 * Fills absent properties that have a `default`, in place, from the outside in (a default object gets its own defaults). A null that may not be
 * null counts as absent when there is a default. Source: apiextensions pkg/apiserver/schema/defaulting.
 */
export function applyDefaults(value: Json, lazy: Schema): void {
  const schema = shapeOf(lazy);
  if (isArray(value)) {
    const items = schema.items;
    if (items === undefined) return;
    for (let i = 0; i < value.length; i++) {
      if (value[i] === null && !mayBeNull(items) && items.default !== undefined) value[i] = copyJson(items.default);
      applyDefaults(value[i] as Json, items);
    }
  } else if (isObject(value)) defaultProperties(value, schema);
}

/** A deep copy. */
export function copyJson<T extends Json>(value: T): T {
  if (isArray(value)) return value.map((item) => copyJson(item)) as T;
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const name in value) copy[name] = copyJson(value[name] as Json);
  return copy as T;
}

function defaultProperties(object: JsonObject, schema: Schema): void {
  if (schema.properties !== undefined) {
    for (const name in schema.properties) {
      const property = schema.properties[name] as Schema;
      const value = object[name];
      if (property.default !== undefined && (value === undefined || (value === null && !mayBeNull(property)))) {
        object[name] = copyJson(property.default);
      }
      const now = object[name];
      if (typeof now === 'object' && now !== null) applyDefaults(now, property);
    }
  }
  const additional = schema.additionalProperties;
  if (typeof additional !== 'object') return;
  for (const name of Object.keys(object)) {
    if (schema.properties !== undefined && Object.hasOwn(schema.properties, name)) continue;
    if (object[name] === null && !mayBeNull(additional) && additional.default !== undefined) {
      object[name] = copyJson(additional.default);
    }
    applyDefaults(object[name] as Json, additional);
  }
}

const mayBeNull = (schema: Schema): boolean => shapeOf(schema).nullable === true;

/**
 * Drops, in place, nulls that the schema does not allow and that have a default in the schema (so defaulting fills them). Source: apiextensions
 * PruneNonNullableDefaults: run before defaults are applied to a stored object.
 */
export function dropNullsWithDefaults(value: Json, lazy: Schema): void {
  const schema = shapeOf(lazy);
  if (isArray(value)) {
    if (schema.items !== undefined) for (const item of value) dropNullsWithDefaults(item, schema.items);
    return;
  }
  if (!isObject(value)) return;
  const additional = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  for (const name of Object.keys(value)) {
    const known = schema.properties !== undefined && Object.hasOwn(schema.properties, name);
    const property = known ? schema.properties?.[name] : additional;
    if (property === undefined) continue;
    if (value[name] === null && !mayBeNull(property) && property.default !== undefined) delete value[name];
    else dropNullsWithDefaults(value[name] ?? null, property);
  }
}
