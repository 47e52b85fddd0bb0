import type { Json } from './json.ts';
import type { ProtoField, Schema } from './schema.ts';

/**
 * The language in which built-in shapes are written: `shape(name, description, { field: text(3, 'what it is') })`. The first argument of
 * a field is its protobuf number.
 */
export interface Field {
  readonly schema: Schema;
  readonly required: boolean;
}

/** What is particular to a field. */
export interface FieldOptions {
  readonly required?: boolean;
  /** Absent and zero are different things (a pointer in Kubernetes' types). */
  readonly optional?: boolean;
  readonly default?: Json;
  readonly enum?: readonly string[];
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  /** Strategic merge of a list: by this key, or `true` for a list of plain values. */
  readonly merge?: string | true;
}

type Options = FieldOptions;
/** What lists and maps are made of. */
export type Element = 'string' | 'bytes' | 'string-list' | 'raw-json' | Schema;

interface ShapeOptions {
  readonly kinds?: readonly { readonly group: string; readonly version: string; readonly kind: string }[];
  readonly mapType?: 'atomic';
}

/** A named object shape. */
export function shape(
  name: string,
  description: string,
  fields: Readonly<Record<string, Field>>,
  options: ShapeOptions = {},
): Schema {
  const entries = Object.entries(fields);
  const required = entries.filter(([, field]) => field.required).map(([property]) => property);
  return Object.freeze({
    name,
    description,
    type: 'object',
    properties: Object.freeze(Object.fromEntries(entries.map(([property, field]) => [property, field.schema]))),
    ...(required.length > 0 ? { required } : {}),
    ...(options.kinds ? { groupVersionKinds: options.kinds } : {}),
    ...(options.mapType ? { mapType: options.mapType } : {}),
  } satisfies Schema);
}

/** A kind: apiVersion, kind and then its fields. */
export function kind(
  name: string,
  gvk: { readonly group: string; readonly version: string; readonly kind: string },
  description: string,
  fields: Readonly<Record<string, Field>>,
): Schema {
  return shape(name, description, { ...typeMeta, ...fields }, { kinds: [gvk] });
}

/** apiVersion and kind lie outside of the protobuf message, in its envelope: they have no number. */
const typeMeta: Readonly<Record<string, Field>> = {
  apiVersion: { required: false, schema: { type: 'string', description: 'Versioned schema of this object.' } },
  kind: { required: false, schema: { type: 'string', description: 'What this object is, in CamelCase.' } },
};

const scalar =
  (type: ProtoField['type'], base: Schema) =>
  (number: number, description: string, options: Options = {}): Field =>
    place(base, { number, type, ...(options.optional ? {} : { always: true }) }, description, options);

/** Plain values. */
export const text = scalar('string', { type: 'string' });
export const bool = scalar('bool', { type: 'boolean' });
export const int32 = scalar('int32', { type: 'integer', format: 'int32' });
export const int64 = scalar('int64', { type: 'integer', format: 'int64' });
export const double = scalar('double', { type: 'number', format: 'double' });

/** The shape of a moment. */
export const TIME: Schema = {
  name: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  description: 'A moment as RFC 3339, in whole seconds.',
  type: 'string',
  format: 'date-time',
};
export const MICRO_TIME: Schema = {
  name: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  description: 'A moment as RFC 3339, in microseconds.',
  type: 'string',
  format: 'date-time',
};
/** Moments, in seconds or microseconds. */
export const time = scalar('time', TIME);
export const microTime = scalar('micro-time', MICRO_TIME);

/** Bytes, base64 in JSON. */
export function bytes(number: number, description: string, options: Options = {}): Field {
  return place(elementSchema('bytes'), { number, type: 'bytes' }, description, options);
}

/** Any JSON value, kept as it is; `of` names it. */
export function rawJson(number: number, of: Schema, description: string, options: Options = {}): Field {
  return place(of, { number, type: 'raw-json' }, description, options);
}

/** An object of a fixed shape. */
export function message(number: number, of: Schema, description: string, options: Options = {}): Field {
  return place(of, { number, type: 'message', ...(options.optional ? {} : { always: true }) }, description, options);
}

/** A place whose wire form is one of JSONSchemaProps' unions. */
export function union(
  number: number,
  type: 'json-schema-or-bool' | 'json-schema-or-array',
  of: Schema,
  text: string,
): Field {
  return place(of, { number, type }, text, {});
}

/** A list of texts, objects … */
export function list(number: number, of: Element, description: string, options: Options = {}): Field {
  const base: Schema = { type: 'array', items: elementSchema(of) };
  return place(base, { number, type: elementType(of), repeated: true }, description, options);
}

/** An object of any keys. */
export function map(number: number, of: Element, description: string, options: Options = {}): Field {
  // A map entry is a message of its own: key = 1, value = 2.
  const value: Schema = { ...elementSchema(of), proto: { number: 2, type: elementType(of), always: true } };
  return place({ type: 'object', additionalProperties: value }, { number, type: 'map' }, description, options);
}

/** A list kind: metadata and items. */
export function listKind(of: Schema, listMeta: Schema): Schema {
  const gvk = of.groupVersionKinds?.[0];
  const name = `${of.name}List`;
  return kind(
    name,
    { group: gvk?.group ?? '', version: gvk?.version ?? '', kind: `${gvk?.kind ?? ''}List` },
    `A list of ${gvk?.kind}.`,
    {
      metadata: message(1, listMeta, 'Where in the history this list was read, and how to go on.'),
      items: list(2, of, 'The objects.', { required: true }),
    },
  );
}

function elementSchema(of: Element): Schema {
  if (of === 'string') return { type: 'string' };
  if (of === 'bytes') return { type: 'string', format: 'byte' };
  if (of === 'string-list') return { type: 'array', items: { type: 'string' } };
  if (of === 'raw-json') return {};
  return of.name === undefined ? of : { ...of, definition: of };
}

function elementType(of: Element): ProtoField['type'] {
  if (typeof of === 'string') return of;
  if (of.proto !== undefined) return of.proto.type;
  return 'message';
}

function place(base: Schema, proto: ProtoField, description: string, options: Options): Field {
  const merge = options.merge;
  const schema: Schema = {
    ...base,
    ...(base.name !== undefined ? { definition: base } : {}),
    description,
    proto,
    ...(options.default !== undefined ? { default: options.default } : {}),
    ...(options.enum ? { enum: options.enum } : {}),
    ...(options.listType ? { listType: options.listType } : {}),
    ...(options.listMapKeys ? { listMapKeys: options.listMapKeys } : {}),
    ...(options.mapType ? { mapType: options.mapType } : {}),
    ...(merge === undefined ? {} : { patchStrategy: 'merge' }),
    ...(typeof merge === 'string' ? { patchMergeKey: merge } : {}),
  };
  return { schema: Object.freeze(schema), required: options.required ?? false };
}
