import { createHash } from 'node:crypto';
import type { DiskFile } from '../../io/doors.ts';
import { EtcdFileError } from './etcd-file-error.ts';

/** Bytes of the SHA-256 that ends a snapshot file. */
export const DIGEST_BYTES = 32;
/** Databases are whole disk sectors: a rest of DIGEST_BYTES is a digest. Source: etcd v3_snapshot.go, hasChecksum. */
const SECTOR_BYTES = 512;
const READ_BYTES = 1024 * 1024;

/** How much of a file is the database, and whether a digest follows. */
export function databaseBytes(fileBytes: number): { readonly sizeBytes: number; readonly hasDigest: boolean } {
  const hasDigest = fileBytes % SECTOR_BYTES === DIGEST_BYTES;
  return { sizeBytes: hasDigest ? fileBytes - DIGEST_BYTES : fileBytes, hasDigest };
}

/** The SHA-256 of the database in a file, compared with the one at its end if there is one. Errors: EtcdFileError DIGEST; DiskError. */
export async function digestOf(
  file: DiskFile,
): Promise<{ readonly digest: Buffer; readonly hasDigest: boolean; readonly isEqual: boolean }> {
  const fileBytes = await file.size();
  const { sizeBytes, hasDigest } = databaseBytes(fileBytes);
  const hash = createHash('sha256');
  for (let at = 0; at < sizeBytes; at += READ_BYTES) {
    hash.update(await file.read(at, Math.min(READ_BYTES, sizeBytes - at)));
  }
  const digest = hash.digest();
  const isEqual = hasDigest && digest.equals(await file.read(sizeBytes, DIGEST_BYTES));
  return { digest, hasDigest, isEqual };
}

/** Errors: EtcdFileError DIGEST when the file does not end with its own SHA-256. */
export function assertDigest(found: { readonly hasDigest: boolean; readonly isEqual: boolean }): void {
  if (!found.hasDigest) throw new EtcdFileError('DIGEST', 'snapshot missing hash but --skip-hash-check=false');
  if (!found.isEqual)
    throw new EtcdFileError('DIGEST', 'the file is damaged: its SHA-256 is not the one that it ends with');
}
