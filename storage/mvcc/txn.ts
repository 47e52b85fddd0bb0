import { EMPTY_BYTES } from '../../base/bytes.ts';
import { KeyRanges } from '../../base/key-ranges.ts';
import { StoreError } from '../../base/store-error.ts';
import type {
  DeleteRangeRequest,
  DeleteRangeResponse,
  PutRequest,
  RangeRequest,
  RangeResponse,
  RequestOp,
  ResponseHeader,
  ResponseOp,
  TxnRequest,
  TxnResponse,
} from '../../proto/gen/etcd.ts';
import { holds } from './compare.ts';
import { NO_KEY } from './key-records.ts';
import { valueBytes } from './key-value.ts';
import { endOf, liveKeys, planRange, type RangeFetch, type RangeResult, type RevisionPair } from './range.ts';
import type { Store, Write } from './store.ts';

/** What a transaction needs to know of leases. */
export interface LeaseView {
  has(id: bigint): boolean;
}

/** A transaction that has chosen its branch, nested ones too: all compares see the state before it. */
export interface TxnPath {
  readonly succeeded: boolean;
  readonly ops: readonly RequestOp[];
  /** By the place of the operation; only for nested transactions. */
  readonly nested: ReadonlyMap<number, TxnPath>;
  /** By the place of the operation: ranges at a revision of their own, read before anything is written. */
  readonly reads: ReadonlyMap<number, RangeResult | RangeFetch>;
}

/** Chooses the branches; reads what must be read before anything is written. Call `checkTxn` before using it. */
export function choosePath(store: Store, request: TxnRequest): TxnPath {
  const succeeded = request.compare.every((compare) => holds(store, compare));
  const ops = succeeded ? request.success : request.failure;
  let nested: Map<number, TxnPath> | undefined;
  let reads: Map<number, RangeResult | RangeFetch> | undefined;
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i]?.request;
    if (op?.case === 'requestTxn') {
      nested ??= new Map();
      nested.set(i, choosePath(store, op.requestTxn));
    } else if (op?.case === 'requestRange' && op.requestRange.revision > 0) {
      const plan = planRange(store, op.requestRange);
      reads ??= new Map();
      if (plan.type !== 'error') reads.set(i, plan);
    }
  }
  return { succeeded, ops, nested: nested ?? NO_PATHS, reads: reads ?? NO_READS };
}

const NO_PATHS: ReadonlyMap<number, TxnPath> = new Map();
const NO_READS: ReadonlyMap<number, RangeResult | RangeFetch> = new Map();

/**
 * Everything that can fail, before anything is written: a revision that cannot be read, a lease that does not exist, a key
 * that must exist and does not. Source: etcd's checkTxn; in addition a put that keeps the value or lease of a key that the
 * same transaction deletes before is KEY_NOT_FOUND, where etcd stops.
 */
export function checkTxn(store: Store, leases: LeaseView, path: TxnPath): StoreError | undefined {
  return checkOps(store, leases, path, new KeyRanges());
}

