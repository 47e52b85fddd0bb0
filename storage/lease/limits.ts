/** Bounds of leases. */
export const LEASE_LIMITS = {
  /** Above it a grant is refused with LEASE_TTL_TOO_LARGE (etcd's MaxLeaseTTL). */
  maxTtlSeconds: 9_000_000_000,
  /** Expired leases that the leader proposes to revoke in one second; the others wait for the next (etcd's leaseRevokeRate). */
  maxRevokesPerSecond: 1000,
  /** A revoke that was proposed and did not come through is proposed again after this long. */
  revokeRetryMs: 3000,
} as const;
