import { assert } from '../../base/assert.ts';
import { EventType } from '../../proto/gen/etcd.ts';
import { ChangeLog } from './change-log.ts';
import { type KeyId, NO_KEY } from './key-records.ts';
import { encodeTombstone, keyValueSize, writeKeyValue } from './key-value.ts';
import { Keys } from './keys.ts';
import { encodeRevisionKey } from './revision-key.ts';
import { Slabs } from './slabs.ts';

/** A row of the `revision` keyspace, to be put: an operation on the backend. */
export interface RevisionRow {
  readonly op: 'put';
  readonly space: 'revision';
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Where rows go, in the order in which they must be written. */
export interface RowSink {
  push(row: RevisionRow): unknown;
}

/** One change of a write. `kv` and `prevKv` are encoded KeyValues; `prevKv` is what the key was before the whole write. */
export interface Change {
  readonly key: string;
  readonly event: { readonly type: number; readonly kv: Uint8Array; readonly prevKv: Uint8Array | undefined };
}

/** Who wants to know which keys hang on which lease. */
export interface LeaseLinks {
  attach(lease: bigint, key: string): void;
  detach(lease: bigint, key: string): void;
}

/**
 * The multi-version store: what every key is, and which revisions it had.
 * Invariants: revisions only grow; every revision above the compact revision is in `changes`.
 */
export class Store {
  readonly keys = new Keys();
  /** The newest values of live keys. */
  readonly slabs = new Slabs(this.keys.records);
  readonly changes = new ChangeLog();
  readonly #links: LeaseLinks;
  readonly #write: Write;
  /** The newest revision of finished writes; an empty store is at 1. */
  revision = 1;
  /** Everything below is gone; 0: nothing ever was compacted. */
  compactRevision = 0;

  constructor(links: LeaseLinks) {
    this.#links = links;
    this.#write = new Write(this);
  }

  /** Starts a write; nothing else may be started before its `end`. */
  write(rows: RowSink): Write {
    this.#write.begin(rows);
    return this.#write;
  }

  /** The revision that a read sees now: inside a write that has changed something, that write's own. */
  get readRevision(): number {
    return this.#write.changed ? this.revision + 1 : this.revision;
  }

  /** The newest encoded KeyValue of a live key, a view that stays valid. */
  view(id: KeyId): Uint8Array {
    return this.slabs.view(id);
  }

  /** The value of a live key is no longer wanted, its newest revision is an older one. */
  supersede(id: KeyId): void {
    const { records, lists } = this.keys;
    this.slabs.release(id);
    records.setOlder(id, lists.appended(records.older(id), records.modRevision(id), records.modSub(id), false));
  }

  /** `id` hangs on `lease` already; only for restoring. */
  attach(lease: bigint, id: KeyId): void {
    this.#links.attach(lease, this.keys.records.name(id));
  }

  /** From now on the key `name` hangs on `lease`, or on none. */
  link(name: string, id: KeyId, lease: bigint): void {
    const { records } = this.keys;
    if (lease === 0n && !records.hasLease(id)) return;
    const before = records.lease(id);
    if (before === lease) return;
    if (before !== 0n) this.#links.detach(before, name);
    if (lease !== 0n) this.#links.attach(lease, name);
    records.setLease(id, lease);
  }
}

/** One revision in the making: its changes are numbered by `sub`. Reads of the store see them at once. */
export class Write {
  readonly #store: Store;
  #open = false;
  #main = 0;
  #sub = 0;
  #rows: RowSink = [];
  #changes: Change[] = [];
  /** What keys were before this write; made when a key is changed for the second time. */
  #before: Map<string, Uint8Array | undefined> | undefined;

  /** Only Store makes writes. */
  constructor(store: Store) {
    this.#store = store;
  }

