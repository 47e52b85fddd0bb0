import { assert } from '../../base/assert.ts';
import { ELEMENT_BYTES, PAGE_BYTES, PAGE_HEADER_BYTES, PageFlag } from './bolt-format.ts';

/** What stands in a page: a row or bucket of a leaf, or a child of a branch. */
export type PageElement =
  | { readonly key: Uint8Array; readonly value: Uint8Array; readonly flags: number }
  | { readonly key: Uint8Array; readonly child: number };

/** Where finished pages go, in the order of their numbers. */
export interface PageSink {
  /** Takes a page and answers its number; `sizeBytes` is its content with the header, beyond PAGE_BYTES it overflows. */
  page(flags: number, elements: readonly PageElement[], sizeBytes: number): number;
}

/**
 * Packs sorted rows into a tree of full pages from the bottom up: each level holds only the page that it is filling, so memory
 * does not grow with the rows. Invariants: keys come strictly ascending; a branch page has at least two children (bbolt
 * stops the process when it has to rebalance one that has a single child).
 */
export class TreePacker {
  readonly #sink: PageSink;
  readonly #levels: Level[] = [new Level(PageFlag.leaf)];

  constructor(sink: PageSink) {
    this.#sink = sink;
  }

  add(key: Uint8Array, value: Uint8Array, flags = 0): void {
    this.#add(0, { key, value, flags });
  }

  /** Writes what is left; answers the tree's root page, undefined when nothing was added. */
  finish(): number | undefined {
    for (let height = 0; ; height++) {
      const level = this.#level(height);
      if (level.elements.length === 0) return undefined;
      if (height === this.#levels.length - 1) return this.#write(level, level.elements.length);
      this.#flush(height, level.elements.length);
    }
  }

  #add(height: number, element: PageElement): void {
    const level = this.#level(height);
    if (level.isFullWith(element)) this.#flush(height, level.elements.length - level.keeps);
    level.push(element);
  }

  /** Writes the first `count` elements of a level as a page and names that page one level up. */
  #flush(height: number, count: number): void {
    const level = this.#level(height);
    const [first] = level.elements;
    assert(first !== undefined && count > 0, 'a page that is written has elements');
    const key = Uint8Array.from(first.key); // lets go of the batch that the key came in
    const child = this.#write(level, count);
    if (height + 1 === this.#levels.length) this.#levels.push(new Level(PageFlag.branch));
    this.#add(height + 1, { key, child });
  }

  #write(level: Level, count: number): number {
    const { elements, sizeBytes } = level.take(count);
    return this.#sink.page(level.flags, elements, sizeBytes);
  }

  #level(height: number): Level {
    const level = this.#levels[height];
    assert(level !== undefined, 'levels are made one above the other');
    return level;
  }
}

/** The page that a level is filling. */
class Level {
  readonly flags: number;
  /** Elements that stay for the next page when one is written, so that no branch page is left with a single child. */
  readonly keeps: number;
  readonly #leastElements: number;
  elements: PageElement[] = [];
  #sizeBytes = PAGE_HEADER_BYTES;

  constructor(flags: number) {
    this.flags = flags;
    this.keeps = flags === PageFlag.branch ? 1 : 0;
    this.#leastElements = flags === PageFlag.branch ? 3 : 1;
  }

  isFullWith(element: PageElement): boolean {
    return this.elements.length >= this.#leastElements && this.#sizeBytes + sizeOf(element) > PAGE_BYTES;
  }

  push(element: PageElement): void {
    this.elements.push(element);
    this.#sizeBytes += sizeOf(element);
  }

  take(count: number): { readonly elements: readonly PageElement[]; readonly sizeBytes: number } {
    const taken = this.elements.slice(0, count);
    this.elements = this.elements.slice(count);
    const sizeBytes = PAGE_HEADER_BYTES + totalSize(taken);
    this.#sizeBytes = PAGE_HEADER_BYTES + totalSize(this.elements);
    return { elements: taken, sizeBytes };
  }
}

function totalSize(elements: readonly PageElement[]): number {
  return elements.reduce((sum, element) => sum + sizeOf(element), 0);
}

function sizeOf(element: PageElement): number {
  return ELEMENT_BYTES + element.key.length + ('value' in element ? element.value.length : 0);
}
