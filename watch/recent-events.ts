import { assert } from '../base/assert.ts';
import { EventRing } from './event-ring.ts';
import { type PreparedEvent, preparedEvent, sizeOfEvent, type WatchEvent } from './watch-event.ts';

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
  /** By revision from `#first` on, `#head` slots being behind us: the number of its first event, and its bytes. */
  #starts: number[] = [];
  #sizes: number[] = [];
  #head = 0;

  constructor(lastRevision: number, limits: { readonly recentRevisions: number; readonly recentBytes: number }) {
    this.#first = lastRevision + 1;
    this.#maxRevisions = limits.recentRevisions;
    this.#maxBytes = limits.recentBytes;
  }

  get firstRevision(): number {
    return this.#first;
  }

  get lastRevision(): number {
    return this.#first + this.#starts.length - this.#head - 1;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the next revision and lets the oldest go while a bound is exceeded; the newest always stays. */
  add(revision: number, events: readonly WatchEvent[]): void {
    assert(revision === this.lastRevision + 1, 'revisions are published one after the other');
    let bytes = 0;
    this.#starts.push(this.#events.end);
    for (const event of events) {
      bytes += sizeOfEvent(event);
      this.#events.add(event);
    }
    this.#sizes.push(bytes);
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
      const slot = this.#head + revision - this.#first;
      const end = this.#starts[slot + 1] ?? this.#events.end;
      for (let number = this.#starts[slot] as number; number < end; number++)
        events.push(preparedEvent(revision, this.#events.at(number)));
      bytes += this.#sizes[slot] as number;
    }
    return { events, through: revision - 1 };
  }

  #isOverfull(): boolean {
    const count = this.#starts.length - this.#head;
    return count > 1 && (count > this.#maxRevisions || this.#bytes > this.#maxBytes);
  }

  /** Never the newest. */
  #dropFirst(): void {
    this.#bytes -= this.#sizes[this.#head] as number;
    this.#head++;
    this.#first++;
    this.#events.dropBefore(this.#starts[this.#head] as number);
    if (this.#head > 1024 && this.#head * 2 > this.#starts.length) {
      this.#starts = this.#starts.slice(this.#head);
      this.#sizes = this.#sizes.slice(this.#head);
      this.#head = 0;
    }
  }
}
