import { isArray, isObject, type Json, type JsonObject } from './json.ts';
import { SCHEME_LIMITS } from './limits.ts';
import { type Schema, shapeOf } from './schema.ts';

/** A value that does not fit its place. The text is what Go's JSON decoder says. */
export class TypeMismatch extends Error {
  override readonly name = 'TypeMismatch';
}

/**
 * Makes `value` (private to the caller) conform to a built-in shape, in place: unknown fields are dropped and reported (`unknown field "spec.x"`),
 * null becomes absent, what Kubernetes' own types cannot tell from absent (zero values of non-pointers, empty lists and maps) becomes absent.
 * Returns the value. Errors: TypeMismatch.
 */
export function decodeTyped(value: Json, schema: Schema, faults: string[]): Json {
  return new Walk(faults).value(value, schema, '', schema.name ?? '');
}

class Walk {
  readonly #faults: string[];
  constructor(faults: string[]) {
    this.#faults = faults;
  }

  /** `owner`: the name of the innermost named shape, which Go's messages begin with. */
  value(value: Json, schema: Schema, path: string, owner: string): Json {
    switch (schema.proto?.type) {
      case 'raw-json':
        return value;
      case 'json-schema-or-bool':
        return typeof value === 'boolean' ? value : this.#object(value, shapeOf(schema), path, owner);
      case 'json-schema-or-array':
        return isArray(value)
          ? value.map((item, i) => this.#object(item, shapeOf(schema), `${path}[${i}]`, owner))
          : this.#object(value, shapeOf(schema), path, owner);
      case 'json-schema-or-strings':
        return isArray(value) ? value : this.#object(value, shapeOf(schema), path, owner);
      case 'int-or-string':
        if (typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value))) return value;
        throw mismatch(value, owner, path, 'intstr.IntOrString');
      default:
        return this.#shaped(value, shapeOf(schema), path, owner);
    }
  }

  #shaped(value: Json, schema: Schema, path: string, owner: string): Json {
    switch (schema.type) {
      case 'object':
        return this.#object(value, schema, path, owner);
      case 'array':
        return this.#list(value, schema, path, owner);
      case 'string':
        return text(value, schema, path, owner);
      case 'integer':
        if (typeof value === 'number' && Number.isInteger(value) && inRange(value, schema.format)) return value;
        throw mismatch(value, owner, path, schema.format ?? 'int64');
      case 'number':
        if (typeof value === 'number') return value;
        throw mismatch(value, owner, path, 'float64');
      case 'boolean':
        if (typeof value === 'boolean') return value;
        throw mismatch(value, owner, path, 'bool');
      default:
        return value;
    }
  }

  #object(value: Json, schema: Schema, path: string, owner: string): Json {
    if (!isObject(value)) throw mismatch(value, owner, path, goType(schema));
    if (schema.properties !== undefined) return this.#properties(value, schema, path, schema.name ?? owner);
    const of = schema.additionalProperties;
    if (typeof of !== 'object') return value;
    for (const name of Object.keys(value)) {
      const inner = value[name] as Json;
      value[name] = inner === null ? zeroOf(of) : this.value(inner, of, joined(path, name), owner);
    }
    return value;
  }

  #properties(value: JsonObject, schema: Schema, path: string, owner: string): JsonObject {
    const properties = schema.properties as Readonly<Record<string, Schema>>;
    for (const name of Object.keys(value)) {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      const inner = value[name] as Json;
      const at = joined(path, name);
      if (property === undefined) {
        delete value[name];
        if (this.#faults.length < SCHEME_LIMITS.maxReportedFaults) this.#faults.push(`unknown field "${at}"`);
        continue;
      }
      const decoded = inner === null ? null : this.value(inner, property, at, owner);
      if (decoded === null || (isNothing(decoded, property) && !schema.required?.includes(name))) delete value[name];
      else value[name] = decoded;
    }
    return value;
  }

  #list(value: Json, schema: Schema, path: string, owner: string): Json {
    if (!isArray(value)) throw mismatch(value, owner, path, goType(schema));
    const of = schema.items;
    if (of === undefined) return value;
    for (let i = 0; i < value.length; i++) {
      const item = value[i] as Json;
      value[i] = item === null ? zeroOf(of) : this.value(item, of, `${path}[${i}]`, owner);
    }
    return value;
  }
}

