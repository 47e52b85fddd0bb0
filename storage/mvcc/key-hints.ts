import type { Image, Imaged } from './image.ts';
import { type KeyId, type KeyRecords, NO_KEY } from './key-records.ts';
import { MVCC_LIMITS as LIMITS } from './limits.ts';

/** Places that one hash may lie in. Each is two words, the hash and the key: together they fill a line of the processor's cache. */
const WAYS = 8;
const PLACE_WORDS = 2;
const SET_WORDS = WAYS * PLACE_WORDS;
/** With so many keys for each place one in fifty finds its set full. */
const MAX_LOAD = 0.6;

/**
 * Where keys are found without a walk down a tree, whose every step is somewhere else in memory. It knows most keys that were made or asked
 * for since it last grew; what it does not know is not said to be missing. So whoever chooses keys of one hash wins nothing but that walk.
 */
export class KeyHints implements Imaged<null> {
  readonly #records: KeyRecords;
  #words: Uint32Array = new Uint32Array(LIMITS.minHints * PLACE_WORDS);
  /** Which one of a full set goes next. */
  #victim = 0;

  constructor(records: KeyRecords) {
    this.#records = records;
  }

  /** NO_KEY: it is not known here. */
  find(name: string, hash: number): KeyId {
    const words = this.#words;
    const start = this.#setOf(hash);
    for (let at = start; at < start + SET_WORDS; at += PLACE_WORDS) {
      const id = words[at + 1] as KeyId;
      if (id === NO_KEY) break;
      if (words[at] === hash && this.#records.is(id, name)) return id;
    }
    return NO_KEY;
  }

  /** `keys`: how many there are. The key must not be known here yet. */
  add(id: KeyId, hash: number, keys: number): void {
    const places = keys / MAX_LOAD;
    if (places * PLACE_WORDS > this.#words.length)
      this.#words = new Uint32Array(PLACE_WORDS * 2 ** Math.ceil(Math.log2(places)));
    const start = this.#setOf(hash);
    let at = start;
    while (at < start + SET_WORDS && this.#words[at + 1] !== NO_KEY) at += PLACE_WORDS;
    if (at === start + SET_WORDS) {
      this.#victim = (this.#victim + 1) % WAYS;
      at = start + this.#victim * PLACE_WORDS;
    }
    this.#words[at] = hash;
    this.#words[at + 1] = id;
  }

  /** Before the key's record goes. */
  forget(id: KeyId, hash: number): void {
    const words = this.#words;
    const start = this.#setOf(hash);
    let last = start + SET_WORDS - PLACE_WORDS;
    while (last > start && words[last + 1] === NO_KEY) last -= PLACE_WORDS;
    for (let at = start; at <= last; at += PLACE_WORDS) {
      if (words[at + 1] !== id) continue;
      words[at] = words[last] as number;
      words[at + 1] = words[last + 1] as KeyId;
      words[last + 1] = NO_KEY;
      return;
    }
  }

  image(): Image<null> {
    const { buffer, byteOffset, byteLength } = this.#words;
    return { numbers: null, pieces: [new Uint8Array(buffer, byteOffset, byteLength)] };
  }

  restore({ pieces }: Image<null>): boolean {
    const [piece, ...others] = pieces;
    if (piece === undefined || others.length > 0) return false;
    this.#words = new Uint32Array(piece.buffer, piece.byteOffset, piece.length / 4);
    const { length } = this.#words;
    return length >= SET_WORDS && 2 ** Math.round(Math.log2(length)) === length;
  }

  /** Where the set's first word is. */
  #setOf(hash: number): number {
    return Math.imul(hash, SET_WORDS) & (this.#words.length - 1);
  }
}
