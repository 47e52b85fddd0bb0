import { byteString, utf8Bytes } from '../../base/bytes.ts';
import { crc32c } from '../../base/crc32c.ts';
import type { StoreError } from '../../base/store-error.ts';
import { NO_KEY } from './key-records.ts';
import { parseKeyValue } from './key-value.ts';
import { countAt, type RevisionPair, revisionError, versionAt } from './range.ts';
import { decodeRevisionKey, etcdRevisionKey } from './revision-key.ts';
import type { Store } from './store.ts';

/** The name of etcd's bucket of revisions, with which its hash begins. */
const BUCKET = utf8Bytes('key');

/**
 * HashKV as etcd computes it: CRC-32C over the bucket's name and then row key and row value of every revision at or below
 * `revision`, without what compaction has superseded and without a tombstone at the compact revision. The rows are
 * streamed in by the driver from a view that was taken, after all writes were written, when this was made.
 * Source: etcd server/storage/mvcc/hash.go.
 */
export class HashKv {
  /** The revision hashed; what the header says is the current one. */
  readonly revision: number;
  /** -1 when nothing was ever compacted, as in etcd. */
  readonly compactRevision: number;
  readonly #store: Store;
  readonly #compactedAt: number;
  /** No key exists at `revision`; etcd's keep-set is then empty and not used. */
  readonly #keepsNothing: boolean;
  #hash = crc32c(BUCKET);

  constructor(store: Store, revision: number) {
    this.#store = store;
    this.revision = revision;
    this.#compactedAt = store.compactRevision;
    this.compactRevision = store.compactRevision === 0 ? -1 : store.compactRevision;
    this.#keepsNothing = countAt(store, '\0', '\0', revision) === 0;
  }

  /** Takes the next row of the `revision` keyspace, in byte order of the row keys. */
  row(key: Uint8Array, value: Uint8Array): void {
    const at = decodeRevisionKey(key);
    if (at === undefined || at.main > this.revision) return;
    if (at.main <= this.#compactedAt && !this.#isKept(at, value)) return;
    if (at.tombstone && at.main === this.#compactedAt) return;
    this.#hash = crc32c(value, crc32c(etcdRevisionKey(key), this.#hash));
  }

  /** The hash; undefined when a compaction came between: begin again. */
  finish(): number | undefined {
    return this.#store.compactRevision === this.#compactedAt ? this.#hash : undefined;
  }

  #isKept(at: RevisionPair, value: Uint8Array): boolean {
    const fields = parseKeyValue(value);
    // The row without a key that holds a raised revision: for etcd it is a key like others, which nothing supersedes.
    if (fields === undefined || fields.keyEnd === 0) return true;
    const key = byteString(value.subarray(fields.keyStart, fields.keyEnd));
    // A revision superseded after the compact revision is still there, but only an empty keep-set lets it be hashed.
    const kept = revisionOf(this.#store, key, this.#keepsNothing ? this.#compactedAt : this.revision);
    return kept !== undefined && kept.main === at.main && kept.sub === at.sub;
  }
}

/** Starts the hash at `revision` (0: the current one). Errors: COMPACTED, FUTURE_REVISION. */
export function planHash(store: Store, revision: number): HashKv | { readonly error: StoreError } {
  const error = revisionError(store, revision, store.revision);
  return error === undefined ? new HashKv(store, revision <= 0 ? store.revision : revision) : { error };
}

function revisionOf({ keys }: Store, key: string, at: number): RevisionPair | undefined {
  const id = keys.find(key);
  if (id === NO_KEY) return undefined;
  const { records, lists } = keys;
  if (records.exists(id) && records.modRevision(id) <= at)
    return { main: records.modRevision(id), sub: records.modSub(id) };
  return versionAt(lists, records.older(id), at);
}
