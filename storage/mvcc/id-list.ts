const FEW = 16;

/** Ids in the order in which they came. */
export class IdList {
  #ids = new Uint32Array(FEW);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** All of them, as they are now. */
  get all(): Uint32Array {
    return this.#ids.subarray(0, this.#length);
  }

  add(id: number): void {
    if (this.#length === this.#ids.length) {
      const longer = new Uint32Array(2 * this.#length);
      longer.set(this.#ids);
      this.#ids = longer;
    }
    this.#ids[this.#length++] = id;
  }
}
