import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { connectKvClient } from '../../client/grpc-client.ts';
import { Authority, type Identity, pemOf } from '../kit/authority.ts';
import { KEELSON, temporaryFolder } from '../kit/cluster.ts';
import { freePorts } from '../kit/ports.ts';
import { run, start } from '../kit/process.ts';
import { putOf, rangeOf } from '../kit/writers.ts';

const skip = spawnSync('openssl', ['version']).status !== 0;

suite('a program called etcd', { skip }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let etcd: string;
  let authority: Authority;
  let server: Identity;
  before(async () => {
    folder = await temporaryFolder();
    etcd = join(folder.path, 'etcd');
    await chmod(KEELSON, 0o755);
    await symlink(KEELSON, etcd);
    authority = await Authority.create(folder.path, 'etcd-ca');
    server = await authority.issue('server', { commonName: 'node', names: ['IP:127.0.0.1', 'DNS:localhost'] });
  });
  after(() => folder.remove());

  test('starts by the manifest that kubeadm writes for etcd', { timeout: 60_000 }, async () => {
    const [port, peer, metrics] = await freePorts(3);
    const url = `https://127.0.0.1:${port}`;
    const dataDir = join(folder.path, 'static-pod');
    const running = start(etcd, [
      `--advertise-client-urls=${url}`,
      `--cert-file=${server.cert}`,
      '--client-cert-auth=true',
      `--data-dir=${dataDir}`,
      '--experimental-initial-corrupt-check=true',
      '--experimental-watch-progress-notify-interval=5s',
      `--initial-advertise-peer-urls=https://127.0.0.1:${peer}`,
      `--initial-cluster=node=https://127.0.0.1:${peer}`,
      `--key-file=${server.key}`,
      `--listen-client-urls=${url}`,
      `--listen-metrics-urls=http://127.0.0.1:${metrics}`,
      `--listen-peer-urls=https://127.0.0.1:${peer}`,
      '--name=node',
      `--peer-cert-file=${server.cert}`,
      '--peer-client-cert-auth=true',
      `--peer-key-file=${server.key}`,
      `--peer-trusted-ca-file=${authority.ca}`,
      '--snapshot-count=10000',
      `--trusted-ca-file=${authority.ca}`,
    ]);
    try {
      await running.waitFor(/"msg":"ready to serve client requests"/, 30_000);
      await running.waitFor(/"msg":"serving client traffic securely"/, 1_000);
      await running.waitFor(/"msg":"published local member to cluster through raft"/, 1_000);
      const probe = await fetch(`http://127.0.0.1:${metrics}/health?exclude=NOSPACE&serializable=true`);
      assert.deepEqual(await probe.json(), { health: 'true', reason: '' });
      for (const path of ['livez', 'readyz'])
        assert.equal((await fetch(`http://127.0.0.1:${metrics}/${path}`)).status, 200);
      const kv = connectKvClient({
        endpoints: [url],
        tls: { ca: await readFile(authority.ca), ...(await pemOf(server)) },
      });
      await kv.put(putOf('a', '1'));
      assert.equal((await kv.range(rangeOf('a'))).count, 1);
      await kv.close();
      for (const line of running.errors().trim().split('\n')) {
        const { level, ts, msg } = JSON.parse(line) as Record<string, string>;
        assert.match(`${level} ${ts} ${msg}`, /^(?:info|warn) 20\d\d-\d\d-\d\dT[\d:.]+Z \S/);
      }
    } finally {
      assert.equal(await running.stop(), 0);
    }
  });

  test('says its version, and what is wrong in one line before it writes anything', { timeout: 60_000 }, async () => {
    const cwd = join(folder.path, 'empty');
    await mkdir(cwd);
    const say = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => run(etcd, args, { cwd, env });
    assert.match((await say(['--version'])).stdout, /^etcd Version: 3\.\d+\.\d+\n/);
    assert.match((await say(['-h'])).stdout, /^Usage: etcd \[flags\][\s\S]+--listen-client-urls URLS/);
    const rows: readonly (readonly [readonly string[], Readonly<Record<string, string>>, RegExp])[] = [
      [['-nmae', 'x'], {}, /flag provided but not defined: -nmae/],
      [['gateway', 'start'], {}, /'gateway' is not served/],
      [[], { ETCD_HEARTBEAT_INTERVAL: 'x' }, /invalid value "x" for --heartbeat-interval/],
      [
        ['--cert-file', server.cert],
        { ETCD_CERT_FILE: server.cert },
        /conflicting environment variable ETCD_CERT_FILE/,
      ],
      [
        ['--listen-client-urls=https://127.0.0.1:1', '--cert-file', server.cert, '--key-file', server.cert],
        {},
        /--key-file: .* holds no PEM private key/,
      ],
    ];
    for (const [args, env, text] of rows) {
      const { code, stdout, stderr } = await say(args, env);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, text);
      assert.match(stderr, /^keelson: [^\n]*\n$/);
    }
    assert.deepEqual(await readdir(cwd), []);
  });

  test('by variables or a file, with its log in a file, its WAL elsewhere and nothing synced', {
    timeout: 60_000,
  }, async () => {
    const [port, peer] = await freePorts(2);
    const [dataDir, walDir] = [join(folder.path, 'data'), join(folder.path, 'log')];
    const settings = {
      name: 'from-file',
      'data-dir': dataDir,
      'wal-dir': walDir,
      'unsafe-no-fsync': true,
      'listen-client-urls': `https://127.0.0.1:${port}`,
      'advertise-client-urls': `https://127.0.0.1:${port}`,
      'listen-peer-urls': `http://127.0.0.1:${peer}`,
      'initial-advertise-peer-urls': `http://127.0.0.1:${peer}`,
      'initial-cluster': `from-file=http://127.0.0.1:${peer}`,
      'client-transport-security': { 'auto-tls': true },
      'log-outputs': [join(folder.path, 'etcd.log'), 'stdout'],
      'log-format': 'console',
    };
    const file = join(folder.path, 'etcd.yaml');
    await writeFile(file, JSON.stringify(settings)); // JSON is YAML
    const running = start(etcd, ['--name', 'ignored'], { env: { ETCD_CONFIG_FILE: file } });
    try {
      await running.waitFor(/Z\tinfo\tready to serve client requests\t\{"member":"from-file"\}/, 30_000);
      const ca = await readFile(join(dataDir, 'fixtures', 'client', 'cert.pem'));
      const kv = connectKvClient({ endpoints: [`https://127.0.0.1:${port}`], tls: { ca } });
      await kv.put(putOf('a', '1'));
      const { members } = await kv.memberList({ linearizable: true });
      assert.deepEqual(
        members.map(({ name }) => name),
        ['from-file'],
      );
      await kv.close();
    } finally {
      assert.equal(await running.stop(), 0);
    }
    assert.match(await readFile(join(folder.path, 'etcd.log'), 'utf8'), /ready to serve client requests/);
    assert.ok((await readdir(walDir)).length > 0);
    assert.ok(!(await readdir(dataDir)).includes('wal'));
    // Without its log the directory must not pass for an empty one.
    const lost = await run(etcd, [
      '--name=from-file',
      `--data-dir=${dataDir}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
    ]);
    assert.match(`${lost.code} ${lost.stderr}`, /^1 [\s\S]*start it with that --wal-dir/);
  });
});
