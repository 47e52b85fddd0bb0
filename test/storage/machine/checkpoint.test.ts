import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf } from '../../../base/bytes.ts';
import { crc32c } from '../../../base/crc32c.ts';
import type { Checkpoint, CheckpointBlock, Machine } from '../../../storage/machine/machine.ts';
import { beginRestore } from '../../../storage/machine/restore.ts';
import { MVCC_LIMITS } from '../../../storage/mvcc/limits.ts';
import { entries, range, World } from './world.ts';

/** Everything that a machine tells of its keys and of what they were. */
function told(world: World, machine: Machine): unknown {
  const before = world.machine;
  world.machine = machine;
  try {
    const at = (revision: number): unknown => {
      const answer = world.range(range('\0', '\0', { revision }));
      if (answer.type !== 'ready') return answer.type;
      return [revision, answer.count, answer.kvs.reduce((crc, kv) => crc32c(kv, crc), 0)];
    };
    const revisions = Array.from(
      { length: machine.revision - machine.compactRevision },
      (_, i) => machine.revision - i,
    );
    return {
      size: machine.size(),
      revision: machine.revision,
      reads: revisions.map(at),
      history: machine
        .history(machine.compactRevision, machine.revision, 10_000)
        .map((row) => ({ ...row, kv: row.kv && crc32c(row.kv) })),
      hash: world.hashKv(),
      leases: machine.leaseIds().map((id) => machine.lease(id)),
    };
  } finally {
    world.machine = before;
  }
}

/** Overwritten, deleted, created again, several in one revision, with leases, large, and compacted. */
function lived(): World {
  const world = new World();
  world.apply({ case: 'leaseGrant', leaseGrant: { ID: 7n, TTL: 60 } });
  const put = (key: string, value: string, lease = 0n): void => {
    world.apply({
      case: 'put',
      put: { key, value: bytesOf(value), lease, prevKv: false, ignoreValue: false, ignoreLease: false },
    });
  };
  for (let i = 0; i < 300; i++) put(`k${i % 70}`, `value ${i}`, i % 9 === 0 ? 7n : 0n);
  put('large', 'x'.repeat(MVCC_LIMITS.ownSlabBytes + 1));
  world.apply({ case: 'deleteRange', deleteRange: { key: 'k1', rangeEnd: 'k2', prevKv: false } });
  world.apply({ case: 'compaction', compaction: { revision: world.machine.revision - 40, physical: false } });
  world.compactFully();
  for (let i = 0; i < 60; i++) put(`k${(i * 7) % 90}`, `later ${i}`);
  world.apply({ case: 'deleteRange', deleteRange: { key: 'k3', rangeEnd: 'k4', prevKv: false } });
  return world;
}

test('a checkpoint makes the machine that the rows make', () => {
  const world = lived();
  const fromCheckpoint = world.restoredFromCheckpoint();
  assert.ok(fromCheckpoint !== undefined);
  assert.deepEqual(told(world, fromCheckpoint), told(world, world.restored()));
  assert.deepEqual(told(world, fromCheckpoint), told(world, world.machine));
});

test('while a compaction is not done there is none', () => {
  const world = lived();
  world.apply({ case: 'compaction', compaction: { revision: world.machine.revision, physical: false } });
  assert.equal(world.machine.checkpoint(), undefined);
  world.compactFully();
  assert.notEqual(world.machine.checkpoint(), undefined);
});

function restoreOf(world: World, of: Checkpoint): { readonly accepted: boolean; block(block: CheckpointBlock): void } {
  const restore = beginRestore();
  for (const [key, value] of entries(world.space('meta'))) restore.row('meta', bytesOf(key), bytesOf(value));
  return { accepted: restore.beginBlocks(of), block: (block) => restore.block(block) };
}

test('a checkpoint of another state is not taken', () => {
  const world = lived();
  const checkpoint = world.machine.checkpoint();
  assert.ok(checkpoint !== undefined);
  for (const other of [
    { applied: checkpoint.applied - 1 },
    { appliedTerm: checkpoint.appliedTerm + 1 },
    { compactRevision: checkpoint.compactRevision + 1 },
  ])
    assert.equal(restoreOf(world, { ...checkpoint, ...other }).accepted, false, JSON.stringify(other));
  assert.equal(restoreOf(world, checkpoint).accepted, true);
});

test('a block that cannot be is CORRUPT', () => {
  const world = lived();
  const checkpoint = world.machine.checkpoint();
  assert.ok(checkpoint !== undefined);
  const blocks = [...checkpoint.blocks];
  const [live] = blocks;
  const dead = blocks.find(({ kind }) => kind === 'dead');
  assert.ok(live !== undefined && dead !== undefined);
  const numbers = (block: CheckpointBlock, change: (numbers: Uint32Array) => void): CheckpointBlock => {
    const changed = Uint32Array.from(block.numbers);
    change(changed);
    return { ...block, numbers: changed };
  };
  const impossible: readonly (readonly [string, readonly CheckpointBlock[]])[] = [
    ['a key twice', [live, live]],
    ['live keys after dead ones', [dead, live]],
    ['a number is missing', [{ ...live, numbers: live.numbers.subarray(1) }]],
    ['values that are cut off', [{ ...live, values: live.values.subarray(0, -1) }]],
    ['values without a key', [{ ...live, values: new Uint8Array([...live.values, 0]) }]],
    ['a length beyond the end', [numbers(live, (all) => all.fill(0xffffffff, 0, 1))]],
    ['a list beyond the end', [numbers(live, (all) => all.fill(0xffffffff, 2, 3))]],
    ['revisions of nobody', [{ ...live, revisions: new Float64Array([...live.revisions, 1, 2]) }]],
    ['a dead key without revisions', [numbers(dead, (all) => all.fill(0, 2, 3))]],
    ['no key value', [{ ...live, values: live.values.map(() => 0xff) }]],
  ];
  for (const [what, given] of impossible) {
    const restore = restoreOf(world, checkpoint);
    assert.throws(() => void given.map((block) => restore.block(block)), { code: 'CORRUPT' }, what);
  }
});
