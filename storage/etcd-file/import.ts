import { concatBytes, utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { decodeLeaseRow, type LeaseRow } from '../../proto/gen/command.ts';
import { decodeRole, decodeUser } from '../../proto/gen/etcd.ts';
import { WireError } from '../../proto/wire.ts';
import type { BackendOp } from '../backend/backend.ts';
import { LEASE_LIMITS } from '../lease/limits.ts';
import { compactRow, leaseRow } from '../machine/rows.ts';
import { type KeyValueFields, parseKeyValue } from '../mvcc/key-value.ts';
import { encodeRevisionKey } from '../mvcc/revision-key.ts';
import type { BoltReader } from './bolt-reader.ts';
import type { BoltRow } from './bolt-writer.ts';
import { AUTH_BUCKETS, decodeEtcdRevision, ETCD_META, type EtcdRevision } from './buckets.ts';
import { EtcdFileError } from './etcd-file-error.ts';
import { ETCD_FILE_LIMITS } from './limits.ts';

export interface ImportOptions {
  /**
   * Raises the current revision by so much and makes it the compact revision, so that no client meets a revision a second time with another
   * meaning, and every watch from before begins anew; 0: revisions stay as they are.
   */
  readonly bumpRevision: number;
  /** Leaves users, roles and whether passwords are asked for out: the restored store is open to every client. */
  readonly dropAuth: boolean;
}

/** What was read. */
export interface Imported {
  /** The store's current revision after the restore. */
  readonly revision: number;
  /** 0: nothing was ever compacted. */
  readonly compactRevision: number;
  /** Rows: revisions of keys, compacted ones and tombstones included. */
  readonly revisions: number;
  readonly leases: number;
}

/**
 * The rows of an etcd file as rows of a backend, in batches: revisions, leases, users and roles, the compact revision. Who belongs to the cluster and how far
 * its log had come are the old cluster's and left out; alarms are, too. Returns what it was. Errors: EtcdFileError; DiskError.
 */
export async function* importRows(
  file: BoltReader,
  options: ImportOptions,
): AsyncGenerator<readonly BackendOp[], Imported> {
  if (!file.bucketNames.includes('key'))
    throw new EtcdFileError('CORRUPT', 'this is no database of etcd 3: it has no bucket "key"');
  let leases = 0;
  for await (const rows of file.rows('lease')) {
    leases += rows.length;
    yield rows.map(leaseOp);
  }
  for (const bucket of options.dropAuth ? [] : AUTH_BUCKETS) {
    for await (const rows of file.rows(bucket))
      yield rows.filter((row) => isAuthRow(bucket, row)).map((row) => authOp(bucket, row));
  }
  const history = new History();
  let batch: BackendOp[] = [];
  let bytes = 0;
  for await (const rows of file.rows('key')) {
    for (const row of rows) {
      batch.push(...history.row(row));
      bytes += row.value.length;
    }
    if (bytes < ETCD_FILE_LIMITS.batchBytes) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  const compacted = await compactRevisionOf(file);
  const revision = Math.max(1, history.revision, compacted);
  const { bumpRevision } = options;
  const last = bumpRevision === 0 ? { revision, compactRevision: compacted } : raised(revision + bumpRevision);
  if (bumpRevision > 0) batch.push(...history.raiseTo(last.revision));
  if (last.compactRevision > 0) batch.push(compactRow(last.compactRevision));
  yield batch;
  return { ...last, revisions: history.rows, leases };
}

function raised(revision: number): { readonly revision: number; readonly compactRevision: number } {
  if (!Number.isSafeInteger(revision))
    throw new EtcdFileError('UNSUPPORTED', `the revision ${revision} is beyond 2^53`);
  return { revision, compactRevision: revision };
}

/** Checks the rows of the bucket `key`, which come in order, and turns them into the backend's. */
class History {
  rows = 0;
  #last: EtcdRevision | undefined;
  /** Row key of the last row that holds a raised revision and no key. A later one takes its place. */
  #raised: Uint8Array | undefined;

  get revision(): number {
    return this.#last?.main ?? 0;
  }

  row({ key, value }: BoltRow): readonly BackendOp[] {
    const at = decodeEtcdRevision(key);
    const fields = parseKeyValue(value);
    if (at === undefined || fields === undefined || !this.#follows(at) || !fits(at, fields)) throw notARow('key', key);
    this.#last = at;
    this.rows++;
    if (fields.keyEnd === 0) return this.#raise(encodeRevisionKey(at.main, at.sub, false));
    return [{ op: 'put', space: 'revision', key: encodeRevisionKey(at.main, at.sub, at.isTombstone), value }];
  }

  /** A row without a key, which holds the revision. Source: etcd v3_snapshot.go, unsafeBumpBucketsRevision. */
  raiseTo(revision: number): readonly BackendOp[] {
    return this.#raise(encodeRevisionKey(revision, 0, false));
  }

  #raise(key: Uint8Array): readonly BackendOp[] {
    const former = this.#raised;
    this.#raised = key;
    const put: BackendOp = { op: 'put', space: 'revision', key, value: new Uint8Array(0) };
    return former === undefined ? [put] : [{ op: 'delete', space: 'revision', key: former }, put];
  }

  #follows({ main, sub }: EtcdRevision): boolean {
    const last = this.#last;
    return main > 0 && (last === undefined || main > last.main || (main === last.main && sub > last.sub));
  }
}

/** A tombstone has a key; a put has one, too, and its own revision, unless it is the empty row that holds a raised revision. */
function fits(at: EtcdRevision, fields: KeyValueFields): boolean {
  if (fields.keyEnd === 0) return !at.isTombstone && fields.modRevision === 0;
  return at.isTombstone || fields.modRevision === at.main;
}

function leaseOp({ key, value }: BoltRow): BackendOp {
  const lease = leaseOf(value);
  const isNamed =
    lease !== undefined && key.length === 8 && Buffer.from(key).readBigInt64BE() === BigInt.asIntN(64, lease.ID);
  if (lease === undefined || !isNamed || lease.ID === 0n || lease.TTL > LEASE_LIMITS.maxTtlSeconds)
    throw notARow('lease', key);
  return leaseRow(lease.ID, lease.TTL);
}

function isAuthRow(bucket: (typeof AUTH_BUCKETS)[number], { key }: BoltRow): boolean {
  return bucket !== 'auth' || ['authEnabled', 'authRevision'].includes(utf8Text(key));
}

/** A user or a role whose bytes are none must not come to light only when somebody logs in. */
function authOp(bucket: (typeof AUTH_BUCKETS)[number], { key, value }: BoltRow): BackendOp {
  try {
    if (bucket === 'authUsers') decodeUser(value);
    if (bucket === 'authRoles') decodeRole(value);
  } catch (error) {
    throw error instanceof WireError ? notARow(bucket, key) : error;
  }
  return { op: 'put', space: 'auth', key: concatBytes([utf8Bytes(`${bucket}/`), key]), value };
}

function leaseOf(value: Uint8Array): LeaseRow | undefined {
  try {
    return decodeLeaseRow(value);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** The later of what was asked for and what was carried through: rows that are superseded below it are deleted when a member starts. */
async function compactRevisionOf(file: BoltReader): Promise<number> {
  let compacted = 0;
  for (const { key, value } of await file.allRows('meta')) {
    const name = utf8Text(key);
    if (name !== ETCD_META.scheduledCompact && name !== ETCD_META.finishedCompact) continue;
    const at = decodeEtcdRevision(value);
    if (at === undefined) throw notARow('meta', key);
    compacted = Math.max(compacted, at.main);
  }
  return compacted;
}

function notARow(bucket: string, key: Uint8Array): EtcdFileError {
  return new EtcdFileError(
    'CORRUPT',
    `the row ${Buffer.from(key).toString('hex')} of the bucket "${bucket}" is none that etcd writes`,
  );
}
