import { bytesOf, utf8Text } from '../../base/bytes.ts';
import { crc32c } from '../../base/crc32c.ts';
import type { DiskFile } from '../../io/doors.ts';
import { parseKeyValue } from '../mvcc/key-value.ts';
import { BoltReader } from './bolt-reader.ts';
import type { BoltRow } from './bolt-writer.ts';
import { decodeEtcdRevision, ETCD_META } from './buckets.ts';
import { databaseBytes, digestOf } from './digest.ts';
import { EtcdFileError } from './etcd-file-error.ts';
import { KeySet } from './key-set.ts';

/** What `snapshot status` tells of a file. Source: etcd 3.6 etcdutl/snapshot/v3_snapshot.go, Status. */
export interface EtcdFileStatus {
  /** CRC-32C over every bucket's name, keys and values: files with the same hash hold the same. */
  readonly hash: number;
  /** Of the newest row. */
  readonly revision: number;
  /** Keys that exist at that revision. */
  readonly totalKey: number;
  /** Bytes of the database. */
  readonly totalSize: number;
  /** Version of the layout; empty before 3.6. */
  readonly version: string;
}

/**
 * Reads a whole file and checks it: its digest, if it has one, that every page has one use, and every row.
 * Errors: EtcdFileError CORRUPT or DIGEST; DiskError.
 */
export async function etcdFileStatus(file: DiskFile): Promise<EtcdFileStatus> {
  const { hasDigest, isEqual } = await digestOf(file);
  const { sizeBytes } = databaseBytes(await file.size());
  const reader = await BoltReader.open(file, sizeBytes, { audit: true });
  const keys = new KeySet();
  let [hash, revision, version] = [0, 0, ''];
  for (const bucket of reader.bucketNames) {
    hash = crc32c(bytesOf(bucket), hash);
    for await (const rows of reader.rows(bucket)) {
      for (const row of rows) {
        hash = crc32c(row.value, crc32c(row.key, hash));
        if (bucket === 'key') revision = count(keys, row);
        if (bucket === 'meta' && utf8Text(row.key) === ETCD_META.storageVersion) version = utf8Text(row.value);
      }
    }
  }
  reader.assertAudited();
  if (hasDigest && !isEqual) throw new EtcdFileError('DIGEST', 'its SHA-256 is not the one that it ends with');
  return { hash, revision, totalKey: keys.size, totalSize: reader.sizeBytes, version };
}

/** Answers the row's revision. */
function count(keys: KeySet, { key, value }: BoltRow): number {
  const at = decodeEtcdRevision(key);
  const fields = parseKeyValue(value);
  if (at === undefined || fields === undefined)
    throw new EtcdFileError('CORRUPT', `the row ${Buffer.from(key).toString('hex')} is no revision of a key`);
  const name = value.subarray(fields.keyStart, fields.keyEnd);
  if (at.isTombstone) keys.delete(name);
  else keys.put(name);
  return at.main;
}
