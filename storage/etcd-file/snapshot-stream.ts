import { createHash } from 'node:crypto';
import type { BackendView } from '../backend/backend.ts';
import { planBoltFile, writeBoltFile } from './bolt-writer.ts';
import { etcdBuckets } from './export.ts';
import { ETCD_FILE_LIMITS } from './limits.ts';

/** A piece of a snapshot file, in order. */
export interface SnapshotPiece {
  readonly bytes: Uint8Array;
  /** Bytes of the database that come after it; the digest does not count. Source: etcd maintenance.go. */
  readonly remainingBytes: number;
}

/**
 * A view of the backend as an etcd snapshot file: a database in pieces of ETCD_FILE_LIMITS.blobBytes, and as the last piece its
 * SHA-256. The view is read twice, once to lay the file out; it stays the caller's to close. Nothing is read ahead of who pulls,
 * and memory does not grow with the store. Errors: DiskError.
 */
export async function* etcdSnapshot(view: BackendView): AsyncGenerator<SnapshotPiece, void> {
  const buckets = await etcdBuckets(view);
  const plan = await planBoltFile(buckets);
  const hash = createHash('sha256');
  let remainingBytes = plan.sizeBytes;
  for await (const bytes of inBlobs(writeBoltFile(buckets, plan))) {
    hash.update(bytes);
    remainingBytes -= bytes.length;
    yield { bytes, remainingBytes };
  }
  yield { bytes: hash.digest(), remainingBytes };
}

async function* inBlobs(pages: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const { blobBytes } = ETCD_FILE_LIMITS;
  let blob = Buffer.allocUnsafe(blobBytes);
  let filled = 0;
  for await (const page of pages) {
    for (let at = 0; at < page.length; ) {
      const copied = page.copy(blob, filled, at);
      at += copied;
      filled += copied;
      if (filled < blobBytes) continue;
      yield blob;
      blob = Buffer.allocUnsafe(blobBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield blob.subarray(0, filled);
}
