import { assert } from '../../base/assert.ts';

/** Bounds of one watch cache. */
export const CACHE_LIMITS = {
  /** Events younger than this are kept so that watchers can resume. Source: cacher DefaultEventsHistoryWindow. */
  historyWindowMs: 75_000,
  /** Kept whatever their age. */
  minHistoryEvents: 500,
  /** The oldest go when there are more, or when they hold more bytes; watchers from before then read the store's own history. */
  maxHistoryEvents: 100_000,
  maxHistoryBytes: 128 * 1024 * 1024,
  /** Events read from the store's history for one watcher that starts before the window; more and it is told 410. */
  maxStoreHistoryEvents: 20_000,
  storeHistoryTimeoutMs: 15_000,
  /** How long a read waits for the cache to come up to the store. */
  freshTimeoutMs: 3_000,
  /** Between requests for progress while somebody waits. */
  progressIntervalMs: 100,
  /** A watch of the store that says nothing for so long although it is asked is left for one on another member; each time that does not help it gets twice as long. */
  silenceMs: 1_000,
  maxSilenceMs: 30_000,
  /** Pauses before the store is asked again after a failure; doubled up to the second. */
  minBackoffMs: 50,
  maxBackoffMs: 5_000,
  /** How long a read waits for a cache that is being filled. */
  readyTimeoutMs: 30_000,
  /** Objects in one chunk of the order index; a full one is split. */
  orderChunk: 512,
} as const;

assert(
  CACHE_LIMITS.progressIntervalMs < CACHE_LIMITS.silenceMs && CACHE_LIMITS.silenceMs * 2 < CACHE_LIMITS.freshTimeoutMs,
  'a read must outlast a watch that stands still',
);
assert(CACHE_LIMITS.minHistoryEvents < CACHE_LIMITS.maxHistoryEvents, 'the history must be able to shrink');
assert(
  CACHE_LIMITS.progressIntervalMs < CACHE_LIMITS.freshTimeoutMs,
  'progress must be asked for before a wait is given up',
);
