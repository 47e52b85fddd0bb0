/** CRC-32C (Castagnoli, reflected polynomial 0x82f63b78; RFC 3720 appendix B.4), eight bytes a step. */

const POLYNOMIAL = 0x82f63b78;
/** Eight tables of 256, one after the other: the k-th has the effect of a byte that k more bytes follow. One array is twice as fast as eight. */
const TABLES = buildTables();

/**
 * The checksum of `bytes`, an unsigned 32-bit integer. Pieces chain: `crc32c(b, crc32c(a))` is the checksum of a followed by b.
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    crc ^= at(bytes, i) | (at(bytes, i + 1) << 8) | (at(bytes, i + 2) << 16) | (at(bytes, i + 3) << 24);
    crc =
      at(TABLES, 1792 + (crc & 0xff)) ^
      at(TABLES, 1536 + ((crc >>> 8) & 0xff)) ^
      at(TABLES, 1280 + ((crc >>> 16) & 0xff)) ^
      at(TABLES, 1024 + (crc >>> 24)) ^
      at(TABLES, 768 + at(bytes, i + 4)) ^
      at(TABLES, 512 + at(bytes, i + 5)) ^
      at(TABLES, 256 + at(bytes, i + 6)) ^
      at(TABLES, at(bytes, i + 7));
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ at(TABLES, (crc ^ at(bytes, i)) & 0xff);
  return ~crc >>> 0;
}

function at(array: Uint8Array | Int32Array, index: number): number {
  return array[index] as number;
}

function buildTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const shorter = at(tables, i - 256);
    tables[i] = (shorter >>> 8) ^ at(tables, shorter & 0xff);
  }
  return tables;
}

/**
 * The checksum of a followed by b, from the checksums of both and the length of b: what is summed once can be part of several sums. Costs
 * 20 to 100 ns, by the bits of the length.
 */
export function joinCrc32c(a: number, b: number, lengthOfB: number): number {
  let shifted = a | 0;
  for (let bit = 0, left = lengthOfB; left > 0; bit++, left = Math.floor(left / 2)) {
    if (left % 2 === 1) shifted = applied(ZEROS[bit] ?? zeros(bit), shifted);
  }
  return (shifted ^ b) >>> 0;
}

/** By bit: what 2^bit bytes of zeros behind it do to a checksum, as four tables of 256, one for each of its bytes. Made when first needed. */
const ZEROS: Int32Array[] = [];

function zeros(bit: number): Int32Array {
  const table = new Int32Array(4 * 256);
  const half = bit === 0 ? undefined : (ZEROS[bit - 1] ?? zeros(bit - 1));
  for (let i = 0; i < table.length; i++) {
    const crc = (i & 0xff) << (8 * (i >>> 8));
    table[i] = half === undefined ? (crc >>> 8) ^ at(TABLES, crc & 0xff) : applied(half, applied(half, crc));
  }
  ZEROS[bit] = table;
  return table;
}

/** A checksum with zeros behind it is the sum of what becomes of each of its bytes. */
function applied(table: Int32Array, crc: number): number {
  return (
    at(table, crc & 0xff) ^
    at(table, 256 + ((crc >>> 8) & 0xff)) ^
    at(table, 512 + ((crc >>> 16) & 0xff)) ^
    at(table, 768 + (crc >>> 24))
  );
}
