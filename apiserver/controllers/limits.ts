import { assert } from '../../base/assert.ts';

/** Bounds of the controllers. */
export const CONTROLLER_LIMITS = {
  /** Keys worked on at once by one controller. */
  concurrency: 8,
  /** Writes on their way at once while a cluster is furnished for the first time. */
  bootstrapConcurrency: 32,
  /** Objects deleted at once in a namespace, or of a CRD, that goes. */
  deletionConcurrency: 16,
  /** A key that failed is tried again after this, doubled each time up to the longest. */
  firstRetryMs: 50,
  longestRetryMs: 15_000,
  /** Everything is looked at again this often, for what a lost event or a failed call left behind. */
  resyncMs: 300_000,
  /** How long the leadership among API servers outlives a server that stopped without a word, and how often others ask. */
  leadershipTtlSeconds: 6,
  leadershipRenewMs: 2_000,
  leadershipAskMs: 1_000,
  /** A server that is not the leader waits this long for the leader to furnish the cluster before it does so itself. */
  bootstrapPatienceMs: 5_000,
} as const;

assert(
  CONTROLLER_LIMITS.leadershipRenewMs * 2 < CONTROLLER_LIMITS.leadershipTtlSeconds * 1000,
  'leadership survives one lost renewal',
);
