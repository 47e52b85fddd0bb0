import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOf, utf8Bytes } from '../../../base/bytes.ts';
import { StoreError } from '../../../base/store-error.ts';
import { COMMAND_FORMAT, sealCommand } from '../../../proto/command.ts';
import { EMPTY_COMMAND, encodeCommand } from '../../../proto/gen/command.ts';
import type { Keyspace } from '../../../storage/backend/backend.ts';
import type { Outcome } from '../../../storage/machine/machine.ts';
import { beginRestore } from '../../../storage/machine/restore.ts';
import { encodeRevisionKey } from '../../../storage/mvcc/revision-key.ts';
import { plainTxn } from './model.ts';
import { deleteRange, op, put, range, txn, World } from './world.ts';

function codeOf(outcome: Outcome): string {
  return outcome.type === 'error' ? outcome.error.code : outcome.type;
}

const MEMBER = { ID: 4n, name: '', peerURLs: ['http://peer-4'], clientURLs: [], isLearner: false };

const undecodable = [
  { name: 'bytes of nothing', data: bytesOf('\xff\xff\xff'), code: 'UNKNOWN', id: 0n },
  {
    name: 'a truncated command',
    data: sealCommand(5n, { case: 'put', put: put('a', 'value') }).subarray(0, 9),
    code: 'UNKNOWN',
    id: 0n,
  },
  {
    name: 'a command without a body',
    data: encodeCommand({ ...EMPTY_COMMAND, format: 1, id: 8n, body: undefined }),
    code: 'UNKNOWN',
    id: 8n,
  },
  { name: 'a put without a key', data: sealCommand(9n, { case: 'put', put: put('', 'x') }), code: 'KEY_EMPTY', id: 9n },
  {
    name: 'a delete without a key',
    data: sealCommand(9n, { case: 'deleteRange', deleteRange: deleteRange('', 'z') }),
    code: 'KEY_EMPTY',
    id: 9n,
  },
  {
    name: 'a member added outside of a conf entry',
    data: sealCommand(9n, { case: 'memberAdd', memberAdd: MEMBER }),
    code: 'UNKNOWN',
    id: 9n,
  },
  { name: "a new leader's empty entry", data: new Uint8Array(0), code: 'none', id: 0n },
];

for (const { name, data, code, id } of undecodable) {
  test(`${name}: ${code}, and nothing changes`, () => {
    const world = new World();
    const applied = world.applyEntry({ type: 'normal', data });
    assert.equal(codeOf(applied.outcome), code);
    assert.equal(applied.commandId, id);
    assert.equal(world.machine.revision, 1);
    assert.equal(world.machine.applied, 1);
  });
}

test('a command of a later format stops the member, which would be another one than those that understand it', () => {
  const command = {
    ...EMPTY_COMMAND,
    format: COMMAND_FORMAT + 1,
    id: 7n,
    body: { case: 'put', put: put('a', '') },
  } as const;
  const world = new World();
  assert.throws(() => world.applyEntry({ type: 'normal', data: encodeCommand(command) }), isNewer);
  assert.equal(world.machine.applied, 0);
});

const isNewer = (error: unknown): boolean => error instanceof StoreError && error.code === 'UNIMPLEMENTED';

test('whatever bytes are committed, apply answers', () => {
  const type = fc.constantFrom('normal' as const, 'conf' as const);
  const entry = fc.record({ type, data: fc.uint8Array({ maxLength: 40 }) });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
      const world = new World();
      let applied = 0;
      for (const one of entries) {
        try {
          world.applyEntry(one);
        } catch (error) {
          assert.ok(isNewer(error));
          break; // the member stops
        }
        applied++;
      }
      assert.equal(world.machine.applied, applied);
    }),
    { numRuns: 500, seed: 2, includeErrorInReport: true },
  );
});

test('a read-only transaction reads one state, though its old values are fetched later', () => {
  const world = new World();
  world.apply({ case: 'put', put: put('a', '1') });
  world.apply({ case: 'put', put: put('a', '2') });
  const plan = world.machine.readTxn(txn([], [op.range(range('a')), op.range(range('a', '', { revision: 2 }))]));
  assert.equal(plan.type, 'fetch');
  if (plan.type !== 'fetch') return;
  const values = world.fetch(plan.revisions);
  world.apply({ case: 'put', put: put('a', '3') });
  const { responses, revision } = plainTxn(plan.finish(values).response);
  assert.equal(revision, 3);
  assert.deepEqual(
    (responses as { kvs: { value: string }[] }[]).map(({ kvs }) => kvs.map(({ value }) => value)),
    [['2'], ['1']],
  );
});

test('a compaction goes in bounded steps, and never before the writes that it follows were taken', () => {
  const world = new World();
  for (let i = 0; i < 500; i++) world.apply({ case: 'put', put: put(`k${i % 5}`, String(i)) });
  const { machine } = world;
  const entry = { index: (machine.applied + 1) as typeof machine.applied, term: 1 as typeof machine.appliedTerm };
  const data = sealCommand(1n, { case: 'compaction', compaction: { revision: 490, physical: false } });
  machine.apply({ ...entry, type: 'normal', data }, []);
  assert.equal(machine.compactionStep(100), undefined);
  world.write(machine.takeWrites());
  let deleted = 0;
  for (let ops = machine.compactionStep(20); ops !== undefined; ops = machine.compactionStep(20)) {
    assert.ok(ops.length <= 20);
    deleted += ops.length;
  }
  assert.equal(deleted, 489 - 5);
});

const corruptRows: { name: string; rows: [Keyspace, Uint8Array, Uint8Array][] }[] = [
  { name: 'a row key of no revision', rows: [['revision', bytesOf('x'), new Uint8Array(0)]] },
  { name: 'a value that is no KeyValue', rows: [['revision', encodeRevisionKey(2, 0, false), bytesOf('\xff')]] },
  {
    name: 'revisions out of order',
    rows: [
      ['revision', encodeRevisionKey(3, 0, false), bytesOf('\x0a\x01k')],
      ['revision', encodeRevisionKey(2, 0, false), bytesOf('\x0a\x01k')],
    ],
  },
  { name: 'a lease that is cut off', rows: [['lease', new Uint8Array(8), bytesOf('\x08')]] },
  { name: 'an applied index of another size', rows: [['meta', utf8Bytes('applied'), bytesOf('\x01')]] },
  {
    name: 'leases after revisions',
    rows: [
      ['revision', encodeRevisionKey(2, 0, false), bytesOf('\x0a\x01k')],
      ['lease', new Uint8Array(8), bytesOf('\x08\x01\x10\x05')],
    ],
  },
];

for (const { name, rows } of corruptRows) {
  test(`restoring ${name}: CORRUPT`, () => {
    const restore = beginRestore();
    const feed = (): void => {
      for (const [space, key, value] of rows) restore.row(space, key, value);
    };
    assert.throws(feed, { code: 'CORRUPT' });
  });
}

test('a row without a key only raises the revision, as a restored etcd snapshot has it', () => {
  const restore = beginRestore();
  restore.row('revision', encodeRevisionKey(1000, 0, false), new Uint8Array(0));
  const machine = restore.finish();
  assert.equal(machine.revision, 1000);
  assert.equal(machine.size().keys, 0);
});
