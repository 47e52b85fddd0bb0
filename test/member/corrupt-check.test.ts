import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { MemberId } from '../../base/brand.ts';
import { utf8Bytes } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import { nodeDisk } from '../../io/node/disk.ts';
import type { CorruptChecks, MemberConfig } from '../../member/config.ts';
import { compareHashes, type MemberHash } from '../../member/hash-comparison.ts';
import { AlarmAction, AlarmType, EMPTY_PUT_REQUEST, EMPTY_RANGE_REQUEST } from '../../proto/gen/etcd.ts';
import type { BackendOp, BackendRow } from '../../storage/backend/backend.ts';
import { rocksStore } from '../../storage/backend/rocks.ts';
import { BackendDirectory } from '../../storage/snapshots/backend-directory.ts';
import { RealCluster, until } from './kit.ts';

const TIMEOUT = { timeout: 60_000 };
const NEVER: CorruptChecks = { initial: false, everyMs: 0, compactedEveryMs: 0 };
const KEYS = 30;

type Verdict = 'outvoted' | 'split' | 'nothing';

test('who is right, by the hashes that were told', () => {
  // The first is this member's own; `-`: it did not answer, `A'`: it has compacted at another revision.
  const cases: readonly (readonly [hashes: string, verdict: Verdict])[] = [
    ['A', 'nothing'],
    ['A A A', 'nothing'],
    ['A B A', 'nothing'],
    ['A B B', 'outvoted'],
    ['A B -', 'nothing'],
    ["A B B'", 'nothing'],
    ['A B C', 'split'],
    ['A B', 'split'],
    ['A -', 'nothing'],
    ['A B B B C', 'outvoted'],
    ['A B B C -', 'nothing'],
    ['A A B B C', 'split'],
    ['A B B - -', 'nothing'],
  ];
  for (const [text, verdict] of cases) assert.equal(verdictOf(text.split(' ')), verdict, text);
});

test('a learner is judged by the voters, and judges nobody', () => {
  const [own, ...others] = [1, 2, 3, 4].map((id): MemberHash => hashOf(id, id === 4 ? 'A' : 'B'));
  const voters = [1n, 2n, 3n] as MemberId[];
  const learner = hashOf(4, 'A');
  assert.ok(own);
  assert.ok(compareHashes(learner, [own, ...others.slice(0, 2)], voters).isOutvoted);
  assert.ok(!compareHashes(own, others, voters).isOutvoted);
  assert.ok(!compareHashes(hashOf(1, 'A'), [hashOf(2, 'B'), learner], voters).isSplit);
  assert.ok(!compareHashes(learner, [], []).isSplit, 'one that has just joined does not know who votes');
});

test(
  'a row that was lost while the member was stopped: with the initial check it starts with the state of another one',
  TIMEOUT,
  async (t) => {
    const cluster = await running(t, 3, { ...NEVER, initial: true });
    const [damaged = ''] = cluster.names;
    await alter(cluster, damaged, withoutRow);
    await cluster.start(damaged);
    const rebuilt = cluster.facts.get(damaged)?.find((fact) => fact.type === 'rebuilt');
    assert.ok(rebuilt?.type === 'rebuilt');
    assert.match(rebuilt.reason, /not those of the majority/);
    const all = { ...EMPTY_RANGE_REQUEST, key: '\0', rangeEnd: '\0', countOnly: true };
    assert.equal((await cluster.client(damaged).range(all)).count, KEYS);
    await assertTakesPart(cluster, damaged);
  },
);

test('the initial check of two that differ: nobody knows who is right, so it does not start', TIMEOUT, async (t) => {
  const cluster = await running(t, 3, { ...NEVER, initial: true });
  const [damaged = '', absent = ''] = cluster.names;
  await alter(cluster, damaged, withoutRow);
  await cluster.kill(absent);
  await assert.rejects(
    cluster.start(damaged),
    (error) => error instanceof StoreError && error.code === 'CORRUPT' && /data inconsistency/.test(error.message),
  );
  await cluster.start(absent);
  await cluster.start(damaged);
  await assertTakesPart(cluster, damaged);
});

