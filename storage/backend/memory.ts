import { byteString } from '../../base/bytes.ts';
import { OrderedMap } from '../../base/ordered-map.ts';
import type { Prng } from '../../base/prng.ts';
import { DiskError, type DiskErrorCode } from '../../io/doors.ts';
import type {
  Backend,
  BackendOp,
  BackendRange,
  BackendRow,
  BackendStore,
  BackendView,
  KeyOrder,
  Keyspace,
} from './backend.ts';
import { DatabaseKeys } from './keyspaces.ts';
import { WriteQueue } from './write-queue.ts';

type Row = { readonly key: Uint8Array; readonly value: Uint8Array };

export interface MemoryOptions {
  /** Awaited inside every operation; the simulator's latency. */
  readonly pause?: () => Promise<void>;
}

/**
 * Backends in memory, by path, for simulation. A path keeps what was written when its backend is closed, and what RocksDB would
 * keep when the machine crashes: all batches up to some point at or after the last sync.
 */
export class MemoryBackends implements BackendStore {
  readonly #states = new Map<string, MemoryState>();
  readonly #options: MemoryOptions;
  #failure: DiskErrorCode | undefined;
  /** Counts the ends of processes: what one has begun has no effect after its death. */
  #epoch = 0;

  constructor(options: MemoryOptions = {}) {
    this.#options = options;
  }

