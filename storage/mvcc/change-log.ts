import { assert } from '../../base/assert.ts';
import { MVCC_LIMITS } from './limits.ts';

const CHUNK = MVCC_LIMITS.changeChunk;

/** What a change did to its key. */
export type ChangeKind = 'update' | 'create' | 'delete';
const KINDS: readonly ChangeKind[] = ['update', 'create', 'delete'];
const KIND_BITS = 4;

interface Chunk {
  readonly mains: Float64Array;
  /** sub * KIND_BITS + kind */
  readonly details: Float64Array;
  readonly keys: string[];
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
    chunk.keys.push(key);
    this.#end++;
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
    return this.#chunk(position).keys[position % CHUNK] as string;
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
  }

  #chunk(position: number): Chunk {
    return this.#chunks[Math.floor((position - this.#base) / CHUNK)] as Chunk;
  }
}
