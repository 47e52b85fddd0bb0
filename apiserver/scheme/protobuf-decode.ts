import { Reader, WireError } from '../../proto/wire.ts';
import { isNothing } from './decode-typed.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { parseJson, TextError } from './json-text.ts';
import { ProtobufError } from './protobuf-error.ts';
import { type PlannedField, planOf } from './protobuf-plan.ts';
import { type ProtoField, type Schema, shapeOf } from './schema.ts';

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;

/** Decodes one message of Kubernetes' protobuf form into the JSON form of its shape. Errors: ProtobufError. */
export function decodeMessage(bytes: Uint8Array, schema: Schema): JsonObject {
  try {
    return message(new Reader(bytes), schema);
  } catch (error) {
    if (error instanceof WireError || error instanceof TextError) throw new ProtobufError(error.message);
    throw error;
  }
}

const EMPTY: ReadonlySet<number> = new Set();

function message(reader: Reader, schema: Schema): JsonObject {
  const plan = planOf(schema);
  const object: JsonObject = {};
  while (reader.more()) {
    const tag = reader.tag();
    const field = plan.byNumber.get(tag >>> 3);
    if (field === undefined || (tag & 7) !== wireTypeOf(field.proto)) {
      reader.skip(tag, schema.name ?? '', plan.numbers);
      continue;
    }
    if (field.proto.type === 'map') mapEntry(reader, field, object);
    else if (field.proto.repeated) append(object, field.name, value(reader, field.proto, field.schema.items as Schema));
    else set(object, field, value(reader, field.proto, field.schema));
  }
  return object;
}

function set(object: JsonObject, field: PlannedField, decoded: Json): void {
  if (decoded === null || (!field.required && isAbsent(decoded, field.schema))) delete object[field.name];
  else object[field.name] = decoded;
}

/** Kubernetes writes messages of zero values for what was never set. */
function isAbsent(decoded: Json, schema: Schema): boolean {
  if (isNothing(decoded, schema)) return true;
  if (schema.proto?.type !== 'message' || schema.proto.always !== true) return false;
  return isZero(decoded);
}

function isZero(decoded: Json | undefined): boolean {
  if (!isObject(decoded)) return decoded === '' || decoded === 0 || decoded === false;
  return Object.values(decoded).every(isZero);
}

function append(object: JsonObject, name: string, item: Json): void {
  const list = object[name];
  if (Array.isArray(list)) list.push(item);
  else object[name] = [item];
}

function mapEntry(reader: Reader, field: PlannedField, object: JsonObject): void {
  const of = field.schema.additionalProperties as Schema;
  const proto = of.proto as ProtoField;
  let key = '';
  let entry: Json | undefined;
  nested(reader, (tag) => {
    if (tag === ((1 << 3) | DELIMITED)) key = reader.text();
    else if (tag === ((2 << 3) | wireTypeOf(proto))) entry = value(reader, proto, of);
    else return false;
    return true;
  });
  const entries = (object[field.name] ??= {}) as JsonObject;
  if (key === '__proto__') throw new ProtobufError('the field name "__proto__" is not allowed');
  entries[key] = entry ?? (proto.type === 'message' ? {} : proto.type === 'string-list' ? [] : '');
}

/** Reads the message that comes next; `read` is given each tag and returns false for fields that it does not know. */
function nested(reader: Reader, read: (tag: number) => boolean): void {
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (!read(tag)) reader.skip(tag, '', EMPTY);
  }
  reader.leave(outer);
}

function value(reader: Reader, proto: ProtoField, schema: Schema): Json {
  switch (proto.type) {
    case 'string':
      return reader.text();
    case 'bytes':
      return base64(reader.bytes());
    case 'bool':
      return reader.bool();
    case 'int32':
      return reader.int32();
    case 'int64':
      return reader.int64();
    case 'double':
      return reader.double();
    case 'message': {
      const outer = reader.enter();
      const decoded = message(reader, shapeOf(schema));
      reader.leave(outer);
      return decoded;
    }
    case 'time':
    case 'micro-time':
      return timestamp(reader, proto.type === 'micro-time');
    case 'raw-json':
      return rawJson(reader);
    case 'string-list':
      return stringList(reader);
    case 'int-or-string':
      return intOrString(reader);
    case 'quantity':
      return singleText(reader);
    case 'duration':
      return duration(reader);
    case 'json-schema-or-bool':
    case 'json-schema-or-array':
    case 'json-schema-or-strings':
      return union(reader, proto.type, shapeOf(schema));
    case 'map':
      throw new ProtobufError('proto: a map inside of a list or map');
  }
}

