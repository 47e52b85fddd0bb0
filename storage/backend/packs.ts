import { assert } from '../../base/assert.ts';
import { allocateBytes, compareBytes, viewOf } from '../../base/bytes.ts';
import { crc32 } from '../../base/crc32.ts';
import type { BackendOp, BackendRow } from './backend.ts';
import { PREFIX_OF } from './keyspaces.ts';
import { BACKEND_LIMITS } from './limits.ts';

/** The keyspace whose rows lie in packs: it has nearly all of them, and they are written in the order of their keys. */
export const PACKED_SPACE = 'revision';

/**
 * A pack is one row of the database for many neighbouring rows of the keyspace `revision`, under the key of the last of them: so the first pack at or
 * behind a key is the one that has it, if any has. Its value is, for each row: size of the key 2 B, size of the value 4 B, key, value; and behind them all a
 * CRC-32 of keyspace, key of the pack and everything before it. Numbers are little endian.
 */

type Put = Extract<BackendOp, { op: 'put' }>;

const ROW_HEAD_BYTES = 6;
const CHECKSUM_BYTES = 4;
const MAX_KEY_BYTES = 0xffff;
const FIRST_CHECKSUM = crc32(Uint8Array.of(PREFIX_OF[PACKED_SPACE]));

/** Packs of `rows`, which are in the order of their keys: each of about BACKEND_LIMITS.packBytes at most, or of one row that is longer. */
export function packed(rows: readonly BackendRow[]): readonly Put[] {
  const packs: Put[] = [];
  for (let first = 0; first < rows.length; ) {
    let sizeBytes = sizeInPack(rows[first] as BackendRow);
    let end = first + 1;
    for (; end < rows.length; end++) {
      const more = sizeInPack(rows[end] as BackendRow);
      if (sizeBytes + more > BACKEND_LIMITS.packBytes) break;
      sizeBytes += more;
    }
    packs.push(packOf(rows, first, end, sizeBytes));
    first = end;
  }
  return packs;
}

function sizeInPack({ key, value }: BackendRow): number {
  return ROW_HEAD_BYTES + key.length + value.length;
}

/** Of rows[first, end), which take `sizeBytes`. */
function packOf(rows: readonly BackendRow[], first: number, end: number, sizeBytes: number): Put {
  const bytes = allocateBytes(sizeBytes + CHECKSUM_BYTES);
  let at = 0;
  for (let i = first; i < end; i++) {
    const { key, value } = rows[i] as BackendRow;
    assert(key.length <= MAX_KEY_BYTES, 'a key of a packed row has a size of two bytes');
    bytes[at] = key.length;
    bytes[at + 1] = key.length >>> 8;
    writeUint32(bytes, at + 2, value.length);
    at += ROW_HEAD_BYTES;
    for (let k = 0; k < key.length; k++) bytes[at + k] = key[k] as number; // a few bytes: quicker than a call
    at += key.length;
    bytes.set(value, at);
    at += value.length;
  }
  const { key } = rows[end - 1] as BackendRow;
  writeUint32(bytes, at, checksumOf(key, bytes.subarray(0, at)));
  return { op: 'put', space: PACKED_SPACE, key, value: bytes };
}

/** The rows of a pack, views of its bytes; undefined when these are not the bytes of the pack with this key. */
export function unpacked({ key, value: bytes }: BackendRow): readonly BackendRow[] | undefined {
  const end = bytes.length - CHECKSUM_BYTES;
  if (end <= 0 || checksumOf(key, bytes.subarray(0, end)) !== readUint32(bytes, end)) return undefined;
  const rows: BackendRow[] = [];
  const { buffer, byteOffset } = bytes;
  for (let at = 0; at < end; ) {
    if (at + ROW_HEAD_BYTES > end) return undefined;
    const keyAt = at + ROW_HEAD_BYTES;
    const valueAt = keyAt + byte(bytes, at) + byte(bytes, at + 1) * 256;
    const valueBytes = readUint32(bytes, at + 2);
    at = valueAt + valueBytes;
    if (at > end) return undefined;
    rows.push({
      key: viewOf(buffer, byteOffset + keyAt, valueAt - keyAt),
      value: viewOf(buffer, byteOffset + valueAt, valueBytes),
    });
  }
  return compareBytes((rows.at(-1) as BackendRow).key, key) === 0 ? rows : undefined;
}

function checksumOf(key: Uint8Array, bytes: Uint8Array): number {
  return crc32(bytes, crc32(key, FIRST_CHECKSUM));
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = value >>> (8 * i);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return byte(bytes, at) + byte(bytes, at + 1) * 256 + byte(bytes, at + 2) * 65536 + byte(bytes, at + 3) * 16777216;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}
