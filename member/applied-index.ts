import type { Index } from '../base/brand.ts';
import type { StoreError } from '../base/store-error.ts';

/** Lets callers wait until an index is applied. */
export class AppliedIndex {
  #index: Index;
  #waiting: { readonly index: Index; readonly resolve: () => void; readonly reject: (error: StoreError) => void }[] =
    [];

  constructor(index: Index) {
    this.#index = index;
  }

  get index(): Index {
    return this.#index;
  }

  /** Resolves once `index` is applied. */
  reached(index: Index): Promise<void> {
    if (index <= this.#index) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ index, resolve, reject }));
  }

  advance(index: Index): void {
    this.#index = index;
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((waiter) => waiter.index > index);
    for (const waiter of waiting) if (waiter.index <= index) waiter.resolve();
  }

  failAll(error: StoreError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(error);
  }
}
