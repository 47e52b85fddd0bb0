import type { BackendRange, KeyOrder, Keyspace } from './backend.ts';

/** The number of a keyspace wherever rows are told apart outside of a database: in snapshots, in checksums. Never change or reuse one. */
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

/** On disk: the first byte of every key of a keyspace. */
const FIRST_BYTES: Readonly<Record<KeyOrder, Readonly<Record<Keyspace, number>>>> = {
  mixed: PREFIX_OF,
  revisionsFirst: { ...PREFIX_OF, revision: 0x52 }, // 'R': below all the others
};

/** On disk: the key of the backend's own row, which is no keyspace's. Behind all others where revisions come first, for the same reason. */
const MARKERS: Readonly<Record<KeyOrder, Buffer>> = {
  mixed: Buffer.of(0x00, 0x73),
  revisionsFirst: Buffer.of(0xff, 0x73),
};

/** The keys of a database, as the database knows them. */
export class DatabaseKeys {
  readonly #firstBytes: Readonly<Record<Keyspace, number>>;
  /** Of the row that a synced write without operations puts. */
  readonly marker: Buffer;
  /** Where revisions would begin if it ordered its keyspaces in the other way. */
  readonly strange: Buffer;

  constructor(order: KeyOrder) {
    const other: KeyOrder = order === 'mixed' ? 'revisionsFirst' : 'mixed';
    this.#firstBytes = FIRST_BYTES[order];
    this.marker = MARKERS[order];
    this.strange = Buffer.of(FIRST_BYTES[other].revision);
  }

  /** In `scratch` if that has the size. */
  of(space: Keyspace, key: Uint8Array, scratch?: Buffer): Buffer {
    const sizeBytes = 1 + key.length;
    const buffer = scratch?.length === sizeBytes ? scratch : Buffer.allocUnsafe(sizeBytes);
    buffer[0] = this.#firstBytes[space];
    buffer.set(key, 1);
    return buffer;
  }

  isIn(space: Keyspace, key: Uint8Array): boolean {
    return key[0] === this.#firstBytes[space];
  }

  /** Where a range of a keyspace begins and ends. */
  range(space: Keyspace, { from, to }: BackendRange): readonly [Buffer, Buffer] {
    return [this.of(space, from ?? NOTHING), to === undefined ? this.endOf(space) : this.of(space, to)];
  }

  /** The first key behind a keyspace. */
  endOf(space: Keyspace): Buffer {
    return Buffer.of(this.#firstBytes[space] + 1);
  }
}

const NOTHING = new Uint8Array(0);
