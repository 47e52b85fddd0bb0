import { KeyRanges } from '../base/key-ranges.ts';
import { StoreError } from '../base/store-error.ts';
import {
  type DeleteRangeRequest,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  SortOrder,
  SortTarget,
  type TxnRequest,
} from './gen/etcd.ts';

/**
 * What is wrong with a request whatever the state is, found at the edge before anything is proposed. Each function throws
 * StoreError. Source: etcd server/etcdserver/api/v3rpc/key.go.
 */

/** Operations of a transaction, nested ones included along one way through it (etcd's --max-txn-ops). */
export const MAX_TXN_OPS = 128;

/** Errors: KEY_EMPTY, INVALID_SORT_OPTION. */
export function checkRangeRequest({ key, sortOrder, sortTarget }: RangeRequest): void {
  if (key === '') throw new StoreError('KEY_EMPTY');
  if (sortOrder < SortOrder.NONE || sortOrder > SortOrder.DESCEND) throw new StoreError('INVALID_SORT_OPTION');
  if (sortTarget < SortTarget.KEY || sortTarget > SortTarget.VALUE) throw new StoreError('INVALID_SORT_OPTION');
}

/** Errors: KEY_EMPTY, VALUE_PROVIDED, LEASE_PROVIDED. */
export function checkPutRequest({ key, value, lease, ignoreValue, ignoreLease }: PutRequest): void {
  if (key === '') throw new StoreError('KEY_EMPTY');
  if (ignoreValue && value.length > 0) throw new StoreError('VALUE_PROVIDED');
  if (ignoreLease && lease !== 0n) throw new StoreError('LEASE_PROVIDED');
}

/** Errors: KEY_EMPTY. */
export function checkDeleteRangeRequest({ key }: DeleteRangeRequest): void {
  if (key === '') throw new StoreError('KEY_EMPTY');
}

/**
 * Errors: TOO_MANY_OPS, KEY_EMPTY, KEY_NOT_FOUND (an operation without content), DUPLICATE_KEY (a key put twice, or put
 * and deleted), and those of the operations. `maxOps` is shared with nested transactions: they get what is left of it.
 */
export function checkTxnRequest(request: TxnRequest, maxOps = MAX_TXN_OPS): void {
  checkOps(request, maxOps);
  collectChanges(request.success);
  collectChanges(request.failure);
}

function checkOps({ compare, success, failure }: TxnRequest, maxOps: number): void {
  const ops = Math.max(compare.length, success.length, failure.length);
  if (ops > maxOps) throw new StoreError('TOO_MANY_OPS');
  for (const { key } of compare) if (key === '') throw new StoreError('KEY_EMPTY');
  for (const op of success) checkOp(op, maxOps - ops);
  for (const op of failure) checkOp(op, maxOps - ops);
}

function checkOp({ request: op }: RequestOp, maxOps: number): void {
  switch (op?.case) {
    case 'requestRange':
      checkRangeRequest(op.requestRange);
      break;
    case 'requestPut':
      checkPutRequest(op.requestPut);
      break;
    case 'requestDeleteRange':
      checkDeleteRangeRequest(op.requestDeleteRange);
      break;
    case 'requestTxn':
      checkOps(op.requestTxn, maxOps);
      break;
    case undefined:
      throw new StoreError('KEY_NOT_FOUND');
  }
}

interface Changes {
  readonly puts: Set<string>;
  readonly deletes: KeyRanges;
}

/**
 * The puts and deletes of a list of operations, refused where they meet. As in etcd's checkIntervals the branches of one
 * nested transaction may both put a key, and what is compared with deletes are: puts of this level with all deletes, puts of
 * a nested one with the deletes of this level and of those nested before it.
 */
function collectChanges(ops: readonly RequestOp[]): Changes {
  const all: Changes = { puts: new Set(), deletes: new KeyRanges() };
  for (const { request: op } of ops) if (op?.case === 'requestDeleteRange') addDelete(all, op.requestDeleteRange);
  for (const { request: op } of ops) if (op?.case === 'requestTxn') collectNested(all, op.requestTxn);
  for (const { request: op } of ops) {
    if (op?.case !== 'requestPut') continue;
    const { key } = op.requestPut;
    if (all.puts.has(key)) throw new StoreError('DUPLICATE_KEY');
    addPut(all, key);
  }
  return all;
}

function collectNested(all: Changes, { success, failure }: TxnRequest): void {
  const yes = collectChanges(success);
  const no = collectChanges(failure);
  for (const key of yes.puts) {
    if (all.puts.has(key)) throw new StoreError('DUPLICATE_KEY');
    addPut(all, key);
  }
  for (const key of no.puts) {
    if (all.puts.has(key) && !yes.puts.has(key)) throw new StoreError('DUPLICATE_KEY');
    addPut(all, key);
  }
  all.deletes.addAll(yes.deletes);
  all.deletes.addAll(no.deletes);
}

function addPut({ puts, deletes }: Changes, key: string): void {
  if (deletes.has(key)) throw new StoreError('DUPLICATE_KEY');
  puts.add(key);
}

/** etcd takes the end '\0' (from the key on) for an empty interval here: such a delete goes with any put. */
function addDelete({ deletes }: Changes, { key, rangeEnd }: DeleteRangeRequest): void {
  deletes.add(key, rangeEnd === '' ? `${key}\0` : rangeEnd);
}
