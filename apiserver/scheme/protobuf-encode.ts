import type { Writer } from '../../proto/wire.ts';
import { isArray, isObject, type Json, type JsonObject } from './json.ts';
import { planOf } from './protobuf-plan.ts';
import { type ProtoField, type Schema, shapeOf } from './schema.ts';

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;

/** Writes one message in Kubernetes' protobuf form; `object` must fit the shape (decodeTyped sees to that). */
export function encodeMessage(object: JsonObject, schema: Schema, writer: Writer): void {
  for (const field of planOf(schema).ordered) {
    const { proto } = field;
    const value = object[field.name];
    if (proto.type === 'map') writeMap(value, field.schema, writer);
    else if (proto.repeated) {
      for (const item of isArray(value) ? value : []) writeValue(item, proto, field.schema.items as Schema, writer);
    } else if (value !== undefined && value !== null) writeValue(value, proto, field.schema, writer);
    else if (proto.always) writeValue(zeroOf(proto), proto, field.schema, writer);
  }
}

function zeroOf(proto: ProtoField): Json {
  switch (proto.type) {
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
      return 0;
    case 'message':
      return {};
    default:
      return '';
  }
}

/** Entries in the order of their keys, so that equal maps are equal bytes. */
function writeMap(value: Json | undefined, schema: Schema, writer: Writer): void {
  if (!isObject(value)) return;
  const of = schema.additionalProperties as Schema;
  const number = schema.proto?.number ?? 0;
  for (const key of Object.keys(value).sort()) {
    const start = writer.open((number << 3) | DELIMITED);
    writer.text((1 << 3) | DELIMITED, key);
    writeValue(value[key] ?? null, of.proto as ProtoField, of, writer);
    writer.close(start);
  }
}

function writeValue(value: Json, proto: ProtoField, schema: Schema, writer: Writer): void {
  const tag = (wireType: number): number => ((proto.number << 3) | wireType) >>> 0;
  switch (proto.type) {
    case 'string':
      writer.text(tag(DELIMITED), String(value));
      return;
    case 'bytes':
      writer.bytes(tag(DELIMITED), Buffer.from(String(value), 'base64'));
      return;
    case 'bool':
      writer.bool(tag(VARINT), value === true);
      return;
    case 'int32':
      writer.int32(tag(VARINT), Number(value));
      return;
    case 'int64':
      writer.int64(tag(VARINT), Number(value));
      return;
    case 'double':
      writer.double(tag(FIXED64), Number(value));
      return;
    case 'map':
      writeMap(value, schema, writer);
      return;
    default: {
      const start = writer.open(tag(DELIMITED));
      writeNested(value, proto, schema, writer);
      writer.close(start);
    }
  }
}

const FIRST = (1 << 3) | DELIMITED;
const FIRST_VARINT = (1 << 3) | VARINT;
const SECOND = (2 << 3) | DELIMITED;
const SECOND_VARINT = (2 << 3) | VARINT;

function writeNested(value: Json, proto: ProtoField, schema: Schema, writer: Writer): void {
  switch (proto.type) {
    case 'message':
      encodeMessage(isObject(value) ? value : {}, shapeOf(schema), writer);
      return;
    case 'time':
    case 'micro-time':
      writeTime(String(value), proto.type === 'micro-time', writer);
      return;
    case 'raw-json':
      writer.text(FIRST, JSON.stringify(value));
      return;
    case 'string-list':
      for (const item of isArray(value) ? value : []) writer.text(FIRST, String(item));
      return;
    case 'int-or-string':
      writer.int64(FIRST_VARINT, typeof value === 'string' ? 1 : 0);
      writer.int32(SECOND_VARINT, typeof value === 'number' ? value : 0);
      writer.text((3 << 3) | DELIMITED, typeof value === 'string' ? value : '');
      return;
    case 'quantity':
      writer.text(FIRST, String(value));
      return;
    case 'duration':
      writer.int64(FIRST_VARINT, Math.round(Number.parseFloat(String(value)) * 1e9));
      return;
    case 'json-schema-or-bool':
      writer.bool(FIRST_VARINT, value !== false);
      if (isObject(value)) writeProps(SECOND, value, schema, writer);
      return;
    case 'json-schema-or-array':
      if (isArray(value)) for (const item of value) writeProps(SECOND, item, schema, writer);
      else writeProps(FIRST, value, schema, writer);
      return;
    case 'json-schema-or-strings':
      if (isArray(value)) for (const item of value) writer.text(SECOND, String(item));
      else writeProps(FIRST, value, schema, writer);
      return;
    default:
      return;
  }
}

function writeProps(tag: number, value: Json, schema: Schema, writer: Writer): void {
  const start = writer.open(tag);
  encodeMessage(isObject(value) ? value : {}, shapeOf(schema), writer);
  writer.close(start);
}

/** The moment never set is the empty message. */
function writeTime(value: string, micro: boolean, writer: Writer): void {
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) return;
  writer.int64(FIRST_VARINT, Math.floor(ms / 1000));
  const fraction = micro ? (/\.(\d+)/.exec(value)?.[1] ?? '') : '';
  writer.int32(SECOND_VARINT, Number(fraction.padEnd(6, '0').slice(0, 6)) * 1000);
}