function wireTypeOf(proto: ProtoField): number {
  if (proto.type === 'bool' || proto.type === 'int32' || proto.type === 'int64') return VARINT;
  return proto.type === 'double' ? FIXED64 : DELIMITED;
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

const FIRST_VARINT = (1 << 3) | VARINT;
const FIRST = (1 << 3) | DELIMITED;
const SECOND_VARINT = (2 << 3) | VARINT;
const SECOND = (2 << 3) | DELIMITED;
const THIRD = (3 << 3) | DELIMITED;
/** Year 9999, the last that RFC 3339 can say, and year 1. */
const MAX_SECONDS = 253402300799;
const MIN_SECONDS = -62135596800;

/** Timestamp: seconds = 1, nanos = 2. The empty message is the moment never set. */
function timestamp(reader: Reader, micro: boolean): Json {
  let seconds = 0;
  let nanos = 0;
  nested(reader, (tag) => {
    if (tag === FIRST_VARINT) seconds = reader.int64();
    else if (tag === SECOND_VARINT) nanos = reader.int32();
    else return false;
    return true;
  });
  if (seconds === 0 && nanos === 0) return null;
  if (seconds > MAX_SECONDS || seconds < MIN_SECONDS) throw new ProtobufError('timestamp is out of range');
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (!micro) return `${whole}Z`;
  const fraction = Math.floor(Math.min(Math.max(nanos, 0), 999_999_999) / 1000);
  return `${whole}.${String(fraction).padStart(6, '0')}Z`;
}

/** RawExtension, JSON and FieldsV1: raw = 1, JSON text. */
function rawJson(reader: Reader): Json {
  let raw = '';
  nested(reader, (tag) => {
    if (tag !== FIRST) return false;
    raw = reader.text();
    return true;
  });
  return raw === '' ? null : parseJson(raw).value;
}

function stringList(reader: Reader): Json {
  const items: string[] = [];
  nested(reader, (tag) => {
    if (tag !== FIRST) return false;
    items.push(reader.text());
    return true;
  });
  return items;
}

/** type = 1 (0: integer, 1: text), intVal = 2, strVal = 3. */
function intOrString(reader: Reader): Json {
  let isText = false;
  let number = 0;
  let text = '';
  nested(reader, (tag) => {
    if (tag === FIRST_VARINT) isText = reader.int64() !== 0;
    else if (tag === SECOND_VARINT) number = reader.int32();
    else if (tag === THIRD) text = reader.text();
    else return false;
    return true;
  });
  return isText ? text : number;
}

function singleText(reader: Reader): Json {
  let text = '';
  nested(reader, (tag) => {
    if (tag !== FIRST) return false;
    text = reader.text();
    return true;
  });
  return text;
}

/** duration = 1, nanoseconds; in JSON as Go writes durations. */
function duration(reader: Reader): Json {
  let nanoseconds = 0;
  nested(reader, (tag) => {
    if (tag !== FIRST_VARINT) return false;
    nanoseconds = reader.int64();
    return true;
  });
  return `${nanoseconds / 1e9}s`;
}

/** JSONSchemaPropsOrBool {allows = 1, schema = 2}, …OrArray {schema = 1, jSONSchemas = 2}, …OrStringArray {schema = 1, property = 2}. */
function union(reader: Reader, type: ProtoField['type'], schema: Schema): Json {
  let found: Json = null;
  const list: Json[] = [];
  const props = (): Json => value(reader, { number: 0, type: 'message' }, schema);
  nested(reader, (tag) => {
    if (type === 'json-schema-or-bool' && tag === FIRST_VARINT) {
      const allows = reader.bool();
      found ??= allows;
    } else if (type === 'json-schema-or-bool' && tag === SECOND) found = props();
    else if (type !== 'json-schema-or-bool' && tag === FIRST) found = props();
    else if (type === 'json-schema-or-array' && tag === SECOND) list.push(props());
    else if (type === 'json-schema-or-strings' && tag === SECOND) list.push(reader.text());
    else return false;
    return true;
  });
  return found ?? (type === 'json-schema-or-bool' ? false : list);
}
