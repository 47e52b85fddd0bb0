import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf } from '../../../base/bytes.ts';
import { crc32c } from '../../../base/crc32c.ts';
import type { Checkpoint, CheckpointBlock, Machine } from '../../../storage/machine/machine.ts';
import { beginRestore } from '../../../storage/machine/restore.ts';
import { Columns, packColumns } from '../../../storage/mvcc/columns.ts';
import { MVCC_LIMITS } from '../../../storage/mvcc/limits.ts';
import { entries, range, stored, World } from './world.ts';

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

interface BlocksRestore {
  readonly accepted: boolean;
  block(block: CheckpointBlock): void;
  finish(): void;
}

function restoreOf(world: World, of: Checkpoint): BlocksRestore {
  const restore = beginRestore();
  for (const [key, value] of entries(world.space('meta'))) restore.row('meta', bytesOf(key), bytesOf(value));
  const accepted = restore.beginBlocks(of);
  return { accepted, block: (block) => restore.block(stored(block)), finish: () => void restore.finish() };
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

/** The same block with one column changed. */
function changed(block: CheckpointBlock, column: number, change: (bytes: Uint8Array) => Uint8Array): CheckpointBlock {
  const columns = Columns.open(block.head);
  assert.ok(columns !== undefined);
  const all = Array.from({ length: columns.count }, () => columns.bytes());
  return {
    ...block,
    head: packColumns(all.map((bytes, i) => (i === column ? change(Uint8Array.from(bytes)) : bytes))),
  };
}

const cutOff = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, -8);
const huge = (bytes: Uint8Array): Uint8Array => bytes.fill(0xff, 0, 4);

test('a block that cannot be is CORRUPT', () => {
  const world = lived();
  const checkpoint = world.machine.checkpoint();
  assert.ok(checkpoint !== undefined);
  const blocks = [...checkpoint.blocks];
  const kindOf = ({ head }: CheckpointBlock): number => Columns.open(head)?.words()[0] ?? -1;
  const of = (kind: number): CheckpointBlock[] => blocks.filter((block) => kindOf(block) === kind);
  const [numbers, piece, slab, changes, leases] = [0, 1, 2, 3, 4].map((kind) => of(kind)[0]);
  assert.ok(numbers && piece && slab && changes && leases);
  const keys = [numbers, ...of(1)];
  const text = (json: string) => (): Uint8Array => bytesOf(json);
  const impossible: readonly (readonly [string, readonly CheckpointBlock[]])[] = [
    ['nothing', [{ ...numbers, head: new Uint8Array(0) }]],
    ['a head that is cut off', [{ ...numbers, head: numbers.head.subarray(0, -8) }]],
    ['an unknown kind', [changed(numbers, 0, (bytes) => bytes.fill(7, 0, 1))]],
    ['numbers that are none', [changed(numbers, 1, text('{'))]],
    ['numbers of nothing', [changed(numbers, 1, text('{}'))]],
    ['numbers of fewer parts', [changed(numbers, 1, text('[1]'))]],
    ['numbers of another shape', [changed(numbers, 1, text('[1,2,3,4,5]')), ...of(1), slab]],
    ['numbers twice', [numbers, numbers]],
    ['pieces before numbers', [piece, numbers]],
    ['a piece of an unknown part', [numbers, changed(piece, 0, (bytes) => bytes.fill(9, 4, 5))]],
    ['no pieces', [numbers, slab]],
    ['a piece too few', [...keys.slice(0, -1), slab]],
    ['a piece too many', [...keys, ...keys.slice(-1), slab]],
    ['a piece that is cut off', [numbers, changed(piece, 1, (bytes) => bytes.subarray(0, -3)), ...keys.slice(2), slab]],
    ['values of keys', [{ ...numbers, values: Uint8Array.of(1) }]],
    ['a slab twice', [...keys, slab, slab]],
    ['a slab without a number', [...keys, changed(slab, 0, (bytes) => bytes.fill(0, 4, 8))]],
    ['a slab with a number that none has', [...keys, changed(slab, 0, (bytes) => bytes.fill(0xff, 4, 8))]],
    ['a slab with more than there is', [...keys, { ...slab, values: slab.values.subarray(0, 1) }]],
    ['values of nobody', [...keys, changed(slab, 1, huge)]],
    ['slabs after changes', [...keys, changes, slab]],
    ['changes of unknown keys', [...keys, changed(changes, 3, huge)]],
    ['changes out of order', [...keys, changed(changes, 1, (bytes) => bytes.fill(0x7f, 0, 8))]],
    ['details that are cut off', [...keys, changed(changes, 2, cutOff)]],
    ['a lease of nobody', [...keys, changed(leases, 1, huge)]],
    ['a lease that is missing', [...keys, changed(leases, 2, cutOff)]],
  ];
  for (const [what, given] of impossible) {
    const restore = restoreOf(world, checkpoint);
    assert.throws(() => void given.map((block) => restore.block(block)), { code: 'CORRUPT' }, what);
  }
  const cut = restoreOf(world, checkpoint);
  for (const block of blocks.slice(0, -1)) cut.block(block);
  assert.throws(() => cut.finish(), { code: 'CORRUPT' });
  const whole = restoreOf(world, checkpoint);
  for (const block of blocks) whole.block(block);
  whole.finish();
});

test('a machine whose values nobody has asked for goes on as if they had been there', () => {
  const world = lived();
  const made = world.restoredFromCheckpoint();
  assert.ok(made !== undefined);
  world.machine = made;
  const put = (key: string, value: string): void => {
    world.apply({
      case: 'put',
      put: { key, value: bytesOf(value), lease: 0n, prevKv: true, ignoreValue: false, ignoreLease: false },
    });
  };
  for (let i = 0; i < 300; i++) put(`k${(i * 11) % 95}`, `again ${i}`);
  world.apply({ case: 'deleteRange', deleteRange: { key: 'k5', rangeEnd: 'k6', prevKv: true } });
  world.apply({ case: 'leaseRevoke', leaseRevoke: { ID: 7n } });
  assert.deepEqual(told(world, made), told(world, world.restored()));
  world.apply({ case: 'compaction', compaction: { revision: made.revision - 20, physical: false } });
  world.compactFully();
  assert.deepEqual(told(world, made), told(world, world.restored()));
  const again = world.restoredFromCheckpoint();
  assert.ok(again !== undefined);
  assert.deepEqual(told(world, again), told(world, made));
});
