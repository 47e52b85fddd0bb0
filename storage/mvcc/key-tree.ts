import { assert } from '../../base/assert.ts';
import { Arena, type ArenaNumbers, type Block, NO_BLOCK } from './arena.ts';
import type { Image, Imaged } from './image.ts';
import { type KeyId, type KeyRecords, NO_KEY } from './key-records.ts';

/** Keys of a leaf and children of an inner node. */
const MAX_FANOUT = 64;
/** A node that shrinks below this is joined with its neighbour. */
const MIN_FANOUT = 16;

/** The words of a node: how many it has, and of a leaf which leaf is to the right. */
const COUNT = 0;
const NEXT = 1;
/** From here on a leaf has its keys, and an inner node its children; for each child stands how many keys are under it, */
const FIRST = 4;
const SIZES = FIRST + MAX_FANOUT;
/** and, but for the first one, a key that is at most every key under it and greater than every key under the one before. */
const SEPARATORS = SIZES + MAX_FANOUT;

const UNIT_BYTES = 16;
const LEAF_UNITS = (FIRST + MAX_FANOUT) / 4;
const INNER_UNITS = (SEPARATORS + MAX_FANOUT) / 4;

/** A tree but for its memory. */
export interface TreeNumbers {
  readonly nodes: ArenaNumbers;
  readonly root: Block;
  readonly last: Block;
  readonly height: number;
  readonly size: number;
}

/**
 * Keys in order, with order statistics: a B+tree whose nodes know how many keys lie under each child, so that counting a range and finding
 * its n-th key take O(log n). A separator is a key that is in the tree. Not to be changed while a cursor is in use.
 */
export class KeyTree implements Imaged<TreeNumbers> {
  readonly #records: KeyRecords;
  #nodes = new Arena(UNIT_BYTES);
  #root: Block;
  /** The rightmost leaf. */
  #last: Block;
  /** Levels above the leaves. */
  #height = 0;
  #size = 0;
  /** The first key under the node that an insertion has split off. */
  #separator: KeyId = NO_KEY;

  constructor(records: KeyRecords) {
    this.#records = records;
    this.#root = this.#makeLeaf();
    this.#last = this.#root;
  }

  get size(): number {
    return this.#size;
  }

