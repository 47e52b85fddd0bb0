import { EMPTY_BYTES } from '../../base/bytes.ts';

/**
 * mvccpb.KeyValue by hand: key=1 create_revision=2 mod_revision=3 version=4 value=5 lease=6, in this order and without
 * zero fields, exactly the bytes that etcd's encoder writes (HashKV depends on them).
 */

const TWO_32 = 4294967296;
const KEY = 0x0a;
const CREATE_REVISION = 0x10;
const MOD_REVISION = 0x18;
const VERSION = 0x20;
const VALUE = 0x2a;
const LEASE = 0x30;

/** The bytes that a KeyValue of these fields takes. */
export function keyValueSize(
  key: string,
  createRevision: number,
  modRevision: number,
  version: number,
  value: Uint8Array,
  lease: bigint,
): number {
  let size = numberFieldSize(createRevision) + numberFieldSize(modRevision) + numberFieldSize(version);
  if (key.length > 0) size += 1 + varintSize(key.length) + key.length;
  if (value.length > 0) size += 1 + varintSize(value.length) + value.length;
  if (lease !== 0n) size += 1 + bigVarintSize(lease);
  return size;
}

/** Writes the KeyValue into `target` from `offset`; returns where it ends. */
export function writeKeyValue(
  target: Uint8Array,
  offset: number,
  key: string,
  createRevision: number,
  modRevision: number,
  version: number,
  value: Uint8Array,
  lease: bigint,
): number {
  let at = offset;
  if (key.length > 0) {
    target[at++] = KEY;
    at = writeVarint(target, at, key.length);
    for (let i = 0; i < key.length; i++) target[at++] = key.charCodeAt(i);
  }
  at = writeNumberField(target, at, CREATE_REVISION, createRevision);
  at = writeNumberField(target, at, MOD_REVISION, modRevision);
  at = writeNumberField(target, at, VERSION, version);
  if (value.length > 0) {
    target[at++] = VALUE;
    at = writeVarint(target, at, value.length);
    target.set(value, at);
    at += value.length;
  }
  return lease === 0n ? at : writeLease(target, at, lease);
}

/** The KeyValue of a tombstone: its key, and in an event also the revision of the delete (0: none). */
export function encodeTombstone(key: string, modRevision: number): Uint8Array {
  const bytes = new Uint8Array(keyValueSize(key, 0, modRevision, 0, EMPTY_BYTES, 0n));
  writeKeyValue(bytes, 0, key, 0, modRevision, 0, EMPTY_BYTES, 0n);
  return bytes;
}

/** Where the fields of an encoded KeyValue are; absent ones are zeros and empty ranges. */
export interface KeyValueFields {
  keyStart: number;
  keyEnd: number;
  createRevision: number;
  modRevision: number;
  version: number;
  /** The value field, its tag and length included, begins at `valueField`. */
  valueField: number;
  valueStart: number;
  valueEnd: number;
  lease: bigint;
}

/** Reads what `writeKeyValue` wrote; `undefined` for bytes that are nothing of the kind. */
export function parseKeyValue(bytes: Uint8Array): KeyValueFields | undefined {
  const fields: KeyValueFields = {
    keyStart: 0,
    keyEnd: 0,
    createRevision: 0,
    modRevision: 0,
    version: 0,
    valueField: 0,
    valueStart: 0,
    valueEnd: 0,
    lease: 0n,
  };
  const end = bytes.length;
  const reader = { bytes, at: 0, end };
  while (reader.at < end) {
    const field = reader.at;
    const tag = bytes[reader.at++] as number;
    if (tag === KEY || tag === VALUE) {
      const length = readVarint(reader);
      if (reader.at + length > end) return undefined;
      setRange(fields, tag, field, reader.at, reader.at + length);
      reader.at += length;
    } else if (tag === CREATE_REVISION) fields.createRevision = readVarint(reader);
    else if (tag === MOD_REVISION) fields.modRevision = readVarint(reader);
    else if (tag === VERSION) fields.version = readVarint(reader);
    else if (tag === LEASE) fields.lease = readBigVarint(reader);
    else return undefined;
  }
  return reader.at === end ? fields : undefined;
}

/** The value inside an encoded KeyValue, a view. */
export function valueBytes(bytes: Uint8Array): Uint8Array {
  const fields = parseKeyValue(bytes);
  return fields === undefined ? EMPTY_BYTES : bytes.subarray(fields.valueStart, fields.valueEnd);
}

/** The encoded KeyValue without its value. */
export function withoutValue(bytes: Uint8Array): Uint8Array {
  const fields = parseKeyValue(bytes);
  if (fields === undefined || fields.valueEnd === 0) return bytes;
  if (fields.valueEnd === bytes.length) return bytes.subarray(0, fields.valueField);
  const rest = bytes.subarray(fields.valueEnd);
  const stripped = new Uint8Array(fields.valueField + rest.length);
  stripped.set(bytes.subarray(0, fields.valueField));
  stripped.set(rest, fields.valueField);
  return stripped;
}

function setRange(fields: KeyValueFields, tag: number, field: number, start: number, end: number): void {
  if (tag === KEY) {
    fields.keyStart = start;
    fields.keyEnd = end;
    return;
  }
  fields.valueField = field;
  fields.valueStart = start;
  fields.valueEnd = end;
}

function numberFieldSize(value: number): number {
  return value === 0 ? 0 : 1 + varintSize(value);
}

function writeNumberField(target: Uint8Array, offset: number, tag: number, value: number): number {
  if (value === 0) return offset;
  target[offset] = tag;
  return writeVarint(target, offset + 1, value);
}

/** For safe integers, 0 included. */
function varintSize(value: number): number {
  let size = 1;
  let rest = value;
  while (rest >= TWO_32) {
    rest = Math.floor(rest / 128);
    size++;
  }
  while (rest > 0x7f) {
    rest >>>= 7;
    size++;
  }
  return size;
}

function writeVarint(target: Uint8Array, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  while (rest >= TWO_32) {
    target[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  while (rest > 0x7f) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

function bigVarintSize(value: bigint): number {
  let size = 1;
  for (let rest = BigInt.asUintN(64, value) >> 7n; rest > 0n; rest >>= 7n) size++;
  return size;
}

function writeLease(target: Uint8Array, offset: number, lease: bigint): number {
  let at = offset;
  target[at++] = LEASE;
  let rest = BigInt.asUintN(64, lease);
  while (rest > 0x7fn) {
    target[at++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  target[at++] = Number(rest);
  return at;
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
}

function readVarint(reader: Reader): number {
  let value = 0;
  let scale = 1;
  while (reader.at < reader.end) {
    const byte = reader.bytes[reader.at++] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  // Ran off the end: the caller sees that the position is not the length.
  reader.at = reader.end + 1;
  return 0;
}

function readBigVarint(reader: Reader): bigint {
  let value = 0n;
  for (let shift = 0n; reader.at < reader.end && shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at++] as number;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asIntN(64, value);
  }
  reader.at = reader.end + 1;
  return 0n;
}
