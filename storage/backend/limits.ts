import { assert } from '../../base/assert.ts';

/** Bounds of the backend. */
export const BACKEND_LIMITS = {
  /** Writes that wait are joined into one RocksDB batch up to this size. */
  maxBatchBytes: 4 * 1024 * 1024,
  /** Bytes of writes that wait; a write beyond them fails with code IO, and nothing of it is written. */
  maxQueuedBytes: 512 * 1024 * 1024,
  /** RocksDB's memtable: what a restart replays, and the size of the first sorted files. */
  writeBufferBytes: 64 * 1024 * 1024,
  /** Blocks of old revisions kept in memory; the newest values never come from here. */
  blockCacheBytes: 64 * 1024 * 1024,
  /** Table files RocksDB keeps open. */
  maxOpenFiles: 512,
  /** Bytes that an iterator fetches at a time. */
  readAheadBytes: 256 * 1024,
  /** Rows are laid together in packs up to this size. */
  packBytes: 32 * 1024,
  /** Packs read at a time where rows of them change. */
  rewriteBounds: { limit: 16, maxBytes: 512 * 1024 },
} as const;

assert(BACKEND_LIMITS.maxBatchBytes <= BACKEND_LIMITS.maxQueuedBytes, 'a batch is made of what waits');
