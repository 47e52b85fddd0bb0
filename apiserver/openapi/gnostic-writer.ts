import { Writer } from '../../proto/wire.ts';
import { isArray, isObject, type Json, type JsonObject } from '../scheme/json.ts';

/** Combinators that write OpenAPI documents (JSON) as gnostic's protobuf messages. Source: google/gnostic-models OpenAPIv2.proto, OpenAPIv3.proto. */

/** Writes a value as the contents of one message. */
export type Contents = (json: Json, writer: Writer) => void;
/** Writes a value as field `number` of a message. */
export type FieldWriter = (number: number, json: Json, writer: Writer) => void;

export function toBytes(json: JsonObject, contents: Contents): Buffer {
  const writer = new Writer(64 * 1024);
  contents(json, writer);
  const bytes = writer.take();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const tag = (number: number, wireType: number): number => (number << 3) | wireType;

export const text: FieldWriter = (number, json, writer) => {
  if (typeof json === 'string' && json !== '') writer.text(tag(number, DELIMITED), json);
};
export const texts: FieldWriter = (number, json, writer) => {
  for (const one of isArray(json) ? json : [json])
    if (typeof one === 'string') writer.text(tag(number, DELIMITED), one);
};
export const flag: FieldWriter = (number, json, writer) => {
  if (json === true) writer.bool(tag(number, VARINT), true);
};
export const integer: FieldWriter = (number, json, writer) => {
  if (typeof json === 'number' && json !== 0) writer.int64(tag(number, VARINT), json);
};
export const double: FieldWriter = (number, json, writer) => {
  if (typeof json === 'number' && json !== 0) writer.double(tag(number, FIXED64), json);
};
/** A value of any kind: gnostic keeps it as YAML, and JSON is YAML. */
export const any: FieldWriter = (number, json, writer) => {
  inside(number, writer, () => writer.text(tag(2, DELIMITED), `${JSON.stringify(json)}\n`));
};
export const anys: FieldWriter = (number, json, writer) => {
  for (const one of isArray(json) ? json : []) any(number, one, writer);
};

/** A nested message. */
export const message =
  (contents: Contents): FieldWriter =>
  (number, json, writer) =>
    inside(number, writer, () => contents(json, writer));
export const messages =
  (contents: Contents): FieldWriter =>
  (number, json, writer) => {
    for (const one of isArray(json) ? json : []) message(contents)(number, one, writer);
  };
/** A JSON object as repeated {name = 1, value = 2}. */
export const named =
  (value: FieldWriter): FieldWriter =>
  (number, json, writer) => {
    for (const [name, one] of Object.entries(isObject(json) ? json : {})) {
      if (one === undefined) continue;
      inside(number, writer, () => {
        text(1, name, writer);
        value(2, one, writer);
      });
    }
  };
/** A message that has nothing but one field, which holds the value. */
export const wrapped =
  (inner: number, value: FieldWriter): FieldWriter =>
  (number, json, writer) =>
    inside(number, writer, () => value(inner, json, writer));
/** One of two forms, by what the value is. */
export const either =
  (is: (json: Json) => boolean, yes: FieldWriter, no: FieldWriter): FieldWriter =>
  (number, json, writer) =>
    (is(json) ? yes : no)(number, json, writer);

/** The contents of a message by a table of fields; names that begin with x- go into `extensions`. */
export function fields(table: Readonly<Record<string, readonly [number, FieldWriter]>>, extensions: number): Contents {
  return (json, writer) => {
    for (const [name, value] of Object.entries(isObject(json) ? json : {})) {
      if (value === undefined) continue;
      const field = Object.hasOwn(table, name) ? table[name] : undefined;
      if (field !== undefined) field[1](field[0], value, writer);
      else if (name.startsWith('x-')) named(any)(extensions, { [name]: value }, writer);
    }
  };
}

function inside(number: number, writer: Writer, write: () => void): void {
  const start = writer.open(tag(number, DELIMITED));
  write();
  writer.close(start);
}