function checkOps(store: Store, leases: LeaseView, path: TxnPath, deletes: KeyRanges): StoreError | undefined {
  for (let i = 0; i < path.ops.length; i++) {
    const op = path.ops[i]?.request;
    let error: StoreError | undefined;
    if (op?.case === 'requestRange') error = checkRevision(store, op.requestRange.revision);
    else if (op?.case === 'requestPut') error = checkPut(store, leases, op.requestPut, deletes);
    else if (op?.case === 'requestDeleteRange') addDelete(deletes, op.requestDeleteRange);
    else if (op?.case === 'requestTxn') error = checkOps(store, leases, nestedAt(path, i), deletes);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** Unlike a plain Range, a range in a transaction may not ask for a negative revision (etcd's checkRange). */
function checkRevision(store: Store, revision: number): StoreError | undefined {
  if (revision === 0) return undefined;
  if (revision > store.revision) return new StoreError('FUTURE_REVISION');
  const oldest = store.compactRevision === 0 ? -1 : store.compactRevision;
  return revision < oldest
    ? new StoreError('COMPACTED', undefined, { compactRevision: store.compactRevision })
    : undefined;
}

/** What can be wrong with a put in this state. `deletes`: ranges deleted before it in the same transaction. */
export function checkPut(store: Store, leases: LeaseView, put: PutRequest, deletes: KeyRanges): StoreError | undefined {
  if (put.key === '') return new StoreError('KEY_EMPTY');
  if (put.ignoreValue || put.ignoreLease) {
    if (deletes.has(put.key) || store.keys.findLive(put.key) === NO_KEY) return new StoreError('KEY_NOT_FOUND');
  }
  return checkLease(leases, put);
}

/** LEASE_NOT_FOUND unless the put names no lease or one that exists. */
export function checkLease(leases: LeaseView, { lease }: PutRequest): StoreError | undefined {
  return lease !== 0n && !leases.has(lease) ? new StoreError('LEASE_NOT_FOUND') : undefined;
}

function addDelete(deletes: KeyRanges, { key, rangeEnd }: DeleteRangeRequest): void {
  deletes.add(key, endOf(key, rangeEnd));
}

/** The values that the path's reads still lack, in the order in which `runTxn` wants them. */
export function missingOf(path: TxnPath): RevisionPair[] {
  const missing: RevisionPair[] = [];
  for (let i = 0; i < path.ops.length; i++) {
    const read = path.reads.get(i);
    if (read?.type === 'fetch') missing.push(...read.revisions);
    const nested = path.nested.get(i);
    if (nested !== undefined) missing.push(...missingOf(nested));
  }
  return missing;
}

/** Runs a checked path. `write` undefined: the path only reads. `values`: those of `missingOf`. */
export function runTxn(
  store: Store,
  write: Write | undefined,
  path: TxnPath,
  values: readonly Uint8Array[],
): TxnResponse {
  const response = runPath(store, write, path, { values, next: 0 });
  return { ...response, header: header(store.readRevision) };
}

function runPath(
  store: Store,
  write: Write | undefined,
  path: TxnPath,
  fetched: { readonly values: readonly Uint8Array[]; next: number },
): TxnResponse {
  const responses: ResponseOp[] = [];
  for (let i = 0; i < path.ops.length; i++) {
    const op = path.ops[i]?.request;
    if (op?.case === 'requestTxn') {
      const responseTxn = runPath(store, write, nestedAt(path, i), fetched);
      responses.push({ response: { case: 'responseTxn', responseTxn } });
    } else if (op?.case === 'requestRange') {
      const responseRange = readRange(store, op.requestRange, path.reads.get(i), fetched);
      responses.push({ response: { case: 'responseRange', responseRange } });
    } else if (op?.case === 'requestPut' && write !== undefined) {
      const prevKv = runPut(store, write, op.requestPut);
      responses.push({ response: { case: 'responsePut', responsePut: { header: header(write.main), prevKv } } });
    } else if (op?.case === 'requestDeleteRange' && write !== undefined) {
      const responseDeleteRange = runDeleteRange(store, write, op.requestDeleteRange);
      responses.push({ response: { case: 'responseDeleteRange', responseDeleteRange } });
    } else responses.push({ response: undefined });
  }
  return { header: header(0), succeeded: path.succeeded, responses };
}

/** A transaction that only reads, answered like a Range: in one step or in two. */
export type TxnPlan =
  | { readonly type: 'error'; readonly error: StoreError }
  | { readonly type: 'ready'; readonly response: TxnResponse }
  | {
      readonly type: 'fetch';
      readonly revisions: readonly RevisionPair[];
      /** Continues with the encoded KeyValues of `revisions`, in their order. */
      readonly finish: (values: readonly Uint8Array[]) => Extract<TxnPlan, { type: 'ready' }>;
    };

/** Reads without a log entry; `isReadOnlyTxn` must hold. Errors: COMPACTED, FUTURE_REVISION. */
export function planTxn(store: Store, leases: LeaseView, request: TxnRequest): TxnPlan {
  const path = choosePath(store, request);
  const error = checkTxn(store, leases, path);
  if (error !== undefined) return { type: 'error', error };
  const revisions = missingOf(path);
  if (revisions.length === 0) return { type: 'ready', response: runTxn(store, undefined, path, []) };
  // All is read now, with nothing in the place of what is fetched: a write that comes before `finish` must not be seen.
  const revision = store.readRevision;
  const { responses, ...rest } = runTxn(
    store,
    undefined,
    path,
    revisions.map(() => EMPTY_BYTES),
  );
  const finish = (values: readonly Uint8Array[]): Extract<TxnPlan, { type: 'ready' }> => {
    let next = 0;
    const filled = responses.map((response, i): ResponseOp => {
      const read = path.reads.get(i);
      if (read?.type !== 'fetch') return response;
      const own = values.slice(next, (next += read.revisions.length));
      return { response: { case: 'responseRange', responseRange: rangeResponse(read.finish(own), revision) } };
    });
    return { type: 'ready', response: { ...rest, responses: filled } };
  };
  return { type: 'fetch', revisions, finish };
}

/** Runs a put that `checkPut` has passed; returns what it is to answer with of the key as it was. */
export function runPut(store: Store, write: Write, put: PutRequest): Uint8Array | undefined {
  let value = put.value;
  let lease = put.lease;
  let prevKv: Uint8Array | undefined;
  if (put.prevKv || put.ignoreValue || put.ignoreLease) {
    const id = store.keys.findLive(put.key);
    const previous = id === NO_KEY ? undefined : store.view(id);
    if (put.prevKv) prevKv = previous;
    if (put.ignoreValue) value = previous === undefined ? EMPTY_BYTES : valueBytes(previous);
    if (put.ignoreLease) lease = id === NO_KEY ? 0n : store.keys.records.lease(id);
  }
  write.put(put.key, value, lease);
  return prevKv;
}

/** Deletes every key of the range, in key order. */
export function runDeleteRange(store: Store, write: Write, request: DeleteRangeRequest): DeleteRangeResponse {
  const ids = liveKeys(store, request.key, request.rangeEnd, 0);
  const prevKvs = request.prevKv ? ids.map((id) => store.view(id)) : [];
  for (const id of ids) write.delete(id);
  return { header: header(store.readRevision), deleted: ids.length, prevKvs };
}

/** A header that says only the revision; the member fills the rest. */
export function header(revision: number): ResponseHeader {
  return { clusterId: 0n, memberId: 0n, revision, raftTerm: 0 };
}

export function rangeResponse(result: RangeResult, revision: number): RangeResponse {
  return { header: header(revision), kvs: result.kvs, more: result.more, count: result.count };
}

function readRange(
  store: Store,
  request: RangeRequest,
  read: RangeResult | RangeFetch | undefined,
  fetched: { readonly values: readonly Uint8Array[]; next: number },
): RangeResponse {
  const plan = read ?? planRange(store, request);
  // Checked before: the only error left would be a revision that cannot be read.
  if (plan.type === 'error') return { header: header(store.readRevision), kvs: [], more: false, count: 0 };
  if (plan.type === 'ready') return rangeResponse(plan, store.readRevision);
  const values = fetched.values.slice(fetched.next, fetched.next + plan.revisions.length);
  fetched.next += plan.revisions.length;
  return rangeResponse(plan.finish(values), store.readRevision);
}

function nestedAt(path: TxnPath, i: number): TxnPath {
  return path.nested.get(i) ?? { succeeded: false, ops: [], nested: NO_PATHS, reads: NO_READS };
}

/** True when nothing in it can write, so that it needs no log entry: every operation of both branches is a Range. */
export function isReadOnlyTxn(request: TxnRequest): boolean {
  return everyRange(request, () => true);
}

/** True for a read-only transaction that may be answered from this member as it is. */
export function isSerializableTxn(request: TxnRequest): boolean {
  return everyRange(request, (range) => range.serializable);
}

function everyRange(request: TxnRequest, accepts: (range: RangeRequest) => boolean): boolean {
  const accepted = ({ request: op }: RequestOp): boolean => op?.case === 'requestRange' && accepts(op.requestRange);
  return request.success.every(accepted) && request.failure.every(accepted);
}
