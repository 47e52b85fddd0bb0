import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { planCluster, savePlan } from '../../cli/up/plan.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-main-'));
});
after(() => rm(folder, { recursive: true, force: true }));

function keelson(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20_000,
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

describe('what is wrong is one line, exit code 2, and nothing is written', () => {
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [['frobnicate'], /unknown command 'frobnicate'/],
    [['up', '--bogus'], /unknown option '--bogus'/],
    [['up', '--members', 'many'], /invalid value "many" for --members/],
    [['up', '--members', '10'], /invalid value "10" for --members: must be from 1 to 9/],
    [['up', '--port', '8'], /--port is not supported with the value "8"/],
    [['up', '--token-auth-file', '/nope'], /cannot read \/nope: ENOENT/],
    [['up', 'extra'], /too many arguments/],
    [['member', '--election-timeout', '1'], /--election-timeout\[1ms\]/],
    [['apiserver'], /--etcd-servers must be specified/],
    [['server', '--authorization-mode', 'x'], /"x" is not a valid mode/],
  ];
  for (const [args, text] of rows) {
    it(args.join(' '), async () => {
      const { code, out, err } = await keelson(args);
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, text);
      assert.match(err, /^keelson: [^\n]*\n$/);
      assert.deepEqual(await readdir(folder), []);
    });
  }
});

it('--help has examples and --version is a version', async () => {
  for (const args of [
    ['--help'],
    ['up', '--help'],
    ['member', '--help'],
    ['apiserver', '--help'],
    ['server', '--help'],
  ]) {
    const { code, out } = await keelson(args);
    assert.equal(code, 0);
    assert.match(out, /Examples:/);
  }
  assert.match((await keelson(['--version'])).out, /^\d+\.\d+\.\d+\n$/);
});

describe('the plan of a local cluster', () => {
  const request = { host: '127.0.0.1', members: 3, clientPort: 2379, apiPort: 6443, freePorts: false };
  it('has ports by a simple rule', async () => {
    const { plan, isNew } = await planCluster({ ...request, dataDir: join(folder, 'none') });
    assert.equal(isNew, true);
    assert.deepEqual(plan.members, [
      { name: 'm1', clientPort: 2379, peerPort: 2380, securePort: 2381, apiPort: 6443 },
      { name: 'm2', clientPort: 2389, peerPort: 2390, securePort: 2391, apiPort: 6444 },
      { name: 'm3', clientPort: 2399, peerPort: 2400, securePort: 2401, apiPort: 6445 },
    ]);
  });
  it('or free ones, and keeps them', async () => {
    const dataDir = await mkdtemp(join(folder, 'plan-'));
    try {
      const { plan } = await planCluster({ ...request, dataDir, freePorts: true });
      assert.equal(
        new Set(
          plan.members.flatMap((member) => [member.clientPort, member.peerPort, member.securePort, member.apiPort]),
        ).size,
        12,
      );
      await savePlan(dataDir, plan);
      assert.deepEqual((await planCluster({ ...request, dataDir, members: undefined })).plan, plan);
      const old = plan.members.map(({ securePort: _, ...member }) => member);
      await writeFile(join(dataDir, 'cluster.json'), JSON.stringify({ ...plan, members: old }));
      const { plan: renewed } = await planCluster({ ...request, dataDir, members: undefined });
      assert.deepEqual(
        renewed.members.map(({ securePort: _, ...member }) => member),
        old,
      );
      assert.ok(renewed.members.every(({ securePort }) => securePort > 0));
      await assert.rejects(planCluster({ ...request, dataDir, members: 5 }), /--members 5: .* holds a cluster of 3/);
      await writeFile(join(dataDir, 'cluster.json'), '{"formatVersion":9}');
      await assert.rejects(planCluster({ ...request, dataDir }), /is not a cluster that this version knows/);
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });
});

it('keelson up: a cluster of one is ready, says where, and stops cleanly', { timeout: 90_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'keelson-up-'));
  const child = spawn(process.execPath, [MAIN, 'up', '--members', '1', '--port', '0', '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  try {
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString();
        if (out.includes('Ctrl-C stops it.')) resolve();
      });
      void ended.then((code) => reject(new Error(`ended with ${code}: ${err}`)));
    });
    const endpoints = JSON.parse(await readFile(join(dataDir, 'endpoints.json'), 'utf8')) as {
      members: { id: string; pid: number }[];
      apiservers: { pid: number; url: string }[];
      ca: string;
      kubeconfig: string;
    };
    assert.match(endpoints.members[0]?.id ?? '', /^[0-9a-f]{1,16}$/);
    assert.match(endpoints.apiservers[0]?.url ?? '', /^https:\/\/127\.0\.0\.1:\d+$/);
    for (const path of [endpoints.kubeconfig, join(dataDir, 'endpoints.json')])
      assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.match(await readFile(endpoints.ca, 'utf8'), /BEGIN CERTIFICATE/);
    child.kill('SIGINT');
    assert.equal(await ended, 0);
    for (const { pid } of [...endpoints.members, ...endpoints.apiservers])
      assert.throws(() => process.kill(pid, 0), /ESRCH/);
  } finally {
    child.kill('SIGTERM');
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  }
});
