import { assert } from '../base/assert.ts';
import { allocateBytes, byteStringAt, bytesOf, compareBytes, EMPTY_BYTES, utf8Bytes, utf8Text } from '../base/bytes.ts';
import { WIRE_LIMITS } from './limits.ts';

const TWO_32 = 4294967296;
/** Where a bigint is taken apart and put together: much faster than shifting it. */
const halves = new DataView(new ArrayBuffer(8));
/** Below these lengths a loop beats the call into the runtime. */
const SHORT_READ = 24;
const SHORT_WRITE = 64;

/** Why bytes are not a message. */
export type WireErrorCode = 'TRUNCATED' | 'LENGTH' | 'OVERFLOW' | 'WIRE_TYPE' | 'TAG' | 'GROUP' | 'DEPTH' | 'UTF8';

/** Bytes that are not the message they should be. The texts are those of etcd's own decoder, which clients see in a status. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, text: string) {
    super(text);
    this.code = code;
  }
}

/** Wire types of the protobuf encoding. */
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;

/**
 * Reads one protobuf message. Every read stays below the limit of the message that is open, and every failure is a
 * WireError: truncated input, a length or a varint that is too long, an unexpected wire type, too deep a nesting.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  #position = 0;
  #limit: number;
  #depth = 0;
  /** The varint that was read last, as two unsigned halves. */
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#limit = bytes.length;
  }

  /** True while the open message has fields left. */
  more(): boolean {
    return this.#position < this.#limit;
  }

  /** The next field's tag: field number times eight plus wire type. */
  tag(): number {
    const first = this.#bytes[this.#position] as number;
    let tag = first;
    if (first < 0x80) {
      this.#position++;
    } else {
      this.#varint();
      if (this.#high !== 0) throw new WireError('TAG', 'proto: illegal tag: field number too large');
      tag = this.#low;
    }
    if (tag >>> 3 === 0) throw new WireError('TAG', `proto: illegal tag 0 (wire type ${tag})`);
    return tag;
  }

  /** Opens the message that comes next; what it returns must be given to `leave` when the message was read to its end. */
  enter(): number {
    if (++this.#depth > WIRE_LIMITS.maxDepth) throw new WireError('DEPTH', 'proto: exceeded maximum recursion depth');
    const outer = this.#limit;
    const sizeBytes = this.#length();
    this.#limit = this.#position + sizeBytes;
    return outer;
  }

  leave(outer: number): void {
    this.#depth--;
    this.#limit = outer;
  }

  bool(): boolean {
    this.#varint();
    return (this.#low | this.#high) !== 0;
  }

  int32(): number {
    this.#varint();
    return this.#low | 0;
  }

  uint32(): number {
    this.#varint();
    return this.#low >>> 0;
  }

  /** The nearest number: exact up to 2^53. */
  int64(): number {
    this.#varint();
    return this.#high === 0 ? this.#low : (this.#high | 0) * TWO_32 + this.#low;
  }

  /** The nearest number: exact up to 2^53. */
  uint64(): number {
    this.#varint();
    return this.#high === 0 ? this.#low : this.#high * TWO_32 + this.#low;
  }

  int64Big(): bigint {
    this.#varint();
    halves.setUint32(0, this.#low, true);
    halves.setUint32(4, this.#high, true);
    return halves.getBigInt64(0, true);
  }

  uint64Big(): bigint {
    this.#varint();
    halves.setUint32(0, this.#low, true);
    halves.setUint32(4, this.#high, true);
    return halves.getBigUint64(0, true);
  }

  double(): number {
    const start = this.#position;
    this.#advance(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + start, 8).getFloat64(0, true);
  }

  /** A view of the message's bytes. */
  bytes(): Uint8Array {
    const sizeBytes = this.#length();
    if (sizeBytes === 0) return EMPTY_BYTES;
    const start = this.#position;
    this.#position = start + sizeBytes;
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, sizeBytes);
  }

  byteString(): string {
    const sizeBytes = this.#length();
    if (sizeBytes === 0) return '';
    const start = this.#position;
    this.#position = start + sizeBytes;
    return byteStringAt(this.#bytes, start, start + sizeBytes);
  }

  text(): string {
    const sizeBytes = this.#length();
    const start = this.#position;
    const end = (this.#position = start + sizeBytes);
    if (sizeBytes > SHORT_READ) return utf8(this.#bytes.subarray(start, end));
    let text = '';
    for (let i = start; i < end; i++) {
      const code = this.#bytes[i] as number;
      if (code >= 0x80) return utf8(this.#bytes.subarray(start, end));
      text += String.fromCharCode(code);
    }
    return text;
  }

  /**
   * Steps over a field that the message does not have. A field that it has, coming with another wire type, is an error:
   * `known` are the field numbers of the message `name`.
   */
  skip(tag: number, name: string, known: ReadonlySet<number>): void {
    if (known.has(tag >>> 3)) {
      throw new WireError('WIRE_TYPE', `proto: wrong wireType = ${tag & 7} for field ${tag >>> 3} of ${name}`);
    }
    this.#skipValue(tag);
  }

  #skipValue(tag: number): void {
    // Groups are the only values that nest here; counting instead of recursing bounds the stack.
    let groups = 0;
    for (let current = tag; ; current = this.tag()) {
      switch (current & 7) {
        case VARINT:
          this.#varint();
          break;
        case FIXED64:
          this.#advance(8);
          break;
        case DELIMITED:
          // Not `+=` in one: it would add to the position from before the length was read.
          this.#advance(this.#length());
          break;
        case START_GROUP:
          groups++;
          break;
        case END_GROUP:
          if (groups-- === 0) throw new WireError('GROUP', 'proto: unexpected end of group');
          break;
        case FIXED32:
          this.#advance(4);
          break;
        default:
          throw new WireError('WIRE_TYPE', `proto: illegal wireType ${current & 7}`);
      }
      if (groups === 0) return;
      if (!this.more()) throw truncated();
    }
  }

  #advance(sizeBytes: number): void {
    if (this.#limit - this.#position < sizeBytes) throw truncated();
    this.#position += sizeBytes;
  }

  #length(): number {
    this.#varint();
    if (this.#high >= 0x8000_0000) {
      throw new WireError('LENGTH', 'proto: negative length found during unmarshaling');
    }
    if (this.#high !== 0 || this.#low > this.#limit - this.#position) throw truncated();
    return this.#low;
  }

  /** Reads a varint into `#low` and `#high`; bits above 64 are dropped, as every protobuf decoder does. */
  #varint(): void {
    const bytes = this.#bytes;
    const limit = this.#limit;
    let position = this.#position;
    const first = bytes[position] as number;
    if (first < 0x80 && position < limit) {
      this.#position = position + 1;
      this.#low = first;
      this.#high = 0;
      return;
    }
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (shift === 7 * WIRE_LIMITS.maxVarintBytes) throw new WireError('OVERFLOW', 'proto: integer overflow');
      if (position >= limit) throw truncated();
      const byte = bytes[position++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) break;
    }
    this.#position = position;
    this.#low = low >>> 0;
    this.#high = high >>> 0;
  }
}

/** Reads the whole of `bytes` as one message. */
export function decode<T>(bytes: Uint8Array, read: (reader: Reader) => T): T {
  return read(new Reader(bytes));
}

function truncated(): WireError {
  return new WireError('TRUNCATED', 'unexpected EOF');
}

/** A `string`, which proto3 wants to be UTF-8: a replacement character must be one that was sent. Words of Go's protobuf. */
function utf8(bytes: Uint8Array): string {
  const text = utf8Text(bytes);
  if (text.includes('\ufffd') && compareBytes(utf8Bytes(text), bytes) !== 0) {
    throw new WireError('UTF8', 'string field contains invalid UTF-8');
  }
  return text;
}

const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;
const MAX_VARINT = WIRE_LIMITS.maxVarintBytes;

/**
 * Writes protobuf fields one after the other into a buffer that grows. A field is written as it is told: leaving out
 * zero values is the caller's part (the generated code does it).
 */
export class Writer {
  #bytes: Uint8Array;
  #position = 0;

  constructor(capacityBytes: number) {
    this.#bytes = allocateBytes(capacityBytes);
  }

  get capacityBytes(): number {
    return this.#bytes.length;
  }

  reset(): void {
    this.#position = 0;
  }

  /** What was written; the writer must not be used any more. */
  take(): Uint8Array {
    return this.#bytes.subarray(0, this.#position);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    const copy = allocateBytes(this.#position);
    copy.set(this.#bytes.subarray(0, this.#position));
    return copy;
  }

  bool(tag: number, value: boolean): void {
    this.#reserve(2 * MAX_VARINT);
    this.#varint32(tag);
    this.#bytes[this.#position++] = value ? 1 : 0;
  }

  int32(tag: number, value: number): void {
    this.#reserve(2 * MAX_VARINT);
    this.#varint32(tag);
    if (value >= 0) this.#varint32(value >>> 0);
    else this.#varint64(value >>> 0, 0xffff_ffff);
  }

  uint32(tag: number, value: number): void {
    this.#reserve(2 * MAX_VARINT);
    this.#varint32(tag);
    this.#varint32(value >>> 0);
  }

  /** Numbers outside of 64 bits become the nearest that fits, so the number read for 2^63 - 1 is written as that again. */
  int64(tag: number, value: number): void {
    this.#reserve(2 * MAX_VARINT);
    this.#varint32(tag);
    this.#int64(value);
  }

  uint64(tag: number, value: number): void {
    this.#reserve(2 * MAX_VARINT);
    this.#varint32(tag);
    if (value >= 0 && value < TWO_32) this.#varint32(value);
    else if (value < 0) this.#varint32(0);
    else if (value >= TWO_64) this.#varint64(0xffff_ffff, 0xffff_ffff);
    else this.#varint64(value >>> 0, Math.floor(value / TWO_32) >>> 0);
  }

  double(tag: number, value: number): void {
    this.#reserve(2 * MAX_VARINT);
    this.#varint32(tag);
    new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#position, 8).setFloat64(0, value, true);
    this.#position += 8;
  }

  /** Signed or unsigned: the lowest 64 bits of `value`. */
  bigint(tag: number, value: bigint): void {
    this.#reserve(2 * MAX_VARINT);
    this.#varint32(tag);
    this.#bigint(value);
  }

  bytes(tag: number, value: Uint8Array): void {
    this.#reserve(2 * MAX_VARINT + value.length);
    this.#varint32(tag);
    this.#varint32(value.length);
    this.#bytes.set(value, this.#position);
    this.#position += value.length;
  }

  byteString(tag: number, value: string): void {
    if (value.length > SHORT_WRITE) {
      this.bytes(tag, bytesOf(value));
      return;
    }
    this.#reserve(2 * MAX_VARINT + value.length);
    this.#varint32(tag);
    this.#varint32(value.length);
    for (let i = 0; i < value.length; i++) this.#bytes[this.#position++] = value.charCodeAt(i);
  }

  text(tag: number, value: string): void {
    if (value.length <= SHORT_WRITE && isAscii(value)) this.byteString(tag, value);
    else this.bytes(tag, utf8Bytes(value));
  }

  /** Opens a nested message; what it returns must be given to `close` after the message's fields. */
  open(tag: number): number {
    this.#reserve(2 * MAX_VARINT);
    this.#varint32(tag);
    return ++this.#position;
  }

  /** Writes the length of the message opened at `start`, moving it when the length takes more than the one byte kept for it. */
  close(start: number): void {
    const sizeBytes = this.#position - start;
    if (sizeBytes < 0x80) {
      this.#bytes[start - 1] = sizeBytes;
      return;
    }
    const extra = varintSize(sizeBytes) - 1;
    this.#reserve(extra);
    this.#bytes.copyWithin(start + extra, start, this.#position);
    this.#position = start - 1;
    this.#varint32(sizeBytes);
    this.#position += sizeBytes;
  }

  /** Elements of a packed field, inside `open` and `close`. */
  packedInt32(value: number): void {
    this.#reserve(MAX_VARINT);
    if (value >= 0) this.#varint32(value >>> 0);
    else this.#varint64(value >>> 0, 0xffff_ffff);
  }

  packedInt64(value: number): void {
    this.#reserve(MAX_VARINT);
    this.#int64(value);
  }

  packedBigint(value: bigint): void {
    this.#reserve(MAX_VARINT);
    this.#bigint(value);
  }

  #bigint(value: bigint): void {
    halves.setBigUint64(0, value, true);
    this.#varint64(halves.getUint32(0, true), halves.getUint32(4, true));
  }

  #int64(value: number): void {
    if (value >= 0 && value < TWO_32) this.#varint32(value);
    else if (value >= TWO_63) this.#varint64(0xffff_ffff, 0x7fff_ffff);
    else if (value < -TWO_63) this.#varint64(0, 0x8000_0000);
    else this.#varint64(value >>> 0, Math.floor(value / TWO_32) >>> 0);
  }

  #varint32(value: number): void {
    const bytes = this.#bytes;
    let rest = value;
    while (rest > 0x7f) {
      bytes[this.#position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.#position++] = rest;
  }

  #varint64(low: number, high: number): void {
    const bytes = this.#bytes;
    let lowRest = low;
    let highRest = high;
    while (highRest !== 0) {
      bytes[this.#position++] = (lowRest & 0x7f) | 0x80;
      lowRest = ((lowRest >>> 7) | (highRest << 25)) >>> 0;
      highRest >>>= 7;
    }
    this.#varint32(lowRest);
  }

  #reserve(sizeBytes: number): void {
    const needed = this.#position + sizeBytes;
    if (needed <= this.#bytes.length) return;
    const grown = allocateBytes(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#position));
    this.#bytes = grown;
  }
}

let scratch = new Writer(WIRE_LIMITS.scratchBytes);
let scratchTaken = false;

/** The bytes of one message. */
export function encode<T>(message: T, write: (writer: Writer, message: T) => void): Uint8Array {
  assert(!scratchTaken, 'encoding does not nest: a write function must not call an encode function');
  scratchTaken = true;
  try {
    scratch.reset();
    write(scratch, message);
    return scratch.finish();
  } finally {
    scratchTaken = false;
    if (scratch.capacityBytes > WIRE_LIMITS.maxKeptScratchBytes) scratch = new Writer(WIRE_LIMITS.scratchBytes);
  }
}

/**
 * The bytes of one message of which `bulkBytes` are already there, as the KeyValues of a list are: written once, straight
 * into the buffer that is returned.
 */
export function encodeBulk<T>(message: T, write: (writer: Writer, message: T) => void, bulkBytes: number): Uint8Array {
  if (bulkBytes < WIRE_LIMITS.minBulkBytes) return encode(message, write);
  const writer = new Writer(bulkBytes + WIRE_LIMITS.bulkMarginBytes);
  write(writer, message);
  return writer.take();
}

/** What encoded elements take in a message at most, tag and length of each included. */
export function bulkOf(elements: readonly Uint8Array[]): number {
  let sizeBytes = 0;
  for (const { length } of elements) sizeBytes += length + 8;
  return sizeBytes;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

/** Bytes that `value` (below 2^32) takes as a varint. */
export function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
}
