import { assert } from './assert.ts';

/** Entries of a leaf and children of an inner node. */
const MAX_FANOUT = 64;
/** A node that shrinks below this is joined with its neighbour. */
const MIN_FANOUT = 16;

/** A leaf has `values`, an inner node `children`; `keys[i]` of an inner node is at most every key under `children[i + 1]`
 *  and greater than every key under `children[i]`. */
class Node<V> {
  keys: string[];
  values: V[];
  readonly children: Node<V>[] | undefined;
  /** Entries in the subtree. */
  size: number;
  /** The leaf to the right. */
  next: Node<V> | undefined = undefined;

  constructor(keys: string[], values: V[], children: Node<V>[] | undefined, size: number) {
    this.keys = keys;
    this.values = values;
    this.children = children;
    this.size = size;
  }
}

/**
 * An ordered map of byte strings with order statistics: a B+tree whose nodes know how many entries lie under them, so
 * that counting a range and finding its n-th entry take O(log n). Not to be changed while a cursor is in use.
 */
export class OrderedMap<V> {
  #root: Node<V> = new Node<V>([], [], undefined, 0);
  #grew = false;
  #replaced: V | undefined;

  get size(): number {
    return this.#root.size;
  }

  get(key: string): V | undefined {
    const leaf = leafOf(this.#root, key);
    const i = lowerBound(leaf.keys, key);
    return leaf.keys[i] === key ? leaf.values[i] : undefined;
  }

  /** Inserts or replaces; returns the value that was replaced. */
  set(key: string, value: V): V | undefined {
    this.#grew = false;
    this.#replaced = undefined;
    const right = this.#insert(this.#root, key, value, true);
    if (right !== undefined) {
      const left = this.#root;
      this.#root = new Node<V>([smallestKey(right)], [], [left, right], left.size + right.size);
    }
    const replaced = this.#replaced;
    this.#replaced = undefined;
    return replaced;
  }

  /** Removes the entry; returns the value it had. */
  delete(key: string): V | undefined {
    const removed = remove(this.#root, key);
    const children = this.#root.children;
    if (children !== undefined && children.length === 1) this.#root = children[0] as Node<V>;
    return removed;
  }

  clear(): void {
    this.#root = new Node<V>([], [], undefined, 0);
  }

  /** How many keys are smaller than `key`. */
  rank(key: string): number {
    let rank = 0;
    let node = this.#root;
    while (node.children !== undefined) {
      const i = upperBound(node.keys, key);
      for (let c = 0; c < i; c++) rank += (node.children[c] as Node<V>).size;
      node = node.children[i] as Node<V>;
    }
    return rank + lowerBound(node.keys, key);
  }

  /** How many keys lie in [from, to); `to` undefined: all from `from` on. */
  count(from: string, to: string | undefined): number {
    const end = to === undefined ? this.size : this.rank(to);
    return Math.max(0, end - this.rank(from));
  }

  /** A cursor that stands on the first key at or after `from`. */
  cursor(from: string): Cursor<V> {
    const leaf = leafOf(this.#root, from);
    return new Cursor<V>(leaf, lowerBound(leaf.keys, from));
  }

  /** A cursor that stands on the entry with `rank` smaller keys, 0 <= rank <= size. */
  cursorAt(rank: number): Cursor<V> {
    assert(rank >= 0 && rank <= this.size, 'a rank lies within the map');
    let node = this.#root;
    let left = rank;
    while (node.children !== undefined) {
      let i = 0;
      for (; i < node.children.length - 1; i++) {
        const size = (node.children[i] as Node<V>).size;
        if (left < size) break;
        left -= size;
      }
      node = node.children[i] as Node<V>;
    }
    return new Cursor<V>(node, left);
  }

  /** Returns the new right neighbour when `node` had to be split. `rightmost`: nothing lies right of this node. */
  #insert(node: Node<V>, key: string, value: V, rightmost: boolean): Node<V> | undefined {
    if (node.children === undefined) return this.#insertIntoLeaf(node, key, value, rightmost);
    const i = upperBound(node.keys, key);
    const last = rightmost && i === node.children.length - 1;
    const right = this.#insert(node.children[i] as Node<V>, key, value, last);
    if (this.#grew) node.size++;
    if (right === undefined) return undefined;
    node.keys.splice(i, 0, smallestKey(right));
    node.children.splice(i + 1, 0, right);
    return node.children.length > MAX_FANOUT ? splitInner(node, node.children.length >>> 1) : undefined;
  }

  #insertIntoLeaf(leaf: Node<V>, key: string, value: V, rightmost: boolean): Node<V> | undefined {
    const i = lowerBound(leaf.keys, key);
    if (leaf.keys[i] === key) {
      this.#replaced = leaf.values[i];
      leaf.values[i] = value;
      return undefined;
    }
    leaf.keys.splice(i, 0, key);
    leaf.values.splice(i, 0, value);
    leaf.size++;
    this.#grew = true;
    const appended = rightmost && i === leaf.keys.length - 1;
    return leaf.keys.length > MAX_FANOUT ? splitLeaf(leaf, splitPoint(leaf.keys.length, appended)) : undefined;
  }
}

/** Walks entries in key order: `while (cursor.valid) { …; cursor.next(); }`. */
export class Cursor<V> {
  #leaf: Node<V>;
  #index: number;

  /** Only OrderedMap makes cursors. */
  constructor(leaf: Node<V>, index: number) {
    this.#leaf = leaf;
    this.#index = index;
    this.#settle();
  }

  get valid(): boolean {
    return this.#index < this.#leaf.keys.length;
  }

  /** The key it stands on; only while valid. */
  get key(): string {
    return this.#leaf.keys[this.#index] as string;
  }

  /** The value it stands on; only while valid. */
  get value(): V {
    return this.#leaf.values[this.#index] as V;
  }

  next(): void {
    this.#index++;
    this.#settle();
  }

  #settle(): void {
    while (this.#index >= this.#leaf.keys.length && this.#leaf.next !== undefined) {
      this.#index -= this.#leaf.keys.length;
      this.#leaf = this.#leaf.next;
    }
  }
}

/** The index of the first key that is not smaller. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the first key that is greater. */
function upperBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function leafOf<V>(root: Node<V>, key: string): Node<V> {
  let node = root;
  while (node.children !== undefined) node = node.children[upperBound(node.keys, key)] as Node<V>;
  return node;
}

function smallestKey<V>(node: Node<V>): string {
  let leaf = node;
  while (leaf.children !== undefined) leaf = leaf.children[0] as Node<V>;
  return leaf.keys[0] as string;
}

/** Keys that come in order leave full leaves behind them. */
function splitPoint(length: number, appended: boolean): number {
  return appended ? length - 1 : length >>> 1;
}

function splitLeaf<V>(leaf: Node<V>, point: number): Node<V> {
  const right = new Node<V>(leaf.keys.slice(point), leaf.values.slice(point), undefined, leaf.keys.length - point);
  leaf.keys = leaf.keys.slice(0, point);
  leaf.values = leaf.values.slice(0, point);
  leaf.size = point;
  right.next = leaf.next;
  leaf.next = right;
  return right;
}

function splitInner<V>(node: Node<V>, point: number): Node<V> {
  const children = node.children as Node<V>[];
  const moved = children.splice(point);
  const right = new Node<V>(node.keys.slice(point), [], moved, sizeOf(moved));
  node.keys = node.keys.slice(0, point - 1);
  node.size -= right.size;
  return right;
}

function sizeOf<V>(nodes: readonly Node<V>[]): number {
  let size = 0;
  for (const node of nodes) size += node.size;
  return size;
}

function remove<V>(node: Node<V>, key: string): V | undefined {
  if (node.children === undefined) {
    const i = lowerBound(node.keys, key);
    if (node.keys[i] !== key) return undefined;
    node.keys.splice(i, 1);
    node.size--;
    return node.values.splice(i, 1)[0];
  }
  const i = upperBound(node.keys, key);
  const child = node.children[i] as Node<V>;
  const before = child.size;
  const removed = remove(child, key);
  if (child.size === before) return undefined;
  node.size--;
  if ((child.children ?? child.keys).length < MIN_FANOUT && node.children.length > 1) {
    join(node, i === node.children.length - 1 ? i - 1 : i);
  }
  return removed;
}

/** Makes one node of the children `i` and `i + 1`, or two of even size when one cannot hold them. */
function join<V>(parent: Node<V>, i: number): void {
  const siblings = parent.children as Node<V>[];
  const left = siblings[i] as Node<V>;
  const right = siblings[i + 1] as Node<V>;
  if (left.children !== undefined && right.children !== undefined) {
    left.keys.push(parent.keys[i] as string, ...right.keys);
    left.children.push(...right.children);
  } else {
    left.keys.push(...right.keys);
    left.values.push(...right.values);
    left.next = right.next;
  }
  left.size += right.size;
  const length = (left.children ?? left.keys).length;
  if (length <= MAX_FANOUT) {
    parent.keys.splice(i, 1);
    siblings.splice(i + 1, 1);
    return;
  }
  const half = length >>> 1;
  const separator = left.children === undefined ? left.keys[half] : left.keys[half - 1];
  siblings[i + 1] = left.children === undefined ? splitLeaf(left, half) : splitInner(left, half);
  parent.keys[i] = separator as string;
}
