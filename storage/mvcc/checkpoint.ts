import { assert } from '../../base/assert.ts';
import { bytesOf } from '../../base/bytes.ts';
import { packColumns } from './columns.ts';
import { MVCC_LIMITS as LIMITS } from './limits.ts';
import type { LiveKey, RevisionList } from './live-key.ts';
import type { StoredBytes } from './slabs.ts';
import type { Store } from './store.ts';

/**
 * A piece of a store: live keys in order come first, then dead ones, then the changes since the compact revision. `head` is what must be in
 * memory (columns, see below), `values` the newest encoded KeyValues of live keys, which become a slab as they are; nothing for other pieces.
 * What only the backend has is not in it: values of older revisions.
 */
export interface CheckpointBlock {
  readonly head: Uint8Array;
  readonly values: Uint8Array;
}

/** A piece as it was found again: nobody has asked for its values yet. */
export interface StoredBlock {
  readonly head: Uint8Array;
  readonly values: StoredBytes;
}

/** What a block is of is the first column of its head; then come those of KeyColumns, LiveColumns and the leases, or those of ChangeColumns. */
export const BLOCK_OF = { live: 0, dead: 1, changes: 2 } as const;

/** The whole store in blocks. It must not change until the last one was taken. */
export function* checkpointBlocks(store: Store): Generator<CheckpointBlock> {
  const ranks = new ChangeRanks(store);
  let rank = 0;
  let live = new LiveWriter();
  for (const cursor = store.live.cursor(''); cursor.valid; cursor.next()) {
    const record = cursor.value;
    if (!live.fits(record.length)) {
      yield live.block();
      live = new LiveWriter();
    }
    live.add(record, store.view(record));
    if (record.older !== undefined) ranks.setAll(record.older, rank);
    ranks.set(record.modRevision, record.modSub, rank++);
  }
  if (live.size > 0) yield live.block();
  let dead = new DeadWriter();
  for (const cursor = store.dead.cursor(''); cursor.valid; cursor.next()) {
    if (!dead.fits(cursor.key.length)) {
      yield dead.block();
      dead = new DeadWriter();
    }
    dead.add(cursor.key, cursor.value);
    ranks.setAll(cursor.value, rank++);
  }
  if (dead.size > 0) yield dead.block();
  yield* ranks.blocks();
}

const NO_VALUES = new Uint8Array(0);

/** The columns that all keys have. */
class KeyWriter {
  keys = '';
  readonly keyEnds: number[] = [];
  readonly lists: number[] = [];
  readonly listEnds: number[] = [];

  add(key: string, list: RevisionList | undefined): void {
    this.keys += key;
    this.keyEnds.push(this.keys.length);
    for (const number of list ?? []) this.lists.push(number);
    this.listEnds.push(this.lists.length);
  }

  get isFull(): boolean {
    return this.keyEnds.length >= LIMITS.maxBlockKeys || this.lists.length >= LIMITS.maxBlockRevisions;
  }

  columns(): readonly [Uint8Array, Uint32Array, Float64Array, Uint32Array] {
    return [
      bytesOf(this.keys),
      Uint32Array.from(this.keyEnds),
      Float64Array.from(this.lists),
      Uint32Array.from(this.listEnds),
    ];
  }
}

/** One block of live keys. A value that would have a slab of its own is alone in its block. */
class LiveWriter {
  readonly #keys = new KeyWriter();
  readonly #createRevisions: number[] = [];
  readonly #modRevisions: number[] = [];
  readonly #versions: number[] = [];
  readonly #subs: number[] = [];
  readonly #leaseOwners: number[] = [];
  readonly #leases: bigint[] = [];
  readonly #valueEnds: number[] = [];
  readonly #values: Uint8Array[] = [];
  #isLarge = false;

  get size(): number {
    return this.#values.length;
  }

