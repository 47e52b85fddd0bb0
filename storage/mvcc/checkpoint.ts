import { assert } from '../../base/assert.ts';
import { byteStringAt, bytesOf } from '../../base/bytes.ts';
import type { ChangeKind } from './change-log.ts';
import { emptyFields, parseKeyValueAt } from './key-value.ts';
import { MVCC_LIMITS as LIMITS } from './limits.ts';
import { LiveKey, type RevisionList } from './live-key.ts';
import type { Store } from './store.ts';

/**
 * A piece of a store as it is in memory, keys in order. `values`: the newest encoded KeyValues of live keys, which become a slab as they are;
 * of dead keys the keys. `numbers` holds three for each key (length in `values`, sub of the newest revision, length of its RevisionList),
 * `revisions` the lists one after the other. What only the backend has is not in it: values of older revisions.
 */
export interface CheckpointBlock {
  readonly kind: 'live' | 'dead';
  readonly numbers: Uint32Array;
  readonly revisions: Float64Array;
  readonly values: Uint8Array;
}

const NUMBERS = 3;

/** The whole store in blocks, live keys first. It must not change until the last one was taken. */
export function* checkpointBlocks(store: Store): Generator<CheckpointBlock> {
  const live = new BlockWriter('live');
  for (const cursor = store.live.cursor(''); cursor.valid; cursor.next()) {
    const record = cursor.value;
    const isLarge = record.length > LIMITS.ownSlabBytes;
    if (isLarge || !live.fits(record.length)) yield* live.take();
    live.add(store.view(record), record.modSub, record.older);
    if (isLarge) yield* live.take();
  }
  yield* live.take();
  const dead = new BlockWriter('dead');
  for (const cursor = store.dead.cursor(''); cursor.valid; cursor.next()) {
    if (!dead.fits(cursor.key.length)) yield* dead.take();
    dead.add(bytesOf(cursor.key), 0, cursor.value);
  }
  yield* dead.take();
}

class BlockWriter {
  readonly #kind: CheckpointBlock['kind'];
  #values: Uint8Array[] = [];
  #sizeBytes = 0;
  #numbers: number[] = [];
  #revisions: number[] = [];

  constructor(kind: CheckpointBlock['kind']) {
    this.#kind = kind;
  }

  fits(sizeBytes: number): boolean {
    return (
      this.#sizeBytes + sizeBytes <= LIMITS.maxSlabBytes &&
      this.#values.length < LIMITS.maxBlockKeys &&
      this.#revisions.length < LIMITS.maxBlockRevisions
    );
  }

  add(value: Uint8Array, sub: number, list: RevisionList | undefined): void {
    this.#values.push(value);
    this.#sizeBytes += value.length;
    this.#numbers.push(value.length, sub, list?.length ?? 0);
    for (const number of list ?? []) this.#revisions.push(number);
  }

