import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type CommandBody, sealCommand } from '../../../proto/command.ts';
import { AlarmType, EMPTY_TXN_REQUEST } from '../../../proto/gen/etcd.ts';
import type { Outcome } from '../../../storage/machine/machine.ts';
import { costOf } from '../../../storage/machine/quota.ts';
import { deleteRange, put, World } from './world.ts';

let nextId = 1000n;

function apply(world: World, body: CommandBody, quotaBytes = 0): Outcome {
  return world.applyEntry({ type: 'normal', data: sealCommand(nextId++, body, { quotaBytes }) }).outcome;
}

function codeOf(outcome: Outcome): string {
  return outcome.type === 'error' ? outcome.error.code : outcome.type;
}

function alarm(
  active: boolean,
  options: { readonly type?: number; readonly memberID?: bigint; readonly automatic?: boolean } = {},
): CommandBody {
  const { type = AlarmType.NOSPACE, memberID = 7n, automatic = type === AlarmType.NOSPACE } = options;
  return { case: 'alarm', alarm: { memberID, alarm: type, active, automatic } };
}

const PUT: CommandBody = { case: 'put', put: put('k', 'v') };
const DELETE: CommandBody = { case: 'deleteRange', deleteRange: deleteRange('k', '') };
const GRANT: CommandBody = { case: 'leaseGrant', leaseGrant: { ID: 5n, TTL: 10 } };
const COMPACT: CommandBody = { case: 'compaction', compaction: { revision: 1, physical: false } };
const txn = (...ops: readonly CommandBody[]): CommandBody => ({
  case: 'txn',
  txn: {
    ...EMPTY_TXN_REQUEST,
    success: ops.map((op) => ({
      request:
        op.case === 'put'
          ? { case: 'requestPut', requestPut: op.put }
          : { case: 'requestDeleteRange', requestDeleteRange: deleteRange('k', '') },
    })),
  },
});

suite('while an alarm is active', () => {
  const rows: readonly (readonly [string, CommandBody, string, string])[] = [
    ['a put', PUT, 'NO_SPACE', 'CORRUPT'],
    ['a transaction that puts', txn(PUT), 'NO_SPACE', 'CORRUPT'],
    ['a transaction that only deletes', txn(DELETE), 'txn', 'CORRUPT'],
    ['a delete', DELETE, 'deleteRange', 'CORRUPT'],
    ['a compaction', COMPACT, 'compact', 'CORRUPT'],
    ['a lease', GRANT, 'NO_SPACE', 'CORRUPT'],
    ['the end of a lease', { case: 'leaseRevoke', leaseRevoke: { ID: 9n } }, 'LEASE_NOT_FOUND', 'CORRUPT'],
    ['disarming', alarm(false), 'alarm', 'alarm'],
  ];
  for (const [name, body, full, corrupt] of rows) {
    test(`${name}: ${full} when full, ${corrupt} when corrupt`, () => {
      const of = (type: number): string => {
        const world = new World();
        apply(world, PUT);
        apply(world, alarm(true, { type }));
        return codeOf(apply(world, body));
      };
      assert.deepEqual([of(AlarmType.NOSPACE), of(AlarmType.CORRUPT)], [full, corrupt]);
    });
  }
});

