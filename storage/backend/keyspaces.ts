import type { BackendRange, Keyspace } from './backend.ts';

/** The first byte of every key of a keyspace. On disk: never change or reuse one. 0x00 is the backend's own. */
export const PREFIX_OF: Readonly<Record<Keyspace, number>> = {
  alarm: 0x61, // 'a'
  lease: 0x6c, // 'l'
  meta: 0x6d, // 'm'
  member: 0x6e, // 'n'
  revision: 0x72, // 'r'
  auth: 0x75, // 'u'
};

/** Every keyspace, in the order of the prefixes. */
export const KEYSPACES = (Object.keys(PREFIX_OF) as Keyspace[]).sort((a, b) => PREFIX_OF[a] - PREFIX_OF[b]);

/** The keyspace with this prefix; undefined for bytes that no keyspace has. */
export function keyspaceOf(prefix: number): Keyspace | undefined {
  return KEYSPACES.find((space) => PREFIX_OF[space] === prefix);
}

/** The key as the database knows it; in `scratch` if that has its size. */
export function prefixed(space: Keyspace, key: Uint8Array, scratch?: Buffer): Buffer {
  const sizeBytes = 1 + key.length;
  const buffer = scratch?.length === sizeBytes ? scratch : Buffer.allocUnsafe(sizeBytes);
  buffer[0] = PREFIX_OF[space];
  buffer.set(key, 1);
  return buffer;
}

/** Where a range of a keyspace begins and ends in the database. */
export function prefixedRange(space: Keyspace, { from, to }: BackendRange): readonly [Buffer, Buffer] {
  return [prefixed(space, from ?? new Uint8Array(0)), to === undefined ? endOf(space) : prefixed(space, to)];
}

/** The first database key behind a keyspace. */
export function endOf(space: Keyspace): Buffer {
  return Buffer.of(PREFIX_OF[space] + 1);
}
