import { assert } from '../../base/assert.ts';
import { OrderedMap } from '../../base/ordered-map.ts';
import { EventType } from '../../proto/gen/etcd.ts';
import { ChangeLog } from './change-log.ts';
import { encodeTombstone, keyValueSize, writeKeyValue } from './key-value.ts';
import { appended, LiveKey, type RevisionList } from './live-key.ts';
import { LiveKeys } from './live-keys.ts';
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
 * Invariants: a key is in `live` or in `dead`, or in neither; `dead` keys have at least one revision that is not
 * compacted, the last of them a tombstone; revisions only grow; every revision above the compact revision is in `changes`.
 */
export class Store {
  /** Keys that exist now. */
  readonly live = new LiveKeys();
  /** Keys that do not exist now but did at a revision that can still be read. */
  readonly dead = new OrderedMap<RevisionList>();
  readonly slabs = new Slabs();
  readonly changes = new ChangeLog();
  readonly #links: LeaseLinks;
  readonly #write: Write;
  /** The newest revision of finished writes; an empty store is at 1. */
  revision = 1;
  /** Everything below is gone; 0: nothing ever was compacted. */
  compactRevision = 0;

  constructor(links: LeaseLinks) {
    this.#links = links;
    this.#write = new Write(this, links);
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
  view(record: LiveKey): Uint8Array {
    return this.slabs.view(record);
  }

  /** Puts what a backend's row says in place; only for restoring. */
  adopt(record: LiveKey, bytes: Uint8Array): void {
    const target = this.slabs.place(record, bytes.length);
    target.set(bytes, record.offset);
    if (record.lease !== 0n) this.#links.attach(record.lease, record.key);
  }

  /** `key` hangs on a lease; only for restoring. */
  attach(lease: bigint, key: string): void {
    this.#links.attach(lease, key);
  }

  /** The opposite of `adopt`. */
  disown(record: LiveKey): void {
    this.slabs.release(record);
    if (record.lease !== 0n) this.#links.detach(record.lease, record.key);
  }
}

/** One revision in the making: its changes are numbered by `sub`. Reads of the store see them at once. */
export class Write {
  readonly #store: Store;
  readonly #links: LeaseLinks;
  #open = false;
  #main = 0;
  #sub = 0;
  #rows: RowSink = [];
  #changes: Change[] = [];
  /** What keys were before this write; made when a key is changed for the second time. */
  #before: Map<string, Uint8Array | undefined> | undefined;

  /** Only Store makes writes. */
  constructor(store: Store, links: LeaseLinks) {
    this.#store = store;
    this.#links = links;
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

  /** Returns the key's record, whose value before is gone. `value` is copied. */
  put(key: string, value: Uint8Array, lease: bigint): LiveKey {
    const { live, dead, slabs } = this.#store;
    let record = live.get(key);
    let prevKv: Uint8Array | undefined;
    if (record === undefined) {
      record = new LiveKey(key, this.#main, this.#sub, dead.size === 0 ? undefined : dead.delete(key));
      live.set(key, record);
    } else {
      prevKv = slabs.view(record);
      slabs.release(record);
      record.older = appended(record.older, record.modRevision, record.modSub, false);
      record.modRevision = this.#main;
      record.modSub = this.#sub;
      record.version++;
    }
    const created = record.version === 1;
    const older = record.older;
    const again = older !== undefined && older[older.length - 2] === this.#main;
    this.#link(record, lease);
    const kv = this.#encode(record, value);
    this.#store.changes.append(this.#main, this.#sub, created ? 'create' : 'update', record.key);
    this.#push(encodeRevisionKey(this.#main, this.#sub, false), kv);
    this.#record(record.key, EventType.PUT, kv, prevKv, again);
    return record;
  }

  delete(record: LiveKey): void {
    const { live, dead, slabs, changes } = this.#store;
    const key = record.key;
    const prevKv = slabs.view(record);
    const again = record.modRevision === this.#main;
    slabs.release(record);
    this.#link(record, 0n);
    live.delete(key);
    const older = appended(record.older, record.modRevision, record.modSub, false);
    dead.set(key, appended(older, this.#main, this.#sub, true));
    changes.append(this.#main, this.#sub, 'delete', key);
    this.#push(encodeRevisionKey(this.#main, this.#sub, true), encodeTombstone(key, 0));
    this.#record(key, EventType.DELETE, encodeTombstone(key, this.#main), prevKv, again);
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

  #link(record: LiveKey, lease: bigint): void {
    if (record.lease === lease) return;
    if (record.lease !== 0n) this.#links.detach(record.lease, record.key);
    if (lease !== 0n) this.#links.attach(lease, record.key);
    record.lease = lease;
  }

  #encode(record: LiveKey, value: Uint8Array): Uint8Array {
    const { key, createRevision, modRevision, version, lease } = record;
    const size = keyValueSize(key, createRevision, modRevision, version, value, lease);
    const target = this.#store.slabs.place(record, size);
    const end = writeKeyValue(target, record.offset, key, createRevision, modRevision, version, value, lease);
    assert(end === record.offset + size, 'an encoded key value has the size that was computed');
    return target.subarray(record.offset, end);
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
