import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cluster, client, temporaryFolder } from '../kit/cluster.ts';
import { run, start } from '../kit/process.ts';

/** Debian's etcdctl on three members: what the README shows, and the texts that scripts compare. */

let folder: { readonly path: string; remove(): Promise<void> };
let cluster: Cluster;

before(async () => {
  folder = await temporaryFolder();
  cluster = await Cluster.start(folder.path);
});
after(async () => {
  assert.equal(await cluster?.stop(), 0, 'SIGTERM drains and exits 0');
  await folder?.remove();
});

async function ok(...args: string[]): Promise<string> {
  const result = await cluster.etcdctl(args);
  assert.equal(result.code, 0, `etcdctl ${args.join(' ')}\n${result.stdout}\n${result.stderr}`);
  return result.stdout;
}
const json = async (...args: string[]): Promise<Record<string, unknown>> =>
  JSON.parse(await ok(...args, '-w', 'json')) as Record<string, unknown>;
const revisionOf = (response: Record<string, unknown>): number => (response['header'] as { revision: number }).revision;

test('put, get with every option, del', async () => {
  assert.equal(await ok('put', 'fruit/apple', 'red'), 'OK\n');
  await ok('put', 'fruit/banana', 'yellow');
  await ok('put', 'fruit/cherry', 'dark');
  assert.equal(await ok('get', 'fruit/apple'), 'fruit/apple\nred\n');
  assert.equal(await ok('get', '--prefix', 'fruit/', '--keys-only'), 'fruit/apple\n\nfruit/banana\n\nfruit/cherry\n\n');
  assert.equal(
    await ok('get', '--prefix', 'fruit/', '--limit=1', '--order=DESCEND', '--sort-by=KEY', '--print-value-only'),
    'dark\n',
  );
  assert.equal(await ok('get', 'fruit/b', 'fruit/d', '--print-value-only'), 'yellow\ndark\n');
  assert.match(await ok('get', '--prefix', 'fruit/', '--count-only', '-w', 'fields'), /"Count" : 3\n/);
  const before = revisionOf(await json('get', 'fruit/apple'));
  assert.equal(await ok('put', 'fruit/apple', 'green', '--prev-kv'), 'OK\nfruit/apple\nred\n');
  assert.equal(await ok('get', 'fruit/apple', `--rev=${before}`, '--print-value-only'), 'red\n');
  assert.equal(
    await ok('del', '--prefix', 'fruit/', '--prev-kv'),
    '3\nfruit/apple\ngreen\nfruit/banana\nyellow\nfruit/cherry\ndark\n',
  );
  assert.equal(await ok('get', '--prefix', 'fruit/'), '');
});

test('a txn takes one branch and one revision', async () => {
  await ok('put', 'txn/a', '1');
  const result = await cluster.etcdctl(['txn'], {
    input: 'value("txn/a") = "1"\n\nput txn/a 2\nput txn/b 2\n\nget txn/a\n\n',
  });
  assert.equal(result.stdout, 'SUCCESS\n\nOK\n\nOK\n');
  const rows = await json('get', '--prefix', 'txn/');
  const [a, b] = rows['kvs'] as { mod_revision: number }[];
  assert.equal(a?.mod_revision, b?.mod_revision);
  const failed = await cluster.etcdctl(['txn'], { input: 'value("txn/a") = "1"\n\nput txn/a 3\n\nget txn/a\n\n' });
  assert.equal(failed.stdout, 'FAILURE\n\ntxn/a\n2\n');
});

test('watch: now, from the past, and from before a compaction', async () => {
  const first = revisionOf(await json('put', 'w/a', '1'));
  const now = start(client('ETCDCTL'), [
    `--endpoints=${cluster.clientUrls[1]}`,
    'watch',
    '--prefix',
    'w/',
    '--prev-kv',
  ]);
  const past = start(client('ETCDCTL'), [
    `--endpoints=${cluster.clientUrls[2]}`,
    'watch',
    '--prefix',
    'w/',
    `--rev=${first}`,
  ]);
  try {
    await past.waitFor(/PUT\nw\/a\n1\n/, 5_000);
    // `watch` prints nothing when it is ready: writes go on until it shows one.
    for (let i = 0; !/PUT/.test(now.output()) && i < 50; i++) await ok('put', 'w/ready', String(i));
    await ok('put', 'w/b', '2');
    await ok('del', 'w/b');
    await now.waitFor(/PUT\nw\/b\n2\nDELETE\nw\/b\n2\nw\/b\n/, 5_000);
    await past.waitFor(/DELETE\nw\/b\n/, 5_000);
  } finally {
    await now.stop('SIGKILL');
    await past.stop('SIGKILL');
  }
  const head = revisionOf(await json('get', 'w/a'));
  assert.equal(await ok('compaction', String(head)), `compacted revision ${head}\n`);
  const compacted = await run(
    client('ETCDCTL'),
    [`--endpoints=${cluster.clientUrls[0]}`, 'watch', 'w/a', `--rev=${first}`],
    { timeoutMs: 10_000 },
  );
  assert.match(compacted.stderr, /required revision has been compacted/);
  const again = await cluster.etcdctl(['compaction', String(head)]);
  assert.match(again.stderr, /etcdserver: mvcc: required revision has been compacted/);
  const future = await cluster.etcdctl(['get', 'w/a', `--rev=${head + 1000}`]);
  assert.match(future.stderr, /etcdserver: mvcc: required revision is a future revision/);
});

