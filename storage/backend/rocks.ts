import { dirname } from 'node:path';
import rocksdb, { type RocksDatabase } from 'rocksdb';
import type { Disk } from '../../io/doors.ts';
import { DiskError } from '../../io/doors.ts';
import type { Backend, BackendOp, BackendRange, BackendStore, BackendView, KeyOrder, Keyspace } from './backend.ts';
import { DatabaseKeys } from './keyspaces.ts';
import { BACKEND_LIMITS } from './limits.ts';
import { toBackendError } from './rocks-error.ts';
import { cutDamagedLog } from './rocks-log.ts';
import { RocksView } from './rocks-view.ts';
import { WriteQueue } from './write-queue.ts';

export interface RocksOptions {
  readonly writeBufferBytes?: number;
  readonly blockCacheBytes?: number;
  /** Snappy. Off unless asked for: `size()` is then what was stored, and compactions leave the CPU to the member. */
  readonly compression?: boolean;
}

const NOTHING = Buffer.alloc(0);

/**
 * Opens the RocksDB database in the directory `path`, made if it is not there (its parent must be). What a killed process wrote is
 * there again; what a power cut took is a suffix of the writes since the last sync. `order`: how a new one orders its keyspaces, and how one that is there
 * must have ordered them. Errors: DiskError, LOCKED among them, and CORRUPT when it did otherwise.
 */
export async function openRocksBackend(path: string, order: KeyOrder, options: RocksOptions = {}): Promise<Backend> {
  const database = rocksdb(path);
  const opened = {
    createIfMissing: true,
    compression: options.compression ?? false,
    writeBufferSize: options.writeBufferBytes ?? BACKEND_LIMITS.writeBufferBytes,
    cacheSize: options.blockCacheBytes ?? BACKEND_LIMITS.blockCacheBytes,
    maxOpenFiles: BACKEND_LIMITS.maxOpenFiles,
  };
  await settled(path, (done) => database.open(opened, done));
  const backend = new RocksBackend(path, database, new DatabaseKeys(order));
  try {
    await backend.assertOrder();
  } catch (error) {
    await backend.close();
    throw error;
  }
  return backend;
}

/** RocksDB databases by directory, which nobody else may have open. What is damaged in a database's log is cut off when it is opened. */
export function rocksStore(disk: Disk, options: RocksOptions = {}): BackendStore {
  return {
    open: async (path, order) => {
      await cutDamagedLog(disk, path);
      return openRocksBackend(path, order, options);
    },
    remove: (path) => disk.removeTree(path),
    rename: async (from, to) => {
      if (!(await disk.exists(from))) return;
      await disk.rename(from, to);
      await disk.syncDirectory(dirname(to));
    },
  };
}

