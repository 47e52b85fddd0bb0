import type { JsonObject } from '../scheme/json.ts';
import { type Schema, shapeOf } from '../scheme/schema.ts';

export type Dialect = 'v2' | 'v3';

/** Told of every named shape that a document refers to. */
export type Refer = (definition: Schema) => void;

const PREFIX: Readonly<Record<Dialect, string>> = { v2: '#/definitions/', v3: '#/components/schemas/' };

export const refTo = (name: string, dialect: Dialect): JsonObject => ({ $ref: `${PREFIX[dialect]}${name}` });

/** A named shape as it is defined, in OpenAPI's words. */
export function definitionJson(definition: Schema, dialect: Dialect, refer: Refer): JsonObject {
  // A union has no OpenAPI form: it is published with its description only, as kube-apiserver does.
  if (definition.lazy !== undefined) return { description: definition.description ?? '' };
  const json = shapeJson(definition, dialect, refer);
  if (definition.groupVersionKinds !== undefined) {
    json['x-kubernetes-group-version-kind'] = definition.groupVersionKinds.map((gvk) => ({ ...gvk }));
  }
  return json;
}

/** A schema at its place: a reference when the shape has a name. */
export function placeJson(place: Schema, dialect: Dialect, refer: Refer): JsonObject {
  const definition = place.definition ?? (place.lazy !== undefined ? place.lazy() : undefined);
  if (definition?.name === undefined) return shapeJson(place, dialect, refer);
  refer(definition);
  const ref = refTo(definition.name, dialect);
  const own = ownFacts(place, definition);
  if (Object.keys(own).length === 0) return ref;
  return dialect === 'v2' ? { ...own, ...ref } : { ...own, allOf: [ref] };
}

/** What a place says beyond the shape that it refers to. */
function ownFacts(place: Schema, definition: Schema): JsonObject {
  const json: JsonObject = {};
  if (place.description !== undefined && place.description !== definition.description)
    json['description'] = place.description;
  if (place.default !== undefined) json['default'] = place.default;
  return { ...json, ...extensions(place, definition) };
}

/** Fields that OpenAPI has under the same name. v2 knows fewer, and what it does not know is left out. */
const COMMON = [
  'description',
  'type',
  'format',
  'title',
  'default',
  'required',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
] as const;

function shapeJson(lazy: Schema, dialect: Dialect, refer: Refer): JsonObject {
  const schema = shapeOf(lazy);
  const json: JsonObject = {};
  for (const field of COMMON) {
    const value = schema[field];
    if (value !== undefined) json[field] = Array.isArray(value) ? [...value] : (value as JsonObject);
  }
  if (dialect === 'v2') forgetForV2(json, schema);
  // Kubernetes' clients of v2 know neither properties nor items beside a field that is kept whole.
  if (dialect === 'v3' || schema.preserveUnknownFields !== true) {
    if (schema.properties !== undefined && Object.keys(schema.properties).length > 0) {
      const entries = Object.entries(schema.properties).map(
        ([name, one]) => [name, propertyJson(one, schema.required?.includes(name) ?? false, dialect, refer)] as const,
      );
      json['properties'] = Object.fromEntries(entries);
    }
    if (schema.items !== undefined && json['type'] !== undefined)
      json['items'] = placeJson(schema.items, dialect, refer);
  }
  const additional = schema.additionalProperties;
  if (typeof additional === 'object') json['additionalProperties'] = placeJson(additional, dialect, refer);
  else if (additional !== undefined && dialect === 'v3') json['additionalProperties'] = additional;
  if (dialect === 'v3') Object.assign(json, composed(schema, refer));
  return { ...json, ...extensions(schema, undefined) };
}

/** Kubernetes publishes Go's zero values as the defaults of objects and required fields that are no pointers. */
function propertyJson(property: Schema, required: boolean, dialect: Dialect, refer: Refer): JsonObject {
  const json = placeJson(property, dialect, refer);
  if (dialect === 'v2' || property.proto?.always !== true || property.default !== undefined) return json;
  if (property.proto.type === 'message')
    return json['$ref'] === undefined ? { ...json, default: {} } : { default: {}, allOf: [json] };
  if (!required || property.definition !== undefined) return json;
  if (property.type === 'string') json['default'] = '';
  else if (property.type === 'boolean') json['default'] = false;
  else if (property.type === 'integer') json['default'] = 0;
  return json;
}

/** v2 has no null: a field that may be null has no type there. Source: apiextensions openapi/v2 conversion. */
function forgetForV2(json: JsonObject, schema: Schema): void {
  delete json['default'];
  if (schema.nullable || schema.intOrString) {
    for (const field of ['type', 'format', 'enum', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum'])
      delete json[field];
  }
  if (schema.preserveUnknownFields) delete json['required'];
}

function composed(schema: Schema, refer: Refer): JsonObject {
  const json: JsonObject = {};
  for (const field of ['allOf', 'anyOf', 'oneOf'] as const) {
    const alternatives = schema[field];
    if (alternatives !== undefined) json[field] = alternatives.map((one) => placeJson(one, 'v3', refer));
  }
  if (schema.not !== undefined) json['not'] = placeJson(schema.not, 'v3', refer);
  if (schema.nullable) json['nullable'] = true;
  return json;
}

const EXTENSIONS = [
  ['preserveUnknownFields', 'x-kubernetes-preserve-unknown-fields'],
  ['embeddedResource', 'x-kubernetes-embedded-resource'],
  ['intOrString', 'x-kubernetes-int-or-string'],
  ['listType', 'x-kubernetes-list-type'],
  ['listMapKeys', 'x-kubernetes-list-map-keys'],
  ['mapType', 'x-kubernetes-map-type'],
  ['patchStrategy', 'x-kubernetes-patch-strategy'],
  ['patchMergeKey', 'x-kubernetes-patch-merge-key'],
] as const;

/** The x-kubernetes-* of a schema, without those that the definition it refers to says itself. */
function extensions(schema: Schema, definition: Schema | undefined): JsonObject {
  const json: JsonObject = {};
  for (const [field, name] of EXTENSIONS) {
    const value = schema[field];
    if (value === undefined || value === definition?.[field]) continue;
    json[name] = Array.isArray(value) ? [...value] : (value as string | boolean);
  }
  return json;
}
