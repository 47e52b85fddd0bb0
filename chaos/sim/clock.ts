import type { Clock } from '../../io/doors.ts';

interface Timer {
  readonly atMs: number;
  /** Breaks ties: timers of the same moment fire in the order in which they were set. */
  readonly order: number;
  fire: (() => void) | undefined;
}

const SETTLED = Promise.resolve();

/** Timers fired in one turn of the event loop: in between Node hears of signals, writes what is to be printed and looks for rejections. */
const TIMERS_PER_TURN = 1000;

/** Timers that fire at one moment before time counts as standing still: each of them sets the next, and the run would never end. */
const TIMERS_PER_MOMENT = 1_000_000;

/**
 * Time that moves only when it is told to: straight to the next timer. Between timers all promises that can settle do settle,
 * so a run depends on nothing but its seed (as long as nothing in it waits for the real world).
 */
export class SimClock implements Clock {
  /** A binary heap: the next timer is first. */
  readonly #heap: Timer[] = [];
  readonly #wallStartMs: number;
  #nowMs = 0;
  #order = 0;
  #fired = 0;
  /** How many fired when the clock last moved. */
  #firedBefore = 0;

  /** `wallStartMs`: what the calendar says at time 0. */
  constructor(wallStartMs = Date.UTC(2024, 0, 1)) {
    this.#wallStartMs = wallStartMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#wallStartMs + this.#nowMs;
  }

  /** How many timers have fired so far. */
  get fired(): number {
    return this.#fired;
  }

  after(delayMs: number, fire: () => void): () => void {
    const timer: Timer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, fire };
    this.#push(timer);
    return () => {
      timer.fire = undefined; // stays in the heap until its time, and does nothing then
    };
  }

  /** A promise that settles after `delayMs`. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Lets `durationMs` pass: fires what is due, in order, settling promises in between. */
  async run(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    await this.#advance(untilMs, () => false);
    this.#nowMs = untilMs;
  }

  /** Fires timers until `condition` holds; false when `limitMs` passed, or no timer was left, before it did. */
  runUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    return this.#advance(this.#nowMs + limitMs, condition);
  }

  /** Resolves with whether `condition` held before no timer was left until `untilMs`. */
  #advance(untilMs: number, condition: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let left = TIMERS_PER_TURN;
      const step = (): void => {
        try {
          if (condition()) resolve(true);
          else if (!this.#fireNext(untilMs)) resolve(false);
          else afterSettling(next);
        } catch (error) {
          reject(error);
        }
      };
      const next = (): void => {
        if (--left > 0) {
          step();
          return;
        }
        left = TIMERS_PER_TURN;
        setImmediate(step);
      };
      afterSettling(step);
    });
  }

  /** False when nothing is due until `untilMs`. */
  #fireNext(untilMs: number): boolean {
    for (let timer = this.#heap[0]; timer !== undefined && timer.atMs <= untilMs; timer = this.#heap[0]) {
      this.#pop();
      if (timer.fire === undefined) continue;
      if (timer.atMs > this.#nowMs) this.#firedBefore = this.#fired;
      this.#nowMs = timer.atMs;
      if (++this.#fired - this.#firedBefore > TIMERS_PER_MOMENT)
        throw new Error(`time stands still at ${this.#nowMs} ms`);
      timer.fire();
      return true;
    }
    return false;
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let i = heap.push(timer) - 1;
    for (let parent = (i - 1) >> 1; i > 0 && isBefore(timer, heap[parent] as Timer); parent = (i - 1) >> 1) {
      heap[i] = heap[parent] as Timer;
      i = parent;
    }
    heap[i] = timer;
  }

  #pop(): Timer {
    const heap = this.#heap;
    const first = heap[0] as Timer;
    const moved = heap.pop() as Timer;
    if (heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child++;
      if (!isBefore(heap[child] as Timer, moved)) break;
      heap[i] = heap[child] as Timer;
      i = child;
    }
    heap[i] = moved;
    return first;
  }
}

/**
 * Calls back when every promise that can settle has. Node runs what nextTick() was given once no microtask is left, and of a tick that was
 * asked for by a microtask it first runs all the others: much cheaper than a turn of the event loop for each timer.
 */
function afterSettling(run: () => void): void {
  void SETTLED.then(() => process.nextTick(run));
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
