import { byteStringAt } from '../../base/bytes.ts';
import { type KeyId, NO_KEY } from './key-records.ts';
import { parseKeyValue } from './key-value.ts';
import { decodeRevisionKey, encodeRevisionKey } from './revision-key.ts';
import type { RevisionList, RevisionLists } from './revision-lists.ts';
import type { Store } from './store.ts';

/**
 * Forgets superseded revisions piece by piece. For every key the newest revision at or below the compact revision stays;
 * a tombstone stays only when it is at the compact revision itself, so that a watcher that starts there still sees it
 * (etcd >= 3.5.16). A key's revisions go oldest first: whatever prefix of the deletes survives a crash, no key comes back.
 */
export class Compaction {
  readonly #store: Store;
  /** Rows found superseded when the state was loaded. */
  #owed: Uint8Array[] = [];
  /** Up to here the compact revision is among the writes that were taken; only that far rows may go. */
  #allowed = 0;
  /** The change that is looked at next. */
  #next = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Row keys that a loaded state no longer needs. */
  owe(keys: readonly Uint8Array[]): void {
    for (const key of keys) this.#owed.push(key); // there may be millions: too many for the arguments of one call
  }

  /** Nothing that a compaction has made useless is left, in memory or to be told. */
  get isDone(): boolean {
    return this.#owed.length === 0 && !this.#pending();
  }

  /** The compact revision is on its way to the backend: the deletes may follow. */
  allow(revision: number): void {
    if (revision <= this.#allowed) return;
    this.#allowed = revision;
    // The changes of the previous compact revision were kept; now they are looked at again.
    this.#next = this.#store.changes.first;
  }

  /** Row keys to delete, for about `maxKeys` keys looked at or rows found; undefined when nothing is owed. */
  step(maxKeys: number): readonly Uint8Array[] | undefined {
    if (this.#owed.length > 0) return this.#owed.splice(0, maxKeys);
    const { changes } = this.#store;
    this.#next = Math.max(this.#next, changes.first);
    if (!this.#pending()) return undefined;
    const rows: Uint8Array[] = [];
    let visited = 0;
    while (this.#pending() && visited + rows.length < maxKeys) {
      visited++;
      if (this.#trim(changes.key(this.#next), rows, maxKeys)) this.#next++;
    }
    // Changes of the compact revision itself stay for watchers that start there.
    changes.dropBefore(Math.min(this.#next, changes.positionOf(this.#allowed)));
    return rows;
  }

  #pending(): boolean {
    const { changes } = this.#store;
    return this.#next < changes.end && changes.main(this.#next) <= this.#allowed;
  }

  /**
   * Forgets what the key no longer needs; false when more than `maxRows` rows went and there are more. A key that was forgotten at an earlier
   * change of its own may be another one by now, of which no less is kept for that.
   */
  #trim(id: KeyId, rows: Uint8Array[], maxRows: number): boolean {
    const { keys } = this.#store;
    const { records, lists } = keys;
    const list = records.older(id);
    const length = lists.length(list);
    if (length === 0) return true;
    const exists = records.exists(id);
    const isSuperseded = exists && records.modRevision(id) <= this.#allowed;
    const keepFrom = isSuperseded ? length : firstKept(lists, list, this.#allowed);
    const dropped = Math.min(keepFrom, Math.max(0, maxRows - rows.length));
    for (let i = 0; i < dropped; i++) {
      rows.push(encodeRevisionKey(lists.main(list, i), lists.sub(list, i), lists.isTombstone(list, i)));
    }
    if (dropped === length && !exists) keys.forget(id);
    else records.setOlder(id, lists.withoutFirst(list, dropped));
    return dropped === keepFrom;
  }
}

/**
 * Whether the store still has use for a row of its backend. What a compaction has forgotten in memory may be there for long where deleting rows one by
 * one is dear. A row that is none of the store's own is left alone.
 */
export function isWanted({ keys }: Store, key: Uint8Array, value: Uint8Array): boolean {
  const at = decodeRevisionKey(key);
  const fields = parseKeyValue(value);
  if (at === undefined || fields === undefined || fields.keyEnd === 0) return true;
  const id = keys.find(byteStringAt(value, fields.keyStart, fields.keyEnd));
  if (id === NO_KEY) return false;
  const { records, lists } = keys;
  if (records.isAt(id, at.main, at.sub)) return true;
  const list = records.older(id);
  for (let i = lists.lastAt(list, at.main); i >= 0 && lists.main(list, i) === at.main; i--) {
    if (lists.sub(list, i) === at.sub) return true;
  }
  return false;
}

/** The index of the first revision that compacting at `compactRevision` keeps. */
function firstKept(lists: RevisionLists, list: RevisionList, compactRevision: number): number {
  const i = lists.lastAt(list, compactRevision);
  if (i < 0) return 0;
  return lists.isTombstone(list, i) && lists.main(list, i) < compactRevision ? i + 1 : i;
}
