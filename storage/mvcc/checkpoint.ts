import { bytesOf } from '../../base/bytes.ts';
import { packColumns } from './columns.ts';
import type { KeyId } from './key-records.ts';
import type { Keys } from './keys.ts';
import { MVCC_LIMITS as LIMITS } from './limits.ts';
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

/**
 * What a block is of is the first column of its head; then come those of keys, of live keys and of leases (LiveWriter), or those of
 * ChangeColumns, in which a key is its place among all keys of the checkpoint.
 */
export const BLOCK_OF = { live: 0, dead: 1, changes: 2 } as const;

/** The whole store in blocks. It must not change until the last one was taken. */
export function* checkpointBlocks(store: Store): Generator<CheckpointBlock> {
  const { keys } = store;
  const ranks = new Uint32Array(keys.records.limit);
  let rank = 0;
  let live = new LiveWriter(store);
  for (const cursor = keys.live.cursor(''); cursor.valid; cursor.next()) {
    const { id } = cursor;
    if (!live.fits(keys.records.length(id))) {
      yield live.block();
      live = new LiveWriter(store);
    }
    live.add(id);
    ranks[id] = rank++;
  }
  if (live.size > 0) yield live.block();
  let dead = new DeadWriter(keys);
  for (const cursor = keys.dead.cursor(''); cursor.valid; cursor.next()) {
    const { id } = cursor;
    if (!dead.fits(keys.records.nameLength(id))) {
      yield dead.block();
      dead = new DeadWriter(keys);
    }
    dead.add(id);
    ranks[id] = rank++;
  }
  if (dead.size > 0) yield dead.block();
  yield* changeBlocks(store, ranks);
}

const NO_VALUES = new Uint8Array(0);

/** The columns that all keys have. */
class KeyWriter {
  readonly #keys: Keys;
  names = '';
  readonly nameEnds: number[] = [];
  readonly lists: number[] = [];
  readonly listEnds: number[] = [];

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  add(id: KeyId): void {
    const { records, lists } = this.#keys;
    this.names += records.name(id);
    this.nameEnds.push(this.names.length);
    lists.appendTo(this.lists, records.older(id));
    this.listEnds.push(this.lists.length);
  }

  get isFull(): boolean {
    return this.nameEnds.length >= LIMITS.maxBlockKeys || this.lists.length >= LIMITS.maxBlockRevisions;
  }

  columns(): readonly [Uint8Array, Uint32Array, Float64Array, Uint32Array] {
    return [
      bytesOf(this.names),
      Uint32Array.from(this.nameEnds),
      Float64Array.from(this.lists),
      Uint32Array.from(this.listEnds),
    ];
  }
}

/** One block of live keys. A value that would have a slab of its own is alone in its block. */
class LiveWriter {
  readonly #store: Store;
  readonly #keys: KeyWriter;
  readonly #createRevisions: number[] = [];
  readonly #modRevisions: number[] = [];
  readonly #versions: number[] = [];
  readonly #subs: number[] = [];
  readonly #leaseOwners: number[] = [];
  readonly #leases: bigint[] = [];
  readonly #valueEnds: number[] = [];
  readonly #values: Uint8Array[] = [];
  #isLarge = false;

  constructor(store: Store) {
    this.#store = store;
    this.#keys = new KeyWriter(store.keys);
  }

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

  add(id: KeyId): void {
    const { records } = this.#store.keys;
    const value = this.#store.view(id);
    if (records.hasLease(id)) {
      this.#leaseOwners.push(this.size);
      this.#leases.push(records.lease(id));
    }
    this.#keys.add(id);
    this.#createRevisions.push(records.createRevision(id));
    this.#modRevisions.push(records.modRevision(id));
    this.#versions.push(records.version(id));
    this.#subs.push(records.modSub(id));
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
  readonly #keys: KeyWriter;

  constructor(keys: Keys) {
    this.#keys = new KeyWriter(keys);
  }

  get size(): number {
    return this.#keys.nameEnds.length;
  }

  fits(sizeBytes: number): boolean {
    return this.size === 0 || (this.#keys.names.length + sizeBytes <= LIMITS.maxSlabBytes && !this.#keys.isFull);
  }

  add(id: KeyId): void {
    this.#keys.add(id);
  }

  block(): CheckpointBlock {
    return { head: packColumns([Uint32Array.of(BLOCK_OF.dead), ...this.#keys.columns()]), values: NO_VALUES };
  }
}

/** The changes from the compact revision on. `ranks`: places among all keys, by id. */
function* changeBlocks({ changes, compactRevision }: Store, ranks: Uint32Array): Generator<CheckpointBlock> {
  const { mains, details, keys } = changes.columns(changes.positionOf(compactRevision));
  for (let from = 0; from < keys.length; from += LIMITS.maxBlockChanges) {
    const to = Math.min(keys.length, from + LIMITS.maxBlockChanges);
    const placed = keys.subarray(from, to).map((id) => ranks[id] as number);
    const columns = [mains.subarray(from, to), details.subarray(from, to), placed];
    yield { head: packColumns([Uint32Array.of(BLOCK_OF.changes), ...columns]), values: NO_VALUES };
  }
}
