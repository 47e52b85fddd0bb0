/** Bounds of the way to the store. */
export const STORE_LIMITS = {
  /** A read or write that takes longer is given up: the outcome of a write is then unknown. */
  callTimeoutMs: 30_000,
  /** A member that does not answer a read of one key by then is left for another one: it may stand still. */
  attemptTimeoutMs: 1_000,
  /** Objects fetched in one Range when a whole resource is read. Memory per page is bounded by it. */
  pageObjects: 1_000,
  /** A filtered page grows up to this many objects per Range while it looks for matches. Source: etcd3 maxLimit. */
  maxFilteredPage: 10_000,
  /** Objects with a time to live share one lease for this long, so that a flood of events is not a flood of leases. Source: etcd3 lease manager. */
  leaseReuseSeconds: 60,
  /** Objects on one lease; more start a new one. Source: etcd3 lease manager. */
  leaseMaxObjects: 1_000,
  /** Longest continue token that is decoded; longer is 400. */
  maxContinueChars: 4_096,
} as const;
