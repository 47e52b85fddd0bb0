import { corrupt } from './bolt-pages.ts';

/** What became of every page of a file; a page has one use. */
export class PageLedger {
  readonly #inUse: Uint8Array;
  readonly #free: Uint8Array;
  readonly #pages: number;

  constructor(pages: number) {
    this.#pages = pages;
    this.#inUse = new Uint8Array(Math.ceil(pages / 8));
    this.#free = new Uint8Array(Math.ceil(pages / 8));
    this.use(0, 2);
  }

  /** Errors: EtcdFileError CORRUPT when a page has a use already. */
  use(first: number, count: number): void {
    for (let id = first; id < first + count; id++) {
      if (has(this.#inUse, id)) throw corrupt('it is referred to twice', id);
      if (has(this.#free, id)) throw corrupt('it is in use, the freelist says that it is free', id);
      set(this.#inUse, id);
    }
  }

  /** Errors: EtcdFileError CORRUPT. */
  free(id: number): void {
    if (!(id >= 2 && id < this.#pages)) throw corrupt(`the freelist names page ${id}`);
    if (has(this.#free, id)) throw corrupt('the freelist names it twice', id);
    if (has(this.#inUse, id)) throw corrupt('it is in use, the freelist says that it is free', id);
    set(this.#free, id);
  }

  /** Asked at the end. Errors: EtcdFileError CORRUPT when a page is neither in use nor free. */
  assertComplete(): void {
    for (let id = 0; id < this.#pages; id++) {
      if (!has(this.#inUse, id) && !has(this.#free, id)) throw corrupt('nothing refers to it and it is not free', id);
    }
  }
}

function has(bits: Uint8Array, id: number): boolean {
  return (((bits[id >>> 3] ?? 0) >>> (id & 7)) & 1) === 1;
}

function set(bits: Uint8Array, id: number): void {
  bits[id >>> 3] = (bits[id >>> 3] ?? 0) | (1 << (id & 7));
}
