import { isArray, isObject, type Json, type JsonObject } from '../scheme/json.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import type { Schema } from '../scheme/schema.ts';

/** The Schema of an openAPIV3Schema at the root of a custom resource: with apiVersion, kind and metadata in place. */
export function rootSchemaOf(props: Json | undefined): Schema {
  const schema = schemaOf(props);
  const restricted = metadataRestrictions(props);
  return {
    ...schema,
    type: 'object',
    properties: {
      ...schema.properties,
      apiVersion: { type: 'string', description: 'Group and version of this object, like acme.io/v1.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata:
        restricted === undefined
          ? objectMeta
          : { ...objectMeta, properties: { ...objectMeta.properties, ...restricted } },
    },
  };
}

/** A schema may narrow name and generateName. */
function metadataRestrictions(props: Json | undefined): Record<string, Schema> | undefined {
  const properties = isObject(props) && isObject(props['properties']) ? props['properties'] : undefined;
  const metadata = properties !== undefined && isObject(properties['metadata']) ? properties['metadata'] : undefined;
  if (metadata === undefined || !isObject(metadata['properties'])) return undefined;
  const found: Record<string, Schema> = {};
  for (const name of ['name', 'generateName']) {
    const narrowed = metadata['properties'][name];
    if (isObject(narrowed)) found[name] = { ...objectMeta.properties?.[name], ...schemaOf(narrowed) };
  }
  return found;
}

const SCALARS = [
  'description',
  'type',
  'format',
  'title',
  'nullable',
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
  'required',
  'enum',
  'default',
] as const;

const EXTENSIONS: Readonly<Record<string, keyof Schema>> = {
  'x-kubernetes-preserve-unknown-fields': 'preserveUnknownFields',
  'x-kubernetes-embedded-resource': 'embeddedResource',
  'x-kubernetes-int-or-string': 'intOrString',
  'x-kubernetes-list-type': 'listType',
  'x-kubernetes-list-map-keys': 'listMapKeys',
  'x-kubernetes-map-type': 'mapType',
};

/** The Schema of JSONSchemaProps that passed validation. */
export function schemaOf(props: Json | undefined): Schema {
  if (!isObject(props)) return {};
  const schema: Record<string, unknown> = {};
  for (const name of SCALARS) if (props[name] !== undefined && props[name] !== null) schema[name] = props[name];
  for (const [name, ours] of Object.entries(EXTENSIONS))
    if (props[name] !== undefined && props[name] !== null) schema[ours] = props[name];
  if (isObject(props['properties'])) schema['properties'] = mapSchemas(props['properties']);
  if (props['items'] !== undefined) schema['items'] = schemaOf(props['items']);
  const additional = props['additionalProperties'];
  if (additional !== undefined)
    schema['additionalProperties'] = isObject(additional) ? schemaOf(additional) : additional === true;
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const) {
    const list = props[name];
    if (isArray(list)) schema[name] = list.map(schemaOf);
  }
  if (isObject(props['not'])) schema['not'] = schemaOf(props['not']);
  return Object.freeze(schema) as Schema;
}

function mapSchemas(properties: JsonObject): Record<string, Schema> {
  const mapped: Record<string, Schema> = {};
  for (const [name, value] of Object.entries(properties)) mapped[name] = schemaOf(value);
  return mapped;
}
