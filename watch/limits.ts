import { assert } from '../base/assert.ts';

/** The bounds of the watch room, and what happens at each. */
export interface WatchLimits {
  /** Newest revisions kept in memory; a watcher that is further behind reads the backend. */
  readonly recentRevisions: number;
  /** Bytes of events kept in memory for the same purpose. */
  readonly recentBytes: number;
  /** Responses waiting in one stream; when full, its watchers fall behind and catch up once the client reads again. */
  readonly outboxResponses: number;
  /** Bytes of events of several revisions that a synced watcher gets in one response at most; those of one revision are never parted. */
  readonly togetherBytes: number;
  /** Bytes waiting in one stream; one response may overshoot it. */
  readonly outboxBytes: number;
  /** Answers to requests (created, canceled) that one stream may leave unread; past that the stream is ended. */
  readonly unreadAnswers: number;
  /** Revisions that one step of catching up covers at most. */
  readonly catchUpRevisions: number;
  /** Bytes of events that one step of catching up gathers before it stops (at least one revision is always gathered). */
  readonly catchUpBytes: number;
  /** Steps from memory per call of `catchUp`, so that a long history does not hold up the driver. */
  readonly catchUpSteps: number;
  /** A response of a watcher that asked for fragments is split when its events exceed this. Source: etcd, max-request-bytes + 512 KiB. */
  readonly fragmentBytes: number;
}

/** What a fragment may take beyond the largest request. Source: etcd grpcOverheadBytes. */
export const FRAGMENT_OVERHEAD_BYTES = 512 * 1024;

export const WATCH_LIMITS: WatchLimits = checkedWatchLimits({
  recentRevisions: 16_384,
  recentBytes: 64 * 1024 * 1024,
  outboxResponses: 65_536,
  togetherBytes: 256 * 1024,
  outboxBytes: 8 * 1024 * 1024,
  unreadAnswers: 131_072,
  catchUpRevisions: 1000,
  catchUpBytes: 4 * 1024 * 1024,
  catchUpSteps: 8,
  fragmentBytes: 1_572_864 + FRAGMENT_OVERHEAD_BYTES,
});

/** The same limits, after asserting how they relate. */
export function checkedWatchLimits(limits: WatchLimits): WatchLimits {
  assert(limits.recentRevisions > 0 && limits.recentBytes >= 0, 'the newest revision is always kept');
  assert(limits.outboxResponses > 0 && limits.outboxBytes > 0, 'an outbox that is full when empty never drains');
  assert(limits.catchUpRevisions > 0 && limits.catchUpSteps > 0, 'a step must get ahead');
  assert(limits.catchUpBytes > 0 && limits.fragmentBytes > 0, 'a batch holds at least one event');
  return limits;
}