/** What Kubernetes' encoder leaves out (omitempty). Objects of fixed shape stay, even when empty. */
export function isNothing(value: Json, property: Schema): boolean {
  if (isArray(value)) return value.length === 0 && property.proto?.type !== 'json-schema-or-array';
  if (isObject(value)) return property.proto?.type === 'map' && Object.keys(value).length === 0;
  if (property.proto?.type === 'bytes') return value === '';
  if (property.proto?.always !== true) return false;
  return (value === '' || value === 0 || value === false) && property.default === undefined;
}

/** What null means for an item of a list or map: Go's zero value. */
function zeroOf(schema: Schema): Json {
  const shape = shapeOf(schema);
  if (schema.proto?.type === 'raw-json') return null;
  switch (shape.type) {
    case 'object':
      return {};
    case 'array':
      return [];
    case 'string':
      return '';
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    default:
      return null;
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)$/;

function text(value: Json, schema: Schema, path: string, owner: string): string {
  if (typeof value !== 'string') throw mismatch(value, owner, path, schema.format === 'byte' ? '[]uint8' : 'string');
  if (schema.format === 'byte') return base64(value);
  if (schema.format === 'date-time') return moment(value, schema.proto?.type === 'micro-time');
  return value;
}

function base64(value: string): string {
  const compact = value.includes('\n') || value.includes('\r') ? value.replace(/[\r\n]/g, '') : value;
  if (BASE64.test(compact)) return compact;
  const bad = compact.search(/[^A-Za-z0-9+/]/);
  throw new TypeMismatch(`illegal base64 data at input byte ${bad < 0 ? compact.length : bad}`);
}

/** Times are answered as UTC: in whole seconds, or with six digits (Kubernetes Time and MicroTime). */
function moment(value: string, micro: boolean): string {
  const ms = MOMENT.test(value) ? Date.parse(value.replace(',', '.')) : Number.NaN;
  if (Number.isNaN(ms)) {
    const layout = micro ? '2006-01-02T15:04:05.000000Z07:00' : '2006-01-02T15:04:05Z07:00';
    throw new TypeMismatch(`parsing time "${value}" as "${layout}": cannot parse "${value}" as "2006"`);
  }
  const seconds = new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19);
  if (!micro) return `${seconds}Z`;
  const fraction = /[.,](\d+)/.exec(value)?.[1] ?? '';
  return `${seconds}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

const inRange = (value: number, format: string | undefined): boolean =>
  format !== 'int32' || (value >= -2147483648 && value <= 2147483647);

/** A path as Go's decoder names it: no brackets. */
const joined = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

function mismatch(value: Json, owner: string, path: string, wanted: string): TypeMismatch {
  const found = typeof value === 'number' && /^u?int/.test(wanted) ? `number ${value}` : jsonTypeOf(value);
  const where =
    path === ''
      ? 'Go value'
      : `Go struct field ${owner.slice(owner.lastIndexOf('.') + 1)}.${path.replace(/\[\d+\]/g, '')}`;
  return new TypeMismatch(`json: cannot unmarshal ${found} into ${where} of type ${wanted}`);
}

function jsonTypeOf(value: Json): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** The name Go has for a shape: `v1.ObjectMeta`, `[]v1.OwnerReference`, `map[string]string`. */
function goType(schema: Schema): string {
  const shape = shapeOf(schema);
  if (shape.name !== undefined) return shape.name.split('.').slice(-2).join('.');
  if (shape.type === 'array') return `[]${shape.items === undefined ? 'interface {}' : goType(shape.items)}`;
  if (shape.type === 'object') {
    const of = shape.additionalProperties;
    return `map[string]${typeof of === 'object' ? goType(of) : 'interface {}'}`;
  }
  if (shape.format === 'byte') return '[]uint8';
  if (shape.type === 'integer') return shape.format ?? 'int64';
  return shape.type === 'boolean' ? 'bool' : shape.type === 'number' ? 'float64' : (shape.type ?? 'interface {}');
}
