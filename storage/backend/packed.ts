import { compareBytes, hexOf } from '../../base/bytes.ts';
import { DiskError } from '../../io/doors.ts';
import type { Backend, BackendOp, BackendRange, BackendRow, BackendStore, BackendView, Keyspace } from './backend.ts';
import { checkedStore } from './checked.ts';
import { BACKEND_LIMITS } from './limits.ts';
import { PackedView } from './packed-view.ts';
import { PACKED_SPACE, packed, unpacked } from './packs.ts';
import { sizeOfWrite } from './write-queue.ts';

type Ops = readonly BackendOp[];

/**
 * Lays the revisions of a write together in packs (`packs.ts`), and puts checksums behind the values of all other keyspaces (`checked.ts`): a database has the same work with a pack as with a row, so a hundred small rows in one cost
 * little more than one of them alone. Rows that follow all others, as new revisions do, are only written. Any other write or delete of a row reads the packs
 * around it and writes them anew: for who deletes much, in the order of keys and many at a time, that is cheap, for anybody else it is not. A pack that is
 * damaged fails the read with DiskError CORRUPT, and `onDamage` is told.
 */
export function packedStore(store: BackendStore, onDamage: (error: DiskError) => void): BackendStore {
  const checked = checkedStore(store, onDamage, PACKED_SPACE);
  return {
    ...checked,
    open: async (path, order) => new PackedBackend(await checked.open(path, order), path, onDamage),
  };
}

class PackedBackend implements Backend {
  readonly isPacked = true;
  readonly #inner: Backend;
  readonly #path: string;
  readonly #onDamage: (error: DiskError) => void;
  /** No row has a key behind this one; undefined: not known. */
  #lastKey: Uint8Array | undefined;
  /** The newest write to the database. */
  #newest: Promise<void> = Promise.resolve();
  /** The newest write that had to read first, while it is under way: those that come behind it wait. */
  #rewriting: Promise<void> | undefined;
  /** Of those that read first and those behind them. */
  #waitingBytes = 0;
  /** Why such a write could not be made: no later one may be there without it. */
  #failure: unknown;
  #isClosing = false;

  constructor(inner: Backend, path: string, onDamage: (error: DiskError) => void) {
    this.#inner = inner;
    this.#path = path;
    this.#onDamage = onDamage;
  }

