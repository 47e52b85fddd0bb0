import { H2_LIMITS } from './limits.ts';

/** What has a deadline. */
export interface Timed {
  onDeadline(): void;
}

const GRAIN_MS = H2_LIMITS.deadlineGrainMs;

/** The deadlines of all calls: one timer, which runs only while there are any. */
export class Deadlines {
  readonly #slots = new Map<number, Set<Timed>>();
  #timer: NodeJS.Timeout | undefined;
  /** The slot that was looked at last. */
  #looked = 0;

  /** Returns what `remove` needs. */
  add(timed: Timed, timeoutMs: number): number {
    const slot = Math.ceil((performance.now() + timeoutMs) / GRAIN_MS);
    const timeds = this.#slots.get(slot);
    if (timeds === undefined) this.#slots.set(slot, new Set([timed]));
    else timeds.add(timed);
    if (this.#timer === undefined) {
      this.#looked = Math.floor(performance.now() / GRAIN_MS);
      this.#timer = setInterval(() => this.#look(), GRAIN_MS);
      this.#timer.unref();
    }
    return slot;
  }

  remove(timed: Timed, slot: number): void {
    const timeds = this.#slots.get(slot);
    if (timeds?.delete(timed) === true && timeds.size === 0) this.#slots.delete(slot);
  }

  #look(): void {
    const now = Math.floor(performance.now() / GRAIN_MS);
    while (this.#looked < now && this.#slots.size > 0) {
      const slot = ++this.#looked;
      const timeds = this.#slots.get(slot);
      if (timeds === undefined) continue;
      this.#slots.delete(slot);
      for (const timed of timeds) timed.onDeadline();
    }
    if (this.#slots.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
