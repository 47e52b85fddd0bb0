import type { Image, Imaged } from './image.ts';
import { type KeyId, type KeyRecords, NO_KEY } from './key-records.ts';
import { MVCC_LIMITS as LIMITS } from './limits.ts';

/** Places that one hash may lie in. */
const WAYS = 4;
/** More than one in eleven keys finds its places full when there are more keys than this for each place. */
const MAX_LOAD = 0.75;

/**
 * Where keys are found without a walk down a tree, whose every step is somewhere else in memory. It knows most keys that were made or asked
 * for since it last grew; what it does not know is not said to be missing. So whoever chooses keys of one hash wins nothing but that walk.
 */
export class KeyHints implements Imaged<null> {
  readonly #records: KeyRecords;
  #places: Uint32Array = new Uint32Array(LIMITS.minHints);
  /** Which one of a full set goes next. */
  #victim = 0;

  constructor(records: KeyRecords) {
    this.#records = records;
  }

  /** NO_KEY: it is not known here. */
  find(name: string, hash: number): KeyId {
    const start = this.#setOf(hash);
    for (let i = start; i < start + WAYS; i++) {
      const id = this.#places[i] as KeyId;
      if (id === NO_KEY) break;
      if (this.#records.hash(id) === hash && this.#records.is(id, name)) return id;
    }
    return NO_KEY;
  }

  /** `keys`: how many there are. The key must not be known here yet. */
  add(id: KeyId, keys: number): void {
    if (keys > MAX_LOAD * this.#places.length)
      this.#places = new Uint32Array(2 ** Math.ceil(Math.log2(keys / MAX_LOAD)));
    const start = this.#setOf(this.#records.hash(id));
    let place = start;
    while (place < start + WAYS && this.#places[place] !== NO_KEY) place++;
    if (place === start + WAYS) {
      this.#victim = (this.#victim + 1) % WAYS;
      place = start + this.#victim;
    }
    this.#places[place] = id;
  }

  /** Before the key's record goes. */
  forget(id: KeyId): void {
    const start = this.#setOf(this.#records.hash(id));
    let last = start + WAYS - 1;
    while (last > start && this.#places[last] === NO_KEY) last--;
    for (let i = start; i <= last; i++) {
      if (this.#places[i] !== id) continue;
      this.#places[i] = this.#places[last] as number;
      this.#places[last] = NO_KEY;
      return;
    }
  }

  image(): Image<null> {
    const { buffer, byteOffset, byteLength } = this.#places;
    return { numbers: null, pieces: [new Uint8Array(buffer, byteOffset, byteLength)] };
  }

  restore({ pieces }: Image<null>): boolean {
    const [piece, ...others] = pieces;
    if (piece === undefined || others.length > 0) return false;
    this.#places = new Uint32Array(piece.buffer, piece.byteOffset, piece.length / 4);
    const { length } = this.#places;
    return length >= WAYS && 2 ** Math.round(Math.log2(length)) === length;
  }

  #setOf(hash: number): number {
    return hash & (this.#places.length - 1) & -WAYS;
  }
}
