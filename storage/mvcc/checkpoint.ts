import { assert } from '../../base/assert.ts';
import { bytesOf } from '../../base/bytes.ts';
import type { ChangeColumns } from './change-log.ts';
import { Columns, packColumns } from './columns.ts';
import { DeadBlocks, type KeyColumns, keyOf, LiveBlocks } from './key-blocks.ts';
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
const LIVE = 0;
const DEAD = 1;
const CHANGES = 2;
const COLUMNS: readonly number[] = [12, 5, 4];

/** The whole store in blocks. It must not change until the last one was taken. */
export function* checkpointBlocks(store: Store): Generator<CheckpointBlock> {
  const ranks = new ChangeRanks(store);
  let rank = 0;
  const live = new LiveWriter();
  for (const cursor = store.live.cursor(''); cursor.valid; cursor.next()) {
    const record = cursor.value;
    const isLarge = record.length > LIMITS.ownSlabBytes;
    if (isLarge || !live.fits(record.length)) yield* live.take();
    live.add(record, store.view(record));
    if (isLarge) yield* live.take();
    if (record.older !== undefined) ranks.setAll(record.older, rank);
    ranks.set(record.modRevision, record.modSub, rank++);
  }
  yield* live.take();
  const dead = new DeadWriter();
  for (const cursor = store.dead.cursor(''); cursor.valid; cursor.next()) {
    if (!dead.fits(cursor.key.length)) yield* dead.take();
    dead.add(cursor.key, cursor.value);
    ranks.setAll(cursor.value, rank++);
  }
  yield* dead.take();
  yield* ranks.take();
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

class LiveWriter {
  #keys = new KeyWriter();
  #createRevisions: number[] = [];
  #modRevisions: number[] = [];
  #versions: number[] = [];
  #subs: number[] = [];
  #leaseOwners: number[] = [];
  #leases: bigint[] = [];
  #valueEnds: number[] = [];
  #values: Uint8Array[] = [];

  get #sizeBytes(): number {
    return this.#valueEnds.at(-1) ?? 0;
  }

  fits(sizeBytes: number): boolean {
    return this.#sizeBytes + sizeBytes <= LIMITS.maxSlabBytes && !this.#keys.isFull;
  }

  add({ key, createRevision, modRevision, modSub, version, lease, older }: LiveKey, value: Uint8Array): void {
    if (lease !== 0n) {
      this.#leaseOwners.push(this.#values.length);
      this.#leases.push(lease);
    }
    this.#keys.add(key, older);
    this.#createRevisions.push(createRevision);
    this.#modRevisions.push(modRevision);
    this.#versions.push(version);
    this.#subs.push(modSub);
    this.#valueEnds.push(this.#sizeBytes + value.length);
    this.#values.push(value);
  }

  *take(): Generator<CheckpointBlock> {
    if (this.#values.length === 0) return;
    const values = new Uint8Array(this.#sizeBytes);
    let at = 0;
    for (const value of this.#values) {
      values.set(value, at);
      at += value.length;
    }
    const head = packColumns([
      Uint32Array.of(LIVE),
      ...this.#keys.columns(),
      Float64Array.from(this.#createRevisions),
      Float64Array.from(this.#modRevisions),
      Float64Array.from(this.#versions),
      Uint32Array.from(this.#subs),
      Uint32Array.from(this.#valueEnds),
      Uint32Array.from(this.#leaseOwners),
      BigInt64Array.from(this.#leases),
    ]);
    this.#keys = new KeyWriter();
    this.#createRevisions = [];
    this.#modRevisions = [];
    this.#versions = [];
    this.#subs = [];
    this.#leaseOwners = [];
    this.#leases = [];
    this.#valueEnds = [];
    this.#values = [];
    yield { head, values };
  }
}

class DeadWriter {
  #keys = new KeyWriter();

  fits(sizeBytes: number): boolean {
    return this.#keys.keys.length + sizeBytes <= LIMITS.maxSlabBytes && !this.#keys.isFull;
  }

  add(key: string, list: RevisionList): void {
    this.#keys.add(key, list);
  }

  *take(): Generator<CheckpointBlock> {
    if (this.#keys.keyEnds.length === 0) return;
    const head = packColumns([Uint32Array.of(DEAD), ...this.#keys.columns()]);
    this.#keys = new KeyWriter();
    yield { head, values: NO_VALUES };
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
  *take(): Generator<CheckpointBlock> {
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
      yield { head: packColumns([Uint32Array.of(CHANGES), ...columns]), values: NO_VALUES };
    }
  }
}

/** Builds a store from the blocks of one, in which a key is made when it is wanted. The store must be empty but for its compact revision. */
export class CheckpointRestore {
  readonly #store: Store;
  readonly #revision: number;
  readonly #live = new LiveBlocks();
  readonly #dead = new DeadBlocks();
  readonly #changes: ChangeColumns[] = [];
  #kind = LIVE;
  #previousKey: string | undefined;
  #previousMain = 0;

  constructor(store: Store, revision: number) {
    assert(store.changes.end === 0 && store.live.size === 0, 'only an empty store is restored');
    this.#store = store;
    this.#revision = revision;
  }

  /** False when the block cannot be: it is damaged. */
  block({ head, values }: StoredBlock): boolean {
    const columns = Columns.open(head);
    const [kind = -1] = columns?.words() ?? [];
    if (columns === undefined || columns.count !== COLUMNS[kind] || kind < this.#kind) return false;
    if (kind !== this.#kind) this.#previousKey = undefined;
    this.#kind = kind;
    if (kind === LIVE) return this.#addLive(columns, values);
    if (values.sizeBytes > 0) return false;
    return kind === DEAD ? this.#addDead(columns) : this.#addChanges(columns);
  }

  finish(): void {
    const { live, dead, changes } = this.#store;
    const alive = this.#live;
    const gone = this.#dead;
    live.fillLater(alive);
    dead.fillLater(gone);
    this.#store.revision = Math.max(this.#revision, this.#store.compactRevision);
    changes.fillLater(this.#changes, (rank) => (rank < alive.size ? alive.keyAt(rank) : gone.keyAt(rank - alive.size)));
  }

  #addLive(columns: Columns, values: StoredBytes): boolean {
    const block = {
      ...keyColumns(columns),
      createRevisions: columns.floats(),
      modRevisions: columns.floats(),
      versions: columns.floats(),
      subs: columns.words(),
      valueEnds: columns.words(),
    };
    const owners = columns.words();
    const ids = columns.bigints();
    const count = block.keyEnds.length;
    const { createRevisions, modRevisions, versions, subs, valueEnds } = block;
    if ([createRevisions, modRevisions, versions, subs, valueEnds].some(({ length }) => length !== count)) return false;
    if (!this.#follow(block) || !endAt(valueEnds, values.sizeBytes, 1)) return false;
    if (modRevisions.some((revision) => revision > this.#revision)) return false;
    if (owners.length !== ids.length || owners.some((owner) => owner >= count)) return false;
    const store = this.#store;
    const leases = new Map<number, bigint>();
    for (const [i, owner] of owners.entries()) {
      const lease = ids[i] as bigint;
      leases.set(owner, lease);
      store.attach(lease, keyOf(block, owner));
    }
    const [first, last] = [keyOf(block, 0), keyOf(block, count - 1)];
    const makeOwners = (): void => {
      for (const cursor = store.live.cursor(first); cursor.valid && cursor.key < last; cursor.next());
    };
    this.#live.add({ ...block, leases, slab: store.slabs.adopt({ stored: values, makeOwners }) });
    return true;
  }

  #addDead(columns: Columns): boolean {
    const keys = keyColumns(columns);
    if (!this.#follow(keys) || !endAt(keys.listEnds, keys.lists.length, 2)) return false;
    this.#dead.add(keys);
    return true;
  }

  #addChanges(columns: Columns): boolean {
    const changes = { mains: columns.floats(), details: columns.floats(), ranks: columns.words() };
    const count = changes.mains.length;
    const keys = this.#live.size + this.#dead.size;
    const isAfterPartial = (this.#changes.at(-1)?.mains.length ?? 0) % LIMITS.changeChunk !== 0;
    if (isAfterPartial || changes.details.length !== count || changes.ranks.length !== count) return false;
    if (changes.ranks.some((rank) => rank >= keys)) return false;
    for (const main of changes.mains) {
      if (main < this.#previousMain || main > this.#revision) return false;
      this.#previousMain = main;
    }
    this.#changes.push(changes);
    return true;
  }

  /** Whether these are keys, in order, after those of the blocks before, each with a list of its own. */
  #follow(block: KeyColumns): boolean {
    const { keys, keyEnds, lists, listEnds } = block;
    const count = keyEnds.length;
    if (count === 0 || listEnds.length !== count || lists.length % 2 !== 0) return false;
    if (!endAt(keyEnds, keys.length, 1) || !endAt(listEnds, lists.length, 0)) return false;
    const first = keyOf(block, 0);
    if (this.#previousKey !== undefined && this.#previousKey >= first) return false;
    this.#previousKey = keyOf(block, count - 1);
    let start = 0;
    for (let i = 1; i < count; i++) {
      const end = keyEnds[i - 1] as number;
      if (!precedes(keys, start, end, keyEnds[i] as number)) return false;
      start = end;
    }
    return true;
  }
}

function keyColumns(columns: Columns): KeyColumns {
  return { keys: columns.bytes(), keyEnds: columns.words(), lists: columns.floats(), listEnds: columns.words() };
}

/** Whether ends grow by `least` or more each, up to `last`. */
function endAt(ends: Uint32Array, last: number, least: number): boolean {
  let previous = 0;
  for (const end of ends) {
    if (end < previous + least) return false;
    previous = end;
  }
  return previous === last;
}

/** Whether bytes[start, middle) sort before bytes[middle, end). */
function precedes(bytes: Uint8Array, start: number, middle: number, end: number): boolean {
  const shared = Math.min(middle - start, end - middle);
  for (let i = 0; i < shared; i++) {
    const difference = (bytes[start + i] as number) - (bytes[middle + i] as number);
    if (difference !== 0) return difference < 0;
  }
  return middle - start < end - middle;
}
