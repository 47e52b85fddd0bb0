import { Arena, type ArenaNumbers, type Block, NO_BLOCK, sizeFor } from './arena.ts';
import type { Image, Imaged } from './image.ts';

/** Revisions of one key, ascending. */
export type RevisionList = Block;
/** The list without a revision. */
export const NO_REVISIONS: RevisionList = NO_BLOCK;

/** A revision is two numbers of 64 bits: main, then sub * 2, plus 1 when it is a tombstone. */
const UNIT_BYTES = 16;
/** What stands before them: how many units the block has, how many revisions at the front are gone, how many there are. */
const UNITS = 0;
const GONE = 1;
const LENGTH = 2;
const HEAD_UNITS = 1;

/** The revisions of keys before their newest ones. A list that changes may be another one afterwards: the old name is then none any more. */
export class RevisionLists implements Imaged<ArenaNumbers> {
  readonly #arena = new Arena(UNIT_BYTES);

  length(list: RevisionList): number {
    return list === NO_REVISIONS ? 0 : (this.#arena.words(list)[this.#arena.wordAt(list) + LENGTH] as number);
  }

  main(list: RevisionList, index: number): number {
    return this.#arena.floats(list)[this.#placeOf(list, index)] as number;
  }

  sub(list: RevisionList, index: number): number {
    return Math.floor(this.#detail(list, index) / 2);
  }

  isTombstone(list: RevisionList, index: number): boolean {
    return this.#detail(list, index) % 2 === 1;
  }

  /** The index of the last revision with main <= `main`; -1 when there is none. */
  lastAt(list: RevisionList, main: number): number {
    let low = 0;
    let high = this.length(list);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.main(list, middle) <= main) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The list with one more revision at its end. */
  appended(list: RevisionList, main: number, sub: number, tombstone: boolean): RevisionList {
    const longer = list === NO_REVISIONS ? this.#make(1) : this.#withRoom(list);
    const length = this.length(longer);
    this.#arena.words(longer)[this.#arena.wordAt(longer) + LENGTH] = length + 1;
    const place = this.#placeOf(longer, length);
    const floats = this.#arena.floats(longer);
    floats[place] = main;
    floats[place + 1] = sub * 2 + (tombstone ? 1 : 0);
    return longer;
  }

  /** The list without its first `count` revisions. */
  withoutFirst(list: RevisionList, count: number): RevisionList {
    if (count === 0) return list;
    const words = this.#arena.words(list);
    const head = this.#arena.wordAt(list);
    const left = (words[head + LENGTH] as number) - count;
    if (left === 0) {
      this.drop(list);
      return NO_REVISIONS;
    }
    words[head + GONE] = (words[head + GONE] as number) + count;
    words[head + LENGTH] = left;
    return left * 4 < (words[head + UNITS] as number) ? this.#moved(list, left) : list;
  }

  /** The list is not wanted any more. */
  drop(list: RevisionList): void {
    if (list === NO_REVISIONS) return;
    this.#arena.give(list, this.#arena.words(list)[this.#arena.wordAt(list) + UNITS] as number);
  }

  image(): Image<ArenaNumbers> {
    return this.#arena.image();
  }

  restore(image: Image<ArenaNumbers>): boolean {
    return this.#arena.restore(image);
  }

  #detail(list: RevisionList, index: number): number {
    return this.#arena.floats(list)[this.#placeOf(list, index) + 1] as number;
  }

  /** Where the revision's first number is. */
  #placeOf(list: RevisionList, index: number): number {
    const head = this.#arena.wordAt(list);
    return head / 2 + 2 * (HEAD_UNITS + (this.#arena.words(list)[head + GONE] as number) + index);
  }

  /** A list without revisions that has room for `length` of them. */
  #make(length: number): RevisionList {
    const units = sizeFor(HEAD_UNITS + length);
    const list = this.#arena.take(units);
    const words = this.#arena.words(list);
    const head = this.#arena.wordAt(list);
    words[head + UNITS] = units;
    words[head + GONE] = 0;
    words[head + LENGTH] = 0;
    return list;
  }

  #withRoom(list: RevisionList): RevisionList {
    const words = this.#arena.words(list);
    const head = this.#arena.wordAt(list);
    const length = words[head + LENGTH] as number;
    const taken = HEAD_UNITS + (words[head + GONE] as number) + length;
    return taken < (words[head + UNITS] as number) ? list : this.#moved(list, 2 * length + 1);
  }

  /** The same revisions in a block that has room for `room` of them. */
  #moved(list: RevisionList, room: number): RevisionList {
    const length = this.length(list);
    const place = this.#placeOf(list, 0);
    const moved = this.#make(room);
    this.#arena.words(moved)[this.#arena.wordAt(moved) + LENGTH] = length;
    this.#arena
      .floats(moved)
      .set(this.#arena.floats(list).subarray(place, place + 2 * length), this.#placeOf(moved, 0));
    this.drop(list);
    return moved;
  }
}