  begin(rows: RowSink): void {
    assert(!this.#open, 'one write at a time');
    this.#open = true;
    this.#main = this.#store.revision + 1;
    this.#sub = 0;
    this.#rows = rows;
    this.#changes = [];
    this.#before = undefined;
  }

  get changed(): boolean {
    return this.#sub > 0;
  }

  /** The revision that this write's changes get. */
  get main(): number {
    return this.#main;
  }

  /** `value` is copied. */
  put(key: string, value: Uint8Array, lease: bigint): void {
    const store = this.#store;
    const { keys, changes } = store;
    const { records } = keys;
    const main = this.#main;
    const sub = this.#sub;
    let id = keys.find(key);
    let prevKv: Uint8Array | undefined;
    const again = id !== NO_KEY && this.#isChanged(id);
    const exists = id !== NO_KEY && records.exists(id);
    if (exists) {
      prevKv = store.view(id);
      store.supersede(id);
      records.setNewest(id, records.createRevision(id), main, sub, records.version(id) + 1);
    } else {
      if (id === NO_KEY) id = keys.create(key);
      else keys.revive(key, id);
      records.setNewest(id, main, main, sub, 1);
    }
    store.link(key, id, lease);
    const kv = this.#encode(key, id, value, lease);
    changes.append(main, sub, exists ? 'update' : 'create', id);
    this.#push(encodeRevisionKey(main, sub, false), kv);
    this.#record(key, EventType.PUT, kv, prevKv, again);
  }

  /** Deletes a live key. */
  delete(id: KeyId): void {
    const store = this.#store;
    const { keys, changes } = store;
    const { records, lists } = keys;
    const main = this.#main;
    const sub = this.#sub;
    const key = records.name(id);
    const prevKv = store.view(id);
    const again = this.#isChanged(id);
    store.link(key, id, 0n);
    store.supersede(id);
    records.setOlder(id, lists.appended(records.older(id), main, sub, true));
    keys.bury(key, id);
    changes.append(main, sub, 'delete', id);
    this.#push(encodeRevisionKey(main, sub, true), encodeTombstone(key, 0));
    this.#record(key, EventType.DELETE, encodeTombstone(key, main), prevKv, again);
  }

  /** Finishes the revision; with no change there is none. */
  end(): readonly Change[] {
    assert(this.#open, 'a write that ends has begun');
    if (this.changed) this.#store.revision = this.#main;
    this.#open = false;
    this.#sub = 0;
    return this.#changes;
  }

  #push(key: Uint8Array, value: Uint8Array): void {
    this.#rows.push({ op: 'put', space: 'revision', key, value });
  }

  /** The key was changed before in this write. */
  #isChanged(id: KeyId): boolean {
    if (this.#sub === 0) return false;
    const { records, lists } = this.#store.keys;
    if (records.exists(id)) return records.modRevision(id) === this.#main;
    const older = records.older(id);
    return lists.main(older, lists.length(older) - 1) === this.#main;
  }

  #encode(key: string, id: KeyId, value: Uint8Array, lease: bigint): Uint8Array {
    const { keys, slabs } = this.#store;
    const { records } = keys;
    const createRevision = records.createRevision(id);
    const version = records.version(id);
    const size = keyValueSize(key, createRevision, this.#main, version, value, lease);
    const target = slabs.place(id, size);
    const start = records.offset(id);
    const end = writeKeyValue(target, start, key, createRevision, this.#main, version, value, lease);
    assert(end === start + size, 'an encoded key value has the size that was computed');
    return target.subarray(start, end);
  }

  /** `again`: the key changed before in this write, so its watchers' previous value is what it was before the write. */
  #record(key: string, type: number, kv: Uint8Array, prevKv: Uint8Array | undefined, again: boolean): void {
    const before = again ? this.#beforeWrite(key) : prevKv;
    const change = { key, event: { type, kv, prevKv: before } };
    if (this.#sub === 0)
      this.#changes = [change]; // most writes change one key: the first push reserves room for seventeen
    else this.#changes.push(change);
    this.#before?.set(key, before);
    this.#sub++;
  }

  #beforeWrite(key: string): Uint8Array | undefined {
    if (this.#before === undefined) {
      this.#before = new Map();
      for (const change of this.#changes) this.#before.set(change.key, change.event.prevKv);
    }
    return this.#before.get(key);
  }
}
