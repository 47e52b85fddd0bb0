import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { utf8Bytes } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import type { MemberConfig } from '../../member/config.ts';
import { AlarmType, EMPTY_PUT_REQUEST, EMPTY_RANGE_REQUEST } from '../../proto/gen/etcd.ts';
import type { StateHash } from '../../storage/machine/state-hash.ts';
import { RealCluster, until } from './kit.ts';

const TIMEOUT = { timeout: 60_000 };
const LIMITS = { stateHashMs: 100, compactEveryEntries: 50, catchUpEntries: 10 };

async function running(t: TestContext, config: Partial<MemberConfig> = {}): Promise<RealCluster> {
  const cluster = await RealCluster.create(3, { limits: LIMITS, ...config });
  t.after(() => cluster.destroy());
  await cluster.start();
  await cluster.leader();
  return cluster;
}

async function putAll(cluster: RealCluster, count: number, at?: string): Promise<void> {
  const name = at ?? (await cluster.leader());
  const value = utf8Bytes('x'.repeat(100));
  for (let i = 0; i < count; i++) await cluster.client(name).put({ ...EMPTY_PUT_REQUEST, key: `key${i}`, value });
}

async function assertEqual(cluster: RealCluster): Promise<void> {
  const hashes = await until(async () => {
    const revisions = cluster.names.map((name) => cluster.member(name).machine.revision);
    if (new Set(revisions).size > 1) return undefined;
    return Promise.all(cluster.names.map(async (name) => (await cluster.client(name).hashKv({ revision: 0 })).hash));
  });
  assert.equal(new Set(hashes).size, 1);
}

const accused = (cluster: RealCluster, name: string): readonly bigint[] =>
  cluster
    .member(name)
    .machine.alarms(AlarmType.CORRUPT)
    .map(({ memberID }) => memberID);

const isCorrupt = (error: unknown): boolean => error instanceof StoreError && error.code === 'CORRUPT';

/** Resolves when the member's log begins behind most of what its backend holds: what is lost there is not in the log any more. */
async function shortened(cluster: RealCluster, name: string): Promise<void> {
  await until(() => cluster.facts.get(name)?.some((fact) => fact.type === 'logCompacted' && fact.index > 140));
}

/** What a mistake of the machine, or of its memory, leaves behind. */
function diverge(cluster: RealCluster, name: string): void {
  (cluster.member(name).machine.stateHash as StateHash).value ^= 1;
}

/** Changes one byte in the middle of every table file and log of the member's database. */
async function damageDatabase(dataDir: string): Promise<void> {
  const backend = join(dataDir, 'backend');
  const current = (await readFile(join(backend, 'CURRENT'), 'utf8')).split(/\s/)[0] ?? '';
  const dir = join(backend, current);
  for (const name of (await readdir(dir)).filter((each) => /\.(sst|log)$/.test(each))) {
    const bytes = await readFile(join(dir, name));
    if (bytes.length === 0) continue;
    const at = Math.floor(bytes.length / 3);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    await writeFile(join(dir, name), bytes);
  }
}

test(
  'a follower that diverged fences itself, the others go on; started again it takes their state and is cleared',
  TIMEOUT,
  async (t) => {
    const cluster = await running(t);
    await putAll(cluster, 20);
    await until(() => cluster.names.every((name) => cluster.member(name).machine.stateHash.decided !== undefined));
    const leader = await cluster.leader();
    const [wrong = '', other = ''] = cluster.names.filter((name) => name !== leader);
    const { id } = cluster.member(wrong);
    diverge(cluster, wrong);
    await putAll(cluster, 5);
    await until(() => cluster.member(wrong).fenced !== undefined);
    await until(() => cluster.names.every((name) => accused(cluster, name).length > 0));
    assert.deepEqual(accused(cluster, leader), [id]);
    await assert.rejects(
      cluster.client(wrong).range({ ...EMPTY_RANGE_REQUEST, key: 'key1', serializable: true }),
      isCorrupt,
    );
    await assert.rejects(cluster.client(wrong).put({ ...EMPTY_PUT_REQUEST, key: 'a' }), isCorrupt);
    assert.deepEqual((await cluster.client(wrong).status()).errors, [`memberID:${id} alarm:CORRUPT `]);
    assert.deepEqual((await cluster.client(other).status()).errors, [], 'nothing is wrong with this one');
    await putAll(cluster, 5, other);

    const { machine, replica } = cluster.member(wrong);
    await replica.writer.reached(machine.applied); // what it found out is not in the log alone
    await cluster.kill(wrong);
    await cluster.start(wrong);
    assert.ok(cluster.facts.get(wrong)?.some(({ type }) => type === 'rebuilt'));
    await until(() => cluster.names.every((name) => accused(cluster, name).length === 0));
    await putAll(cluster, 5, wrong);
    await assertEqual(cluster);
    assert.equal(cluster.member(wrong).fenced, undefined);
  },
);