  async open(path: string, order: KeyOrder): Promise<Backend> {
    await this.#pause(path);
    const state = this.#states.get(path) ?? new MemoryState(order);
    if (state.holder !== undefined) throw new DiskError('LOCKED', path, 'the backend is open');
    if (state.order !== order) throw new DiskError('CORRUPT', path, 'the backend orders its keyspaces in another way');
    this.#states.set(path, state);
    const backend = new MemoryBackend(path, state, { ...this.#options, failure: () => this.#failure });
    state.holder = backend;
    return backend;
  }

  async remove(path: string): Promise<void> {
    await this.#pause(path);
    const state = this.#states.get(path);
    if (state?.holder !== undefined) throw new DiskError('LOCKED', path, 'the backend is open');
    this.#states.delete(path);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#options.pause?.();
    const state = this.#states.get(from);
    if (state?.holder !== undefined) throw new DiskError('LOCKED', from, 'the backend is open');
    if (state === undefined) return;
    this.#states.delete(from);
    this.#states.set(to, state);
  }

  /**
   * Flips bits of one byte of one row's value, at random, as a disk that rots would: of some backend whose path `matches`. Tells which
   * row it was; undefined when there is none with a value.
   */
  rot(chance: Prng, matches: (path: string) => boolean): string | undefined {
    const states = [...this.#states].filter(([path, { rows }]) => matches(path) && rows.size > 0);
    if (states.length === 0) return undefined;
    const [path, state] = chance.pick(states);
    return state.rot(chance, path);
  }

  /** From now on every write fails with this code (undefined: with none), and what was not synced by then is lost with the next power cut. */
  fail(code: DiskErrorCode | undefined): void {
    this.#failure = code;
  }

  /**
   * The power is cut: backends that are open die (their calls fail with CLOSED), and of the batches since the last sync the first
   * few are kept: as many as `chance` says, none without it.
   */
  crash(chance?: Prng): void {
    this.#epoch++;
    for (const state of this.#states.values()) {
      state.holder?.die();
      state.holder = undefined;
      state.loseUnsynced(chance);
    }
  }

  /** The process is killed: open backends die, everything written stays. */
  kill(): void {
    this.#epoch++;
    for (const state of this.#states.values()) {
      state.holder?.die();
      state.holder = undefined;
    }
  }

  async #pause(path: string): Promise<void> {
    const epoch = this.#epoch;
    await this.#options.pause?.();
    if (epoch !== this.#epoch) throw new DiskError('CLOSED', path, 'the process was killed');
  }
}

/** What one path holds. Invariant: `rows` = `durable` with `unsynced` applied in order. */
class MemoryState {
  readonly order: KeyOrder;
  readonly keys: DatabaseKeys;
  rows = new OrderedMap<Row>();
  #durable = new Map<string, Row>();
  #unsynced: (readonly BackendOp[])[] = [];
  holder: MemoryBackend | undefined;

  constructor(order: KeyOrder) {
    this.order = order;
    this.keys = new DatabaseKeys(order);
  }

  apply(batch: readonly BackendOp[], sync: boolean): void {
    applyTo(this.rows, batch, this.keys);
    this.#unsynced.push(batch);
    if (sync) this.#settle();
  }

  rot(chance: Prng, path: string): string | undefined {
    const keys: string[] = [];
    for (const cursor = this.rows.cursor(''); cursor.valid; cursor.next())
      if (cursor.value.value.length > 0) keys.push(cursor.key);
    if (keys.length === 0) return undefined;
    const at = chance.pick(keys);
    const row = this.rows.get(at);
    if (row === undefined) return undefined;
    const value = Uint8Array.from(row.value);
    const byte = chance.between(0, value.length - 1);
    value[byte] = (value[byte] ?? 0) ^ (1 << chance.between(0, 7));
    this.rows.set(at, { key: row.key, value });
    this.#durable.set(at, { key: row.key, value });
    return `${path} row ${at.charCodeAt(0).toString(16)}+${at.length - 1}`;
  }

  loseUnsynced(chance: Prng | undefined): void {
    this.#unsynced.length = chance?.between(0, this.#unsynced.length) ?? 0;
    this.#settle();
    this.rows = new OrderedMap<Row>();
    for (const [key, row] of this.#durable) this.rows.set(key, row);
  }

  #settle(): void {
    for (const batch of this.#unsynced) applyTo(this.#durable, batch, this.keys);
    this.#unsynced = [];
  }
}

function applyTo(
  rows: { set(key: string, row: Row): unknown; delete(key: string): unknown },
  batch: readonly BackendOp[],
  keys: DatabaseKeys,
): void {
  for (const op of batch) {
    const key = byteString(keys.of(op.space, op.key));
    if (op.op === 'delete') rows.delete(key);
    else rows.set(key, { key: new Uint8Array(op.key), value: new Uint8Array(op.value) });
  }
}

interface OpenOptions extends MemoryOptions {
  readonly failure: () => DiskErrorCode | undefined;
}

class MemoryBackend implements Backend {
  readonly isPacked = false;
  readonly #path: string;
  readonly #state: MemoryState;
  readonly #options: OpenOptions;
  readonly #queue: WriteQueue;
  #closed = false;

  constructor(path: string, state: MemoryState, options: OpenOptions) {
    this.#path = path;
    this.#state = state;
    this.#options = options;
    this.#queue = new WriteQueue(path, async (writes, sync) => {
      await this.#pause();
      const code = options.failure();
      if (code !== undefined) throw new DiskError(code, path, 'injected failure of a write');
      state.apply(writes.flat(), sync);
    });
  }

  async write(ops: readonly BackendOp[], options?: { readonly sync?: boolean }): Promise<void> {
    if (ops.length > 0 || options?.sync) await this.#queue.add(ops, options?.sync ?? false);
  }

  async get(space: Keyspace, key: Uint8Array): Promise<Uint8Array | undefined> {
    return (await this.getMany(space, [key]))[0];
  }

  async getMany(space: Keyspace, keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    await this.#pause();
    const { rows, keys: stored } = this.#state;
    return keys.map((key) => rows.get(byteString(stored.of(space, key)))?.value);
  }

  view(): BackendView {
    if (this.#closed) throw this.#closedError();
    const frozen: { readonly at: string; readonly row: Row }[] = [];
    for (const cursor = this.#state.rows.cursor(''); cursor.valid; cursor.next())
      frozen.push({ at: cursor.key, row: cursor.value });
    return new MemoryView(frozen, this.#state.keys, () => this.#pause());
  }

  async sync(): Promise<void> {
    await this.#queue.add([], true);
  }

  async storedBytes(space: Keyspace, range: BackendRange): Promise<number> {
    await this.#pause();
    const [from, to] = this.#state.keys.range(space, range).map(byteString);
    let bytes = 0;
    for (const cursor = this.#state.rows.cursor(from ?? ''); cursor.valid; cursor.next()) {
      if (cursor.key >= (to ?? '')) break;
      bytes += cursor.key.length + cursor.value.value.length;
    }
    return bytes;
  }

  /** Nothing that was deleted is still there. */
  async reclaim(): Promise<void> {
    await this.#pause();
  }

  async size(): Promise<{ readonly totalBytes: number; readonly liveBytes: number }> {
    await this.#pause();
    let bytes = 0;
    for (const cursor = this.#state.rows.cursor(''); cursor.valid; cursor.next()) {
      bytes += cursor.key.length + cursor.value.value.length;
    }
    return { totalBytes: bytes, liveBytes: bytes };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#queue.close();
    this.#closed = true;
    this.#state.holder = undefined;
  }

  /** Nothing that is under way, or comes later, reaches the state any more. */
  die(): void {
    this.#closed = true;
  }

  async #pause(): Promise<void> {
    if (this.#closed) throw this.#closedError();
    await this.#options.pause?.();
    if (this.#closed) throw this.#closedError();
  }

  #closedError(): DiskError {
    return new DiskError('CLOSED', this.#path, 'the backend is closed');
  }
}

class MemoryView implements BackendView {
  #rows: readonly { readonly at: string; readonly row: Row }[] | undefined;
  readonly #keys: DatabaseKeys;
  readonly #pause: () => Promise<void>;

  constructor(
    rows: readonly { readonly at: string; readonly row: Row }[],
    keys: DatabaseKeys,
    pause: () => Promise<void>,
  ) {
    this.#rows = rows;
    this.#keys = keys;
    this.#pause = pause;
  }

  async scan(space: Keyspace, range: Parameters<BackendView['scan']>[1]): Promise<readonly BackendRow[]> {
    await this.#pause();
    if (this.#rows === undefined) throw new DiskError('CLOSED', 'view', 'the view is closed');
    const [first, end] = this.#keys.range(space, range);
    const [from, to] = [byteString(first), byteString(end)];
    const found: Row[] = [];
    let bytes = 0;
    for (const { at, row } of this.#rows) {
      if (at < from) continue;
      if (at >= to || found.length >= range.limit || bytes >= range.maxBytes) break;
      found.push(row);
      bytes += at.length + row.value.length;
    }
    return found;
  }

  async close(): Promise<void> {
    this.#rows = undefined;
  }
}
