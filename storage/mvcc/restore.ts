import { assert } from '../../base/assert.ts';
import { byteStringAt } from '../../base/bytes.ts';
import { type KeyId, NO_KEY } from './key-records.ts';
import { type KeyValueFields, parseKeyValue } from './key-value.ts';
import { decodeRevisionKey, encodeRevisionKey } from './revision-key.ts';
import { NO_REVISIONS } from './revision-lists.ts';
import type { Store } from './store.ts';

/** Rebuilds a store from its rows, which come in revision order. The store must be empty, its compact revision known. */
export class StoreRestore {
  readonly #store: Store;
  /** Row keys that the compact revision has made useless. */
  readonly #owed: Uint8Array[] = [];
  #previousMain = 0;
  #previousSub = -1;

  constructor(store: Store) {
    assert(store.changes.end === 0 && store.keys.live.size === 0, 'only an empty store is restored');
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
    const { keys, slabs } = store;
    let id = keys.find(key);
    const exists = id !== NO_KEY && keys.records.exists(id);
    if (exists) store.supersede(id);
    else if (id === NO_KEY) id = keys.create(key);
    else keys.revive(key, id);
    keys.records.setNewest(id, fields.createRevision, main, sub, fields.version);
    this.#owe(id, main);
    store.link(key, id, fields.lease);
    slabs.place(id, bytes.length).set(bytes, keys.records.offset(id));
    if (main >= store.compactRevision) store.changes.append(main, sub, exists ? 'update' : 'create', id);
  }

  #tombstone(key: string, main: number, sub: number): void {
    const store = this.#store;
    const { keys } = store;
    const { records, lists } = keys;
    const id = this.#dead(key);
    this.#owe(id, main);
    if (main < store.compactRevision) {
      keys.forget(id);
      this.#owed.push(encodeRevisionKey(main, sub, true));
      return;
    }
    records.setOlder(id, lists.appended(records.older(id), main, sub, true));
    store.changes.append(main, sub, 'delete', id);
  }

  /** The key, which is dead from now on. */
  #dead(key: string): KeyId {
    const store = this.#store;
    const { keys } = store;
    const known = keys.find(key);
    const id = known === NO_KEY ? keys.create(key) : known;
    if (keys.records.exists(id)) {
      store.link(key, id, 0n);
      store.supersede(id);
      keys.bury(key, id);
    } else if (known === NO_KEY) keys.bury(key, id);
    return id;
  }

  /** What a key was before a change at `main` is owed to compaction when the change is not above the compact revision. */
  #owe(id: KeyId, main: number): void {
    const { compactRevision, keys } = this.#store;
    const { records, lists } = keys;
    if (main > compactRevision) return;
    const older = records.older(id);
    for (let i = 0; i < lists.length(older); i++)
      this.#owed.push(encodeRevisionKey(lists.main(older, i), lists.sub(older, i), lists.isTombstone(older, i)));
    lists.drop(older);
    records.setOlder(id, NO_REVISIONS);
  }
}
