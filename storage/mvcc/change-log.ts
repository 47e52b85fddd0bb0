import { assert } from '../../base/assert.ts';
import type { KeyId } from './key-records.ts';
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
  readonly keys: Uint32Array;
}

/**
 * Every change since the compact revision, in revision order: which key, and whether it came, went or changed. It answers
 * what a watcher missed, which keys a compaction must look at, and how many keys there were at an old revision.
 * Positions count all changes ever appended; the oldest still there is `first`.
 */
export class ChangeLog {
  readonly #chunks: ChangeColumns[] = [];
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

  append(main: number, sub: number, kind: ChangeKind, key: KeyId): void {
    this.#append(main, sub * KIND_BITS + KINDS.indexOf(kind), key);
  }

  /** Appends changes that a log had. */
  appendAll({ mains, details, keys }: ChangeColumns): void {
    for (let i = 0; i < mains.length; i++) this.#append(mains[i] as number, details[i] as number, keys[i] as number);
  }

  /** The changes at positions [from, to). */
  columns(from: number, to: number): ChangeColumns {
    const all = emptyColumns(to - from);
    for (let at = from; at < to; ) {
      const slot = at % CHUNK;
      const taken = Math.min(CHUNK - slot, to - at);
      const { mains, details, keys } = this.#chunk(at);
      all.mains.set(mains.subarray(slot, slot + taken), at - from);
      all.details.set(details.subarray(slot, slot + taken), at - from);
      all.keys.set(keys.subarray(slot, slot + taken), at - from);
      at += taken;
    }
    return all;
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

  /** Of a change below the compact revision the key may have been forgotten. */
  key(position: number): KeyId {
    return this.#chunk(position).keys[position % CHUNK] as KeyId;
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

  #append(main: number, detail: number, key: number): void {
    const slot = this.#end % CHUNK;
    if (slot === 0) this.#chunks.push(emptyColumns(CHUNK));
    const chunk = this.#chunks[this.#chunks.length - 1] as ChangeColumns;
    chunk.mains[slot] = main;
    chunk.details[slot] = detail;
    chunk.keys[slot] = key;
    this.#end++;
  }

  #chunk(position: number): ChangeColumns {
    return this.#chunks[Math.floor((position - this.#base) / CHUNK)] as ChangeColumns;
  }
}

function emptyColumns(count: number): ChangeColumns {
  return { mains: new Float64Array(count), details: new Float64Array(count), keys: new Uint32Array(count) };
}
