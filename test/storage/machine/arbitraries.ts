import fc from 'fast-check';
import { bytesOf } from '../../../base/bytes.ts';
import type { CommandBody } from '../../../proto/command.ts';
import type {
  Compare,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
} from '../../../proto/gen/etcd.ts';
import { checkTxnRequest } from '../../../proto/validate.ts';
import { op, put, range } from './world.ts';

/** Requests over few keys, values and leases, so that they meet. */

const key = fc.constantFrom('a', 'aa', 'ab', 'b', 'b\0', 'c', '\xff');
const rangeEnd = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.constantFrom('\0', 'b', 'c', 'd') },
);
const value = fc.constantFrom('', 'x', 'y', 'long enough to matter');
const lease = fc.constantFrom(0n, 0n, 0n, 1n, 2n, -3n);
/** Often the newest, sometimes one that may be old, compacted or in the future. */
const revision = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 30 }) },
);
const bound = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 25 }) },
);

export const rangeRequest: fc.Arbitrary<RangeRequest> = fc
  .record({
    key,
    rangeEnd,
    revision,
    limit: fc.constantFrom(0, 0, 1, 2, 3),
    sortOrder: fc.constantFrom(0, 0, 1, 2),
    sortTarget: fc.constantFrom(0, 0, 0, 1, 2, 3, 4),
    keysOnly: fc.boolean(),
    countOnly: fc.constantFrom(false, false, false, true),
    minModRevision: bound,
    maxModRevision: bound,
    minCreateRevision: bound,
    maxCreateRevision: bound,
  })
  .map((options) => range(options.key, options.rangeEnd, options));

const putRequest: fc.Arbitrary<PutRequest> = fc
  .record({
    key,
    value,
    lease,
    prevKv: fc.boolean(),
    ignoreValue: fc.constantFrom(false, false, true),
    ignoreLease: fc.constantFrom(false, false, true),
  })
  .map((options) =>
    put(options.key, options.ignoreValue ? '' : options.value, {
      prevKv: options.prevKv,
      ignoreValue: options.ignoreValue,
      ignoreLease: options.ignoreLease,
      lease: options.ignoreLease ? 0n : options.lease,
    }),
  );

const deleteRequest: fc.Arbitrary<DeleteRangeRequest> = fc.record({ key, rangeEnd, prevKv: fc.boolean() });

const operand: fc.Arbitrary<Compare['targetUnion']> = fc.oneof(
  fc.record({ case: fc.constant('version' as const), version: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ case: fc.constant('createRevision' as const), createRevision: fc.integer({ min: 0, max: 10 }) }),
  fc.record({ case: fc.constant('modRevision' as const), modRevision: fc.integer({ min: 0, max: 10 }) }),
  fc.record({ case: fc.constant('value' as const), value: value.map(bytesOf) }),
  fc.record({ case: fc.constant('lease' as const), lease }),
);

const compareOne: fc.Arbitrary<Compare> = fc.record({
  key,
  rangeEnd,
  target: fc.integer({ min: 0, max: 4 }),
  result: fc.integer({ min: 0, max: 3 }),
  targetUnion: operand,
});

function txnRequest(depth: number): fc.Arbitrary<TxnRequest> {
  const leaf: fc.Arbitrary<RequestOp>[] = [
    putRequest.map(op.put),
    rangeRequest.map(op.range),
    deleteRequest.map(op.delete),
  ];
  const any = fc.oneof(...leaf, ...(depth > 0 ? [txnRequest(depth - 1).map(op.txn)] : []));
  const ops = fc.array(any, { maxLength: 4 });
  return fc.record({ compare: fc.array(compareOne, { maxLength: 2 }), success: ops, failure: ops });
}

/** Transactions that pass the edge. */
export const validTxn: fc.Arbitrary<TxnRequest> = txnRequest(2).filter((request) => {
  try {
    checkTxnRequest(request);
    return true;
  } catch {
    return false;
  }
});

export const command: fc.Arbitrary<CommandBody> = fc.oneof(
  { weight: 8, arbitrary: putRequest.map((request): CommandBody => ({ case: 'put', put: request })) },
  { weight: 4, arbitrary: deleteRequest.map((deleteRange): CommandBody => ({ case: 'deleteRange', deleteRange })) },
  { weight: 6, arbitrary: validTxn.map((txn): CommandBody => ({ case: 'txn', txn })) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: -1, max: 25 })
      .map((at): CommandBody => ({ case: 'compaction', compaction: { revision: at, physical: false } })),
  },
  {
    weight: 2,
    arbitrary: lease.map(
      (ID): CommandBody => ({ case: 'leaseGrant', leaseGrant: { ID: ID === 0n ? 7n : ID, TTL: 3600 } }),
    ),
  },
  { weight: 1, arbitrary: lease.map((ID): CommandBody => ({ case: 'leaseRevoke', leaseRevoke: { ID } })) },
);
