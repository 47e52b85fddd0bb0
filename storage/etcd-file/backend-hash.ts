import { utf8Text } from '../../base/bytes.ts';
import { crc32c } from '../../base/crc32c.ts';
import type { BoltBucket } from './bolt-writer.ts';
import { ETCD_META } from './buckets.ts';

/** Rows that differ between members of one state: how far the log was applied, and the version of the layout. */
const NOT_STATE: ReadonlySet<string> = new Set([ETCD_META.consistentIndex, ETCD_META.term, ETCD_META.storageVersion]);

/**
 * CRC-32C over the name of every bucket and the key and value of every row but those of `meta` that are no state, in order. `assertWanted` is
 * called between batches of rows and throws when nobody waits any more.
 * Source: the Hash call of etcd, server/storage/backend/backend.go.
 */
export async function backendHash(buckets: readonly Pick<BoltBucket, 'name' | 'rows'>[]): Promise<number> {
  let hash = 0;
  for (const { name, rows } of buckets) {
    const isMeta = utf8Text(name) === 'meta';
    hash = crc32c(name, hash);
    for await (const batch of rows()) {
      for (const { key, value } of batch)
        if (!isMeta || !NOT_STATE.has(utf8Text(key))) hash = crc32c(value, crc32c(key, hash));
    }
  }
  return hash;
}
