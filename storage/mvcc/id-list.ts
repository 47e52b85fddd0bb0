const FEW = 16;
const NONE = new Uint32Array(0);

/** Ids in the order in which they came. */
export class IdList {
  #ids: Uint32Array;
  #length: number;

  /** `first`: what it begins with; nobody else may change it. */
  constructor(first: Uint32Array = NONE) {
    this.#ids = first;
    this.#length = first.length;
  }

  /** All of them, as they are now. */
  get all(): Uint32Array {
    return this.#ids.subarray(0, this.#length);
  }

  add(id: number): void {
    if (this.#length === this.#ids.length) {
      const longer = new Uint32Array(Math.max(FEW, 2 * this.#length));
      longer.set(this.#ids);
      this.#ids = longer;
    }
    this.#ids[this.#length++] = id;
  }
}
