import { assert } from '../../../base/assert.ts';

/** Bounds of the Kubernetes workloads. Times in milliseconds. */
export const KUBE_LIMITS = {
  /** A call with all its attempts; afterwards the outcome of a write that was sent is unknown. */
  callTimeoutMs: 6_000,
  /** One attempt on one API server, so that a paused one does not cost a read its whole call. */
  attemptTimeoutMs: 2_500,
  /** Between two attempts. */
  retryPauseMs: 50,
  /** Longer answers and longer lines of a watch are taken for broken. */
  maxAnswerBytes: 32 * 1024 * 1024,
  maxLineBytes: 4 * 1024 * 1024,
  /** How long a watch asks to last: short, so that many begin and resume. It is drawn between the two. */
  minWatchSeconds: 4,
  maxWatchSeconds: 12,
  /** A watch that is not ended in time by its API server is ended by its client. */
  watchGraceMs: 3_000,
  /** Before an informer tries again; half of it is chance. */
  informerPauseMs: 200,
  /** How long a cluster that is whole again may take until a call gets through, caches are equal to a list, and somebody leads. */
  healMs: 20_000,
  /** A probe's write counts when it is acknowledged by then; and its pause after each. */
  probeTimeoutMs: 500,
  probePauseMs: 40,
  /** Sentences that one check says at most: the first ones tell what is wrong. */
  maxViolations: 20,
} as const;

assert(KUBE_LIMITS.attemptTimeoutMs * 2 < KUBE_LIMITS.callTimeoutMs, 'a read must get a second chance elsewhere');
assert(KUBE_LIMITS.minWatchSeconds < KUBE_LIMITS.maxWatchSeconds, 'a watch lasts between the two');