  write(ops: Ops, options?: { readonly sync?: boolean }): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#isClosing) return Promise.reject(new DiskError('CLOSED', this.#path, 'the backend is closed'));
    const packs = this.#rewriting === undefined ? this.#newPacks(ops) : undefined;
    if (packs !== undefined) return this.#writePacked(ops, packs, options);
    const sizeBytes = sizeOfWrite(ops);
    if (this.#waitingBytes > 0 && this.#waitingBytes + sizeBytes > BACKEND_LIMITS.maxQueuedBytes)
      return Promise.reject(new DiskError('IO', this.#path, `${this.#waitingBytes} bytes of writes wait already`));
    this.#waitingBytes += sizeBytes;
    const rewritten: Promise<void> = (this.#rewriting ?? Promise.resolve())
      .then(() => this.#rewrite(ops, options))
      .finally(() => {
        this.#waitingBytes -= sizeBytes;
        if (this.#rewriting === settled) this.#rewriting = undefined;
      });
    const settled = rewritten.catch(() => undefined);
    this.#rewriting = settled;
    return rewritten;
  }

  async get(space: Keyspace, key: Uint8Array): Promise<Uint8Array | undefined> {
    return (await this.getMany(space, [key]))[0];
  }

  /** Keys that lie near each other are found with one read. */
  async getMany(space: Keyspace, keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    if (space !== PACKED_SPACE || keys.length === 0) return this.#inner.getMany(space, keys);
    const found: (Uint8Array | undefined)[] = keys.map(() => undefined);
    const order = keys.map((_, i) => i).sort((a, b) => compareBytes(keys[a] as Uint8Array, keys[b] as Uint8Array));
    const view = this.#inner.view({ readAheadBytes: 1 });
    try {
      let pack: Pack | undefined;
      let at = 0;
      for (const i of order) {
        const key = keys[i] as Uint8Array;
        if (pack === undefined || compareBytes(pack.key, key) < 0) {
          const [row] = await view.scan(space, { from: key, limit: 1, maxBytes: 1 });
          if (row === undefined) break;
          pack = this.#opened(row);
          at = 0;
        }
        while (compareBytes((pack.rows[at] as BackendRow).key, key) < 0) at++;
        const row = pack.rows[at] as BackendRow;
        if (compareBytes(row.key, key) === 0) found[i] = row.value;
      }
    } finally {
      await view.close();
    }
    return found;
  }

  view(options?: { readonly readAheadBytes?: number }): BackendView {
    return new PackedView(this.#inner.view(options), (row) => this.#opened(row).rows);
  }

  async sync(): Promise<void> {
    await this.#rewriting;
    await this.#inner.sync();
  }

  size(): Promise<{ readonly totalBytes: number; readonly liveBytes: number }> {
    return this.#inner.size();
  }

  storedBytes(space: Keyspace, range: BackendRange): Promise<number> {
    return this.#inner.storedBytes(space, range);
  }

  reclaim(space: Keyspace, range: BackendRange): Promise<void> {
    return this.#inner.reclaim(space, range);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#rewriting;
    await this.#inner.close();
  }

  /** The rows of a write in packs, if it only adds some behind all others; undefined when it does something else, or nobody knows. */
  #newPacks(ops: Ops): Ops | undefined {
    const rows: BackendRow[] = [];
    let last = this.#lastKey;
    for (const op of ops) {
      if (op.space !== PACKED_SPACE) continue;
      if (op.op === 'delete' || last === undefined || !isBefore(last, op.key)) return undefined;
      rows.push(op);
      last = op.key;
    }
    this.#lastKey = last;
    return packed(rows);
  }

  #writePacked(ops: Ops, ofPacks: Ops, options?: { readonly sync?: boolean }): Promise<void> {
    const others = ops.filter(({ space }) => space !== PACKED_SPACE);
    const written = this.#inner.write([...ofPacks, ...others], options);
    this.#newest = written.catch(() => undefined);
    return written;
  }

  async #rewrite(ops: Ops, options?: { readonly sync?: boolean }): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    let packs: Ops;
    try {
      packs = this.#newPacks(ops) ?? (await this.#changedPacks(ops));
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    await this.#writePacked(ops, packs, options);
  }

  /** What becomes of the packs around the rows that a write changes: deletes first, because a pack may come again under its key. */
  async #changedPacks(ops: Ops): Promise<Ops> {
    const changes = sortedChanges(ops);
    const puts: BackendOp[] = [];
    const deletes: BackendOp[] = [];
    /** Rows of packs that are written anew, and follow each other. */
    let rows: BackendRow[] = [];
    const pack = (): void => {
      puts.push(...packed(rows));
      rows = [];
    };
    await this.#newest;
    const view = this.#inner.view();
    let next = 0;
    try {
      while (next < changes.length) {
        const from = (changes[next] as BackendOp).key;
        const found = await view.scan(PACKED_SPACE, { from, ...BACKEND_LIMITS.rewriteBounds });
        pack(); // there may be others between
        if (found.length === 0) break;
        for (const row of found) {
          const end = firstBehind(changes, next, row.key);
          if (end === next) {
            pack();
            if (next === changes.length) break;
            continue;
          }
          deletes.push({ op: 'delete', space: PACKED_SPACE, key: row.key });
          rows.push(...merged(this.#opened(row).rows, changes.slice(next, end)));
          next = end;
        }
      }
    } finally {
      await view.close();
    }
    const behindAll = changes.slice(next);
    rows.push(...merged([], behindAll));
    pack();
    const last = behindAll.at(-1)?.key;
    if (last !== undefined && (this.#lastKey === undefined || compareBytes(this.#lastKey, last) < 0))
      this.#lastKey = last;
    return [...deletes, ...puts];
  }

  /** Errors: CORRUPT. */
  #opened({ key, value }: BackendRow): Pack {
    const rows = unpacked({ key, value });
    if (rows !== undefined) return { key, rows };
    const error = new DiskError(
      'CORRUPT',
      this.#path,
      `the pack ${hexOf(key)} of the keyspace ${PACKED_SPACE} is damaged`,
    );
    this.#onDamage(error);
    throw error;
  }
}

/** compareBytes(a, b) < 0, for keys of a few bytes, without a call of the system's for each. */
function isBefore(a: Uint8Array, b: Uint8Array): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return a.length < b.length;
}

interface Pack {
  readonly key: Uint8Array;
  readonly rows: readonly BackendRow[];
}

/** The changes of packed rows, one for each key, the last one, in the order of the keys. */
function sortedChanges(ops: Ops): Ops {
  const sorted = ops.filter(({ space }) => space === PACKED_SPACE).sort((a, b) => compareBytes(a.key, b.key));
  return sorted.filter((op, i) => {
    const next = sorted[i + 1];
    return next === undefined || compareBytes(op.key, next.key) !== 0;
  });
}

/** The index of the first change from `start` on whose key is behind `key`. */
function firstBehind(changes: Ops, start: number, key: Uint8Array): number {
  let i = start;
  while (i < changes.length && compareBytes((changes[i] as BackendOp).key, key) <= 0) i++;
  return i;
}

function merged(rows: readonly BackendRow[], changes: Ops): readonly BackendRow[] {
  const result: BackendRow[] = [];
  let i = 0;
  for (const change of changes) {
    for (; i < rows.length && compareBytes((rows[i] as BackendRow).key, change.key) < 0; i++)
      result.push(rows[i] as BackendRow);
    if (i < rows.length && compareBytes((rows[i] as BackendRow).key, change.key) === 0) i++;
    if (change.op === 'put') result.push({ key: change.key, value: change.value });
  }
  for (; i < rows.length; i++) result.push(rows[i] as BackendRow);
  return result;
}