  /** NO_KEY when it is not in the tree. */
  find(name: string): KeyId {
    if (this.#isPast(name)) return NO_KEY;
    const leaf = this.#leafOf(name);
    const words = this.#nodes.words(leaf);
    const at = this.#nodes.wordAt(leaf);
    const i = this.#lowerBound(words, at, name);
    if (i === words[at + COUNT]) return NO_KEY;
    const id = words[at + FIRST + i] as KeyId;
    return this.#records.is(id, name) ? id : NO_KEY;
  }

  /** The key, whose name is `name`, must not be in the tree. */
  insert(name: string, id: KeyId): void {
    this.#add(this.#isPast(name) ? undefined : name, id);
  }

  /** The key, whose name is `name`, must be in the tree. */
  delete(name: string, id: KeyId): void {
    this.#remove(this.#root, this.#height, name, id);
    this.#size--;
    if (this.#height === 0 || this.#countOf(this.#root) > 1) return;
    const child = this.#nodes.words(this.#root)[this.#nodes.wordAt(this.#root) + FIRST] as Block;
    this.#nodes.give(this.#root, INNER_UNITS);
    this.#root = child;
    this.#height--;
  }

  /** How many keys are smaller than `name`. */
  rank(name: string): number {
    let rank = 0;
    let node = this.#root;
    for (let level = this.#height; level > 0; level--) {
      const words = this.#nodes.words(node);
      const at = this.#nodes.wordAt(node);
      const i = this.#childOf(words, at, name);
      for (let c = 0; c < i; c++) rank += words[at + SIZES + c] as number;
      node = words[at + FIRST + i] as Block;
    }
    return rank + this.#lowerBound(this.#nodes.words(node), this.#nodes.wordAt(node), name);
  }

  /** How many keys lie in [from, to); `to` undefined: all from `from` on. */
  count(from: string, to: string | undefined): number {
    const end = to === undefined ? this.#size : this.rank(to);
    return Math.max(0, end - this.rank(from));
  }

  /** A cursor that stands on the first key at or after `from`. */
  cursor(from: string): KeyCursor {
    const leaf = this.#leafOf(from);
    return new KeyCursor(this.#nodes, leaf, this.#lowerBound(this.#nodes.words(leaf), this.#nodes.wordAt(leaf), from));
  }

  /** A cursor that stands on the key with `rank` smaller keys, 0 <= rank <= size. */
  cursorAt(rank: number): KeyCursor {
    assert(rank >= 0 && rank <= this.#size, 'a rank lies within the tree');
    let node = this.#root;
    let left = rank;
    for (let level = this.#height; level > 0; level--) {
      const words = this.#nodes.words(node);
      const at = this.#nodes.wordAt(node);
      let i = 0;
      for (; i < (words[at + COUNT] as number) - 1; i++) {
        const size = words[at + SIZES + i] as number;
        if (left < size) break;
        left -= size;
      }
      node = words[at + FIRST + i] as Block;
    }
    return new KeyCursor(this.#nodes, node, left);
  }

  image(): Image<TreeNumbers> {
    const { numbers: nodes, pieces } = this.#nodes.image();
    return { numbers: { nodes, root: this.#root, last: this.#last, height: this.#height, size: this.#size }, pieces };
  }

  restore({ numbers, pieces }: Image<TreeNumbers>): boolean {
    this.#nodes = new Arena(UNIT_BYTES);
    this.#root = numbers.root;
    this.#last = numbers.last;
    this.#height = numbers.height;
    this.#size = numbers.size;
    if (!this.#nodes.restore({ numbers: numbers.nodes, pieces })) return false;
    const { limit } = this.#nodes;
    return this.#root < limit && this.#last < limit && this.#sizeOf(this.#root, this.#height) === this.#size;
  }

  /** No key of the tree is the same, or follows: keys often come in their order. */
  #isPast(name: string): boolean {
    const words = this.#nodes.words(this.#last);
    const at = this.#nodes.wordAt(this.#last);
    const count = words[at + COUNT] as number;
    return count === 0 || this.#records.compare(name, words[at + FIRST + count - 1] as KeyId) > 0;
  }

  /** `name` undefined: the key is the last one. */
  #add(name: string | undefined, id: KeyId): void {
    this.#size++;
    const right = this.#insert(this.#root, this.#height, name, id);
    if (right === NO_BLOCK) return;
    const left = this.#root;
    const rightSize = this.#sizeOf(right, this.#height);
    this.#root = this.#nodes.take(INNER_UNITS);
    const words = this.#nodes.words(this.#root);
    const at = this.#nodes.wordAt(this.#root);
    this.#height++;
    words[at + COUNT] = 2;
    words[at + FIRST] = left;
    words[at + FIRST + 1] = right;
    words[at + SIZES] = this.#size - rightSize;
    words[at + SIZES + 1] = rightSize;
    words[at + SEPARATORS] = NO_KEY;
    words[at + SEPARATORS + 1] = this.#separator;
  }

  /** Returns the new right neighbour, whose first key is then `#separator`, when the node had to be split. */
  #insert(node: Block, level: number, name: string | undefined, id: KeyId): Block {
    if (level === 0) return this.#insertIntoLeaf(node, name, id);
    const words = this.#nodes.words(node);
    const at = this.#nodes.wordAt(node);
    const i = name === undefined ? (words[at + COUNT] as number) - 1 : this.#childOf(words, at, name);
    const right = this.#insert(words[at + FIRST + i] as Block, level - 1, name, id);
    words[at + SIZES + i] = (words[at + SIZES + i] as number) + 1;
    if (right === NO_BLOCK) return NO_BLOCK;
    const size = this.#sizeOf(right, level - 1);
    words[at + SIZES + i] = (words[at + SIZES + i] as number) - size;
    return this.#insertChild(node, i + 1, right, size);
  }

  #insertIntoLeaf(leaf: Block, name: string | undefined, id: KeyId): Block {
    const words = this.#nodes.words(leaf);
    const at = this.#nodes.wordAt(leaf);
    const count = words[at + COUNT] as number;
    const i = name === undefined ? count : this.#lowerBound(words, at, name);
    if (count < MAX_FANOUT) {
      insertWord(words, at + FIRST, count, i, id);
      words[at + COUNT] = count + 1;
      return NO_BLOCK;
    }
    // Keys that come in order leave full leaves behind them.
    const kept = name === undefined ? count : count >>> 1;
    const right = this.#makeLeaf();
    const rightWords = this.#nodes.words(right);
    const rightAt = this.#nodes.wordAt(right);
    copyWords(words, at + FIRST + kept, rightWords, rightAt + FIRST, count - kept);
    words[at + COUNT] = kept;
    rightWords[rightAt + COUNT] = count - kept;
    rightWords[rightAt + NEXT] = words[at + NEXT] as Block;
    words[at + NEXT] = right;
    if (this.#last === leaf) this.#last = right;
    if (i > kept || kept === count) {
      insertWord(rightWords, rightAt + FIRST, count - kept, i - kept, id);
      rightWords[rightAt + COUNT] = count - kept + 1;
    } else {
      insertWord(words, at + FIRST, kept, i, id);
      words[at + COUNT] = kept + 1;
    }
    this.#separator = rightWords[rightAt + FIRST] as KeyId;
    return right;
  }

  /** Makes `child`, which has `size` keys and begins with `#separator`, the one at `i` > 0. */
  #insertChild(node: Block, i: number, child: Block, size: number): Block {
    const words = this.#nodes.words(node);
    const at = this.#nodes.wordAt(node);
    const count = words[at + COUNT] as number;
    if (count < MAX_FANOUT) {
      insertWord(words, at + FIRST, count, i, child);
      insertWord(words, at + SIZES, count, i, size);
      insertWord(words, at + SEPARATORS, count, i, this.#separator);
      words[at + COUNT] = count + 1;
      return NO_BLOCK;
    }
    const kept = count >>> 1;
    const right = this.#nodes.take(INNER_UNITS);
    const rightWords = this.#nodes.words(right);
    const rightAt = this.#nodes.wordAt(right);
    for (const column of [FIRST, SIZES, SEPARATORS])
      copyWords(words, at + column + kept, rightWords, rightAt + column, count - kept);
    words[at + COUNT] = kept;
    rightWords[rightAt + COUNT] = count - kept;
    const first = rightWords[rightAt + SEPARATORS] as KeyId;
    if (i > kept) this.#insertChild(right, i - kept, child, size);
    else this.#insertChild(node, i, child, size);
    this.#separator = first;
    return right;
  }

  #remove(node: Block, level: number, name: string, id: KeyId): void {
    const words = this.#nodes.words(node);
    const at = this.#nodes.wordAt(node);
    const count = words[at + COUNT] as number;
    if (level === 0) {
      const i = this.#lowerBound(words, at, name);
      assert(i < count && words[at + FIRST + i] === id, 'what is deleted is in the tree');
      removeWord(words, at + FIRST, count, i);
      words[at + COUNT] = count - 1;
      return;
    }
    const i = this.#childOf(words, at, name);
    const child = words[at + FIRST + i] as Block;
    this.#remove(child, level - 1, name, id);
    words[at + SIZES + i] = (words[at + SIZES + i] as number) - 1;
    // A leaf may be empty now: it is joined, and has a first key after that.
    if (this.#countOf(child) > 0) this.#separate(node, level, i, id);
    if (this.#countOf(child) >= MIN_FANOUT || count === 1) return;
    this.#join(node, level, i === count - 1 ? i - 1 : i);
    if (i < (words[at + COUNT] as number)) this.#separate(node, level, i, id);
  }

  /** The separator before the child `i` is no longer `gone`. */
  #separate(node: Block, level: number, i: number, gone: KeyId): void {
    const words = this.#nodes.words(node);
    const at = this.#nodes.wordAt(node);
    if (i === 0 || words[at + SEPARATORS + i] !== gone) return;
    words[at + SEPARATORS + i] = this.#firstOf(words[at + FIRST + i] as Block, level - 1);
  }

  /** Makes one node of the children `i` and `i + 1`, or two of even size when one cannot hold them. */
  #join(parent: Block, level: number, i: number): void {
    const words = this.#nodes.words(parent);
    const at = this.#nodes.wordAt(parent);
    const left = words[at + FIRST + i] as Block;
    const right = words[at + FIRST + i + 1] as Block;
    const isLeaf = level === 1;
    const total = this.#countOf(left) + this.#countOf(right);
    const all = new Uint32Array(3 * total);
    const rightWords = this.#nodes.words(right);
    const rightAt = this.#nodes.wordAt(right);
    if (!isLeaf) rightWords[rightAt + SEPARATORS] = words[at + SEPARATORS + i + 1] as KeyId;
    const columns = isLeaf ? [FIRST] : [FIRST, SIZES, SEPARATORS];
    for (const [c, column] of columns.entries()) {
      this.#read(left, column, all, c * total);
      this.#read(right, column, all, c * total + this.#countOf(left));
    }
    const kept = total <= MAX_FANOUT ? total : total >>> 1;
    for (const [c, column] of columns.entries()) {
      this.#write(left, column, all.subarray(c * total, c * total + kept));
      this.#write(right, column, all.subarray(c * total + kept, (c + 1) * total));
    }
    const size = (words[at + SIZES + i] as number) + (words[at + SIZES + i + 1] as number);
    if (kept < total) {
      words[at + SIZES + i] = this.#sizeOf(left, level - 1);
      words[at + SIZES + i + 1] = size - (words[at + SIZES + i] as number);
      words[at + SEPARATORS + i + 1] = isLeaf ? (all[kept] as number) : (all[2 * total + kept] as number);
      return;
    }
    const count = words[at + COUNT] as number;
    words[at + SIZES + i] = size;
    for (const column of [FIRST, SIZES, SEPARATORS]) removeWord(words, at + column, count, i + 1);
    words[at + COUNT] = count - 1;
    if (isLeaf) {
      this.#nodes.words(left)[this.#nodes.wordAt(left) + NEXT] = rightWords[rightAt + NEXT] as Block;
      if (this.#last === right) this.#last = left;
    }
    this.#nodes.give(right, isLeaf ? LEAF_UNITS : INNER_UNITS);
  }

  #read(node: Block, column: number, target: Uint32Array, targetAt: number): void {
    copyWords(this.#nodes.words(node), this.#nodes.wordAt(node) + column, target, targetAt, this.#countOf(node));
  }

  #write(node: Block, column: number, values: Uint32Array): void {
    const words = this.#nodes.words(node);
    const at = this.#nodes.wordAt(node);
    copyWords(values, 0, words, at + column, values.length);
    words[at + COUNT] = values.length;
  }

  #makeLeaf(): Block {
    const leaf = this.#nodes.take(LEAF_UNITS);
    const words = this.#nodes.words(leaf);
    const at = this.#nodes.wordAt(leaf);
    words[at + COUNT] = 0;
    words[at + NEXT] = NO_BLOCK;
    return leaf;
  }

  #countOf(node: Block): number {
    return this.#nodes.words(node)[this.#nodes.wordAt(node) + COUNT] as number;
  }

  /** How many keys lie under the node. */
  #sizeOf(node: Block, level: number): number {
    const count = this.#countOf(node);
    if (level === 0) return count;
    const words = this.#nodes.words(node);
    const at = this.#nodes.wordAt(node);
    let size = 0;
    for (let i = 0; i < count; i++) size += words[at + SIZES + i] as number;
    return size;
  }

  #firstOf(node: Block, level: number): KeyId {
    let first: number = node;
    for (let below = level; below >= 0; below--)
      first = this.#nodes.words(first)[this.#nodes.wordAt(first) + FIRST] as number;
    return first as KeyId;
  }

