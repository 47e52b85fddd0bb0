import { CACHE_LIMITS } from './limits.ts';

/**
 * Items by key, in the order of their keys. Chunks of bounded size: an insert moves at most one chunk, and a scan is a walk over flat arrays.
 * Invariant: no chunk is empty; all keys of a chunk are below all keys of the next.
 */
export class SortedObjects<T> {
  readonly #byKey = new Map<string, T>();
  #chunks: string[][] = [];

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): T | undefined {
    return this.#byKey.get(key);
  }

  set(key: string, item: T): void {
    if (!this.#byKey.has(key)) this.#insert(key);
    this.#byKey.set(key, item);
  }

  delete(key: string): T | undefined {
    const item = this.#byKey.get(key);
    if (item === undefined) return undefined;
    this.#byKey.delete(key);
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at] as string[];
    chunk.splice(lowerBound(chunk, key), 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    return item;
  }

  /** All items whose key starts with `prefix`, in order. */
  scan(prefix: string): T[] {
    const found: T[] = [];
    if (this.#chunks.length === 0) return found;
    for (let c = this.#chunkOf(prefix); c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c] as string[];
      for (let i = lowerBound(chunk, prefix); i < chunk.length; i++) {
        const key = chunk[i] as string;
        if (!key.startsWith(prefix)) return found;
        found.push(this.#byKey.get(key) as T);
      }
    }
    return found;
  }

  /** At most `limit` items from `start` on whose key starts with `prefix`, and how many such come after them. `start` starts with `prefix`. */
  page(prefix: string, start: string, limit: number): { readonly items: T[]; readonly remaining: number } {
    const items: T[] = [];
    const last = prefix.length - 1;
    const end = prefix === '' ? undefined : prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
    const from = this.#rank(start);
    const to = end === undefined ? this.#byKey.size : this.#rank(end);
    let skip = from;
    for (const chunk of this.#chunks) {
      if (skip >= chunk.length) skip -= chunk.length;
      else {
        for (let i = skip; i < chunk.length && items.length < limit && items.length < to - from; i++) {
          items.push(this.#byKey.get(chunk[i] as string) as T);
        }
        skip = 0;
      }
      if (items.length >= limit) break;
    }
    return { items, remaining: Math.max(0, to - from) - items.length };
  }

  clear(): void {
    this.#byKey.clear();
    this.#chunks = [];
  }

  /** How many keys are below `key`. */
  #rank(key: string): number {
    if (this.#chunks.length === 0) return 0;
    const at = this.#chunkOf(key);
    let rank = lowerBound(this.#chunks[at] as string[], key);
    for (let c = 0; c < at; c++) rank += (this.#chunks[c] as string[]).length;
    return rank;
  }

  #insert(key: string): void {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) {
      this.#chunks.push([key]);
      return;
    }
    chunk.splice(lowerBound(chunk, key), 0, key);
    if (chunk.length > CACHE_LIMITS.orderChunk) this.#chunks.splice(at + 1, 0, chunk.splice(chunk.length >> 1));
  }

  /** The last chunk that begins at or before `key`; the first one when none does. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (((this.#chunks[middle] as string[])[0] as string) <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
