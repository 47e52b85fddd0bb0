import { StoreError } from '../../base/store-error.ts';
import type { CommandBody } from '../../proto/command.ts';
import type { PutRequest, RequestOp, TxnRequest } from '../../proto/gen/etcd.ts';
import type { State } from './state.ts';

/** What a key costs beside its own bytes and its value's, and what a lease costs. Source: etcd server/storage/quota.go. */
const KEY_OVERHEAD_BYTES = 256;
const LEASE_BYTES = 64;

/**
 * Bytes that a command may add: of a put its key, its value and an overhead, of a transaction those of the larger branch, nested
 * ones included. 0: it adds nothing, and is never refused for want of space. Source: etcd server/storage/quota.go (3.6.14).
 */
export function costOf(body: CommandBody): number {
  if (body.case === 'put') return costOfPut(body.put);
  if (body.case === 'txn') return costOfTxn(body.txn);
  return body.case === 'leaseGrant' ? LEASE_BYTES : 0;
}

/** Bytes that count towards the quota: what is live, not what a compaction will free. */
export function usedBytes({ store, lessor }: Pick<State, 'store' | 'lessor'>): number {
  return store.slabs.liveBytes + LEASE_BYTES * lessor.size;
}

/**
 * Why a command must not be applied in this state: CORRUPT while a member says that its data is damaged, NO_SPACE while one is out
 * of space, or when it would take the store beyond the quota that its proposer gave it. Source: etcd's applierV3Corrupt,
 * applierV3Capped and quotaApplierV3; other than there a refused write leaves no trace.
 */
export function refusalOf(state: State, body: CommandBody, quotaBytes: number): StoreError | undefined {
  const { alarms } = state;
  if (alarms.isCorrupt && KEY_VALUE_COMMANDS.has(body.case)) return new StoreError('CORRUPT');
  if (!alarms.isFull && quotaBytes === 0) return undefined;
  const cost = costOf(body);
  if (cost === 0) return undefined;
  const exceeds = quotaBytes > 0 && usedBytes(state) + cost >= quotaBytes;
  return alarms.isFull || exceeds ? new StoreError('NO_SPACE') : undefined;
}

const KEY_VALUE_COMMANDS: ReadonlySet<CommandBody['case']> = new Set([
  'put',
  'deleteRange',
  'txn',
  'compaction',
  'leaseGrant',
  'leaseRevoke',
]);

function costOfPut({ key, value }: PutRequest): number {
  return KEY_OVERHEAD_BYTES + key.length + value.length;
}

function costOfTxn({ success, failure }: TxnRequest): number {
  const sum = (ops: readonly RequestOp[]): number => ops.reduce((total, op) => total + costOfOp(op), 0);
  return Math.max(sum(success), sum(failure));
}

function costOfOp({ request }: RequestOp): number {
  if (request?.case === 'requestPut') return costOfPut(request.requestPut);
  return request?.case === 'requestTxn' ? costOfTxn(request.requestTxn) : 0;
}
