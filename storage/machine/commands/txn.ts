import { assert } from '../../../base/assert.ts';
import type { RequestOp, TxnRequest } from '../../../proto/gen/etcd.ts';
import type { RevisionPair } from '../../mvcc/range.ts';
import { checkTxn, choosePath, missingOf, runTxn } from '../../mvcc/txn.ts';
import type { Effect, State } from '../state.ts';

/**
 * All of the chosen branch in one revision, or nothing at all. `values`: those of `txnNeeds`.
 * Errors: COMPACTED, FUTURE_REVISION, KEY_EMPTY, KEY_NOT_FOUND, LEASE_NOT_FOUND.
 */
export function applyTxn(state: State, request: TxnRequest, values: readonly Uint8Array[]): Effect {
  const { store, lessor, rows } = state;
  const path = choosePath(store, request);
  const error = checkTxn(store, lessor, path);
  if (error !== undefined) return { outcome: { type: 'error', error } };
  assert(missingOf(path).length <= values.length, 'the values that needs() names are given to apply()');
  const write = store.write(rows);
  const response = runTxn(store, write, path, values);
  return { outcome: { type: 'txn', response }, events: write.end() };
}

/** Old values that the transaction is going to read. */
export function txnNeeds({ store, lessor }: State, request: TxnRequest): readonly RevisionPair[] {
  if (!request.success.some(readsThePast) && !request.failure.some(readsThePast)) return [];
  const path = choosePath(store, request);
  return checkTxn(store, lessor, path) === undefined ? missingOf(path) : [];
}

function readsThePast({ request: op }: RequestOp): boolean {
  if (op?.case === 'requestRange') return op.requestRange.revision > 0;
  if (op?.case !== 'requestTxn') return false;
  return op.requestTxn.success.some(readsThePast) || op.requestTxn.failure.some(readsThePast);
}
