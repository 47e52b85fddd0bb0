import type { StoreErrorCode } from '../base/store-error.ts';
import type { WatchResponse } from '../proto/gen/etcd.ts';
import type { WatchLimits } from './limits.ts';
import type { Watcher } from './watcher.ts';

/**
 * One client's stream: its watchers and the responses that wait for it to read. Only the hub changes it.
 * Invariant: `outbox` is in the order of sending; a watcher's `created` precedes its events, fragments of one response are neighbours.
 */
export class HubStream {
  readonly watchers = new Map<number, Watcher>();
  /** Watchers that are behind and wait for room here. */
  readonly stalled = new Set<Watcher>();
  /** Watchers that are behind, stalled ones included. */
  behindCount = 0;
  /** Where the search for a free watch id goes on. */
  nextAutoId = 0;
  /** A progress request waits for every watcher to be synced. */
  progressRequested = false;
  /** Milliseconds of the driver's clock at which progress notifications are due next, and how far apart they are. */
  progressDueMs: number;
  readonly progressIntervalMs: number;
  /** Set when the stream has ended: nothing is queued any more. */
  endedBy: StoreErrorCode | undefined;

  readonly #limits: WatchLimits;
  #outbox: WatchResponse[] = [];
  #outboxBytes = 0;
  #unreadAnswers = 0;
  #unreadProgress = false;

  constructor(limits: WatchLimits, progress: { readonly intervalMs: number; readonly dueMs: number }) {
    this.#limits = limits;
    this.progressIntervalMs = progress.intervalMs;
    this.progressDueMs = progress.dueMs;
  }

  get isEmpty(): boolean {
    return this.#outbox.length === 0;
  }

  get outboxBytes(): number {
    return this.#outboxBytes;
  }

  get pendingEvents(): number {
    return this.#outbox.reduce((sum, { events }) => sum + events.length, 0);
  }

  /** Whether events may be queued; one response may overshoot the bound, so that a big one gets through at all. */
  get hasRoom(): boolean {
    return this.#outbox.length < this.#limits.outboxResponses && this.#outboxBytes < this.#limits.outboxBytes;
  }

  /** An answer to a progress request waits unread; another would say nothing more. */
  get hasUnreadProgress(): boolean {
    return this.#unreadProgress;
  }

  /** Queues events or a notification. */
  push(response: WatchResponse, sizeBytes: number): void {
    this.#outbox.push(response);
    this.#outboxBytes += sizeBytes;
    if (response.watchId === -1 && !response.created) this.#unreadProgress = true;
  }

  /** Queues an answer to a request; these are not held back for want of room, but a client that never reads is let go. */
  pushAnswer(response: WatchResponse): void {
    this.push(response, 0);
    this.#unreadAnswers++;
    if (this.#unreadAnswers > this.#limits.unreadAnswers) this.endedBy = 'TOO_MANY_REQUESTS';
  }

  /** Everything that waits, in order. */
  drain(): readonly WatchResponse[] {
    const responses = this.#outbox;
    this.#outbox = [];
    this.#outboxBytes = 0;
    this.#unreadAnswers = 0;
    this.#unreadProgress = false;
    return responses;
  }
}