suite('alarms', () => {
  test('a member that has fenced itself keeps nobody from writing, one of which nobody knows whose it is does', () => {
    const world = new World();
    apply(world, alarm(true, { type: AlarmType.CORRUPT, automatic: true }));
    assert.equal(codeOf(apply(world, PUT)), 'put');
    apply(world, alarm(true, { type: AlarmType.CORRUPT, automatic: true, memberID: 0n }));
    assert.equal(codeOf(apply(world, PUT)), 'CORRUPT');
  });

  test('raising twice changes nothing, clearing gives what was', () => {
    const world = new World();
    const raised = { memberID: 7n, alarm: AlarmType.NOSPACE, automatic: true };
    assert.deepEqual(apply(world, alarm(true)), { type: 'alarm', alarms: [raised] });
    assert.deepEqual(apply(world, alarm(true)), { type: 'alarm', alarms: [raised] });
    assert.deepEqual(apply(world, alarm(false, { memberID: 8n })), { type: 'alarm', alarms: [] });
    assert.deepEqual(apply(world, alarm(false)), { type: 'alarm', alarms: [raised] });
    assert.deepEqual(apply(world, alarm(false)), { type: 'alarm', alarms: [] });
    assert.equal(codeOf(apply(world, PUT)), 'put');
  });

  test('those of two members are cleared one by one', () => {
    const world = new World();
    for (const memberID of [7n, 8n]) apply(world, alarm(true, { memberID }));
    apply(world, alarm(false));
    assert.equal(codeOf(apply(world, PUT)), 'NO_SPACE');
    apply(world, alarm(false, { memberID: 8n }));
    assert.equal(codeOf(apply(world, PUT)), 'put');
  });

  test('a type that is none is refused', () => {
    const world = new World();
    for (const type of [AlarmType.NONE, 77]) assert.equal(codeOf(apply(world, alarm(true, { type }))), 'UNKNOWN');
  });

  test('come back from their rows', () => {
    const world = new World();
    apply(world, alarm(true));
    apply(world, alarm(true, { type: AlarmType.CORRUPT, memberID: 9n }));
    apply(world, alarm(true, { type: AlarmType.CORRUPT, memberID: 10n }));
    apply(world, alarm(false, { type: AlarmType.CORRUPT, memberID: 10n }));
    const restored = world.restored();
    assert.deepEqual(restored.alarms(AlarmType.NONE), world.machine.alarms(AlarmType.NONE));
    assert.equal(restored.alarms(AlarmType.NONE).length, 2);
    assert.equal(restored.refusal(PUT, 0)?.code, 'CORRUPT');
  });
});

suite('the quota of the proposer', () => {
  test('is what the live bytes and the cost of the request stay below', () => {
    const world = new World();
    const big: CommandBody = { case: 'put', put: put('big', 'x'.repeat(1000)) };
    assert.equal(codeOf(apply(world, big, 1256)), 'NO_SPACE'); // 256 + 3 + 1000 >= 1256
    assert.equal(codeOf(apply(world, big, 1260)), 'put');
    assert.equal(codeOf(apply(world, PUT, 1260)), 'NO_SPACE');
    assert.equal(world.machine.revision, 2, 'what is refused leaves no trace');
    assert.equal(
      codeOf(apply(world, { case: 'deleteRange', deleteRange: deleteRange('big', '') }, 1260)),
      'deleteRange',
    );
    assert.equal(codeOf(apply(world, PUT, 1260)), 'put');
  });

  test('counts leases, which no key shows', () => {
    const world = new World();
    const before = world.machine.size().usedBytes;
    assert.equal(codeOf(apply(world, GRANT, 100)), 'leaseGrant');
    assert.equal(world.machine.size().usedBytes, before + 64);
  });

  test('costs are those of etcd', () => {
    const nested: CommandBody = {
      case: 'txn',
      txn: {
        ...EMPTY_TXN_REQUEST,
        success: [{ request: { case: 'requestTxn', requestTxn: doubled() } }],
        failure: [{ request: { case: 'requestPut', requestPut: put('k', 'v') } }],
      },
    };
    assert.deepEqual(
      [PUT, DELETE, GRANT, COMPACT, txn(PUT), txn(DELETE), nested].map(costOf),
      [258, 0, 64, 0, 258, 0, 516],
    );
  });
});

function doubled(): typeof EMPTY_TXN_REQUEST {
  const op = { request: { case: 'requestPut', requestPut: put('k', 'v') } } as const;
  return { ...EMPTY_TXN_REQUEST, success: [op, op] };
}
