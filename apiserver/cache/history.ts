import { CACHE_LIMITS } from './limits.ts';
import type { CacheEvent } from './types.ts';

/**
 * The recent events of a resource, oldest first.
 * Invariant: every event after `start` that happened up to now is in it; revisions never fall.
 */
export class History {
  #events: CacheEvent[] = [];
  #times: number[] = [];
  /** Events before this index are dropped already; the arrays are cut when half of them is. */
  #head = 0;
  #bytes = 0;
  #start: number;

  /** `start`: nothing is known of what happened up to and including this revision. */
  constructor(start: number) {
    this.#start = start;
  }

  get start(): number {
    return this.#start;
  }

  push(event: CacheEvent, nowMs: number): void {
    this.#events.push(event);
    this.#times.push(nowMs);
    this.#bytes += event.object.bytes.length;
    this.#trim(nowMs);
  }

  /** Events after `revision`; undefined when some of them are gone. */
  since(revision: number): readonly CacheEvent[] | undefined {
    if (revision < this.#start) return undefined;
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle] as CacheEvent).resourceVersion <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }

  #trim(nowMs: number): void {
    const oldestMs = nowMs - CACHE_LIMITS.historyWindowMs;
    for (;;) {
      const count = this.#events.length - this.#head;
      const tooMany = count > CACHE_LIMITS.maxHistoryEvents || this.#bytes > CACHE_LIMITS.maxHistoryBytes;
      const tooOld = count > CACHE_LIMITS.minHistoryEvents && (this.#times[this.#head] as number) < oldestMs;
      if (count <= 1 || !(tooMany || tooOld)) break;
      const dropped = this.#events[this.#head] as CacheEvent;
      this.#start = dropped.resourceVersion;
      this.#bytes -= dropped.object.bytes.length;
      this.#head++;
    }
    if (this.#head > 1024 && this.#head > this.#events.length / 2) {
      this.#events = this.#events.slice(this.#head);
      this.#times = this.#times.slice(this.#head);
      this.#head = 0;
    }
  }
}
