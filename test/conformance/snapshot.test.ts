import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { connectKvClient } from '../../client/grpc-client.ts';
import { client, KEELSON, temporaryFolder } from '../kit/cluster.ts';
import { startRealEtcd } from '../kit/etcd.ts';
import { freePorts } from '../kit/ports.ts';
import { eventually, type Running, run, start } from '../kit/process.ts';
import { Writers } from '../kit/writers.ts';
import { hashOfFile } from '../storage/etcd-file/kit.ts';
import { asRoot, authOf, guard, type Store } from './snapshot-auth.ts';

/** Backups go both ways between a real etcd and Keelson, with etcd's own tools: etcdctl saves, etcdutl checks and restores. */

let folder: { readonly path: string; remove(): Promise<void> };
const running: { stop(): Promise<unknown> }[] = [];

before(async () => {
  folder = await temporaryFolder();
});
after(async () => {
  await Promise.all(running.map((process) => process.stop()));
  await folder?.remove();
});

const path = (name: string): string => join(folder.path, name);
const etcdutl = (): string => join(dirname(client('ETCD')), 'etcdutl');

async function ok(command: string, ...args: readonly string[]): Promise<string> {
  const result = await run(command, args);
  assert.equal(result.code, 0, `${command} ${args.join(' ')}\n${result.stdout}\n${result.stderr}`);
  return result.stdout;
}
const keelson = (...args: readonly string[]): Promise<string> => ok(process.execPath, KEELSON, ...args);

const storeAt = (url: string, stop: () => Promise<unknown>): Store => ({
  url,
  ctl: (...args) => ok(client('ETCDCTL'), `--endpoints=${url}`, ...args),
  stop,
});

async function freshEtcd(name: string): Promise<Store> {
  const etcd = await startRealEtcd(path(name), 1, { args: ['--bcrypt-cost', '4'] });
  running.push(etcd);
  return storeAt(etcd.clientUrls[0] ?? '', () => etcd.stop());
}

/** Restores a file and starts what is to serve it. */
async function restored(
  what: 'etcd' | 'keelson',
  file: string,
  name: string,
  options: readonly string[],
): Promise<Store> {
  const [clientPort, peerPort] = await freePorts(2);
  const [url, peer, dataDir] = [`http://127.0.0.1:${clientPort}`, `http://127.0.0.1:${peerPort}`, path(name)];
  const cluster = [
    '--name',
    'm',
    '--data-dir',
    dataDir,
    '--initial-cluster',
    `m=${peer}`,
    '--initial-advertise-peer-urls',
    peer,
  ];
  const restore = ['snapshot', 'restore', file, ...cluster, ...options];
  if (what === 'etcd') await ok(etcdutl(), ...restore);
  else await keelson(...restore);
  const listen = [
    '--listen-client-urls',
    url,
    '--advertise-client-urls',
    url,
    '--listen-peer-urls',
    peer,
    '--log-level',
    'error',
  ];
  const process_: Running =
    what === 'etcd'
      ? start(client('ETCD'), [...cluster, ...listen])
      : start(process.execPath, [KEELSON, 'member', ...cluster, ...listen]);
  running.push(process_);
  await eventually(
    `${what} serves ${name}`,
    async () => ((await fetch(`${url}/health`)).status === 200 ? true : undefined),
    { timeoutMs: 30_000 },
  );
  return storeAt(url, () => process_.stop());
}

interface HashKv {
  readonly hash: number;
  readonly compact_revision: number;
  readonly header: { readonly revision: number };
}

async function hashOf(store: Store): Promise<readonly number[]> {
  const [answer] = JSON.parse(await store.ctl('endpoint', 'hashkv', '-w', 'json')) as { HashKV: HashKv }[];
  assert.ok(answer !== undefined);
  return [answer.HashKV.hash, answer.HashKV.compact_revision, answer.HashKV.header.revision];
}

async function everyKey(store: Store): Promise<unknown> {
  return (JSON.parse(await store.ctl('get', '', '--from-key', '-w', 'json')) as { kvs: unknown }).kvs;
}

/** Granted seconds and keys of every lease, by id. */
async function leasesOf(store: Store): Promise<readonly string[]> {
  const ids = (await store.ctl('lease', 'list')).trim().split('\n').slice(1).sort();
  return Promise.all(
    ids.map(async (id) =>
      (await store.ctl('lease', 'timetolive', id, '--keys')).replace(/remaining\(\d+s\), /, '').trim(),
    ),
  );
}

