import { assert } from '../../base/assert.ts';
import { byteStringAt } from '../../base/bytes.ts';
import { type KeyValueFields, parseKeyValue } from './key-value.ts';
import { appended, LiveKey, type RevisionList } from './live-key.ts';
import { decodeRevisionKey, encodeRevisionKey } from './revision-key.ts';
import type { Store } from './store.ts';

/** Rebuilds a store from its rows, which come in revision order. The store must be empty, its compact revision known. */
export class StoreRestore {
  readonly #store: Store;
  /** Row keys that the compact revision has made useless. */
  readonly #owed: Uint8Array[] = [];
  #previousMain = 0;
  #previousSub = -1;

  constructor(store: Store) {
    assert(store.changes.end === 0 && store.live.size === 0, 'only an empty store is restored');
    this.#store = store;
  }

  /** False when the row is none of ours or comes out of order: the backend is corrupt. */
  row(key: Uint8Array, value: Uint8Array): boolean {
    const at = decodeRevisionKey(key);
    const fields = parseKeyValue(value);
    if (at === undefined || fields === undefined || !this.#follows(at.main, at.sub)) return false;
    this.#store.revision = Math.max(this.#store.revision, at.main);
    // A snapshot restored with a raised revision has one row without a key.
    if (fields.keyEnd === 0) return true;
    const name = byteStringAt(value, fields.keyStart, fields.keyEnd);
    if (at.tombstone) this.#tombstone(name, at.main, at.sub);
    else this.#put(name, at.main, at.sub, value, fields);
    return true;
  }

  /** Row keys that are owed to compaction. */
  finish(): readonly Uint8Array[] {
    this.#store.revision = Math.max(this.#store.revision, this.#store.compactRevision);
    return this.#owed;
  }

  #follows(main: number, sub: number): boolean {
    if (main < this.#previousMain || (main === this.#previousMain && sub <= this.#previousSub)) return false;
    this.#previousMain = main;
    this.#previousSub = sub;
    return true;
  }

  #put(key: string, main: number, sub: number, bytes: Uint8Array, fields: KeyValueFields): void {
    const store = this.#store;
    const record = new LiveKey(key, main, sub, undefined);
    record.createRevision = fields.createRevision;
    record.version = fields.version;
    record.lease = fields.lease;
    const previous = store.live.load(key, record);
    let older: RevisionList | undefined;
    if (previous === undefined) older = store.dead.delete(key);
    else {
      store.disown(previous);
      older = appended(previous.older, previous.modRevision, previous.modSub, false);
    }
    record.older = this.#stillWanted(older, main);
    store.adopt(record, bytes);
    if (main >= store.compactRevision)
      store.changes.append(main, sub, previous === undefined ? 'create' : 'update', key);
  }

  #tombstone(key: string, main: number, sub: number): void {
    const store = this.#store;
    const previous = store.live.look(key);
    let older = store.dead.delete(key);
    if (previous !== undefined) {
      store.disown(previous);
      store.live.delete(key);
      older = appended(previous.older, previous.modRevision, previous.modSub, false);
    }
    const wanted = this.#stillWanted(older, main);
    if (main < store.compactRevision) {
      this.#owed.push(encodeRevisionKey(main, sub, true));
      return;
    }
    store.dead.set(key, appended(wanted, main, sub, true));
    store.changes.append(main, sub, 'delete', key);
  }

  /** What a key was before a change at `main`: owed to compaction when the change is not above the compact revision. */
  #stillWanted(older: RevisionList | undefined, main: number): RevisionList | undefined {
    if (older === undefined || main > this.#store.compactRevision) return older;
    for (let i = 0; i < older.length; i += 2) {
      const detail = older[i + 1] as number;
      this.#owed.push(encodeRevisionKey(older[i] as number, Math.floor(detail / 2), detail % 2 === 1));
    }
    return undefined;
  }
}
