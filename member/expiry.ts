import type { Clock } from '../io/doors.ts';

/** A wait that ends at a moment of the monotonic clock at the latest. */
export interface Expiring {
  readonly deadlineMs: number;
}

/** The least rest that the timer is set again for: one that the clock's reading is too coarse to show would end at the same moment for ever. */
const LEAST_REST_MS = 1;

export interface ExpiryOptions<Wait extends Expiring> {
  readonly clock: Clock;
  /** Those that are not over. */
  readonly waits: () => Iterable<Wait>;
  /** Ends a wait whose moment has come. */
  readonly expire: (wait: Wait) => void;
}

/**
 * Ends waits at their deadlines, or a millisecond later, with one timer for all: nearly every one is over long before, and then has cost a comparison. When the
 * timer fires it looks at all that wait, which are few, and goes to sleep until the earliest of them.
 */
export class Expiry<Wait extends Expiring> {
  readonly #options: ExpiryOptions<Wait>;
  #armedMs = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => undefined;

  constructor(options: ExpiryOptions<Wait>) {
    this.#options = options;
  }

  /** A wait begins; from now on `waits` names it. */
  began(wait: Wait): void {
    if (wait.deadlineMs < this.#armedMs) this.#arm(wait.deadlineMs);
  }

  /** Nothing waits any more. */
  stop(): void {
    this.#cancelTimer();
    this.#armedMs = Number.POSITIVE_INFINITY;
  }

  #arm(atMs: number): void {
    const { clock } = this.#options;
    this.#cancelTimer();
    this.#armedMs = atMs;
    this.#cancelTimer = clock.after(Math.max(0, atMs - clock.nowMs()), () => this.#look());
  }

  #look(): void {
    const { clock, waits, expire } = this.#options;
    const nowMs = clock.nowMs();
    this.#armedMs = Number.POSITIVE_INFINITY;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const wait of [...waits()]) {
      if (wait.deadlineMs <= nowMs) expire(wait);
      else nextMs = Math.min(nextMs, wait.deadlineMs);
    }
    if (nextMs < this.#armedMs) this.#arm(Math.max(nextMs, nowMs + LEAST_REST_MS));
  }
}