for (const [what, change] of [
  ['lost', withoutRow],
  ['changed', withAnotherValue],
] as const)
  test(
    `a row that was ${what} at rest: the periodic check fences that member, its next start mends it`,
    TIMEOUT,
    async (t) => {
      const cluster = await running(t, 3, { ...NEVER, everyMs: 300 });
      const [damaged = '', ...healthy] = cluster.names;
      await alter(cluster, damaged, change);
      await cluster.start(damaged);
      await assertFencedAlone(cluster, damaged, healthy);
      const { id: memberID, machine, replica } = cluster.member(damaged);
      const [other = ''] = healthy;
      await cluster.client(other).alarm({ action: AlarmAction.DEACTIVATE, memberID, alarm: AlarmType.CORRUPT });
      await until(() => accused(cluster, other).includes(memberID)); // it insists
      await until(() => accused(cluster, damaged).includes(memberID));
      await replica.writer.reached(machine.applied);
      await cluster.kill(damaged);
      await cluster.start(damaged);
      assert.ok(cluster.facts.get(damaged)?.some((fact) => fact.type === 'rebuilt'));
      await assertTakesPart(cluster, damaged);
    },
  );

test('a row that was lost at rest is found after a compaction, while everybody writes', TIMEOUT, async (t) => {
  const cluster = await running(t, 3, { ...NEVER, compactedEveryMs: 100 });
  const [damaged = '', ...healthy] = cluster.names;
  await alter(cluster, damaged, withoutRow);
  await cluster.start(damaged);
  let isWriting = true;
  const writing = (async () => {
    for (let i = 0; isWriting; i++)
      await cluster.client(healthy[0] ?? '').put({ ...EMPTY_PUT_REQUEST, key: 'busy', value: utf8Bytes(String(i)) });
  })();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(cluster.member(damaged).fenced, undefined, 'nobody has compacted yet');
  await cluster.client(healthy[0] ?? '').compact({ revision: KEYS, physical: false });
  await assertFencedAlone(cluster, damaged, healthy);
  isWriting = false;
  await writing;
});

test('two members that differ: nobody is right, nothing is written until somebody says so', TIMEOUT, async (t) => {
  const cluster = await running(t, 2, { ...NEVER, everyMs: 300 });
  const [damaged = '', other = ''] = cluster.names;
  await alter(cluster, damaged, withoutRow);
  await cluster.start(damaged);
  await until(() => cluster.names.every((name) => accused(cluster, name).includes(0n)));
  await assert.rejects(
    cluster.client(other).put({ ...EMPTY_PUT_REQUEST, key: 'a' }),
    (error) => error instanceof StoreError && error.code === 'CORRUPT',
  );
  assert.equal(cluster.member(damaged).fenced, undefined);
  await cluster.client(other).alarm({ action: AlarmAction.DEACTIVATE, memberID: 0n, alarm: AlarmType.CORRUPT });
});

test('members that are well are compared again and again, and nothing follows', TIMEOUT, async (t) => {
  const cluster = await running(t, 3, { initial: true, everyMs: 200, compactedEveryMs: 100 });
  const name = await cluster.leader();
  for (let i = 0; i < 300; i++) {
    await cluster.client(name).put({ ...EMPTY_PUT_REQUEST, key: `key${i % 50}`, value: utf8Bytes(String(i)) });
    if (i % 7 === 0) await cluster.client(name).deleteRange({ key: `key${i % 50}`, rangeEnd: '', prevKv: false });
    if (i % 100 === 99) await cluster.client(name).compact({ revision: i, physical: false });
  }
  for (const each of cluster.names) {
    await until(() => cluster.facts.get(each)?.some((fact) => fact.type === 'hashesCompared' && fact.agreeing === 2));
    assert.ok(!cluster.facts.get(each)?.some((fact) => fact.type === 'hashesDiffer' || fact.type === 'fenced'));
  }
});

function hashOf(id: number, text: string): MemberHash {
  return { member: BigInt(id) as MemberId, hash: text.charCodeAt(0), compactRevision: text.endsWith("'") ? 2 : 1 };
}

