import type { Json } from './json.ts';

/**
 * The one description of a shape: a structural OpenAPI v3 schema (exactly the fields a CRD may use) plus, for built-in kinds, the
 * facts of the protobuf encoding. Decoding, pruning, defaulting, validation, protobuf, OpenAPI documents, strategic merge and
 * `kubectl explain` all walk this record. Frozen once built; a definition may be shared by many kinds and may be recursive
 * (through `lazy`).
 */
export interface Schema {
  /** The definition's name (`io.k8s.api.core.v1.ConfigMap`) when it stands on its own in OpenAPI documents; referred to by $ref there. */
  readonly name?: string;
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  /** int32, int64, byte, date-time, int-or-string, double … */
  readonly format?: string;
  readonly title?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly enum?: readonly Json[];
  readonly default?: Json;
  readonly nullable?: boolean;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;

  // x-kubernetes-*
  readonly preserveUnknownFields?: boolean;
  readonly embeddedResource?: boolean;
  readonly intOrString?: boolean;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  /** x-kubernetes-group-version-kind, on the definitions of kinds. */
  readonly groupVersionKinds?: readonly { readonly group: string; readonly version: string; readonly kind: string }[];

  /**
   * The shape is only known later (recursion: JSONSchemaProps). Facts of the place (`description`, `proto`, patch strategy …) may stand
   * beside it; the shape's own are reached with `shapeOf`.
   */
  readonly lazy?: () => Schema;
  /**
   * On a property that uses a named shape: that shape as it was defined. The property holds a copy of its fields, with the description, default and
   * patch strategy of the place.
   */
  readonly definition?: Schema;

  /** How the value lies in Kubernetes' protobuf form; absent on schemas of CRDs, which have none. */
  readonly proto?: ProtoField;
}

/** The wire facts of one property. On `properties` entries only: the number belongs to the place, not to the shape. */
export interface ProtoField {
  readonly number: number;
  /**
   * message: `schema` itself (properties carry numbers); map: map<string, V> from additionalProperties; the rest as named.
   * time/micro-time: Timestamp{seconds=1,nanos=2}; raw-json: a message with `raw` bytes =1 holding JSON (RawExtension, JSON, FieldsV1);
   * int-or-string: {type=1,intVal=2,strVal=3}; quantity: {string=1}; duration: {duration=1 (ns)}; string-list: {items=1} (verbs in extra …).
   */
  readonly type:
    | 'string'
    | 'bytes'
    | 'bool'
    | 'int32'
    | 'int64'
    | 'double'
    | 'message'
    | 'map'
    | 'time'
    | 'micro-time'
    | 'raw-json'
    | 'int-or-string'
    | 'quantity'
    | 'duration'
    | 'string-list'
    | 'json-schema-or-bool'
    | 'json-schema-or-array'
    | 'json-schema-or-strings';
  readonly repeated?: boolean;
  /**
   * No pointer in Kubernetes' own types, so "absent" and "zero value" are one: written even when zero; a zero value that is read is dropped
   * (unless the property is required).
   */
  readonly always?: boolean;
}

/** The schema itself, or what a lazy one stands for. */
export function shapeOf(schema: Schema): Schema {
  return schema.lazy === undefined ? schema : schema.lazy();
}
