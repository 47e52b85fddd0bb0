import { assert } from '../../base/assert.ts';

/** Bounds of the log's files. */
export const WAL_LIMITS = {
  /** A segment is closed when the next append would pass this; one append alone may be larger than a segment. */
  segmentBytes: 64 * 1024 * 1024,
  /** Space is reserved ahead of the writer in steps of this size, so that a small store has small files. */
  allocateStepBytes: 4 * 1024 * 1024,
  /** One append() with all of its entries; larger ones are refused with TOO_LARGE and nothing of them is written. */
  maxAppendBytes: 256 * 1024 * 1024,
  /** Appends written together and served by one fdatasync. */
  maxBatchBytes: 16 * 1024 * 1024,
  /** Bytes of appends that wait for the disk; an append beyond them is refused with QUEUE_FULL and nothing of it is written. */
  maxQueuedBytes: 512 * 1024 * 1024,
  maxQueuedAppends: 65_536,
} as const;

assert(WAL_LIMITS.allocateStepBytes <= WAL_LIMITS.segmentBytes, 'a segment is reserved in at least one step');
assert(WAL_LIMITS.maxAppendBytes <= WAL_LIMITS.maxQueuedBytes, 'an allowed append must fit into the empty queue');
assert(WAL_LIMITS.maxAppendBytes + WAL_LIMITS.segmentBytes < 2 ** 32, 'offsets inside a segment are 32 bits');
