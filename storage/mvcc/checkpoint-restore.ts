import { assert } from '../../base/assert.ts';
import { byteStringAt } from '../../base/bytes.ts';
import { BLOCK_OF, type StoredBlock } from './checkpoint.ts';
import { Columns } from './columns.ts';
import { IdList } from './id-list.ts';
import type { KeyId } from './key-records.ts';
import type { StoredBytes } from './slabs.ts';
import type { Store } from './store.ts';

/** How many columns the head of a block has, by what it is of. */
const COLUMNS: readonly number[] = [12, 5, 4];

/** Keys in order and what they were. Everything that ends is counted from the begin of its column. */
interface KeyColumns {
  /** One after the other. */
  readonly names: Uint8Array;
  readonly nameEnds: Uint32Array;
  /** Two numbers for each revision, one list after the other. */
  readonly lists: Float64Array;
  readonly listEnds: Uint32Array;
}

/** Builds a store from the blocks of one; values are read when they are wanted. The store must be empty but for its compact revision. */
export class CheckpointRestore {
  readonly #store: Store;
  readonly #revision: number;
  /** The keys that came, by their places among all keys of the checkpoint. */
  readonly #ids = new IdList();
  #kind: number = BLOCK_OF.live;
  #previousKey: string | undefined;
  #previousMain = 0;

  constructor(store: Store, revision: number) {
    assert(store.changes.end === 0 && store.keys.live.size === 0, 'only an empty store is restored');
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
    this.#store.revision = Math.max(this.#revision, this.#store.compactRevision);
  }

  #addLive(columns: Columns, values: StoredBytes): boolean {
    const block = keyColumns(columns);
    const createRevisions = columns.floats();
    const modRevisions = columns.floats();
    const versions = columns.floats();
    const subs = columns.words();
    const valueEnds = columns.words();
    const owners = columns.words();
    const leases = columns.bigints();
    const count = block.nameEnds.length;
    if ([createRevisions, modRevisions, versions, subs, valueEnds].some(({ length }) => length !== count)) return false;
    if (!this.#follow(block) || !endAt(valueEnds, values.sizeBytes, 1)) return false;
    if (modRevisions.some((revision) => revision > this.#revision)) return false;
    if (owners.length !== leases.length || owners.some((owner) => owner >= count)) return false;
    const { keys, slabs } = this.#store;
    const slab = slabs.adopt(values);
    const first = this.#ids.length;
    for (let i = 0; i < count; i++) {
      const id = this.#addKey(block, i, true);
      const createRevision = createRevisions[i] as number;
      keys.records.setNewest(id, createRevision, modRevisions[i] as number, subs[i] as number, versions[i] as number);
      slabs.own(slab, id, (valueEnds[i] as number) - startOf(valueEnds, i));
    }
    for (const [i, owner] of owners.entries()) {
      const id = this.#ids.all[first + owner] as KeyId;
      this.#store.link(keys.records.name(id), id, leases[i] as bigint);
    }
    return true;
  }

  #addDead(columns: Columns): boolean {
    const block = keyColumns(columns);
    if (!this.#follow(block) || !endAt(block.listEnds, block.lists.length, 2)) return false;
    for (let i = 0; i < block.nameEnds.length; i++) this.#addKey(block, i, false);
    return true;
  }

  #addKey({ names, nameEnds, lists, listEnds }: KeyColumns, i: number, isLive: boolean): KeyId {
    const { keys } = this.#store;
    const id = keys.append(names, startOf(nameEnds, i), nameEnds[i] as number, isLive);
    const list = keys.lists.of(lists, startOf(listEnds, i), listEnds[i] as number);
    keys.records.setOlder(id, list);
    this.#ids.add(id);
    return id;
  }

  #addChanges(columns: Columns): boolean {
    const mains = columns.floats();
    const details = columns.floats();
    const ranks = columns.words();
    if (details.length !== mains.length || ranks.length !== mains.length) return false;
    if (ranks.some((rank) => rank >= this.#ids.length)) return false;
    for (const main of mains) {
      if (main < this.#previousMain || main > this.#revision) return false;
      this.#previousMain = main;
    }
    const ids = this.#ids.all;
    this.#store.changes.appendAll({ mains, details, keys: ranks.map((rank) => ids[rank] as number) });
    return true;
  }

  /** Whether these are keys, in order, after those of the blocks before, each with a list of its own. */
  #follow({ names, nameEnds, lists, listEnds }: KeyColumns): boolean {
    const count = nameEnds.length;
    if (count === 0 || listEnds.length !== count || lists.length % 2 !== 0) return false;
    if (!endAt(nameEnds, names.length, 1) || !endAt(listEnds, lists.length, 0)) return false;
    const first = byteStringAt(names, 0, nameEnds[0] as number);
    if (this.#previousKey !== undefined && this.#previousKey >= first) return false;
    this.#previousKey = byteStringAt(names, startOf(nameEnds, count - 1), names.length);
    let start = 0;
    for (let i = 1; i < count; i++) {
      const end = nameEnds[i - 1] as number;
      if (!precedes(names, start, end, nameEnds[i] as number)) return false;
      start = end;
    }
    return true;
  }
}

function keyColumns(columns: Columns): KeyColumns {
  return { names: columns.bytes(), nameEnds: columns.words(), lists: columns.floats(), listEnds: columns.words() };
}

function startOf(ends: Uint32Array, i: number): number {
  return i === 0 ? 0 : (ends[i - 1] as number);
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
