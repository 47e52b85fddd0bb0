/** CRC-32 (ISO 3309, reflected polynomial 0xedb88320: that of zlib, gzip and PNG), in native code. */

/** What this room needs of Node: a pure function, for which no type of Node's is needed. */
interface ZlibLike {
  crc32(bytes: Uint8Array, previous: number): number;
}
const { process } = globalThis as unknown as { process: { getBuiltinModule(id: 'node:zlib'): ZlibLike } };
const zlib = process.getBuiltinModule('node:zlib');

/**
 * The checksum of `bytes`, an unsigned 32-bit integer. Pieces chain: `crc32(b, crc32(a))` is the checksum of a followed by b. A call costs
 * some 0.1 us and then 0.2 ns a byte: from about 200 bytes on it is faster than `crc32c`, of 10 KiB and more four times.
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  // zlib takes no bytes at no address for a wish to start anew, and answers 0.
  return bytes.length === 0 ? previous : zlib.crc32(bytes, previous);
}
