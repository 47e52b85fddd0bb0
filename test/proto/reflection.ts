import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import protobuf from 'protobufjs';

/** A message as protobufjs has it: field names of the table, 64 bits as decimal strings. */
export type Plain = { readonly [field: string]: unknown };

const TABLES = ['kv', 'auth', 'rpc', 'lock', 'election', 'health', 'command', 'peer'];

/** All tables, read by an independent implementation of protobuf. */
export function loadTables(): protobuf.Root {
  const root = new protobuf.Root();
  for (const table of TABLES) {
    protobuf.parse(readFileSync(join(process.cwd(), 'proto', `${table}.proto`), 'utf8'), root, { keepCase: true });
  }
  return root;
}

/** Every message type below `scope`. */
export function messageTypes(scope: protobuf.NamespaceBase): protobuf.Type[] {
  return scope.nestedArray.flatMap((item) => {
    if (item instanceof protobuf.Type) return [item, ...messageTypes(item)];
    return item instanceof protobuf.Namespace ? messageTypes(item) : [];
  });
}

const MAX_DEPTH = 3;
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const UINT64 = { min: 0n, max: 2n ** 64n - 1n };
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Random messages of a type, extremes of every field among them. */
export function arbitraryMessage(type: protobuf.Type, depth = 0): fc.Arbitrary<Plain> {
  const shape: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of type.fieldsArray) {
    if (field.partOf) continue;
    const value = arbitraryValue(field, depth);
    if (value === undefined) continue;
    shape[field.name] = field.repeated ? fc.array(value, { maxLength: 4 }) : value;
  }
  const plain = fc.record(shape, { requiredKeys: [] });
  const oneofs = type.oneofsArray.map((oneof) => {
    const cases = oneof.fieldsArray.flatMap((field) => {
      const value = arbitraryValue(field, depth);
      return value === undefined ? [] : [value.map((set) => ({ [field.name]: set }))];
    });
    return fc.oneof(fc.constant({}), ...cases);
  });
  return fc.tuple(plain, ...oneofs).map((parts) => Object.assign({}, ...parts) as Plain);
}

/** Undefined for messages that lie too deep. */
function arbitraryValue(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> | undefined {
  const type = field.resolve().resolvedType;
  if (type instanceof protobuf.Type) return depth < MAX_DEPTH ? arbitraryMessage(type, depth + 1) : undefined;
  if (type instanceof protobuf.Enum) return fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer());
  switch (field.type) {
    case 'bool':
      return fc.boolean();
    case 'string':
      return fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme', minLength: 100 }));
    case 'bytes':
      return fc.oneof(fc.uint8Array(), fc.uint8Array({ minLength: 120, maxLength: 300 }));
    case 'uint32':
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case 'int32':
      return fc.integer();
    case 'int64':
    case 'uint64':
      return arbitrary64(field.type === 'int64' ? INT64 : UINT64, isBigint(field)).map(String);
    default:
      throw new TypeError(`a field of type ${field.type}`);
  }
}

/** Fields that are numbers in memory are exact up to 2^53, and at the ends of their range. */
function arbitrary64(range: { readonly min: bigint; readonly max: bigint }, exact: boolean): fc.Arbitrary<bigint> {
  const extremes = fc.constantFrom(
    range.min,
    range.max,
    0n,
    1n,
    127n,
    128n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 32n,
    SAFE,
  );
  if (exact) return fc.oneof(extremes, fc.bigInt(range));
  return fc.oneof(extremes, fc.bigInt({ min: range.min < 0n ? -SAFE : 0n, max: SAFE }));
}

/** What the message must look like in memory, by the rules of proto/README.md; bytes as hex. */
export function inMemory(type: protobuf.Type, plain: Plain): Plain {
  const result: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    if (field.partOf) continue;
    const value = plain[field.name];
    result[camelCase(field.name)] = field.repeated
      ? ((value ?? []) as unknown[]).map((item) => valueInMemory(field, item))
      : valueInMemory(field, value);
  }
  for (const oneof of type.oneofsArray) {
    const field = oneof.fieldsArray.find(({ name }) => plain[name] !== undefined);
    const name = field && camelCase(field.name);
    result[camelCase(oneof.name)] = field && name && { case: name, [name]: valueInMemory(field, plain[field.name]) };
  }
  return result;
}

function valueInMemory(field: protobuf.Field, value: unknown): unknown {
  const type = field.resolve().resolvedType;
  if (type instanceof protobuf.Type) {
    if (value === undefined) return undefined;
    return asOption(field) === 'encoded' ? hex(encodePlain(type, value as Plain)) : inMemory(type, value as Plain);
  }
  if (type instanceof protobuf.Enum) return value ?? 0;
  switch (field.type) {
    case 'bool':
      return value ?? false;
    case 'string':
      return value ?? '';
    case 'bytes': {
      const bytes = Buffer.from((value ?? []) as Uint8Array);
      return asOption(field) === 'key' ? bytes.toString('latin1') : hex(bytes);
    }
    case 'int64':
    case 'uint64': {
      const wide = BigInt((value ?? '0') as string);
      return isBigint(field) ? wide : Number(wide);
    }
    default:
      return value ?? 0;
  }
}

/** The wire form by protobufjs. */
export function encodePlain(type: protobuf.Type, plain: Plain): Uint8Array {
  return type.encode(type.fromObject(plain)).finish();
}

/** Bytes anywhere inside become hex, so that Buffers and plain arrays compare. */
export function withHex(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(withHex);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withHex(item)]));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function isBigint(field: protobuf.Field): boolean {
  return asOption(field) === 'id';
}

function asOption(field: protobuf.Field): unknown {
  return field.options?.['(as)'];
}

function camelCase(name: string): string {
  return name.replace(/_([a-zA-Z])/g, (_, letter: string) => letter.toUpperCase());
}
