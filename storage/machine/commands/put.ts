import { KeyRanges } from '../../../base/key-ranges.ts';
import type { PutRequest } from '../../../proto/gen/etcd.ts';
import { checkLease, checkPut, runPut } from '../../mvcc/txn.ts';
import type { Outcome } from '../machine.ts';
import type { Effect, State } from '../state.ts';

/** Errors: KEY_EMPTY, KEY_NOT_FOUND (what should be kept is not there), LEASE_NOT_FOUND. */
export function applyPut({ store, lessor, rows }: State, request: PutRequest): Effect {
  // A put alone looks for its lease first, one in a transaction last, as in etcd.
  const error = checkLease(lessor, request) ?? checkPut(store, lessor, request, NO_DELETES);
  if (error !== undefined) return { outcome: { type: 'error', error } };
  const write = store.write(rows);
  const prevKv = runPut(store, write, request);
  return { outcome: prevKv === undefined ? DONE : { type: 'put', prevKv }, events: write.end() };
}

/** What nearly every put comes to, on every member. */
const DONE: Outcome = { type: 'put', prevKv: undefined };

/** A put alone deletes nothing before it. */
const NO_DELETES = new KeyRanges();
