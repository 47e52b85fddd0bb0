import { assert } from '../../base/assert.ts';

/** Bounds of the filter chain. Source: apiserver pkg/server/config.go. */
export const FILTER_LIMITS = {
  /** Requests under way that read; more are answered with 429. Watches do not count. */
  maxReadsInFlight: 400,
  /** The same for requests that write. */
  maxWritesInFlight: 200,
  retryAfterSeconds: 1,
  /** A request that is no watch is answered in this time. */
  requestTimeoutMs: 60_000,
  /** Query timeout= can only shorten it. */
  minTimeoutMs: 1,
  /** Warning headers of one answer together, in characters; when there are more each is cut. Source: filters/warning.go. */
  maxWarningChars: 4_096,
  warningCutChars: 256,
  /** Groups and extra values that one request may impersonate. */
  maxImpersonatedValues: 256,
} as const;

assert(FILTER_LIMITS.warningCutChars < FILTER_LIMITS.maxWarningChars, 'a cut warning must fit');
