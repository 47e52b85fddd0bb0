import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { client, KEELSON, temporaryFolder } from '../kit/cluster.ts';
import { startRealEtcd } from '../kit/etcd.ts';
import { freePorts } from '../kit/ports.ts';
import { eventually, type Running, type RunOptions, type RunResult, run, start } from '../kit/process.ts';
import { AUTH_STEPS, comparable, Speaker } from './auth-steps.ts';

/** Authentication with Debian's etcdctl on three members, and the same requests to Debian's etcd. */

let folder: { readonly path: string; remove(): Promise<void> };
let ports: readonly number[];
let members: readonly Running[] = [];
const logs: string[] = [];

before(async () => {
  folder = await temporaryFolder();
  ports = await freePorts(6);
  await startMembers();
});
after(async () => {
  await stopMembers('SIGTERM');
  await folder?.remove();
});

const clientUrl = (i: number): string => `http://127.0.0.1:${ports[i]}`;
const peerUrl = (i: number): string => `http://127.0.0.1:${ports[i + 3]}`;
const dataDir = (i: number): string => join(folder.path, `m${i}`);

async function startMembers(): Promise<void> {
  const initialCluster = [0, 1, 2].map((i) => `m${i}=${peerUrl(i)}`).join(',');
  members = [0, 1, 2].map((i) =>
    start(process.execPath, [
      ...[KEELSON, 'member', '--name', `m${i}`, '--data-dir', dataDir(i), '--initial-cluster', initialCluster],
      ...['--listen-client-urls', clientUrl(i), '--listen-peer-urls', peerUrl(i), '--bcrypt-cost', '5'],
    ]),
  );
  const isHealthy = async (url: string): Promise<true | undefined> =>
    (await fetch(`${url}/health`)).status === 200 ? true : undefined;
  for (const i of [0, 1, 2]) await eventually(`m${i} is healthy`, () => isHealthy(clientUrl(i)), { timeoutMs: 30_000 });
}

async function stopMembers(signal: NodeJS.Signals): Promise<void> {
  await Promise.all(members.map((member) => member.stop(signal)));
  for (const member of members) logs.push(member.output(), member.errors());
  members = [];
}

function etcdctl(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return run(client('ETCDCTL'), [`--endpoints=${[0, 1, 2].map(clientUrl).join(',')}`, ...args], options);
}

const ROOT = '--user=root:root-PaSsWoRd';
const ALICE = '--user=alice:alice-PaSsWoRd';

async function ok(...args: string[]): Promise<string> {
  const result = await etcdctl(args);
  assert.equal(result.code, 0, `etcdctl ${args.join(' ')}\n${result.stdout}\n${result.stderr}`);
  return result.stdout;
}

async function refused(text: string, ...args: string[]): Promise<void> {
  const result: RunResult = await etcdctl(args);
  assert.notEqual(result.code, 0, `etcdctl ${args.join(' ')}`);
  assert.match(result.stdout + result.stderr, new RegExp(`etcdserver: ${text}`), `etcdctl ${args.join(' ')}`);
}

test('the same requests come to the same codes and texts as with etcd', { timeout: 120_000 }, async () => {
  const etcd = await startRealEtcd(join(folder.path, 'etcd'));
  const differences: unknown[] = [];
  const speakers = [new Speaker(clientUrl(0)), new Speaker(etcd.clientUrls[0] ?? '')] as const;
  try {
    for (const step of AUTH_STEPS) {
      const [ours, theirs] = await Promise.all(speakers.map((speaker) => speaker.say(step)));
      const [is, wanted] =
        step.differs === undefined
          ? [comparable(ours), comparable(theirs)]
          : [`${ours?.code} ${ours?.text}`, step.differs];
      if (!isDeepStrictEqual(is, wanted)) differences.push({ step: step.name, is, wanted });
    }
    assert.deepEqual(differences, []);
  } finally {
    for (const speaker of speakers) speaker.close();
    await etcd.stop();
  }
});

