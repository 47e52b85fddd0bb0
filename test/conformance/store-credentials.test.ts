import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Authority } from '../kit/authority.ts';
import { Cluster, client, KEELSON, Kubectl, temporaryFolder } from '../kit/cluster.ts';
import { freePorts } from '../kit/ports.ts';
import { eventually, type RunResult, run, start } from '../kit/process.ts';

/** API servers on a store that asks who they are: that of `keelson up`, and a real etcd with client certificates and authentication. */

let folder: { readonly path: string; remove(): Promise<void> };
before(async () => {
  folder = await temporaryFolder();
});
after(() => folder?.remove());

test('keelson up goes on, and comes up again, when authentication is enabled', { timeout: 180_000 }, async () => {
  const dataDir = join(folder.path, 'up');
  const cluster = await Cluster.start(dataDir, ['--members', '1']);
  const ROOT = '--user=root:root-PaSsWoRd';
  const ok = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await cluster.etcdctl(args);
    assert.equal(code, 0, `etcdctl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  try {
    const kubectl = new Kubectl(client('KUBECTL'), cluster.endpoints.kubeconfig, join(folder.path, 'cache'));
    await ok('user', 'add', 'root:root-PaSsWoRd');
    await ok('user', 'grant-role', 'root', 'root');
    await ok('auth', 'enable', ROOT);
    const nameless = await cluster.etcdctl(['get', 'a']);
    assert.match(nameless.stderr, /user name is empty/);
    await kubectl.ok(['create', 'configmap', 'before', '--from-literal=a=1']);
    await cluster.killAllAndRestart();
    assert.match(await kubectl.ok(['get', 'configmap', 'before', '-o', 'jsonpath={.data.a}']), /^1$/);
    await kubectl.ok(['create', 'configmap', 'after', '--from-literal=a=2']);
    assert.match(await ok('get', '--prefix', '--keys-only', '/registry/configmaps/default/', ROOT), /default\/after/);
    await assertForeign(dataDir);
  } finally {
    await cluster.stop();
  }
});

test('an API server on a real etcd that wants client certificates of users', { timeout: 120_000 }, async () => {
  const authority = await Authority.create(folder.path, 'store');
  const server = await authority.issue('server', { commonName: 'etcd', names: ['IP:127.0.0.1'] });
  const root = await authority.issue('root', { commonName: 'root' });
  const [port, peer, api] = await freePorts(3);
  const url = `https://127.0.0.1:${port}`;
  const etcd = start(client('ETCD'), [
    ...['--name=e', `--data-dir=${join(folder.path, 'etcd')}`, '--log-level=error'],
    ...[`--listen-client-urls=${url}`, `--advertise-client-urls=${url}`],
    ...[`--listen-peer-urls=http://127.0.0.1:${peer}`, `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`],
    ...[`--initial-cluster=e=http://127.0.0.1:${peer}`, `--cert-file=${server.cert}`, `--key-file=${server.key}`],
    ...['--client-cert-auth', `--trusted-ca-file=${authority.ca}`],
  ]);
  const etcdctl = [`--endpoints=${url}`, `--cacert=${authority.ca}`, `--cert=${root.cert}`, `--key=${root.key}`];
  const certificates = join(folder.path, 'api');
  const serverArgs = (more: readonly string[]): readonly string[] => [
    ...[KEELSON, 'apiserver', '--etcd-servers', url, '--bind-address', '127.0.0.1', '--secure-port', String(api)],
    ...['--cert-dir', certificates, '--etcd-cafile', authority.ca, ...more],
  ];
  const identity = ['--etcd-certfile', root.cert, '--etcd-keyfile', root.key];
  try {
    for (const args of [
      ['user', 'add', 'root', '--no-password'],
      ['user', 'grant-role', 'root', 'root'],
      ['auth', 'enable'],
    ])
      await eventually(
        args.join(' '),
        async () => ((await run(client('ETCDCTL'), [...etcdctl, ...args])).code === 0 ? true : undefined),
        { timeoutMs: 30_000, everyMs: 300 },
      );
    const apiserver = start(process.execPath, serverArgs(identity));
    try {
      const kubectl = new Kubectl(client('KUBECTL'), join(certificates, 'admin.kubeconfig'), join(folder.path, 'c2'));
      await eventually(
        'the API server is ready',
        async () => ((await kubectl.try(['get', '--raw', '/readyz'])).stdout === 'ok' ? true : undefined),
        { timeoutMs: 30_000, everyMs: 200 },
      );
      await kubectl.ok(['create', 'configmap', 'a', '--from-literal=a=1']);
      assert.match(await kubectl.ok(['get', 'configmap', 'a', '-o', 'name']), /configmap\/a/);
    } finally {
      await apiserver.stop();
    }
    // Without a certificate it says why it is not ready, and never is.
    const refused = start(process.execPath, serverArgs([]));
    try {
      await refused.waitFor(/certificate required|Unavailable|unavailable|UNAVAILABLE|not ready|refused/i, 20_000);
    } finally {
      await refused.stop();
    }
  } finally {
    await etcd.stop();
  }
});

/** A certificate of Kubernetes, whatever its name, does not open the store. */
async function assertForeign(dataDir: string): Promise<void> {
  const { members } = JSON.parse(await readFile(join(dataDir, 'cluster.json'), 'utf8')) as {
    members: readonly { readonly securePort: number }[];
  };
  const ask = (folder: string, name: string): Promise<RunResult> => {
    const [cert, key] = [join(dataDir, folder, `${name}.crt`), join(dataDir, folder, `${name}.key`)];
    const store = `--endpoints=https://127.0.0.1:${members[0]?.securePort}`;
    const args = [store, `--cacert=${join(dataDir, 'store-pki', 'ca.crt')}`, `--cert=${cert}`, `--key=${key}`];
    return run(client('ETCDCTL'), [...args, '--command-timeout=2s', 'get', 'a']);
  };
  assert.equal((await ask('store-pki', 'root')).code, 0);
  assert.notEqual((await ask('pki', 'admin')).code, 0);
}
