import { byteStringAt } from '../../base/bytes.ts';
import { parseKeyValue } from './key-value.ts';
import { lastAt, mainAt, type RevisionList, subAt, tombstoneAt } from './live-key.ts';
import { decodeRevisionKey, encodeRevisionKey } from './revision-key.ts';
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

  /** Forgets what the key no longer needs; false when more than `maxRows` rows went and there are more. */
  #trim(key: string, rows: Uint8Array[], maxRows: number): boolean {
    const { live, dead } = this.#store;
    const record = live.look(key);
    const list = record === undefined ? dead.get(key) : record.older;
    if (list === undefined) return true;
    const superseded = record !== undefined && record.modRevision <= this.#allowed;
    const keepFrom = superseded ? list.length : firstKept(list, this.#allowed);
    const dropped = Math.min(keepFrom, Math.max(0, maxRows - rows.length) * 2);
    for (let i = 0; i < dropped; i += 2) {
      rows.push(encodeRevisionKey(mainAt(list, i), subAt(list, i), tombstoneAt(list, i)));
    }
    if (dropped === list.length) {
      if (record === undefined) dead.delete(key);
      else record.older = undefined;
    } else if (dropped > 0) {
      const kept = list.slice(dropped);
      if (record === undefined) dead.set(key, kept);
      else record.older = kept;
    }
    return dropped === keepFrom;
  }
}

/**
 * Whether the store still has use for a row of its backend. What a compaction has forgotten in memory may be there for long where deleting rows one by
 * one is dear. A row that is none of the store's own is left alone.
 */
export function isWanted({ live, dead }: Store, key: Uint8Array, value: Uint8Array): boolean {
  const at = decodeRevisionKey(key);
  const fields = parseKeyValue(value);
  if (at === undefined || fields === undefined || fields.keyEnd === 0) return true;
  const name = byteStringAt(value, fields.keyStart, fields.keyEnd);
  const record = live.look(name);
  if (record !== undefined && record.modRevision === at.main && record.modSub === at.sub) return true;
  const list = record === undefined ? dead.get(name) : record.older;
  if (list === undefined) return false;
  for (let i = lastAt(list, at.main); i >= 0 && mainAt(list, i) === at.main; i -= 2) {
    if (subAt(list, i) === at.sub) return true;
  }
  return false;
}

/** The index of the first revision that compacting at `compactRevision` keeps. */
function firstKept(list: RevisionList, compactRevision: number): number {
  const i = lastAt(list, compactRevision);
  if (i < 0) return 0;
  return tombstoneAt(list, i) && mainAt(list, i) < compactRevision ? i + 2 : i;
}
