import { Reader } from '../../proto/wire.ts';
import { type Field, type Shape, shapeOf } from './shapes.ts';

/**
 * The JSON of an encoded message, without a space: fields by their names in the table, 64 bits as text, bytes as base64,
 * enums by name, and nothing that is unset. Errors: WireError. Source: etcd's gateway (UseProtoNames, no EmitUnpopulated).
 */
export function jsonFromMessage(message: string, bytes: Uint8Array): string {
  return objectOf(new Reader(bytes), shapeOf(message));
}

/** A text in JSON. */
export function jsonString(text: string): string {
  return JSON.stringify(text);
}

function objectOf(reader: Reader, shape: Shape): string {
  const values: (string | string[] | undefined)[] = [];
  const oneofs = new Map<string, number>();
  while (reader.more()) {
    const tag = reader.tag();
    const field = shape.byNumber.get(tag >>> 3);
    if (field !== undefined && isPacked(tag, field)) {
      const outer = reader.enter();
      while (reader.more()) appendTo(values, field.index, numberOf(reader, field) ?? 'null');
      reader.leave(outer);
      continue;
    }
    const value = field === undefined ? undefined : fieldValue(reader, tag, field);
    if (field === undefined || value === undefined) reader.skip(tag, shape.name, shape.numbers);
    else if (field.repeated) appendTo(values, field.index, value);
    else {
      values[field.index] = isUnset(field, value) ? undefined : value;
      takeTurn(field, oneofs, values);
    }
  }
  return `{${membersOf(shape, values)}}`;
}

function membersOf(shape: Shape, values: readonly (string | string[] | undefined)[]): string {
  const members: string[] = [];
  for (const field of shape.byNumber.values()) {
    const value = values[field.index];
    if (typeof value === 'string') members.push(`"${field.name}":${value}`);
    else if (value !== undefined) members.push(`"${field.name}":[${value.join(',')}]`);
  }
  return members.join(',');
}

function appendTo(values: (string | string[] | undefined)[], index: number, value: string): void {
  const list = values[index];
  if (Array.isArray(list)) list.push(value);
  else values[index] = [value];
}

/** The last member of a oneof that came is the one that counts. */
function takeTurn(field: Field, oneofs: Map<string, number>, values: (string | string[] | undefined)[]): void {
  if (field.oneof === undefined) return;
  const before = oneofs.get(field.oneof);
  if (before !== undefined && before !== field.index) values[before] = undefined;
  oneofs.set(field.oneof, field.index);
}

const UNSET: ReadonlySet<string> = new Set(['0', '"0"', '""', 'false']);

function isUnset(field: Field, value: string): boolean {
  if (field.oneof !== undefined || field.type === 'message') return false;
  return UNSET.has(value) || (field.type === 'enum' && value === jsonString(field.nameOf(0) ?? ''));
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** Repeated numbers come packed, or one by one. */
function isPacked(tag: number, { repeated, type }: Field): boolean {
  return repeated === true && (tag & 7) === LENGTH_DELIMITED && !['message', 'string', 'bytes'].includes(type);
}

/** Undefined when the field came with a wire type that is not its own. */
function fieldValue(reader: Reader, tag: number, field: Field): string | undefined {
  const wireType = tag & 7;
  if (wireType === VARINT) return numberOf(reader, field);
  if (wireType !== LENGTH_DELIMITED) return undefined;
  switch (field.type) {
    case 'message': {
      const outer = reader.enter();
      const json = objectOf(reader, shapeOf(field.of ?? ''));
      reader.leave(outer);
      return json;
    }
    case 'string':
      return jsonString(reader.text());
    case 'bytes': {
      const bytes = reader.bytes();
      return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}"`;
    }
    default:
      return undefined;
  }
}

function numberOf(reader: Reader, field: Field): string | undefined {
  switch (field.type) {
    case 'bool':
      return String(reader.bool());
    case 'int32':
      return String(reader.int32());
    case 'uint32':
      return String(reader.uint32());
    case 'int64':
      return `"${reader.int64Big()}"`;
    case 'uint64':
      return `"${reader.uint64Big()}"`;
    case 'enum': {
      const number = reader.int32();
      const name = field.nameOf(number);
      return name === undefined ? String(number) : jsonString(name);
    }
    default:
      return undefined;
  }
}