  #leafOf(name: string): Block {
    let node = this.#root;
    for (let level = this.#height; level > 0; level--) {
      const words = this.#nodes.words(node);
      const at = this.#nodes.wordAt(node);
      node = words[at + FIRST + this.#childOf(words, at, name)] as Block;
    }
    return node;
  }

  /** The index of the leaf's first key that is not smaller. */
  #lowerBound(words: Uint32Array, at: number, name: string): number {
    let low = 0;
    let high = words[at + COUNT] as number;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#records.compare(name, words[at + FIRST + middle] as KeyId) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The index of the child under which the name belongs. */
  #childOf(words: Uint32Array, at: number, name: string): number {
    let low = 1;
    let high = words[at + COUNT] as number;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#records.compare(name, words[at + SEPARATORS + middle] as KeyId) < 0) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }
}

/** Walks keys in order: `while (cursor.valid) { …; cursor.next(); }`. */
export class KeyCursor {
  readonly #nodes: Arena;
  #words: Uint32Array;
  #at: number;
  #index: number;

  /** Only KeyTree makes cursors. */
  constructor(nodes: Arena, leaf: Block, index: number) {
    this.#nodes = nodes;
    this.#words = nodes.words(leaf);
    this.#at = nodes.wordAt(leaf);
    this.#index = index;
    this.#settle();
  }

  get valid(): boolean {
    return this.#index < (this.#words[this.#at + COUNT] as number);
  }

  /** The key it stands on; only while valid. */
  get id(): KeyId {
    return this.#words[this.#at + FIRST + this.#index] as KeyId;
  }

  next(): void {
    this.#index++;
    this.#settle();
  }

  #settle(): void {
    while (this.#index >= (this.#words[this.#at + COUNT] as number)) {
      const next = this.#words[this.#at + NEXT] as Block;
      if (next === NO_BLOCK) return;
      this.#index -= this.#words[this.#at + COUNT] as number;
      this.#words = this.#nodes.words(next);
      this.#at = this.#nodes.wordAt(next);
    }
  }
}

function insertWord(words: Uint32Array, at: number, count: number, i: number, word: number): void {
  for (let to = at + count; to > at + i; to--) words[to] = words[to - 1] as number;
  words[at + i] = word;
}

function removeWord(words: Uint32Array, at: number, count: number, i: number): void {
  for (let to = at + i; to < at + count - 1; to++) words[to] = words[to + 1] as number;
}

function copyWords(from: Uint32Array, fromAt: number, to: Uint32Array, toAt: number, count: number): void {
  for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i] as number;
}