/** A history with everything in it: several changes in a revision, deletes, leases, long values, a compaction. */
async function fill(store: Store): Promise<void> {
  const lease = (await store.ctl('lease', 'grant', '600')).split(' ')[1] ?? '';
  await store.ctl('lease', 'grant', '900');
  for (let i = 0; i < 12; i++) await store.ctl('put', `key/${i % 5}`, `value ${i}`);
  await store.ctl('put', 'leased/a', '1', `--lease=${lease}`);
  await store.ctl('put', 'leased/b', '1', `--lease=${lease}`);
  await store.ctl('del', 'key/3');
  await store.ctl('compaction', '8');
  await ok(
    'bash',
    '-c',
    `printf '\\nput t/a 1\\nput t/b 2\\ndel key/4\\n\\n\\n' | ${client('ETCDCTL')} --endpoints=${store.url} txn`,
  );
  await ok(
    'bash',
    '-c',
    `head -c 700000 /dev/zero | tr '\\0' x | ${client('ETCDCTL')} --endpoints=${store.url} put long`,
  );
  await store.ctl('put', 'leased/b', '2');
  for (let i = 0; i < 100; i++) await store.ctl('put', `many/${i}`, 'x'.repeat(i * 30));
}

async function hashByEtcd(
  file: string,
): Promise<{ readonly hash: number; readonly revision: number; readonly totalSize: number }> {
  const { hash, revision, totalSize } = JSON.parse(await ok(etcdutl(), 'snapshot', 'status', file, '-w', 'json'));
  return { hash, revision, totalSize };
}

async function hashByKeelson(
  file: string,
): Promise<{ readonly hash: number; readonly revision: number; readonly totalSize: number }> {
  const { hash, revision, totalSize } = JSON.parse(await keelson('snapshot', 'status', file, '-w', 'json'));
  return { hash, revision, totalSize };
}

test('etcd -> Keelson -> etcd: the same history, hash, leases and users each time', { timeout: 240_000 }, async () => {
  const open = await freshEtcd('origin');
  await fill(open);
  await open.ctl('snapshot', 'save', path('origin.db')); // what the other tests go on from
  assert.equal(await hashOfEverything(open), await hashOfFile(await readFile(path('origin.db'))), 'of a file of etcd');
  const origin = await guard(open);
  const [hash, keys, leases] = [await hashOf(origin), await everyKey(origin), await leasesOf(origin)];
  const auth = await authOf(origin);
  assert.ok(Number(hash[1]) > 0, 'history has been compacted');
  assert.equal(leases.length, 2);
  await origin.ctl('snapshot', 'save', path('guarded.db'));
  await origin.stop();
  assert.deepEqual(await hashByKeelson(path('guarded.db')), await hashByEtcd(path('guarded.db')));

  const there = asRoot(await restored('keelson', path('guarded.db'), 'there', ['--bump-revision', '0']));
  assert.deepEqual(await hashOf(there), hash);
  assert.deepEqual(await everyKey(there), keys);
  assert.deepEqual(await leasesOf(there), leases);
  assert.deepEqual(await authOf(there), auth);
  const [value] = (await there.ctl('get', 'key/0', '--rev=8', '--print-value-only')).split('\n');
  await there.ctl('snapshot', 'save', path('there.db'));
  const whole = await hashOfEverything(there, { username: 'root', password: 'secret' });
  assert.equal(whole, await hashOfFile(await readFile(path('there.db'))), 'of a file of ours');
  await there.stop();
  assert.deepEqual(await hashByKeelson(path('there.db')), await hashByEtcd(path('there.db')));

  const back = asRoot(await restored('etcd', path('there.db'), 'back', []));
  assert.deepEqual(await hashOf(back), hash);
  assert.deepEqual(await everyKey(back), keys);
  assert.deepEqual(await leasesOf(back), leases);
  assert.deepEqual(await authOf(back), auth);
  assert.equal((await back.ctl('get', 'key/0', '--rev=8', '--print-value-only')).trim(), value);
  await goesOn(back, Number(hash[2]));
  await back.stop();
});

/** The answer of the Hash call. */
async function hashOfEverything(
  { url }: Store,
  user?: { readonly username: string; readonly password: string },
): Promise<number> {
  const kv = connectKvClient({ endpoints: [url], ...(user !== undefined && { user }) });
  try {
    return (await kv.hash()).hash;
  } finally {
    await kv.close();
  }
}

/** It writes into the pages that were packed here, compacts, defragments. */
async function goesOn(store: Store, revision: number): Promise<void> {
  await store.ctl('del', '--prefix', 'many/');
  for (let i = 0; i < 30; i++) await store.ctl('put', `more/${i}`, 'y'.repeat(100));
  await store.ctl('compaction', String(revision + 20), '--physical');
  await store.ctl('defrag');
  await store.ctl('snapshot', 'save', path('back.db'));
  await ok(etcdutl(), 'snapshot', 'status', path('back.db'));
  const [oldLease] = (await store.ctl('lease', 'list')).trim().split('\n').slice(1);
  await store.ctl('lease', 'revoke', oldLease ?? '');
}

