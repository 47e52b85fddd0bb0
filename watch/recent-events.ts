import { assert } from '../base/assert.ts';
import { EventRing } from './event-ring.ts';
import { type PreparedEvent, preparedEvent, sizeOfEvent, type WatchEvent } from './watch-event.ts';

/** Room for so many revisions at first; it doubles when it is full. A power of two. */
const FIRST_CAPACITY = 1024;

/** A run of revisions read back: the events in order, and the last revision they are complete up to. */
export interface RecentSlice {
  readonly events: readonly PreparedEvent[];
  readonly through: number;
}

/**
 * The newest revisions with their events, so that a watcher that is a little behind needs no disk.
 * Invariant: it holds the revisions [firstRevision, lastRevision] without a gap; it may be empty (first = last + 1).
 */
export class RecentEvents {
  readonly #maxRevisions: number;
  readonly #maxBytes: number;
  #first: number;
  #bytes = 0;
  readonly #events = new EventRing();
  /** By revision, in a ring: the number of its first event, and its bytes. */
  #starts = new Float64Array(FIRST_CAPACITY);
  #sizes = new Float64Array(FIRST_CAPACITY);
  #last: number;

  constructor(lastRevision: number, limits: { readonly recentRevisions: number; readonly recentBytes: number }) {
    this.#first = lastRevision + 1;
    this.#last = lastRevision;
    this.#maxRevisions = limits.recentRevisions;
    this.#maxBytes = limits.recentBytes;
  }

  get firstRevision(): number {
    return this.#first;
  }

  get lastRevision(): number {
    return this.#last;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the next revision and lets the oldest go while a bound is exceeded; the newest always stays. */
  add(revision: number, events: readonly WatchEvent[]): void {
    assert(revision === this.#last + 1, 'revisions are published one after the other');
    if (this.#count === this.#starts.length) this.#grow();
    this.#last = revision;
    let bytes = 0;
    const slot = this.#slotOf(revision);
    this.#starts[slot] = this.#events.end;
    for (const event of events) {
      bytes += sizeOfEvent(event);
      this.#events.add(event);
    }
    this.#sizes[slot] = bytes;
    this.#bytes += bytes;
    while (this.#isOverfull()) this.#dropFirst();
  }

  /** Up to `maxRevisions` revisions from `from`, stopping after about `maxBytes`; undefined when `from` is no longer here. */
  slice(from: number, bounds: { readonly maxRevisions: number; readonly maxBytes: number }): RecentSlice | undefined {
    if (from < this.#first) return undefined;
    const events: PreparedEvent[] = [];
    const last = Math.min(this.lastRevision, from + bounds.maxRevisions - 1);
    let bytes = 0;
    let revision = from;
    for (; revision <= last && bytes < bounds.maxBytes; revision++) {
      for (let number = this.#startOf(revision); number < this.#startOf(revision + 1); number++)
        events.push(preparedEvent(revision, this.#events.at(number)));
      bytes += this.#sizes[this.#slotOf(revision)] as number;
    }
    return { events, through: revision - 1 };
  }

  get #count(): number {
    return this.#last - this.#first + 1;
  }

  #slotOf(revision: number): number {
    return revision & (this.#starts.length - 1);
  }

  /** The number of the first event of a revision that is here, or would be the next. */
  #startOf(revision: number): number {
    return revision > this.#last ? this.#events.end : (this.#starts[this.#slotOf(revision)] as number);
  }

  #isOverfull(): boolean {
    return this.#count > 1 && (this.#count > this.#maxRevisions || this.#bytes > this.#maxBytes);
  }

  #dropFirst(): void {
    this.#bytes -= this.#sizes[this.#slotOf(this.#first)] as number;
    this.#first++;
    this.#events.dropBefore(this.#startOf(this.#first));
  }

  #grow(): void {
    const starts = new Float64Array(2 * this.#starts.length);
    const sizes = new Float64Array(2 * this.#starts.length);
    for (let revision = this.#first; revision <= this.#last; revision++) {
      const to = revision & (starts.length - 1);
      starts[to] = this.#startOf(revision);
      sizes[to] = this.#sizes[this.#slotOf(revision)] as number;
    }
    this.#starts = starts;
    this.#sizes = sizes;
  }
}
