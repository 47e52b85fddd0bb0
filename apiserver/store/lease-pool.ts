import type { KvClient } from '../../client/kv-client.ts';
import { STORE_LIMITS } from './limits.ts';

interface Shared {
  readonly id: Promise<bigint>;
  readonly reuseUntilMs: number;
  objects: number;
}

/**
 * Leases for objects with a time to live. Objects of the same time to live that come within a minute share one, so they live up to a
 * minute longer than asked, never shorter. Source: etcd3/lease_manager.go.
 */
export class LeasePool {
  readonly #kv: KvClient;
  readonly #now: () => number;
  readonly #shared = new Map<number, Shared>();

  constructor(kv: KvClient, now: () => number) {
    this.#kv = kv;
    this.#now = now;
  }

  /** A lease that lasts at least `ttlSeconds` from now. Errors: StoreError. */
  async leaseFor(ttlSeconds: number): Promise<bigint> {
    const now = this.#now();
    let shared = this.#shared.get(ttlSeconds);
    if (shared === undefined || now >= shared.reuseUntilMs || shared.objects >= STORE_LIMITS.leaseMaxObjects) {
      const reuseSeconds = Math.min(STORE_LIMITS.leaseReuseSeconds, Math.max(1, Math.floor(ttlSeconds / 20)));
      const request = { TTL: ttlSeconds + reuseSeconds, ID: 0n };
      const id = this.#kv.leaseGrant(request, { timeoutMs: STORE_LIMITS.callTimeoutMs }).then((granted) => granted.ID);
      shared = { id, reuseUntilMs: now + reuseSeconds * 1000, objects: 0 };
      this.#shared.set(ttlSeconds, shared);
    }
    shared.objects++;
    try {
      return await shared.id;
    } catch (error) {
      // The next object asks for a lease of its own.
      if (this.#shared.get(ttlSeconds) === shared) this.#shared.delete(ttlSeconds);
      throw error;
    }
  }
}