test('a raised revision: both restore the same', { timeout: 120_000 }, async () => {
  const options = ['--bump-revision', '1000000', '--mark-compacted'];
  const [ours, theirs] = [
    await restored('keelson', path('origin.db'), 'bumped-keelson', options),
    await restored('etcd', path('origin.db'), 'bumped-etcd', options),
  ];
  assert.deepEqual(await hashOf(ours), await hashOf(theirs));
  assert.deepEqual(await leasesOf(ours), await leasesOf(theirs));
  for (const store of [ours, theirs]) {
    const watch = await run(client('ETCDCTL'), [`--endpoints=${store.url}`, 'watch', '--prefix', '', '--rev=20'], {
      timeoutMs: 5_000,
    });
    assert.match(watch.stderr, /required revision has been compacted/);
    await store.ctl('put', 'next', '1');
    await store.ctl('snapshot', 'save', path(`bumped-${store === ours ? 'ours' : 'theirs'}.db`));
  }
  await Promise.all([ours.stop(), theirs.stop()]);
  // What each saved, the other restores.
  const swapped = [
    await restored('keelson', path('bumped-theirs.db'), 'swapped-keelson', ['--bump-revision', '0']),
    await restored('etcd', path('bumped-ours.db'), 'swapped-etcd', []),
  ] as const;
  for (const store of swapped) assert.equal((await store.ctl('get', 'next', '--print-value-only')).trim(), '1');
  assert.deepEqual(await hashOf(swapped[0]), await hashOf(swapped[1]));
  await Promise.all(swapped.map((store) => store.stop()));
});

test('`keelson snapshot save` saves a real etcd, too', { timeout: 60_000 }, async () => {
  const etcd = await freshEtcd('saved');
  await etcd.ctl('put', 'a', '1');
  await keelson('snapshot', 'save', path('saved.db'), '--endpoints', etcd.url);
  assert.deepEqual(await hashByKeelson(path('saved.db')), await hashByEtcd(path('saved.db')));
  await etcd.stop();
});

test('saved under load, a snapshot is whole, and writes go on meanwhile', { timeout: 120_000 }, async () => {
  const store = await restored('keelson', path('origin.db'), 'loaded', ['--bump-revision', '0']);
  const writers = new Writers([store.url], { writers: 4, prefix: 'load/' });
  try {
    for (let i = 0; i < 5; i++) {
      const before = writers.acknowledged.length;
      await store.ctl('snapshot', 'save', path(`load-${i}.db`));
      const { revision } = await hashByEtcd(path(`load-${i}.db`));
      const least = writers.acknowledged[before - 1]?.revision ?? 0;
      assert.ok(revision >= least, 'what was acknowledged before is in it');
      assert.ok(writers.acknowledged.length > before, 'writes go on');
    }
  } finally {
    await writers.stop();
  }
  assert.equal(writers.failures, 0);
  await store.stop();
});

test('a cluster of three from one file', { timeout: 120_000 }, async () => {
  const ports = await freePorts(6);
  const members = [0, 1, 2].map((i) => ({
    name: `n${i}`,
    url: `http://127.0.0.1:${ports[2 * i]}`,
    peer: `http://127.0.0.1:${ports[2 * i + 1]}`,
  }));
  const initialCluster = members.map(({ name, peer }) => `${name}=${peer}`).join(',');
  const processes = [];
  for (const { name, url, peer } of members) {
    const cluster = [
      '--name',
      name,
      '--data-dir',
      path(name),
      '--initial-cluster',
      initialCluster,
      '--initial-advertise-peer-urls',
      peer,
    ];
    await keelson('snapshot', 'restore', path('origin.db'), ...cluster);
    processes.push(
      start(process.execPath, [
        KEELSON,
        'member',
        ...cluster,
        '--listen-client-urls',
        url,
        '--advertise-client-urls',
        url,
        '--listen-peer-urls',
        peer,
        '--log-level',
        'error',
      ]),
    );
  }
  running.push(...processes);
  const stores = members.map(({ url }) => storeAt(url, async () => undefined));
  await eventually(
    'three members serve',
    async () =>
      (await Promise.all(members.map(({ url }) => fetch(`${url}/health`)))).every(({ status }) => status === 200) ||
      undefined,
    { timeoutMs: 30_000 },
  );
  await stores[0]?.ctl('put', 'together', '1');
  for (const store of stores) assert.equal((await store.ctl('get', 'together', '--print-value-only')).trim(), '1');
  const hashes = await Promise.all(stores.map(hashOf));
  assert.deepEqual(hashes[1], hashes[0]);
  assert.deepEqual(hashes[2], hashes[0]);
  assert.ok((await readdir(folder.path)).every((name) => !name.endsWith('.restoring')));
  await Promise.all(processes.map((process_) => process_.stop()));
});
