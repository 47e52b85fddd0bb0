import { assert } from '../base/assert.ts';
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
  /** One slot a revision, as the machine made them: few are ever read back. Slots before `#head` have been let go. */
  #slots: (readonly WatchEvent[])[] = [];
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
    return this.#first + this.#slots.length - this.#head - 1;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the next revision and lets the oldest go while a bound is exceeded; the newest always stays. */
  add(revision: number, events: readonly WatchEvent[]): void {
    assert(revision === this.lastRevision + 1, 'revisions are published one after the other');
    let bytes = 0;
    for (const event of events) bytes += sizeOfEvent(event);
    this.#slots.push(events);
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
      for (const event of this.#slots[slot] as readonly WatchEvent[]) events.push(preparedEvent(revision, event));
      bytes += this.#sizes[slot] as number;
    }
    return { events, through: revision - 1 };
  }

  #isOverfull(): boolean {
    const count = this.#slots.length - this.#head;
    return count > 1 && (count > this.#maxRevisions || this.#bytes > this.#maxBytes);
  }

  #dropFirst(): void {
    this.#bytes -= this.#sizes[this.#head] as number;
    this.#slots[this.#head] = NO_EVENTS;
    this.#head++;
    this.#first++;
    if (this.#head > 1024 && this.#head * 2 > this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head);
      this.#sizes = this.#sizes.slice(this.#head);
      this.#head = 0;
    }
  }
}

const NO_EVENTS: readonly WatchEvent[] = [];
