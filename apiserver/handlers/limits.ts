import { assert } from '../../base/assert.ts';

/** Bounds of what one request may cost. */
export const HANDLER_LIMITS = {
  /** Longer answers are compressed for clients that take it. Source: apiserver writers.go defaultGzipThresholdBytes. */
  gzipThresholdBytes: 128 * 1024,
  /** Lists and bursts of events are written in pieces of this size. */
  chunkBytes: 128 * 1024,
  /** How long a read with a resourceVersion waits for the cache. Source: cacher blockTimeout. */
  blockTimeoutMs: 3_000,
  /** A watch without timeoutSeconds lasts between this and twice as long. Source: MinRequestTimeout. */
  minWatchSeconds: 1_800,
  bookmarkIntervalMs: 60_000,
  /** The last bookmark comes this long before the end. */
  lastBookmarkMs: 2_000,
  /** A watcher whose socket takes nothing for this long is ended. */
  stalledWatchMs: 60_000,
  /** Indented answers are made from decoded objects; longer ones are answered as they are stored. */
  maxPrettyBytes: 32 * 1024 * 1024,
  /** The same for YAML, which takes about a hundred times as long to lay out. */
  maxYamlBytes: 1024 * 1024,
} as const;

assert(HANDLER_LIMITS.lastBookmarkMs < HANDLER_LIMITS.bookmarkIntervalMs, 'the last bookmark is an extra one');
