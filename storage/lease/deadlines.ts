import { assert } from '../../base/assert.ts';
import { LEASE_LIMITS } from './limits.ts';

interface Deadline {
  readonly id: bigint;
  ttlMs: number;
  atMs: number;
  /** When it is looked at next: its deadline, or later while a revoke is under way. */
  wakeMs: number;
  heapIndex: number;
}

/**
 * When leases end, kept by the leader alone. Time is an argument, in milliseconds of a monotonic clock; expiry is only
 * reported here, the leader proposes the revoke. A new leader gives every lease its full TTL again.
 * Invariant: `#heap` is a binary heap by `wakeMs`, then id, and every deadline knows its place in it.
 */
export class Deadlines {
  readonly #byId = new Map<bigint, Deadline>();
  readonly #heap: Deadline[] = [];
  #active = false;
  /** Revokes that may still be proposed in the second that began at `#secondMs`. */
  #budget: number = LEASE_LIMITS.maxRevokesPerSecond;
  #secondMs = 0;

  /** This member leads now: every lease gets its full TTL and `extendMs` (the election timeout: clients had no one to ask). */
  promote(
    leases: Iterable<{ readonly id: bigint; readonly ttlSeconds: number }>,
    options: { readonly nowMs: number; readonly extendMs: number },
  ): void {
    this.demote();
    this.#active = true;
    this.#secondMs = options.nowMs;
    for (const { id, ttlSeconds } of leases) this.#add(id, ttlSeconds, options.nowMs + options.extendMs);
  }

  /** This member leads no more: it knows nothing about deadlines. */
  demote(): void {
    this.#active = false;
    this.#byId.clear();
    this.#heap.length = 0;
  }

  granted(id: bigint, ttlSeconds: number, nowMs: number): void {
    if (!this.#active || this.#byId.has(id)) return;
    this.#add(id, ttlSeconds, nowMs);
  }

  revoked(id: bigint): void {
    const deadline = this.#byId.get(id);
    if (deadline === undefined) return;
    this.#byId.delete(id);
    const last = this.#heap.pop();
    if (last === undefined || last === deadline) return;
    this.#place(last, deadline.heapIndex);
    this.#up(last);
    this.#down(last);
  }

  /** The TTL in seconds that the lease has again; undefined when there is no such lease or it has already expired. */
  renew(id: bigint, nowMs: number): number | undefined {
    const deadline = this.#byId.get(id);
    if (deadline === undefined || deadline.atMs <= nowMs) return undefined;
    deadline.atMs = nowMs + deadline.ttlMs;
    this.#wake(deadline, deadline.atMs);
    return deadline.ttlMs / 1000;
  }

  /** Milliseconds left, negative once expired; undefined when there is no such lease here. */
  remainingMs(id: bigint, nowMs: number): number | undefined {
    const deadline = this.#byId.get(id);
    return deadline === undefined ? undefined : deadline.atMs - nowMs;
  }

  /**
   * Leases to revoke now, at most `limit` and within the pace of LEASE_LIMITS. One that is named here is named again after
   * `revokeRetryMs` unless `revoked` was called.
   */
  expired(nowMs: number, limit: number): readonly bigint[] {
    if (nowMs - this.#secondMs >= 1000) {
      this.#secondMs = nowMs;
      this.#budget = LEASE_LIMITS.maxRevokesPerSecond;
    }
    const ids: bigint[] = [];
    while (ids.length < limit && this.#budget > 0) {
      const first = this.#heap[0];
      if (first === undefined || first.wakeMs > nowMs) break;
      ids.push(first.id);
      this.#budget--;
      this.#wake(first, nowMs + LEASE_LIMITS.revokeRetryMs);
    }
    return ids;
  }

  /** When `expired` should be called next at the earliest; undefined when no lease is there. */
  nextMs(): number | undefined {
    return this.#heap[0]?.wakeMs;
  }

  #add(id: bigint, ttlSeconds: number, fromMs: number): void {
    const ttlMs = ttlSeconds * 1000;
    const deadline: Deadline = {
      id,
      ttlMs,
      atMs: fromMs + ttlMs,
      wakeMs: fromMs + ttlMs,
      heapIndex: this.#heap.length,
    };
    this.#byId.set(id, deadline);
    this.#heap.push(deadline);
    this.#up(deadline);
  }

  #wake(deadline: Deadline, wakeMs: number): void {
    deadline.wakeMs = wakeMs;
    this.#up(deadline);
    this.#down(deadline);
  }

  #up(deadline: Deadline): void {
    while (deadline.heapIndex > 0) {
      const index = deadline.heapIndex;
      const parent = this.#at((index - 1) >>> 1);
      if (!isBefore(deadline, parent)) return;
      this.#place(deadline, parent.heapIndex);
      this.#place(parent, index);
    }
  }

  #down(deadline: Deadline): void {
    for (;;) {
      const index = deadline.heapIndex;
      const left = index * 2 + 1;
      if (left >= this.#heap.length) return;
      const right = left + 1;
      const child = right < this.#heap.length && isBefore(this.#at(right), this.#at(left)) ? right : left;
      const smaller = this.#at(child);
      if (!isBefore(smaller, deadline)) return;
      this.#place(deadline, child);
      this.#place(smaller, index);
    }
  }

  #at(index: number): Deadline {
    const deadline = this.#heap[index];
    assert(deadline !== undefined, 'an index lies within the heap');
    return deadline;
  }

  #place(deadline: Deadline, index: number): void {
    this.#heap[index] = deadline;
    deadline.heapIndex = index;
  }
}

function isBefore(a: Deadline, b: Deadline): boolean {
  return a.wakeMs < b.wakeMs || (a.wakeMs === b.wakeMs && a.id < b.id);
}