function verdictOf(texts: readonly string[]): Verdict {
  const hashes = texts.map((text, i) => hashOf(i + 1, text));
  const [own, ...others] = hashes.filter((_, i) => texts[i] !== '-');
  assert.ok(own);
  const { isOutvoted, isSplit } = compareHashes(
    own,
    others,
    hashes.map(({ member }) => member),
  );
  return isOutvoted ? 'outvoted' : isSplit ? 'split' : 'nothing';
}

/** A cluster in which KEYS keys were written everywhere. */
async function running(t: TestContext, size: number, corruptChecks: CorruptChecks): Promise<RealCluster> {
  const config: Partial<MemberConfig> = { corruptChecks, limits: { stateHashMs: 100 } };
  const cluster = await RealCluster.create(size, config);
  t.after(() => cluster.destroy());
  await cluster.start();
  const client = cluster.client(await cluster.leader());
  for (let i = 0; i < KEYS; i++)
    await client.put({ ...EMPTY_PUT_REQUEST, key: `key${i}`, value: utf8Bytes(`value${i}`) });
  for (const name of cluster.names) {
    await until(() => cluster.member(name).machine.revision > KEYS);
    const { machine, replica } = cluster.member(name);
    await replica.writer.reached(machine.applied); // not in the log alone: the tests damage the database
  }
  return cluster;
}

/** Stops a member and has `change` done to the rows of its database, as if the disk had done it. */
async function alter(
  cluster: RealCluster,
  name: string,
  change: (rows: readonly BackendRow[]) => BackendOp,
): Promise<void> {
  await cluster.member(name).stop();
  cluster.members.delete(name);
  const options = { onDamage: () => undefined, keepsForm: true };
  const dir = `${cluster.config(name).dataDir}/backend`;
  const directory = await BackendDirectory.open(nodeDisk, dir, rocksStore(nodeDisk), options);
  const view = directory.backend.view();
  const rows = await view.scan('revision', { limit: 1000, maxBytes: 1e9 });
  await view.close();
  await directory.backend.write([change(rows)], { sync: true });
  await directory.close();
}

function withoutRow(rows: readonly BackendRow[]): BackendOp {
  const row = rows[5];
  assert.ok(row);
  return { op: 'delete', space: 'revision', key: row.key };
}

function withAnotherValue(rows: readonly BackendRow[]): BackendOp {
  const row = rows[5];
  assert.ok(row);
  const value = Uint8Array.from(row.value);
  value[value.length - 1] = 0x21; // the end of the key's value
  return { op: 'put', space: 'revision', key: row.key, value };
}

async function assertFencedAlone(cluster: RealCluster, damaged: string, healthy: readonly string[]): Promise<void> {
  await until(() => cluster.member(damaged).fenced !== undefined);
  const { id } = cluster.member(damaged);
  for (const name of healthy) await until(() => accused(cluster, name).includes(id));
  assert.deepEqual(accused(cluster, healthy[0] ?? ''), [id]);
  for (const name of healthy) assert.equal(cluster.member(name).fenced, undefined);
  await cluster.client(healthy[0] ?? '').put({ ...EMPTY_PUT_REQUEST, key: 'others' });
}

async function assertTakesPart(cluster: RealCluster, name: string): Promise<void> {
  await until(() => cluster.names.every((each) => accused(cluster, each).length === 0));
  await cluster.client(name).put({ ...EMPTY_PUT_REQUEST, key: 'again' });
  assert.equal(cluster.member(name).fenced, undefined);
  await until(async () => {
    const answers = await Promise.all(
      cluster.names.map(async (each) => {
        const { hash, header } = await cluster.client(each).hashKv({ revision: 0 });
        return `${header?.revision} ${hash}`;
      }),
    );
    return new Set(answers).size === 1;
  });
}

function accused(cluster: RealCluster, name: string): readonly bigint[] {
  return cluster
    .member(name)
    .machine.alarms(AlarmType.CORRUPT)
    .map(({ memberID }) => memberID);
}
