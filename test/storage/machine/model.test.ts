import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Revision } from '../../../base/brand.ts';
import { byteString, bytesOf } from '../../../base/bytes.ts';
import { encodeKeyValue, type RangeRequest } from '../../../proto/gen/etcd.ts';
import type { Applied, Machine } from '../../../storage/machine/machine.ts';
import { isReadOnlyTxn } from '../../../storage/mvcc/txn.ts';
import { command, rangeRequest, validTxn } from './arbitraries.ts';
import { failed, Model, type Plain, plainKv, plainOutcome, plainRange, plainTxn } from './model.ts';
import { range, World } from './world.ts';

const runs = Number(process.env['KEELSON_RUNS'] ?? 250);
const seed = Number(process.env['KEELSON_SEED'] ?? 1);

type Step =
  | { readonly type: 'command'; readonly body: Parameters<World['apply']>[0] }
  | { readonly type: 'compact-some' | 'restart' | 'checkpoint' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: command.map((body): Step => ({ type: 'command', body })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Step>(
      { type: 'compact-some' },
      { type: 'compact-some' },
      { type: 'restart' },
      { type: 'checkpoint' },
    ),
  },
);

test('the machine answers as the naive model does', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 45 }),
      fc.array(rangeRequest, { minLength: 5, maxLength: 12 }),
      fc.array(validTxn.filter(isReadOnlyTxn), { maxLength: 2 }),
      (steps, ranges, reads) => {
        const world = new World();
        const model = new Model();
        for (const one of steps) {
          if (one.type === 'command') assertSameStep(world, model, one.body);
          else if (one.type === 'restart') world.restart();
          else if (one.type === 'checkpoint') world.machine = world.restoredFromCheckpoint() ?? world.restored();
          else world.write(world.machine.compactionStep(2) ?? []);
        }
        for (const request of ranges) assert.deepEqual(rangeOf(world, request), model.range(request));
        for (const request of reads) assertSameRead(world, model, request);
        assertSameHistory(world, model);
        assertCompactedRows(world, model);
        assert.deepEqual(contents(world.restored()), contents(world.machine));
        assertSameStep(world, model, { case: 'compaction', compaction: { revision: model.revision, physical: false } });
        assertCompactedRows(world, model);
      },
    ),
    { numRuns: runs, seed, includeErrorInReport: true },
  );
});

test('the same entries write the same bytes, however they are batched', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
      const one = new World();
      const other = new World();
      for (const body of commands) one.apply(body);
      for (const [i, body] of commands.entries()) {
        other.apply(body);
        if (i % 7 === 3) other.restart();
        if (i % 7 === 5) other.machine = other.restoredFromCheckpoint() ?? other.machine;
      }
      assert.deepEqual(other.dump(), one.dump());
    }),
    { numRuns: runs / 5, seed, includeErrorInReport: true },
  );
});

function assertSameStep(world: World, model: Model, body: Parameters<World['apply']>[0]): void {
  const before = model.stateAt(model.revision);
  const oldest = model.versions.length;
  const applied = world.apply(body);
  assert.deepEqual(plainOutcome(applied), model.apply(body));
  assert.equal(applied.revision, model.revision);
  assert.equal(world.machine.size().keys, model.stateAt(model.revision).size);
  assert.deepEqual(
    plainEvents(applied),
    model.versions.slice(oldest).map(({ main, key, kv }) => ({
      key,
      kv: kv ?? { key, create: 0, mod: main, version: 0, value: '', lease: 0n },
      type: kv === undefined ? 1 : 0,
      prev: before.get(key),
    })),
  );
}

function plainEvents(applied: Applied): Plain[] {
  return applied.events.map(({ key, event }) => ({
    key,
    kv: plainKv(event.kv ?? new Uint8Array(0)),
    type: event.type,
    prev: event.prevKv === undefined ? undefined : plainKv(event.prevKv),
  }));
}

function rangeOf(world: World, request: RangeRequest): Plain {
  const plan = world.range(request);
  if (plan.type === 'error') return failed(plan.error.code);
  const { kvs, more, count, revision } = plan;
  return plainRange({ header: { clusterId: 0n, memberId: 0n, revision, raftTerm: 0 }, kvs, more, count });
}

function assertSameRead(world: World, model: Model, request: Parameters<World['readTxn']>[0]): void {
  const expected = model.apply({ case: 'txn', txn: request });
  let actual: Plain;
  try {
    actual = plainTxn(world.readTxn(request));
  } catch (error) {
    actual = failed((error as { code: 'UNKNOWN' }).code);
  }
  assert.deepEqual(actual, expected);
}

/** What a watcher that starts anywhere above the compact revision catches up with. */
function assertSameHistory(world: World, model: Model): void {
  const from = model.compactRevision + 1;
  const rows = world.machine.history(from as Revision, model.revision as Revision, 1000);
  const actual = rows.map((row) => {
    const [value] = row.kv === undefined ? world.fetch([row]) : [row.kv];
    const [previous] = row.prev === undefined ? [] : world.fetch([row.prev]);
    return {
      main: row.main,
      key: row.key,
      tombstone: row.tombstone,
      kv: value === undefined ? undefined : plainKv(value),
      prev: previous === undefined ? undefined : plainKv(previous),
    };
  });
  const expected = model.versions
    .filter(({ main }) => main >= from)
    .map(({ main, key, kv }) => ({
      main,
      key,
      tombstone: kv === undefined,
      kv: kv ?? { key, create: 0, mod: main, version: 0, value: '', lease: 0n },
      prev: main - 1 < model.compactRevision ? undefined : model.stateAt(main - 1).get(key),
    }));
  assert.deepEqual(actual, expected);
}

/** After compaction the backend has exactly the rows that the rule names, in etcd's bytes. */
function assertCompactedRows(world: World, model: Model): void {
  const before = contents(world.machine);
  world.compactFully();
  assert.deepEqual(contents(world.machine), before);
  const compact = model.compactRevision;
  const kept = model.versions.filter(({ main, key }, i) => {
    if (main > compact) return true;
    const superseded = model.versions.slice(i + 1).some((later) => later.key === key && later.main <= compact);
    return !superseded && (model.versions[i]?.kv !== undefined || main === compact);
  });
  const values: string[] = [];
  for (const cursor = world.space('revision').cursor(''); cursor.valid; cursor.next()) values.push(cursor.value);
  const expected = kept.map(({ key, kv }) =>
    byteString(
      encodeKeyValue({
        key,
        createRevision: kv?.create ?? 0,
        modRevision: kv?.mod ?? 0,
        version: kv?.version ?? 0,
        value: bytesOf(kv?.value ?? ''),
        lease: kv?.lease ?? 0n,
      }),
    ),
  );
  assert.deepEqual(values, expected);
}

/** Everything that can be asked of a machine. */
function contents(machine: Machine): unknown {
  const plan = machine.range(range('\0', '\0'));
  return {
    applied: machine.applied,
    term: machine.appliedTerm,
    revision: machine.revision,
    compactRevision: machine.compactRevision,
    kvs: plan.type === 'ready' ? plan.kvs.map(plainKv) : plan,
    leases: machine.leaseIds().map((id) => ({ id, ...machine.lease(id) })),
    history: machine
      .history((machine.compactRevision + 1) as Revision, machine.revision, 1000)
      .map(({ main, sub, key, tombstone, prev }) => ({ main, sub, key, tombstone, prev })),
  };
}
