import { assert } from '../../base/assert.ts';

/** Bounds of the multi-version store. */
export const MVCC_LIMITS = {
  /** Slabs that hold the newest values: they start small and grow with what lives in them. A larger value has its own slab. */
  minSlabBytes: 64 * 1024,
  maxSlabBytes: 1024 * 1024,
  /** A value larger than this gets a slab of its own size. */
  ownSlabBytes: 128 * 1024,
  /** Dead bytes that are tolerated, as a share of the live ones; above it the emptiest slabs are evacuated. */
  maxDeadShare: 0.2,
  /** More slabs than any store has: no restored one has a number above it. */
  maxSlabs: 16 * 1024 * 1024,
  /** Slabs evacuated at one time: bounds the pause. What is left over waits for the next write. */
  maxEvacuations: 8,
  /** Changes in one block of a checkpoint. */
  maxBlockChanges: 64 * 1024,
  /** Memory for keys and lists of revisions is taken in pieces that grow with what there is; this is the least. */
  minChunkBytes: 4 * 1024,
  /** Places of keys that are found by hash. */
  minHints: 1024,
  /** Changes in one chunk of the change log. */
  changeChunk: 1024,
} as const;

assert(
  MVCC_LIMITS.ownSlabBytes <= MVCC_LIMITS.maxSlabBytes,
  'what is too large for a shared slab is not larger than one',
);
