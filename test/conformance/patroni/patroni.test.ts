import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryFolder } from '../../kit/cluster.ts';
import { leaderOf, type Store, startKeelson } from '../../kit/etcd.ts';
import { eventually } from '../../kit/process.ts';
import { PatroniNode, TIMING } from './kit.ts';

/**
 * Patroni keeps two PostgreSQL in order by what is in three members of Keelson: leases, compare-and-swap and watches over the JSON gateway.
 * The death of Keelson's leader is none of its business; the death of its own primary is.
 */

let folder: { readonly path: string; remove(): Promise<void> };
let store: Store;
let nodes: readonly PatroniNode[] = [];

before(async () => {
  folder = await temporaryFolder();
  store = await startKeelson(join(folder.path, 'store'), 3);
  const hosts = store.clientUrls.map((url) => new URL(url).host);
  nodes = await Promise.all(['north', 'south'].map((name) => PatroniNode.create(folder.path, name, hosts)));
});
after(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await store?.stop();
  await folder?.remove();
});

test('a primary and a replica find their places', { timeout: 120_000 }, async () => {
  const [north, south] = both();
  north.start();
  await eventually('north is primary', async () => (await north.is('primary')) || undefined, within(60, north));
  south.start();
  await eventually('south follows', async () => (await south.is('replica')) || undefined, within(60, south));
  await eventually(
    'both see both',
    async () => {
      const roles = (await south.cluster())?.map(({ name, role }) => `${name} ${role}`).sort();
      return roles?.join() === 'north leader,south replica' ? true : undefined;
    },
    within(30, south),
  );
  const made = await north.sql('create table orders (n int primary key)');
  assert.equal(made.code, 0, made.stderr);
});

test('the store’s leader is killed: the primary stays, and takes writes all along', { timeout: 120_000 }, async (t) => {
  const [north, south] = both();
  const leader = await leaderOf(store);
  process.kill(store.processes[leader]?.pid ?? 0, 'SIGKILL');
  const until = Date.now() + 1000 * (TIMING.ttl + 3 * TIMING.loop_wait);
  let written = 0;
  while (Date.now() < until) {
    const insert = await north.sql(`insert into orders values (${written})`);
    assert.equal(insert.code, 0, `${insert.stderr}\n${north.log().slice(-3000)}`);
    written++;
    assert.equal(await south.is('primary'), false);
    await delay(300);
  }
  t.diagnostic(`${written} writes, longer than a leader's time to live`);
  assert.doesNotMatch(north.log(), /demot/i);
  const [first] = (await north.cluster()) ?? [];
  assert.deepEqual([first?.name, first?.role, first?.timeline], ['north', 'leader', 1]);
  await store.restart(leader);
});

test('the primary is killed: the replica takes over', { timeout: 120_000 }, async (t) => {
  const [north, south] = both();
  const { stdout: count } = await north.sql('select count(*) from orders');
  await eventually(
    'the replica has it all',
    async () => ((await south.sql('select count(*) from orders')).stdout === count ? true : undefined),
    within(15, south),
  );
  const at = Date.now();
  await north.kill();
  const options = within(TIMING.ttl + 30, south);
  await eventually('south is primary', async () => (await south.is('primary')) || undefined, options);
  const seconds = (Date.now() - at) / 1000;
  t.diagnostic(`taken over after ${seconds.toFixed(1)} s, of which up to ${TIMING.ttl} s are the time to live`);
  assert.ok(seconds < TIMING.ttl + 15);
  // It says so when it holds the leader's key; PostgreSQL is promoted a moment later.
  await eventually(
    'south takes writes',
    async () => ((await south.sql('insert into orders values (1000000)')).code === 0 ? true : undefined),
    within(15, south),
  );
  assert.equal(Number((await south.sql('select count(*) from orders')).stdout), Number(count) + 1);
  north.start();
  await eventually('north follows', async () => (await north.is('replica')) || undefined, within(60, north));
});

function both(): readonly [PatroniNode, PatroniNode] {
  const [north, south] = nodes;
  assert.ok(north !== undefined && south !== undefined);
  return [north, south];
}

function within(
  seconds: number,
  node: PatroniNode,
): { readonly timeoutMs: number; readonly everyMs: number; readonly about: () => string } {
  return { timeoutMs: seconds * 1000, everyMs: 250, about: () => node.log().slice(-4000) };
}