class RocksBackend implements Backend {
  readonly isPacked = false;
  readonly #path: string;
  readonly #database: RocksDatabase;
  readonly #keys: DatabaseKeys;
  readonly #queue: WriteQueue;
  readonly #views = new Set<RocksView>();
  #underWay = 0;
  #whenDone: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(path: string, database: RocksDatabase, keys: DatabaseKeys) {
    this.#path = path;
    this.#database = database;
    this.#keys = keys;
    this.#queue = new WriteQueue(path, (writes, sync) => this.#commit(writes, sync));
  }

  async write(ops: readonly BackendOp[], options?: { readonly sync?: boolean }): Promise<void> {
    if (ops.length > 0 || options?.sync) await this.#queue.add(ops, options?.sync ?? false);
  }

  async get(space: Keyspace, key: Uint8Array): Promise<Uint8Array | undefined> {
    return (await this.getMany(space, [key]))[0];
  }

  async getMany(space: Keyspace, keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    const wanted = keys.map((key) => this.#keys.of(space, key));
    return this.#call((done) => this.#database.getMany(wanted, { asBuffer: true, fillCache: true }, done));
  }

  view({ readAheadBytes = BACKEND_LIMITS.readAheadBytes }: { readonly readAheadBytes?: number } = {}): BackendView {
    this.#assertOpen();
    const iterator = this.#database.iterator({ highWaterMark: readAheadBytes, fillCache: false });
    const view: RocksView = new RocksView(this.#path, iterator, this.#keys, () => this.#views.delete(view));
    this.#views.add(view);
    return view;
  }

  async sync(): Promise<void> {
    await this.#queue.add([], true);
  }

  /** The memtable counts in full, wherever its rows lie: RocksDB estimates ranges of its files only. */
  async storedBytes(space: Keyspace, range: BackendRange): Promise<number> {
    const [from, to] = this.#keys.range(space, range);
    const fileBytes = await this.#call<number>((done) => this.#database.approximateSize(from, to, done));
    return fileBytes + this.#property('cur-size-all-mem-tables');
  }

  /** RocksDB writes the memtable out, and works on its own threads; a thread of the pool waits for it. */
  async reclaim(space: Keyspace, range: BackendRange): Promise<void> {
    const [from, to] = this.#keys.range(space, range);
    await this.#call<true>((done) => this.#database.compactRange(from, to, (error) => done(error, true)));
  }

  async size(): Promise<{ readonly totalBytes: number; readonly liveBytes: number }> {
    this.#assertOpen();
    const memoryBytes = this.#property('cur-size-all-mem-tables'); // as large as the write-ahead log that backs them
    return {
      totalBytes: this.#property('total-sst-files-size') + memoryBytes,
      liveBytes: this.#property('estimate-live-data-size') + memoryBytes,
    };
  }

  /** Read in the wrong order it would have no revisions, and a member that starts with it would have lost everything. */
  async assertOrder(): Promise<void> {
    const { strange } = this.#keys;
    const iterator = this.#database.iterator({ highWaterMark: 1, fillCache: false });
    try {
      iterator.seek(strange);
      const found = await new Promise<Buffer | undefined>((resolve, reject) => {
        iterator.next((error, key) => (error ? reject(toBackendError(error, this.#path)) : resolve(key)));
      });
      if (found?.[0] === strange[0])
        throw new DiskError('CORRUPT', this.#path, 'this database orders its keyspaces in another way than it should');
    } finally {
      await settled(this.#path, (done) => iterator.end(done));
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #property(name: string): number {
    return Number(this.#database.getProperty(`rocksdb.${name}`)) || 0;
  }

  /** One call of the database that close() waits for. */
  async #call<T>(start: (done: (error: Error | null | undefined, value?: T) => void) => void): Promise<T> {
    this.#assertOpen();
    this.#underWay++;
    try {
      return await new Promise((resolve, reject) => {
        start((error, value) => {
          if (error || value === undefined) reject(toBackendError(error, this.#path));
          else resolve(value);
        });
      });
    } finally {
      if (--this.#underWay === 0) this.#whenDone?.();
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new DiskError('CLOSED', this.#path, 'the backend is closed');
  }

  /** The native side frees the database at once: nothing may be under way any more. */
  async #close(): Promise<void> {
    await this.#queue.close();
    for (const view of this.#views) await view.close();
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#whenDone = resolve));
    await settled(this.#path, (done) => this.#database.close(done));
  }

  async #commit(writes: readonly (readonly BackendOp[])[], sync: boolean): Promise<void> {
    const batch = this.#database.batch();
    let count = 0;
    let key: Buffer | undefined; // the binding copies it at once, and most keys have the size of the one before
    for (const ops of writes) {
      for (const op of ops) {
        key = this.#keys.of(op.space, op.key, key);
        if (op.op === 'put') batch.put(key, asBuffer(op.value));
        else batch.del(key);
      }
      count += ops.length;
    }
    if (count === 0) batch.put(this.#keys.marker, NOTHING); // RocksDB does not write empty batches, nor sync for them
    await settled(this.#path, (done) => batch.write({ sync }, done));
  }
}

function settled(path: string, call: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error ? reject(toBackendError(error, path)) : resolve()));
  });
}

/** The binding takes Buffers only; anything else it would turn into text. */
function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
