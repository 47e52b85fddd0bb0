import { StoreError } from '../../../base/store-error.ts';
import type { DeleteRangeRequest } from '../../../proto/gen/etcd.ts';
import { runDeleteRange } from '../../mvcc/txn.ts';
import type { Effect, State } from '../state.ts';

/** Deleting nothing makes no revision. Errors: KEY_EMPTY. */
export function applyDeleteRange({ store, rows }: State, request: DeleteRangeRequest): Effect {
  if (request.key === '') return { outcome: { type: 'error', error: new StoreError('KEY_EMPTY') } };
  const write = store.write(rows);
  const response = runDeleteRange(store, write, request);
  return { outcome: { type: 'deleteRange', response }, events: write.end() };
}