test('users, roles, and who may do what', { timeout: 120_000 }, async () => {
  assert.equal(await ok('user', 'add', 'root:root-PaSsWoRd'), 'User root created\n');
  assert.equal(await ok('user', 'add', 'alice:alice-PaSsWoRd'), 'User alice created\n');
  assert.equal(await ok('user', 'add', 'nopass', '--no-password'), 'User nopass created\n');
  assert.equal(await ok('role', 'add', 'app'), 'Role app created\n');
  await ok('role', 'grant-permission', 'app', '--prefix', 'readwrite', 'app/');
  await ok('role', 'grant-permission', 'app', 'read', 'shared');
  await ok('role', 'grant-permission', 'app', '--from-key', 'write', 'zz');
  assert.match(await ok('role', 'get', 'app'), /KV Read:\n\t\[app\/, app0\) \(prefix app\/\)\n\tshared\nKV Write:\n/);
  assert.equal(await ok('user', 'grant-role', 'alice', 'app'), 'Role app is granted to user alice\n');
  assert.equal(await ok('put', 'shared', '1'), 'OK\n');
  assert.equal(await ok('auth', 'enable', ROOT), 'Authentication Enabled\n');

  await refused('user name is empty', 'get', 'shared');
  await refused('authentication failed, invalid user ID or password', 'get', 'shared', '--user=alice:wrong');
  await refused('authentication failed, invalid user ID or password', 'get', 'shared', '--user=ghost:wrong');
  await refused('authentication failed, invalid user ID or password', 'get', 'shared', '--user=nopass:x');
  assert.equal(await ok('get', 'shared', ALICE), 'shared\n1\n');
  assert.equal(await ok('put', 'app/x', '1', ALICE), 'OK\n');
  assert.equal(await ok('put', 'zzz', '1', ALICE), 'OK\n');
  await refused('permission denied', 'put', 'shared', '2', ALICE);
  await refused('permission denied', 'get', 'zzz', ALICE);
  await refused('permission denied', 'get', '--prefix', '', ALICE);
  await refused('permission denied', 'user', 'list', ALICE);
  await refused('permission denied', 'role', 'add', 'x', ALICE);
  await refused('permission denied', 'compaction', '1', ALICE);
  await refused('permission denied', 'endpoint', 'hashkv', ALICE);
  await refused('permission denied', 'auth', 'disable', ALICE);
  assert.match(await ok('user', 'get', 'alice', ALICE), /User: alice\nRoles: app/);
  assert.match(await ok('endpoint', 'status', ALICE), /3\.7\./);
  assert.match(await ok('auth', 'status', ROOT), /Authentication Status: true\nAuthRevision: \d+/);
  assert.equal(await ok('user', 'list', ROOT), 'alice\nnopass\nroot\n');
  const health = await etcdctl(['endpoint', 'health', ALICE]);
  assert.equal(health.code, 0, health.stderr);
});

test('a user and what they may do outlive the death of every member', { timeout: 120_000 }, async () => {
  await stopMembers('SIGKILL');
  await startMembers();
  await eventually(
    'alice is known again',
    async () => ((await etcdctl(['get', 'shared', ALICE])).code === 0 ? true : undefined),
    { timeoutMs: 30_000 },
  );
  await refused('permission denied', 'put', 'shared', '2', ALICE);
  await ok('role', 'revoke-permission', 'app', 'shared', ROOT);
  await refused('permission denied', 'get', 'shared', ALICE);
  await ok('user', 'revoke-role', 'alice', 'app', ROOT);
  await refused('permission denied', 'get', 'app/x', ALICE);
  const changed = await etcdctl(['user', 'passwd', 'alice', '--interactive=false', ROOT], { input: 'next-PaSsWoRd\n' });
  assert.equal(changed.code, 0, changed.stderr);
  await refused('authentication failed', 'get', 'app/x', ALICE);
  await refused('permission denied', 'get', 'app/x', '--user=alice:next-PaSsWoRd');
  await ok('user', 'delete', 'alice', ROOT);
  await ok('role', 'delete', 'app', ROOT);
});

test('no password is in any file of any member', async () => {
  for (const i of [0, 1, 2]) {
    for (const entry of await readdir(dataDir(i), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(join(entry.parentPath, entry.name), 'latin1');
      assert.equal(bytes.includes('PaSsWoRd'), false, entry.name);
    }
  }
  assert.equal(logs.join('').includes('PaSsWoRd'), false, 'nor in the log of any member that was');
});

test('authentication is disabled again', async () => {
  assert.equal(await ok('auth', 'disable', ROOT), 'Authentication Disabled\n');
  assert.equal(await ok('get', 'shared'), 'shared\n1\n');
});
