import type { Clock } from '../../io/doors.ts';

/** A clock that goes only as far as a test says. */
export class HandClock implements Clock {
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly fire: () => void }[] = [];

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.length;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, fire: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, fire };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass, and fires what is due, in order. */
  pass(durationMs: number): void {
    const untilMs = this.#nowMs + durationMs;
    for (;;) {
      const [next] = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = next.atMs;
      next.fire();
    }
    this.#nowMs = untilMs;
  }
}