  get #sizeBytes(): number {
    return this.#valueEnds.at(-1) ?? 0;
  }

  fits(sizeBytes: number): boolean {
    if (this.size === 0) return true;
    if (this.#isLarge || sizeBytes > LIMITS.ownSlabBytes) return false;
    return this.#sizeBytes + sizeBytes <= LIMITS.maxSlabBytes && !this.#keys.isFull;
  }

  add({ key, createRevision, modRevision, modSub, version, lease, older }: LiveKey, value: Uint8Array): void {
    if (lease !== 0n) {
      this.#leaseOwners.push(this.size);
      this.#leases.push(lease);
    }
    this.#keys.add(key, older);
    this.#createRevisions.push(createRevision);
    this.#modRevisions.push(modRevision);
    this.#versions.push(version);
    this.#subs.push(modSub);
    this.#valueEnds.push(this.#sizeBytes + value.length);
    this.#values.push(value);
    this.#isLarge ||= value.length > LIMITS.ownSlabBytes;
  }

  block(): CheckpointBlock {
    const values = new Uint8Array(this.#sizeBytes);
    let at = 0;
    for (const value of this.#values) {
      values.set(value, at);
      at += value.length;
    }
    const head = packColumns([
      Uint32Array.of(BLOCK_OF.live),
      ...this.#keys.columns(),
      Float64Array.from(this.#createRevisions),
      Float64Array.from(this.#modRevisions),
      Float64Array.from(this.#versions),
      Uint32Array.from(this.#subs),
      Uint32Array.from(this.#valueEnds),
      Uint32Array.from(this.#leaseOwners),
      BigInt64Array.from(this.#leases),
    ]);
    return { head, values };
  }
}

/** One block of dead keys. */
class DeadWriter {
  readonly #keys = new KeyWriter();

  get size(): number {
    return this.#keys.keyEnds.length;
  }

  fits(sizeBytes: number): boolean {
    return this.size === 0 || (this.#keys.keys.length + sizeBytes <= LIMITS.maxSlabBytes && !this.#keys.isFull);
  }

  add(key: string, list: RevisionList): void {
    this.#keys.add(key, list);
  }

  block(): CheckpointBlock {
    return { head: packColumns([Uint32Array.of(BLOCK_OF.dead), ...this.#keys.columns()]), values: NO_VALUES };
  }
}

const NOBODY = 0xffffffff;

/** Which keys the changes of the log are of, by their ranks: every change since the compact revision is a revision of some key. */
class ChangeRanks {
  readonly #store: Store;
  /** Position in the change log of the first rank. */
  readonly #from: number;
  readonly #ranks: Uint32Array;
  /** Changes of one revision often follow one another. */
  #main = -1;
  #position = 0;

  constructor(store: Store) {
    const { changes, compactRevision } = store;
    this.#store = store;
    this.#from = changes.positionOf(compactRevision);
    this.#ranks = new Uint32Array(changes.end - this.#from).fill(NOBODY);
  }

  set(main: number, sub: number, rank: number): void {
    const { changes, compactRevision } = this.#store;
    if (main < compactRevision) return;
    if (main !== this.#main) {
      this.#main = main;
      this.#position = changes.positionOf(main);
    }
    // Nearly always all changes of a revision are there.
    let position = this.#position + sub;
    if (position >= changes.end || changes.main(position) !== main || changes.sub(position) !== sub)
      for (position = this.#position; position < changes.end; position++)
        if (changes.main(position) !== main || changes.sub(position) === sub) break;
    const isThere = position < changes.end && changes.main(position) === main;
    assert(isThere, 'a revision that can be read is in the change log');
    this.#ranks[position - this.#from] = rank;
  }

  setAll(list: RevisionList, rank: number): void {
    for (let i = 0; i < list.length; i += 2) this.set(list[i] as number, Math.floor((list[i + 1] as number) / 2), rank);
  }

  /** Of several changes of a key in the compact revision only the last is kept: the others are of nobody. */
  *blocks(): Generator<CheckpointBlock> {
    const { mains, details } = this.#store.changes.numbers(this.#from);
    const ranks = this.#ranks;
    let count = 0;
    for (let i = 0; i < ranks.length; i++) {
      if (ranks[i] === NOBODY) continue;
      mains[count] = mains[i] as number;
      details[count] = details[i] as number;
      ranks[count++] = ranks[i] as number;
    }
    for (let from = 0; from < count; from += LIMITS.maxBlockChanges) {
      const to = Math.min(count, from + LIMITS.maxBlockChanges);
      const columns = [mains.subarray(from, to), details.subarray(from, to), ranks.subarray(from, to)];
      yield { head: packColumns([Uint32Array.of(BLOCK_OF.changes), ...columns]), values: NO_VALUES };
    }
  }
}
