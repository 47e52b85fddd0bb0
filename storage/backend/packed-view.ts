import { compareBytes } from '../../base/bytes.ts';
import { DiskError } from '../../io/doors.ts';
import type { BackendRow, BackendView, Keyspace } from './backend.ts';
import { PACKED_SPACE } from './packs.ts';

type Range = Parameters<BackendView['scan']>[1];

/** A view that gives the rows of packs one by one: packs are read as far as the database fetches them anyway, and what is too much is kept for the next scan. */
export class PackedView implements BackendView {
  readonly #inner: BackendView;
  /** The rows of a pack. Errors: CORRUPT. */
  readonly #open: (pack: BackendRow) => readonly BackendRow[];
  /** Settles with the scan that was asked for last. */
  #turn: Promise<unknown> = Promise.resolve();
  #scansUnderWay = 0;
  /** Rows that were read and not given out yet, from `#at` on; those before it were. */
  #rows: BackendRow[] = [];
  #at = 0;
  #closing: Promise<void> | undefined;

  constructor(inner: BackendView, open: (pack: BackendRow) => readonly BackendRow[]) {
    this.#inner = inner;
    this.#open = open;
  }

  scan(space: Keyspace, range: Range): Promise<readonly BackendRow[]> {
    if (space !== PACKED_SPACE) return this.#inner.scan(space, range);
    if (this.#closing !== undefined) return Promise.reject(new DiskError('CLOSED', 'view', 'the view is closed'));
    const rows = this.#inTurn(range);
    this.#turn = rows.catch(() => undefined);
    return rows;
  }

  close(): Promise<void> {
    this.#closing ??= this.#turn.then(() => this.#inner.close());
    return this.#closing;
  }

  /** Begins within the call when nobody is before it, so that the database works while the caller does. */
  async #inTurn(range: Range): Promise<readonly BackendRow[]> {
    if (this.#scansUnderWay++ > 0) await this.#turn;
    try {
      if (range.limit <= 0 || range.maxBytes <= 0) return [];
      const { from = NOTHING } = range;
      if (!this.#hasNext(from)) await this.#read(from, range);
      return this.#taken(range);
    } finally {
      this.#scansUnderWay--;
    }
  }

  /** Whether the first row at or behind `from` is among those that were read, and is not given out yet. */
  #hasNext(from: Uint8Array): boolean {
    const [last, next] = [this.#rows[this.#at - 1], this.#rows[this.#at]];
    if (last === undefined || next === undefined) return false;
    return compareBytes(last.key, from) < 0 && compareBytes(from, next.key) <= 0;
  }

  /** Reads the packs from the one on that may have `from`. A pack under a later key than the range ends at may have rows of it. */
  async #read(from: Uint8Array, { limit, maxBytes }: Range): Promise<void> {
    this.#rows = [];
    this.#at = 0;
    const packs = await this.#inner.scan(PACKED_SPACE, { from, limit, maxBytes });
    for (const pack of packs) for (const row of this.#open(pack)) this.#rows.push(row);
    while (this.#at < this.#rows.length && compareBytes((this.#rows[this.#at] as BackendRow).key, from) < 0) this.#at++;
  }

  #taken({ to, limit, maxBytes }: Range): readonly BackendRow[] {
    const taken: BackendRow[] = [];
    let bytes = 0;
    while (this.#at < this.#rows.length && taken.length < limit && bytes < maxBytes) {
      const row = this.#rows[this.#at] as BackendRow;
      if (to !== undefined && compareBytes(row.key, to) >= 0) break;
      taken.push(row);
      bytes += row.key.length + row.value.length;
      this.#at++;
    }
    return taken;
  }
}

const NOTHING = new Uint8Array(0);
