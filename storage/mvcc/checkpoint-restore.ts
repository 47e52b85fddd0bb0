import { assert } from '../../base/assert.ts';
import type { ChangeColumns } from './change-log.ts';
import { BLOCK_OF, type StoredBlock } from './checkpoint.ts';
import { Columns } from './columns.ts';
import { DeadBlocks, type KeyColumns, keyOf, LiveBlocks } from './key-blocks.ts';
import { MVCC_LIMITS as LIMITS } from './limits.ts';
import type { StoredBytes } from './slabs.ts';
import type { Store } from './store.ts';

/** How many columns the head of a block has, by what it is of. */
const COLUMNS: readonly number[] = [12, 5, 4];

/** Builds a store from the blocks of one, in which a key is made when it is wanted. The store must be empty but for its compact revision. */
export class CheckpointRestore {
  readonly #store: Store;
  readonly #revision: number;
  readonly #live = new LiveBlocks();
  readonly #dead = new DeadBlocks();
  readonly #changes: ChangeColumns[] = [];
  #kind: number = BLOCK_OF.live;
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
    if (kind === BLOCK_OF.live) return this.#addLive(columns, values);
    if (values.sizeBytes > 0) return false;
    return kind === BLOCK_OF.dead ? this.#addDead(columns) : this.#addChanges(columns);
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
