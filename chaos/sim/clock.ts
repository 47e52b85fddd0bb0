import type { Clock } from '../../io/doors.ts';

interface Timer {
  readonly atMs: number;
  /** Breaks ties: timers of the same moment fire in the order in which they were set. */
  readonly order: number;
  fire: (() => void) | undefined;
}

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
    await settled();
    for (;;) {
      const timer = this.#heap[0];
      if (timer === undefined || timer.atMs > untilMs) break;
      await this.#fireNext();
    }
    this.#nowMs = untilMs;
  }

  /** Fires timers until `condition` holds; false when `limitMs` passed, or no timer was left, before it did. */
  async runUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    const untilMs = this.#nowMs + limitMs;
    await settled();
    while (!condition()) {
      const timer = this.#heap[0];
      if (timer === undefined || timer.atMs > untilMs) return false;
      await this.#fireNext();
    }
    return true;
  }

  async #fireNext(): Promise<void> {
    const timer = this.#pop();
    this.#nowMs = timer.atMs;
    if (timer.fire === undefined) return;
    timer.fire();
    await settled();
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

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Resolves when no promise can settle any more: an immediate comes after all microtasks. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
