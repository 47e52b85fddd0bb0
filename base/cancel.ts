/** How a caller tells that nobody waits any more. Every AbortSignal is one; a server's own, for each of its calls, costs a tenth of one. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A signal that whoever made it fires, once; each listener is called once. */
export class Cancellation implements CancelSignal {
  /** Nearly every signal has one listener. */
  #first: (() => void) | undefined;
  #others: (() => void)[] | undefined;
  #aborted = false;

  get aborted(): boolean {
    return this.#aborted;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.#aborted) return;
    if (this.#first === undefined && this.#others === undefined) this.#first = listener;
    else {
      this.#others ??= [];
      this.#others.push(listener);
    }
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    if (this.#first === listener) {
      this.#first = undefined;
      return;
    }
    const at = this.#others?.indexOf(listener) ?? -1;
    if (at >= 0) this.#others?.splice(at, 1);
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    const first = this.#first;
    const others = this.#others ?? [];
    this.#first = undefined;
    this.#others = undefined;
    first?.();
    for (const listener of others) listener();
  }
}
