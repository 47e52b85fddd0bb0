/**
 * Bytes and the strings that stand for them. A *byte string* is a flat latin1 string: one char per byte, so `<` orders it
 * as the bytes order, it hashes as a Map key, and costs half of what a Buffer costs. Keys are byte strings everywhere
 * below the wire; values stay bytes.
 */

/** What this room needs of Node's Buffer. Pure rooms compile without Node's types; Buffer has no I/O and no clock in it. */
interface BufferLike {
  from(
    bytes: ArrayBufferLike,
    offset: number,
    length: number,
  ): Uint8Array & { latin1Slice(): string; utf8Slice(): string };
  from(text: string, encoding: 'latin1' | 'utf8'): Uint8Array;
  concat(parts: readonly Uint8Array[]): Uint8Array;
  compare(a: Uint8Array, b: Uint8Array): number;
  allocUnsafe(sizeBytes: number): Uint8Array;
  readonly prototype: { latin1Slice(this: Uint8Array, start: number, end: number): string };
}
const NodeBuffer = (globalThis as unknown as { Buffer: BufferLike }).Buffer;

export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

/** The byte string of `bytes`. */
export function byteString(bytes: Uint8Array): string {
  return bytes.length === 0 ? '' : NodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).latin1Slice();
}

const { latin1Slice } = NodeBuffer.prototype;

/** The byte string of `bytes[start, end)`, without a view in between. */
export function byteStringAt(bytes: Uint8Array, start: number, end: number): string {
  return latin1Slice.call(bytes, start, end);
}

/** The bytes of a byte string. */
export function bytesOf(byteString: string): Uint8Array {
  return NodeBuffer.from(byteString, 'latin1');
}

/** The UTF-8 bytes of a text. */
export function utf8Bytes(text: string): Uint8Array {
  return NodeBuffer.from(text, 'utf8');
}

/** The text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  return bytes.length === 0 ? '' : NodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).utf8Slice();
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  return NodeBuffer.concat(parts);
}

/** A view of `memory`, of the kind that all other bytes are. */
export function viewOf(memory: ArrayBufferLike, offset: number, length: number): Uint8Array {
  return NodeBuffer.from(memory, offset, length);
}

/** Negative, zero or positive as `a` sorts before, with or after `b`, byte by byte. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return NodeBuffer.compare(a, b);
}

/** The smallest key behind `key`: where a scan goes on. */
export function keyBehind(key: Uint8Array): Uint8Array {
  const behind = new Uint8Array(key.length + 1);
  behind.set(key);
  return behind;
}

/** Two hexadecimal digits for each byte, for people. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Bytes whose content is undefined until written. */
export function allocateBytes(sizeBytes: number): Uint8Array {
  return NodeBuffer.allocUnsafe(sizeBytes);
}

/**
 * The end of the range of all keys that start with `prefix`: the prefix with its last byte below 0xff raised by one.
 * A prefix of nothing but 0xff (or an empty one) has no end: the single zero byte, etcd's "from here on".
 */
export function prefixEnd(prefix: string): string {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const code = prefix.charCodeAt(i);
    if (code < 0xff) return prefix.slice(0, i) + String.fromCharCode(code + 1);
  }
  return '\0';
}
