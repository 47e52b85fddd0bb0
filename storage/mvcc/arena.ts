import { assert } from '../../base/assert.ts';
import type { Image, Imaged } from './image.ts';
import { MVCC_LIMITS as LIMITS } from './limits.ts';

/** Names a block of an arena: the chunk it lies in, and its first unit there. */
export type Block = number;
export const NO_BLOCK: Block = 0;

const UNIT_BITS = 16;
const MAX_CHUNK_UNITS = 1 << UNIT_BITS;
const UNIT_MASK = MAX_CHUNK_UNITS - 1;
/** Up to here every number of units is a size of its own; above, only powers of two are. */
const EXACT_SIZES = 64;

/** An arena but for its memory. */
export interface ArenaNumbers {
  readonly next: Block;
  readonly end: Block;
  /** By size. */
  readonly free: readonly (readonly [number, Block])[];
  readonly gone: readonly number[];
}

/**
 * Many small blocks of numbers and bytes in few pieces of memory, which the garbage collector neither walks nor moves: what it costs does
 * not grow with them. A block stays where it is until it is given back, and its memory then goes to the next block of the same size.
 * What a new block holds is undefined.
 */
export class Arena implements Imaged<ArenaNumbers> {
  readonly #unitWords: number;
  /** The chunks' memory in its three shapes. */
  readonly #words: Uint32Array[] = [];
  readonly #floats: Float64Array[] = [];
  readonly #bytes: Uint8Array[] = [];
  /** By size: the first block that was given back; its first word names the next one. */
  readonly #free = new Map<number, Block>();
  /** Numbers of chunks that are gone. */
  readonly #gone: number[] = [];
  #units = 0;
  /** What is left of the newest shared chunk. */
  #next: Block = NO_BLOCK;
  #end: Block = NO_BLOCK;

  /** `unitBytes`: blocks are multiples of it, and begin at one; a multiple of eight. */
  constructor(unitBytes: number) {
    assert(unitBytes % 8 === 0, 'all of a block can be read as numbers of 64 bits');
    this.#unitWords = unitBytes / 4;
  }

  /** The memory around `block`, in which it begins at `wordAt`; the pieces stay the same for as long as there is the block. */
  words(block: Block): Uint32Array {
    return this.#words[block >>> UNIT_BITS] as Uint32Array;
  }

  wordAt(block: Block): number {
    return (block & UNIT_MASK) * this.#unitWords;
  }

  /** As `words`; the block begins at half of `wordAt`. */
  floats(block: Block): Float64Array {
    return this.#floats[block >>> UNIT_BITS] as Float64Array;
  }

  /** As `words`; the block begins at four times `wordAt`. */
  bytes(block: Block): Uint8Array {
    return this.#bytes[block >>> UNIT_BITS] as Uint8Array;
  }

  /** Every block's number is below it. */
  get limit(): number {
    return this.#words.length * MAX_CHUNK_UNITS;
  }

  /** A block of at least `units`; how many it has says `sizeFor`. */
  take(units: number): Block {
    const size = sizeFor(units);
    const freed = this.#free.get(size);
    if (freed !== undefined && freed !== NO_BLOCK) {
      this.#free.set(size, this.words(freed)[this.wordAt(freed)] as number);
      return freed;
    }
    if (size > MAX_CHUNK_UNITS) return this.#add(size) * MAX_CHUNK_UNITS;
    if (this.#next + size > this.#end) this.#grow(size);
    const block = this.#next;
    this.#next += size;
    return block;
  }

  /** `units`: as it was taken with. */
  give(block: Block, units: number): void {
    const size = sizeFor(units);
    if (size > MAX_CHUNK_UNITS) {
      this.#drop(block >>> UNIT_BITS);
      return;
    }
    this.words(block)[this.wordAt(block)] = this.#free.get(size) ?? NO_BLOCK;
    this.#free.set(size, block);
  }

  image(): Image<ArenaNumbers> {
    const numbers = { next: this.#next, end: this.#end, free: [...this.#free], gone: this.#gone };
    return { numbers, pieces: this.#bytes };
  }

  restore({ numbers, pieces }: Image<ArenaNumbers>): boolean {
    for (const piece of pieces) {
      if (piece.length % (4 * this.#unitWords) !== 0) return false;
      this.#addMemory(piece.buffer, piece.byteOffset, piece.length);
    }
    for (const [size, block] of numbers.free) this.#free.set(size, block);
    this.#gone.push(...numbers.gone);
    this.#next = numbers.next;
    this.#end = numbers.end;
    return this.#end <= this.limit && this.#next <= this.#end;
  }

  #grow(size: number): void {
    while (this.#next < this.#end) {
      const rest = sizeWithin(this.#end - this.#next);
      this.give(this.#next, rest);
      this.#next += rest;
    }
    const least = Math.ceil(LIMITS.minChunkBytes / (4 * this.#unitWords));
    const units = Math.min(MAX_CHUNK_UNITS, Math.max(least, size, this.#units >>> 3));
    this.#next = this.#add(units) * MAX_CHUNK_UNITS;
    this.#end = this.#next + units;
    if (this.#next === NO_BLOCK) this.#next++;
  }

  /** Returns the number of the new chunk. */
  #add(units: number): number {
    const sizeBytes = units * this.#unitWords * 4;
    return this.#addMemory(new ArrayBuffer(sizeBytes), 0, sizeBytes);
  }

  #addMemory(memory: ArrayBufferLike, offset: number, sizeBytes: number): number {
    const number = this.#gone.pop() ?? this.#words.length;
    assert(number < MAX_CHUNK_UNITS, 'an arena has numbers for all its chunks');
    this.#words[number] = new Uint32Array(memory, offset, sizeBytes / 4);
    this.#floats[number] = new Float64Array(memory, offset, sizeBytes / 8);
    this.#bytes[number] = new Uint8Array(memory, offset, sizeBytes);
    this.#units += sizeBytes / (4 * this.#unitWords);
    return number;
  }

  #drop(number: number): void {
    this.#units -= (this.#words[number] as Uint32Array).length / this.#unitWords;
    this.#words[number] = new Uint32Array(0);
    this.#floats[number] = new Float64Array(0);
    this.#bytes[number] = new Uint8Array(0);
    this.#gone.push(number);
  }
}

/** How many units a block has that was taken with `units`. */
export function sizeFor(units: number): number {
  return units <= EXACT_SIZES ? units : 2 ** Math.ceil(Math.log2(units));
}

/** The largest size of at most `units`. */
function sizeWithin(units: number): number {
  return units <= EXACT_SIZES ? units : 2 ** Math.floor(Math.log2(units));
}
