import { assert } from '../../base/assert.ts';
import { MVCC_LIMITS } from './limits.ts';

const CHUNK = MVCC_LIMITS.changeChunk;

/** What a change did to its key. */
export type ChangeKind = 'update' | 'create' | 'delete';
const KINDS: readonly ChangeKind[] = ['update', 'create', 'delete'];
const KIND_BITS = 4;

/** The numbers of changes, in columns. */
export interface ChangeColumns {
  readonly mains: Float64Array;
  /** sub * KIND_BITS + kind */
  readonly details: Float64Array;
  /** Which keys: their places in an order that was agreed on. */
  readonly ranks: Uint32Array;
}

interface Chunk {
  readonly mains: Float64Array;
  readonly details: Float64Array;
  /** The keys, or which they are for `#keyOf`. */
  readonly keys: string[] | Uint32Array;
}

/**
 * Every change since the compact revision, in revision order: which key, and whether it came, went or changed. It answers
 * what a watcher missed, which keys a compaction must look at, and how many keys there were at an old revision.
 * Positions count all changes ever appended; the oldest still there is `first`.
 */
export class ChangeLog {
  readonly #chunks: Chunk[] = [];
  /** Position of the first slot of the first chunk. */
  #base = 0;
  #first = 0;
  #end = 0;
  /** The key of a rank while chunks have ranks: it holds all that the log was filled from. */
  #keyOf: ((rank: number) => string) | undefined;

  get first(): number {
    return this.#first;
  }

  /** One past the newest position. */
  get end(): number {
    return this.#end;
  }

  append(main: number, sub: number, kind: ChangeKind, key: string): void {
    const slot = this.#end % CHUNK;
    if (slot === 0) {
      this.#chunks.push({ mains: new Float64Array(CHUNK), details: new Float64Array(CHUNK), keys: [] });
    }
    const chunk = this.#chunks[this.#chunks.length - 1] as Chunk;
    chunk.mains[slot] = main;
    chunk.details[slot] = sub * KIND_BITS + KINDS.indexOf(kind);
    (chunk.keys as string[]).push(key); // only full chunks have ranks
    this.#end++;
  }

  /** Fills an empty log. Of the pieces only the last may have a number of changes that is no multiple of CHUNK. */
  fillLater(pieces: readonly ChangeColumns[], keyOf: (rank: number) => string): void {
    assert(this.#end === 0, 'an empty log is filled');
    this.#keyOf = keyOf;
    for (const { mains, details, ranks } of pieces) {
      assert(this.#end % CHUNK === 0, 'only the last piece has a chunk that is not full');
      const full = mains.length - (mains.length % CHUNK);
      for (let from = 0; from < full; from += CHUNK) {
        const to = from + CHUNK;
        this.#chunks.push({
          mains: mains.subarray(from, to),
          details: details.subarray(from, to),
          keys: ranks.subarray(from, to),
        });
      }
      this.#end += full;
      for (let i = full; i < mains.length; i++) {
        const detail = details[i] as number;
        const kind = KINDS[detail % KIND_BITS] as ChangeKind;
        this.append(mains[i] as number, Math.floor(detail / KIND_BITS), kind, keyOf(ranks[i] as number));
      }
    }
    this.#letGo();
  }

  /** The changes from `from` on, with no ranks yet. */
  numbers(from: number): Pick<ChangeColumns, 'mains' | 'details'> {
    const count = this.#end - from;
    const mains = new Float64Array(count);
    const details = new Float64Array(count);
    for (let at = from; at < this.#end; ) {
      const slot = at % CHUNK;
      const taken = Math.min(CHUNK - slot, this.#end - at);
      const chunk = this.#chunk(at);
      mains.set(chunk.mains.subarray(slot, slot + taken), at - from);
      details.set(chunk.details.subarray(slot, slot + taken), at - from);
      at += taken;
    }
    return { mains, details };
  }

  main(position: number): number {
    return this.#chunk(position).mains[position % CHUNK] as number;
  }

  sub(position: number): number {
    return Math.floor((this.#chunk(position).details[position % CHUNK] as number) / KIND_BITS);
  }

  kind(position: number): ChangeKind {
    return KINDS[(this.#chunk(position).details[position % CHUNK] as number) % KIND_BITS] as ChangeKind;
  }

  key(position: number): string {
    const key = this.#chunk(position).keys[position % CHUNK] as string | number;
    if (typeof key === 'string') return key;
    assert(this.#keyOf !== undefined, 'whose ranks there are is known');
    return this.#keyOf(key);
  }

  /** The position of the first change at or after revision `main`. */
  positionOf(main: number): number {
    let low = this.#first;
    let high = this.#end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.main(middle) < main) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Forgets everything before `position`. */
  dropBefore(position: number): void {
    assert(position <= this.#end, 'only what was appended can be dropped');
    this.#first = Math.max(this.#first, position);
    while (this.#chunks.length > 0 && this.#first - this.#base >= CHUNK) {
      this.#chunks.shift();
      this.#base += CHUNK;
    }
    this.#letGo();
  }

  /** Chunks with ranks are the oldest ones. */
  #letGo(): void {
    if (!(this.#chunks[0]?.keys instanceof Uint32Array)) this.#keyOf = undefined;
  }

  #chunk(position: number): Chunk {
    return this.#chunks[Math.floor((position - this.#base) / CHUNK)] as Chunk;
  }
}
