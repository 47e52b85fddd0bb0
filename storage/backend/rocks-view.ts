import type { RocksIterator } from 'rocksdb';
import { DiskError } from '../../io/doors.ts';
import type { BackendRow, BackendView, Keyspace } from './backend.ts';
import type { DatabaseKeys } from './keyspaces.ts';
import { toBackendError } from './rocks-error.ts';

interface Range {
  readonly from?: Uint8Array;
  readonly to?: Uint8Array;
  readonly limit: number;
  readonly maxBytes: number;
}

const NOTHING = new Uint8Array(0);

/**
 * One RocksDB iterator over the whole database, made at once: it holds a RocksDB snapshot, so whichever ranges are scanned later
 * are of the same moment. Scans take turns on it; one that goes on where the last one stopped does not seek again.
 */
export class RocksView implements BackendView {
  readonly #path: string;
  readonly #iterator: RocksIterator;
  readonly #keys: DatabaseKeys;
  readonly #onClosed: () => void;
  /** Settles with the scan that was asked for last. */
  #turn: Promise<unknown> = Promise.resolve();
  #scansUnderWay = 0;
  /** The key that was returned last, while the iterator stands right behind it. */
  #lastKey: Buffer | undefined;
  /** A row that was fetched but belongs to the next scan. */
  #ahead: { readonly key: Buffer; readonly value: Buffer } | undefined;
  #closing: Promise<void> | undefined;

  constructor(path: string, iterator: RocksIterator, keys: DatabaseKeys, onClosed: () => void) {
    this.#path = path;
    this.#iterator = iterator;
    this.#keys = keys;
    this.#onClosed = onClosed;
  }

  scan(space: Keyspace, range: Range): Promise<readonly BackendRow[]> {
    if (this.#closing !== undefined) return Promise.reject(new DiskError('CLOSED', this.#path, 'the view is closed'));
    const rows = this.#inTurn(space, range);
    this.#turn = rows.catch(() => undefined);
    return rows;
  }

  close(): Promise<void> {
    this.#closing ??= this.#turn.then(() => this.#end());
    return this.#closing;
  }

  /** Begins within the call when nobody is before it, so that the database works while the caller does. */
  async #inTurn(space: Keyspace, range: Range): Promise<readonly BackendRow[]> {
    if (this.#scansUnderWay++ > 0) await this.#turn;
    try {
      return await this.#scan(space, range);
    } finally {
      this.#scansUnderWay--;
    }
  }

  #scan(space: Keyspace, range: Range): Promise<readonly BackendRow[]> {
    const end = range.to === undefined ? undefined : this.#keys.of(space, range.to);
    this.#position(this.#keys.of(space, range.from ?? NOTHING));
    return new Promise((resolve, reject) => {
      const rows: BackendRow[] = [];
      let bytes = 0;
      const take = (key: Buffer, value: Buffer): boolean => {
        if (end === undefined ? !this.#keys.isIn(space, key) : key.compare(end) >= 0) {
          this.#ahead = { key, value };
          return false;
        }
        rows.push({ key: key.subarray(1), value });
        this.#lastKey = key;
        bytes += key.length + value.length;
        return rows.length < range.limit && bytes < range.maxBytes;
      };
      const next = (): void => {
        const fetched = this.#iterator.cache;
        while (fetched?.length) {
          const key = fetched.pop() as Buffer;
          if (!take(key, fetched.pop() as Buffer)) {
            resolve(rows);
            return;
          }
        }
        this.#iterator.next((error, key, value) => {
          if (error) {
            this.#lastKey = undefined;
            reject(toBackendError(error, this.#path));
          } else if (key === undefined || value === undefined || !take(key, value)) resolve(rows);
          else next();
        });
      };
      if (range.limit <= 0 || range.maxBytes <= 0) return resolve(rows);
      const ahead = this.#ahead;
      this.#ahead = undefined;
      if (ahead === undefined || take(ahead.key, ahead.value)) next();
      else resolve(rows);
    });
  }

  /** Puts the iterator in front of the first key at or behind `start`. */
  #position(start: Buffer): void {
    const last = this.#lastKey;
    const follows =
      last !== undefined &&
      start.length === last.length + 1 &&
      start[last.length] === 0 &&
      start.subarray(0, -1).equals(last);
    if (follows) return;
    this.#ahead = undefined;
    this.#lastKey = undefined;
    this.#iterator.seek(start);
  }

  #end(): Promise<void> {
    this.#onClosed();
    return new Promise((resolve, reject) => {
      this.#iterator.end((error) => (error ? reject(toBackendError(error, this.#path)) : resolve()));
    });
  }
}
