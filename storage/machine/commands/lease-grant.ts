import type { LeaseGrantRequest } from '../../../proto/gen/etcd.ts';
import { header } from '../../mvcc/txn.ts';
import { leaseRow } from '../rows.ts';
import type { Effect, State } from '../state.ts';

/** The proposer has chosen the id and raised the TTL to the minimum. Errors: LEASE_NOT_FOUND (id 0), LEASE_TTL_TOO_LARGE, LEASE_EXISTS. */
export function applyLeaseGrant({ lessor, store, rows }: State, { ID, TTL }: LeaseGrantRequest): Effect {
  const error = lessor.grant(ID, TTL);
  if (error !== undefined) return { outcome: { type: 'error', error } };
  rows.push(leaseRow(ID, TTL));
  return {
    outcome: { type: 'leaseGrant', response: { header: header(store.revision), ID, TTL, error: '' } },
    leases: [{ type: 'granted', id: ID, ttlSeconds: TTL }],
  };
}