test('leases: grant, attach, keep alive, list, time to live, expiry, revoke', async () => {
  const granted = (await ok('lease', 'grant', '300')).match(/^lease ([0-9a-f]{16}) granted with TTL\(300s\)\n$/);
  assert.ok(granted?.[1]);
  const id = granted[1];
  await ok('put', 'l/a', '1', `--lease=${id}`);
  assert.match(await ok('lease', 'keep-alive', '--once', id), new RegExp(`^lease ${id} keepalived with TTL\\(300\\)`));
  assert.match(
    await ok('lease', 'timetolive', id, '--keys'),
    /granted with TTL\(300s\), remaining\(\d+s\), attached keys\(\[l\/a\]\)/,
  );
  assert.match(await ok('lease', 'list'), new RegExp(id));
  assert.equal(await ok('lease', 'revoke', id), `lease ${id} revoked\n`);
  assert.equal(await ok('get', 'l/a'), '');
  assert.match((await cluster.etcdctl(['lease', 'revoke', id])).stderr, /etcdserver: requested lease not found/);
  const short = (await ok('lease', 'grant', '2')).match(/^lease ([0-9a-f]{16})/)?.[1];
  await ok('put', 'l/short', '1', `--lease=${short}`);
  const deadline = Date.now() + 12_000;
  while ((await ok('get', 'l/short')) !== '') assert.ok(Date.now() < deadline, 'a lease of 2 s is gone within 12 s');
});

test('member list, endpoint status, health and hashkv of all three', async () => {
  const members = (await ok('member', 'list')).trim().split('\n');
  assert.equal(members.length, 3);
  for (const line of members)
    assert.match(line, /^[0-9a-f]+, started, \S+, http:\/\/127\.0\.0\.1:\d+, http:\/\/127\.0\.0\.1:\d+, false$/);
  const status = JSON.parse(await ok('endpoint', 'status', '-w', 'json')) as {
    Status: { leader: number; version: string; raftTerm: number };
  }[];
  assert.equal(status.length, 3);
  assert.equal(new Set(status.map((s) => s.Status.leader)).size, 1, 'all name one leader');
  assert.match(status[0]?.Status.version ?? '', /^3\.7\.\d+$/);
  assert.equal((await ok('endpoint', 'health')).match(/is healthy/g)?.length, 3);
  const hashes = JSON.parse(await ok('endpoint', 'hashkv', '-w', 'json')) as { HashKV: { hash: number } }[];
  assert.equal(new Set(hashes.map((h) => h.HashKV.hash)).size, 1, 'the same history hashes the same');
});

test('errors carry etcd’s texts', async () => {
  assert.match(
    (await cluster.etcdctl(['put', 'x', '1', '--lease=1234abcd'])).stderr,
    /etcdserver: requested lease not found/,
  );
  assert.match((await cluster.etcdctl(['put', '--ignore-value', 'no-such-key'])).stderr, /etcdserver: key not found/);
  assert.match((await cluster.etcdctl(['put', ''], { input: 'v' })).stderr, /etcdserver: key is not provided/);
  const ops = Array.from({ length: 129 }, (_, i) => `put k${i} v`).join('\n');
  assert.match(
    (await cluster.etcdctl(['txn'], { input: `\n${ops}\n\n\n` })).stderr,
    /etcdserver: too many operations in txn request/,
  );
  assert.match(
    (await cluster.etcdctl(['txn'], { input: '\nput k v\nput k w\n\n\n' })).stderr,
    /etcdserver: duplicate key given in txn request/,
  );
  const big = 'x'.repeat(1_700_000);
  assert.match((await cluster.etcdctl(['put', 'big'], { input: big })).stderr, /etcdserver: request is too large/);
});

test('HTTP on the client port: health, readiness, version, metrics', async () => {
  const base = cluster.clientUrls[0] ?? '';
  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(base + path);
    return { status: response.status, text: await response.text() };
  };
  assert.deepEqual(await get('/health'), { status: 200, text: '{"health":"true","reason":""}' });
  assert.equal((await get('/livez')).text, 'ok\n');
  assert.match((await get('/readyz?verbose')).text, /^\[\+\]data_corruption ok\n/);
  assert.match((await get('/version')).text, /^\{"etcdserver":"3\.7\.\d+","etcdcluster":"3\.7\.0"/);
  const metrics = (await get('/metrics')).text;
  for (const name of [
    'etcd_server_has_leader 1',
    'etcd_server_is_leader',
    'etcd_server_proposals_committed_total',
    'etcd_disk_wal_fsync_duration_seconds_bucket',
    'etcd_mvcc_db_total_size_in_bytes',
    'grpc_server_handled_total',
  ]) {
    assert.ok(metrics.includes(name), name);
  }
  assert.equal((await get('/no-such-path')).status, 404);
});
