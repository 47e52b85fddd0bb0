/** The end of a range that has none. It sorts after every byte string, whose chars are at most 0xff. */
export const END_OF_KEYS = '\uffff';

interface Node<T> {
  readonly start: string;
  readonly end: string;
  value: T;
  /** Height of the subtree; the heights of two siblings differ by one at most. */
  height: number;
  /** The greatest `end` in the subtree: nothing below it covers a key at or past this. */
  maxEnd: string;
  left: Node<T> | undefined;
  right: Node<T> | undefined;
}

/**
 * Values by half-open ranges [start, end) of byte strings; asks which ranges cover a key in O(log n + answers).
 * Ranges of a single key live in a hash table, all others in an AVL tree by (start, end) that knows the greatest end below.
 */
export class RangeIndex<T> {
  readonly #single = new Map<string, T>();
  #root: Node<T> | undefined;
  #treeSize = 0;

  get size(): number {
    return this.#single.size + this.#treeSize;
  }

  get(start: string, end: string): T | undefined {
    if (isSingle(start, end)) return this.#single.get(start);
    let node = this.#root;
    while (node !== undefined) {
      const order = compareRange(start, end, node);
      if (order === 0) return node.value;
      node = order < 0 ? node.left : node.right;
    }
    return undefined;
  }

  /** Adds the range or replaces its value. */
  set(start: string, end: string, value: T): void {
    if (isSingle(start, end)) {
      this.#single.set(start, value);
      return;
    }
    this.#root = this.#insert(this.#root, start, end, value);
  }

  delete(start: string, end: string): void {
    if (isSingle(start, end)) {
      this.#single.delete(start);
      return;
    }
    this.#root = this.#remove(this.#root, start, end);
  }

  /** Visits the value of every range that covers `key`. */
  covering(key: string, visit: (value: T) => void): void {
    const single = this.#single.get(key);
    if (single !== undefined) visit(single);
    visitCovering(this.#root, key, visit);
  }

  #insert(node: Node<T> | undefined, start: string, end: string, value: T): Node<T> {
    if (node === undefined) {
      this.#treeSize++;
      return { start, end, value, height: 1, maxEnd: end, left: undefined, right: undefined };
    }
    const order = compareRange(start, end, node);
    if (order === 0) node.value = value;
    else if (order < 0) node.left = this.#insert(node.left, start, end, value);
    else node.right = this.#insert(node.right, start, end, value);
    return balanced(node);
  }

  #remove(node: Node<T> | undefined, start: string, end: string): Node<T> | undefined {
    if (node === undefined) return undefined;
    const order = compareRange(start, end, node);
    if (order < 0) node.left = this.#remove(node.left, start, end);
    else if (order > 0) node.right = this.#remove(node.right, start, end);
    else {
      this.#treeSize--;
      if (node.left === undefined) return node.right;
      if (node.right === undefined) return node.left;
      const { first, rest } = withoutFirst(node.right);
      first.left = node.left;
      first.right = rest;
      return balanced(first);
    }
    return balanced(node);
  }
}

function isSingle(start: string, end: string): boolean {
  return end.length === start.length + 1 && end.charCodeAt(start.length) === 0 && end.startsWith(start);
}

function compareRange(start: string, end: string, node: { readonly start: string; readonly end: string }): number {
  if (start !== node.start) return start < node.start ? -1 : 1;
  if (end !== node.end) return end < node.end ? -1 : 1;
  return 0;
}

function visitCovering<T>(node: Node<T> | undefined, key: string, visit: (value: T) => void): void {
  if (node === undefined || node.maxEnd <= key) return;
  visitCovering(node.left, key, visit);
  if (node.start > key) return;
  if (key < node.end) visit(node.value);
  visitCovering(node.right, key, visit);
}

function withoutFirst<T>(node: Node<T>): { readonly first: Node<T>; readonly rest: Node<T> | undefined } {
  if (node.left === undefined) return { first: node, rest: node.right };
  const { first, rest } = withoutFirst(node.left);
  node.left = rest;
  return { first, rest: balanced(node) };
}

function balanced<T>(node: Node<T>): Node<T> {
  const lean = heightOf(node.left) - heightOf(node.right);
  if (lean > 1 && node.left !== undefined) {
    if (heightOf(node.left.left) < heightOf(node.left.right)) node.left = rotatedLeft(node.left);
    return rotatedRight(node);
  }
  if (lean < -1 && node.right !== undefined) {
    if (heightOf(node.right.right) < heightOf(node.right.left)) node.right = rotatedRight(node.right);
    return rotatedLeft(node);
  }
  return measured(node);
}

function rotatedRight<T>(node: Node<T>): Node<T> {
  const top = node.left;
  if (top === undefined) return measured(node);
  node.left = top.right;
  top.right = measured(node);
  return measured(top);
}

function rotatedLeft<T>(node: Node<T>): Node<T> {
  const top = node.right;
  if (top === undefined) return measured(node);
  node.right = top.left;
  top.left = measured(node);
  return measured(top);
}

function measured<T>(node: Node<T>): Node<T> {
  node.height = 1 + Math.max(heightOf(node.left), heightOf(node.right));
  let maxEnd = node.end;
  if (node.left !== undefined && node.left.maxEnd > maxEnd) maxEnd = node.left.maxEnd;
  if (node.right !== undefined && node.right.maxEnd > maxEnd) maxEnd = node.right.maxEnd;
  node.maxEnd = maxEnd;
  return node;
}

function heightOf<T>(node: Node<T> | undefined): number {
  return node === undefined ? 0 : node.height;
}