test('a leader that diverged leaves office and fences itself, not the healthy majority', TIMEOUT, async (t) => {
  const cluster = await running(t);
  await putAll(cluster, 5);
  await until(() => cluster.names.every((name) => cluster.member(name).machine.stateHash.decided !== undefined));
  const wrong = await cluster.leader();
  diverge(cluster, wrong);
  await putAll(cluster, 3);
  await until(() => cluster.member(wrong).fenced !== undefined);
  const next = await until(async () => {
    const leader = await cluster.leader();
    return leader === wrong ? undefined : leader;
  });
  await putAll(cluster, 5, next);
  assert.ok(cluster.facts.get(wrong)?.some((fact) => fact.type === 'gaveUpLeadership' && fact.reason === 'corrupt'));
  for (const name of cluster.names) if (name !== wrong) assert.equal(cluster.member(name).fenced, undefined);
});

test(
  'a backend that is damaged on the disk is rebuilt from another member at the start; the member stays who it is',
  TIMEOUT,
  async (t) => {
    const cluster = await running(t);
    await putAll(cluster, 200);
    const leader = await cluster.leader();
    const [name = ''] = cluster.names.filter((each) => each !== leader);
    const { id } = cluster.member(name);
    await shortened(cluster, name);
    await cluster.member(name).stop();
    cluster.members.delete(name);
    await damageDatabase(cluster.config(name).dataDir);
    await putAll(cluster, 30);
    await cluster.start(name);
    const rebuilt = cluster.facts.get(name)?.find((fact) => fact.type === 'rebuilt');
    assert.ok(rebuilt?.type === 'rebuilt');
    assert.match(rebuilt.aside, /damaged-1$/);
    assert.equal(cluster.member(name).id, id);
    await putAll(cluster, 5, name);
    await assertEqual(cluster);
  },
);

test('a row that rots under a running member is not served: the member fences itself', TIMEOUT, async (t) => {
  const cluster = await running(t, { limits: { ...LIMITS, stateHashMs: 600_000 } });
  await putAll(cluster, 3);
  const leader = await cluster.leader();
  const [name = ''] = cluster.names.filter((each) => each !== leader);
  const client = cluster.client(name);
  const old = cluster.member(leader).machine.revision;
  await until(() => cluster.member(name).machine.revision === old);
  await cluster.client(leader).put({ ...EMPTY_PUT_REQUEST, key: 'key2', value: utf8Bytes('new') });
  await until(() => cluster.member(name).machine.revision > old);
  const { backend } = cluster.member(name).replica.writer;
  await cluster.member(name).replica.writer.reached(cluster.member(name).machine.applied);
  const view = backend.view();
  const rows = await view.scan('revision', { limit: 1000, maxBytes: 1e9 });
  await view.close();
  // The row of the old value goes missing, as if the database had lost a block.
  const lost = rows.at(-2);
  assert.ok(lost);
  await backend.write([{ op: 'delete', space: 'revision', key: lost.key }]);
  await assert.rejects(client.range({ ...EMPTY_RANGE_REQUEST, key: 'key2', revision: old, serializable: true }));
  await until(() => cluster.member(name).fenced !== undefined);
  await until(() => accused(cluster, leader).includes(cluster.member(name).id));
  await assert.rejects(client.range({ ...EMPTY_RANGE_REQUEST, key: 'key1', serializable: true }), isCorrupt);
});

test(
  'nobody can help a damaged member while all others are down: it says so, and starts when one is back',
  TIMEOUT,
  async (t) => {
    const cluster = await running(t);
    await putAll(cluster, 200);
    for (const name of cluster.names) await shortened(cluster, name);
    for (const name of cluster.names) await cluster.member(name).stop();
    cluster.members.clear();
    const [name = '', ...others] = cluster.names;
    await damageDatabase(cluster.config(name).dataDir);
    await assert.rejects(cluster.start(name), /is damaged.*its log is whole.*Start it again once another member runs/);
    await cluster.start(...others);
    await cluster.start(name);
    await putAll(cluster, 5, name);
    await assertEqual(cluster);
  },
);
