import type { Clock } from '../../../io/doors.ts';
import { type ClockTrouble, GOOD_CLOCK } from './orders.ts';

/** A clock that jumps and drifts as it is told. Its monotonic time never goes back, whatever becomes of its rate. */
export class SkewedClock implements Clock {
  readonly #clock: Clock;
  #trouble: ClockTrouble = GOOD_CLOCK;
  #sinceMs: number;
  #thenMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
    this.#thenMs = this.#sinceMs;
  }

  set trouble(trouble: ClockTrouble) {
    this.#thenMs = this.nowMs();
    this.#sinceMs = this.#clock.nowMs();
    this.#trouble = trouble;
  }

  nowMs(): number {
    return this.#thenMs + (this.#clock.nowMs() - this.#sinceMs) * this.#trouble.rate;
  }

  wallMs(): number {
    return this.#clock.wallMs() + this.#trouble.wallOffsetMs;
  }

  after(delayMs: number, fire: () => void): () => void {
    return this.#clock.after(delayMs / this.#trouble.rate, fire);
  }
}
