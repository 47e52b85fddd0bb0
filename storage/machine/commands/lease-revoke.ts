import { StoreError } from '../../../base/store-error.ts';
import type { LeaseRevokeRequest } from '../../../proto/gen/etcd.ts';
import { NO_KEY } from '../../mvcc/key-records.ts';
import { header } from '../../mvcc/txn.ts';
import { leaseGoneRow } from '../rows.ts';
import type { Effect, State } from '../state.ts';

/** Deletes the lease's keys, in byte order and in one revision. Errors: LEASE_NOT_FOUND. */
export function applyLeaseRevoke({ lessor, store, rows }: State, { ID }: LeaseRevokeRequest): Effect {
  const lease = lessor.get(ID);
  if (lease === undefined) return { outcome: { type: 'error', error: new StoreError('LEASE_NOT_FOUND') } };
  const write = store.write(rows);
  for (const key of lease.keys) {
    const id = store.keys.findLive(key);
    if (id !== NO_KEY) write.delete(id);
  }
  const events = write.end();
  lessor.revoke(ID);
  rows.push(leaseGoneRow(ID));
  return {
    outcome: { type: 'leaseRevoke', response: { header: header(store.revision) } },
    events,
    leases: [{ type: 'revoked', id: ID }],
  };
}