  *take(): Generator<CheckpointBlock> {
    if (this.#values.length === 0) return;
    const values = new Uint8Array(this.#sizeBytes);
    let at = 0;
    for (const value of this.#values) {
      values.set(value, at);
      at += value.length;
    }
    const block = {
      kind: this.#kind,
      numbers: Uint32Array.from(this.#numbers),
      revisions: Float64Array.from(this.#revisions),
      values,
    };
    this.#values = [];
    this.#sizeBytes = 0;
    this.#numbers = [];
    this.#revisions = [];
    yield block;
  }
}

/** Builds a store from the blocks of one. The store must be empty but for its compact revision. */
export class CheckpointRestore {
  readonly #store: Store;
  readonly #revision: number;
  readonly #keys: string[] = [];
  readonly #records: LiveKey[] = [];
  readonly #deadKeys: string[] = [];
  readonly #deadLists: RevisionList[] = [];
  /** Changes that go into the change log. */
  #changes = 0;
  #previousKey: string | undefined;
  #previousKind: CheckpointBlock['kind'] = 'live';

  constructor(store: Store, revision: number) {
    assert(store.changes.end === 0 && store.live.size === 0, 'only an empty store is restored');
    this.#store = store;
    this.#revision = revision;
  }

  /** False when the block cannot be: it is damaged. */
  block(block: CheckpointBlock): boolean {
    if (block.numbers.length % NUMBERS !== 0) return false;
    if (block.kind !== this.#previousKind) {
      if (block.kind === 'live') return false;
      this.#previousKind = 'dead';
      this.#previousKey = undefined;
    }
    return block.kind === 'live' ? this.#live(block) : this.#dead(block);
  }

  finish(): void {
    const { live, dead } = this.#store;
    live.fill(this.#keys, this.#records);
    dead.fill(this.#deadKeys, this.#deadLists);
    this.#store.revision = Math.max(this.#revision, this.#store.compactRevision);
    this.#fillChanges();
  }

  #live({ numbers, revisions, values }: CheckpointBlock): boolean {
    const fields = emptyFields();
    const owners: LiveKey[] = [];
    let at = 0;
    let listAt = 0;
    for (let i = 0; i < numbers.length; i += NUMBERS) {
      const end = at + (numbers[i] as number);
      const listEnd = listAt + (numbers[i + 2] as number);
      if (end > values.length || listEnd > revisions.length || !parseKeyValueAt(values, at, end, fields)) return false;
      const key = byteStringAt(values, fields.keyStart, fields.keyEnd);
      if (!this.#follows(key) || fields.modRevision > this.#revision) return false;
      const older = listAt === listEnd ? undefined : Array.from(revisions.subarray(listAt, listEnd));
      const record = new LiveKey(key, fields.modRevision, numbers[i + 1] as number, older);
      record.createRevision = fields.createRevision;
      record.version = fields.version;
      record.lease = fields.lease;
      record.offset = at;
      record.length = end - at;
      owners.push(record);
      this.#keys.push(key);
      this.#records.push(record);
      this.#count(older, record.modRevision);
      at = end;
      listAt = listEnd;
    }
    if (at !== values.length || listAt !== revisions.length) return false;
    this.#store.adoptSlab(values, owners);
    return true;
  }

  #dead({ numbers, revisions, values }: CheckpointBlock): boolean {
    let at = 0;
    let listAt = 0;
    for (let i = 0; i < numbers.length; i += NUMBERS) {
      const end = at + (numbers[i] as number);
      const listEnd = listAt + (numbers[i + 2] as number);
      if (end > values.length || listEnd > revisions.length || listEnd === listAt) return false;
      const key = byteStringAt(values, at, end);
      if (!this.#follows(key)) return false;
      const list = Array.from(revisions.subarray(listAt, listEnd));
      this.#deadKeys.push(key);
      this.#deadLists.push(list);
      this.#count(list, -1);
      at = end;
      listAt = listEnd;
    }
    return at === values.length && listAt === revisions.length;
  }

  #follows(key: string): boolean {
    const follows = this.#previousKey === undefined || this.#previousKey < key;
    this.#previousKey = key;
    return follows;
  }

  #count(list: RevisionList | undefined, modRevision: number): void {
    const { compactRevision } = this.#store;
    if (modRevision >= compactRevision) this.#changes++;
    if (list === undefined) return;
    for (let i = 0; i < list.length; i += 2) if ((list[i] as number) >= compactRevision) this.#changes++;
  }

  /** Every change since the compact revision is the revision of some key: sorted, they are the change log. */
  #fillChanges(): void {
    const { compactRevision, changes } = this.#store;
    const sorted = new ChangeSorter(this.#changes);
    for (const { key, older, modRevision, modSub } of this.#records) {
      const wasDeleted = this.#takeList(sorted, key, older);
      if (modRevision >= compactRevision) sorted.add(modRevision, modSub, wasDeleted ? 'create' : 'update', key);
    }
    for (let i = 0; i < this.#deadKeys.length; i++)
      this.#takeList(sorted, this.#deadKeys[i] as string, this.#deadLists[i]);
    sorted.each((main, sub, kind, key) => changes.append(main, sub, kind, key));
  }

  /** True when the key does not exist after the last of these revisions. */
  #takeList(sorted: ChangeSorter, key: string, list: RevisionList | undefined): boolean {
    let wasDeleted = true;
    if (list === undefined) return wasDeleted;
    const { compactRevision } = this.#store;
    for (let i = 0; i < list.length; i += 2) {
      const main = list[i] as number;
      const detail = list[i + 1] as number;
      const deletes = detail % 2 === 1;
      const kind: ChangeKind = deletes ? 'delete' : wasDeleted ? 'create' : 'update';
      if (main >= compactRevision) sorted.add(main, Math.floor(detail / 2), kind, key);
      wasDeleted = deletes;
    }
    return wasDeleted;
  }
}

const KINDS: readonly ChangeKind[] = ['update', 'create', 'delete'];

/** Puts changes into revision order: a counting sort by main, since nearly every revision has one, then each main's by sub. */
class ChangeSorter {
  readonly #mains: Float64Array;
  readonly #subs: Float64Array;
  readonly #kinds: Uint8Array;
  readonly #keys: string[] = [];
  #least = Number.POSITIVE_INFINITY;
  #greatest = 0;

  constructor(count: number) {
    this.#mains = new Float64Array(count);
    this.#subs = new Float64Array(count);
    this.#kinds = new Uint8Array(count);
  }

  add(main: number, sub: number, kind: ChangeKind, key: string): void {
    const at = this.#keys.length;
    this.#mains[at] = main;
    this.#subs[at] = sub;
    this.#kinds[at] = KINDS.indexOf(kind);
    this.#keys.push(key);
    if (main < this.#least) this.#least = main;
    if (main > this.#greatest) this.#greatest = main;
  }

  each(visit: (main: number, sub: number, kind: ChangeKind, key: string) => void): void {
    for (const at of this.#order())
      visit(
        this.#mains[at] as number,
        this.#subs[at] as number,
        KINDS[this.#kinds[at] as number] as ChangeKind,
        this.#keys[at] as string,
      );
  }

  #order(): Uint32Array {
    const count = this.#keys.length;
    const mains = this.#mains;
    const subs = this.#subs;
    const span = count === 0 ? 0 : this.#greatest - this.#least + 1;
    const order = new Uint32Array(count);
    if (span > count * LIMITS.sparseRevisions) {
      for (let i = 0; i < count; i++) order[i] = i;
      return order.sort((a, b) => compare(mains, a, b) || compare(subs, a, b));
    }
    const ends = new Uint32Array(span + 1);
    for (let i = 0; i < count; i++) (ends[(mains[i] as number) - this.#least + 1] as number)++;
    for (let i = 1; i <= span; i++) ends[i] = (ends[i] as number) + (ends[i - 1] as number);
    for (let i = 0; i < count; i++) {
      const main = (mains[i] as number) - this.#least;
      order[ends[main] as number] = i;
      (ends[main] as number)++;
    }
    for (let start = 0, end = 1; start < count; start = end++) {
      while (end < count && mains[order[end] as number] === mains[order[start] as number]) end++;
      if (end - start > 1) order.subarray(start, end).sort((a, b) => compare(subs, a, b));
    }
    return order;
  }
}

const compare = (numbers: Float64Array, a: number, b: number): number =>
  (numbers[a] as number) - (numbers[b] as number);
