import { assert } from '../../base/assert.ts';

/** Bounds of reading and writing snapshot files. Sizes in bytes. */
export const ETCD_FILE_LIMITS = {
  /** Rows and bytes that one scan of the backend brings while a file is written. */
  scanRows: 256,
  scanBytes: 64 * 1024,
  /** Reads of a file are of this size, and this many of them are remembered. A multiple of every page size. */
  blockBytes: 64 * 1024,
  cachedBlocks: 64,
  /** A page with its overflow beyond this is refused as CORRUPT: the longest value that etcd takes is far shorter. */
  maxPageBytes: 64 * 1024 * 1024,
  /** Branch pages above a leaf; deeper trees are refused as CORRUPT. bbolt's smallest pages hold 2 keys: 2^48 leaves. */
  maxDepth: 48,
  /** Buckets in the root tree; etcd has eleven. */
  maxBuckets: 1024,
  /** Rows of the small buckets (members, meta, auth ...) that are held in memory at once; more are refused as UNSUPPORTED. */
  maxSmallRows: 1_000_000,
  /** Bytes that a batch of restored rows has, about. */
  batchBytes: 1024 * 1024,
  /** Bytes of the file in one message of the Snapshot call. Source: etcd maintenance.go, snapshotSendBufferSize. */
  blobBytes: 32 * 1024,
} as const;

/** bbolt's own: an OS page is between these wherever bbolt runs. */
export const PAGE_SIZES = { least: 1024, most: 64 * 1024 } as const;

assert(ETCD_FILE_LIMITS.blockBytes % PAGE_SIZES.most === 0, 'a page never straddles two blocks');
