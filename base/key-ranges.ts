import { OrderedMap } from './ordered-map.ts';

/** Greater than every byte string: the end of a range that has none. */
const NO_END = '\u0100';

/** A set of byte strings made of ranges; overlapping ones are joined, so asking takes O(log n). */
export class KeyRanges {
  /** Start of a range -> its exclusive end. Invariant: ranges neither overlap nor touch. */
  readonly #ends = new OrderedMap<string>();

  /** Adds [from, to); `to` undefined: everything from `from` on. An empty range adds nothing. */
  add(from: string, to: string | undefined): void {
    let start = from;
    let end = to ?? NO_END;
    if (start >= end) return;
    for (let other = this.#lastAtOrBefore(end); other !== undefined; other = this.#lastAtOrBefore(end)) {
      if (other.end < start) break;
      if (other.start < start) start = other.start;
      if (other.end > end) end = other.end;
      this.#ends.delete(other.start);
    }
    this.#ends.set(start, end);
  }

  addAll(other: KeyRanges): void {
    for (const cursor = other.#ends.cursor(''); cursor.valid; cursor.next()) this.add(cursor.key, cursor.value);
  }

  has(key: string): boolean {
    const range = this.#lastAtOrBefore(key);
    return range !== undefined && key < range.end;
  }

  /** Whether every key of [from, to) is in the set (`to` undefined: every key from `from` on); `from` itself must be in any case. */
  covers(from: string, to: string | undefined): boolean {
    const range = this.#lastAtOrBefore(from);
    return range !== undefined && from < range.end && (to ?? NO_END) <= range.end;
  }

  #lastAtOrBefore(key: string): { readonly start: string; readonly end: string } | undefined {
    const rank = this.#ends.rank(`${key}\0`);
    if (rank === 0) return undefined;
    const cursor = this.#ends.cursorAt(rank - 1);
    return { start: cursor.key, end: cursor.value };
  }
}
