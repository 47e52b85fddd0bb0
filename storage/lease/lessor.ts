import { StoreError } from '../../base/store-error.ts';
import { LEASE_LIMITS } from './limits.ts';

interface Lease {
  readonly ttlSeconds: number;
  readonly keys: Set<string>;
}

/**
 * The leases that are granted and the keys that hang on them. Replicated state: no deadline is in it (see deadlines.ts).
 * Invariant: a key hangs on at most one lease, and on the one that its KeyValue names.
 */
export class Lessor {
  readonly #leases = new Map<bigint, Lease>();

  get size(): number {
    return this.#leases.size;
  }

  has(id: bigint): boolean {
    return this.#leases.has(id);
  }

  /** Errors: LEASE_NOT_FOUND for id 0, LEASE_TTL_TOO_LARGE, LEASE_EXISTS. Source: etcd's lessor.Grant. */
  grant(id: bigint, ttlSeconds: number): StoreError | undefined {
    if (id === 0n) return new StoreError('LEASE_NOT_FOUND');
    if (ttlSeconds > LEASE_LIMITS.maxTtlSeconds) return new StoreError('LEASE_TTL_TOO_LARGE');
    if (this.#leases.has(id)) return new StoreError('LEASE_EXISTS');
    this.#leases.set(id, { ttlSeconds, keys: new Set() });
    return undefined;
  }

  /** Forgets the lease; its keys must have been deleted before. */
  revoke(id: bigint): void {
    this.#leases.delete(id);
  }

  /** A lease that is gone takes no keys: nothing happens. */
  attach(id: bigint, key: string): void {
    this.#leases.get(id)?.keys.add(key);
  }

  detach(id: bigint, key: string): void {
    this.#leases.get(id)?.keys.delete(key);
  }

  /** What was granted, and the keys in byte order. */
  get(id: bigint): { readonly grantedTtlSeconds: number; readonly keys: readonly string[] } | undefined {
    const lease = this.#leases.get(id);
    return lease === undefined ? undefined : { grantedTtlSeconds: lease.ttlSeconds, keys: [...lease.keys].sort() };
  }

  /** Granted seconds, without the work of listing keys. */
  ttlSeconds(id: bigint): number | undefined {
    return this.#leases.get(id)?.ttlSeconds;
  }

  /** Ascending. */
  ids(): readonly bigint[] {
    return [...this.#leases.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }
}
