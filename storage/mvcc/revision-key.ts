import { allocateBytes } from '../../base/bytes.ts';

/** Rows of the backend's `revision` keyspace: 8 B main BE, 8 B sub BE, and a 't' when the row is a tombstone. */

const TWO_32 = 4294967296;
const TOMBSTONE = 0x74;
const SEPARATOR = 0x5f;

/** The row key of a revision. `main` and `sub` are safe integers. */
export function encodeRevisionKey(main: number, sub: number, tombstone: boolean): Uint8Array {
  const key = allocateBytes(tombstone ? 17 : 16);
  writeUint64(key, 0, main);
  writeUint64(key, 8, sub);
  if (tombstone) key[16] = TOMBSTONE;
  return key;
}

/** What a row key says; `undefined` for bytes that are no row key. */
export function decodeRevisionKey(
  key: Uint8Array,
): { readonly main: number; readonly sub: number; readonly tombstone: boolean } | undefined {
  if (key.length !== 16 && key.length !== 17) return undefined;
  if (key.length === 17 && key[16] !== TOMBSTONE) return undefined;
  return { main: readUint64(key, 0), sub: readUint64(key, 8), tombstone: key.length === 17 };
}

/** The same row key as etcd's database has it: main, '_', sub, and 't' for a tombstone. */
export function etcdRevisionKey(key: Uint8Array): Uint8Array {
  const longer = new Uint8Array(key.length + 1);
  longer.set(key.subarray(0, 8));
  longer[8] = SEPARATOR;
  longer.set(key.subarray(8), 9);
  return longer;
}

export function writeUint64(target: Uint8Array, offset: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  for (let i = 0; i < 4; i++) {
    target[offset + i] = high >>> (24 - 8 * i);
    target[offset + 4 + i] = value >>> (24 - 8 * i);
  }
}

export function readUint64(bytes: Uint8Array, offset: number): number {
  let value = 0;
  for (let i = 0; i < 8; i++) value = value * 256 + (bytes[offset + i] as number);
  return value;
}
