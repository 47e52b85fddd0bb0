import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { client, temporaryFolder } from '../../kit/cluster.ts';
import { leaderOf, type Store, startKeelson, startRealEtcd } from '../../kit/etcd.ts';
import { eventually, run } from '../../kit/process.ts';
import { KUBE_APISERVER, type KubeApiserver, startKubeApiserver } from './kit.ts';
import { Load } from './load.ts';

/**
 * An unmodified kube-apiserver on three members, with kubectl, through the SIGKILL of the leader. The same on three members of
 * the real etcd, so that what is expected here is what Kubernetes sees there. Skipped where no kube-apiserver is named:
 * test/conformance/kube-apiserver.sh builds one.
 */

const SKIP =
  KUBE_APISERVER === undefined
    ? 'no kube-apiserver: test/conformance/kube-apiserver.sh builds one, KEELSON_TEST_KUBE_APISERVER names one'
    : false;

const STORES: Readonly<Record<string, (folder: string) => Promise<Store>>> = {
  Keelson: (folder) => startKeelson(folder, 3),
  etcd: (folder) => startRealEtcd(folder, 3),
};

for (const [name, startStore] of Object.entries(STORES)) {
  describe(`kube-apiserver on ${name}`, { skip: SKIP, concurrency: false }, () => {
    let folder: { readonly path: string; remove(): Promise<void> };
    let store: Store;
    let kube: KubeApiserver;

    before(async () => {
      folder = await temporaryFolder();
      store = await startStore(join(folder.path, 'store'));
      kube = await startKubeApiserver(join(folder.path, 'kube'), store.clientUrls);
      await eventually(
        'the namespace default is there',
        async () => ((await kube.api.call('GET', '/api/v1/namespaces/default')).status === 200 ? true : undefined),
        { timeoutMs: 20_000 },
      );
    });
    after(async () => {
      await kube?.stop();
      await store?.stop();
      await folder?.remove();
    });

    const etcdctl = (...args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
      run(client('ETCDCTL'), [`--endpoints=${store.clientUrls.join(',')}`, ...args]);

    test('kubectl creates, reads, applies, watches and deletes', { timeout: 120_000 }, async () => {
      const { kubectl } = kube;
      await kubectl.ok(['create', 'namespace', 'shop']);
      const watch = kubectl.watch(['-n', 'shop', 'get', 'configmaps', '-w', '--output-watch-events']);
      try {
        await kubectl.ok(['-n', 'shop', 'create', 'configmap', 'colours', '--from-literal=sky=blue']);
        await watch.waitFor(/ADDED +colours/, 10_000);
        assert.equal(await kubectl.ok(['-n', 'shop', 'get', 'cm', 'colours', '-o', 'jsonpath={.data.sky}']), 'blue');
        await kubectl.ok(['-n', 'shop', 'patch', 'cm', 'colours', '-p', '{"data":{"sky":"grey"}}']);
        await kubectl.ok(['-n', 'shop', 'label', 'cm', 'colours', 'weather=rain']);
        assert.match(await kubectl.ok(['-n', 'shop', 'get', 'cm', '-l', 'weather=rain', '-o', 'name']), /colours/);
        for (const replicas of [1, 3]) await kubectl.ok(['-n', 'shop', 'apply', '--validate=false', '-f', '-'], deployment(replicas)); // biome-ignore format: a line
        await kubectl.ok(['-n', 'shop', 'apply', '--validate=false', '--server-side', '--force-conflicts', '-f', '-'], deployment(5)); // biome-ignore format: a line
        assert.equal(await kubectl.ok(['-n', 'shop', 'get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas}']), '5');
        await kubectl.ok(['-n', 'shop', 'scale', 'deployment', 'web', '--replicas=2']);
        await kubectl.ok(['-n', 'shop', 'delete', 'cm', 'colours']);
        await watch.waitFor(/DELETED +colours/, 10_000);
        const missing = await kubectl.try(['-n', 'shop', 'get', 'cm', 'colours']);
        assert.match(missing.stderr, /Error from server \(NotFound\): configmaps "colours" not found/);
        const twice = await kubectl.try(['create', 'namespace', 'shop']);
        assert.match(twice.stderr, /Error from server \(AlreadyExists\)/);
      } finally {
        await watch.stop('SIGKILL');
      }
    });

    test('a custom resource, defined and used', { timeout: 60_000 }, async () => {
      const { kubectl } = kube;
      await kubectl.ok(['apply', '--validate=false', '-f', '-'], CRD);
      await kubectl.ok(['wait', '--for=condition=Established', 'crd/widgets.example.test', '--timeout=20s']);
      await eventually(
        'widgets are served',
        async () =>
          (await kubectl.try(['apply', '--validate=false', '-f', '-'], widget(1))).code === 0 ? true : undefined,
        { timeoutMs: 20_000, everyMs: 300 },
      );
      await kubectl.ok(['apply', '--validate=false', '-f', '-'], widget(2));
      assert.equal(await kubectl.ok(['get', 'widgets', '-o', 'jsonpath={.items[*].spec.size}']), '2');
      await kubectl.ok(['delete', 'crd', 'widgets.example.test']);
    });

    test('events are stored with a lease, and go with it', { timeout: 90_000 }, async () => {
      const created = await kube.api.call('POST', '/api/v1/namespaces/default/events', EVENT);
      assert.equal(created.status, 201, created.body.message);
      const { stdout } = await etcdctl('get', '/registry/events/default/', '--prefix', '-w', 'json');
      const [stored] = (JSON.parse(stdout) as { kvs: { lease?: number }[] }).kvs;
      assert.notEqual(stored?.lease ?? 0, 0);
      await eventually(
        'the event is gone',
        async () =>
          (await kube.api.call('GET', `/api/v1/namespaces/default/events/tick`)).status === 404 ? true : undefined,
        { timeoutMs: 60_000, everyMs: 500 },
      );
    });

    test('lists in pages, as of one revision', { timeout: 60_000 }, async () => {
      const path = '/api/v1/namespaces/default/configmaps';
      for (let i = 0; i < 25; i++) await kube.api.call('POST', path, configMap(`page-${String(i).padStart(2, '0')}`));
      const names: (string | undefined)[] = [];
      let next = '';
      do {
        const page = await kube.api.call('GET', `${path}?limit=10&continue=${encodeURIComponent(next)}`);
        assert.equal(page.status, 200, page.body.message);
        names.push(...(page.body.items ?? []).map((item) => item.metadata?.name));
        if (next === '') await kube.api.call('DELETE', `${path}/page-20`);
        next = page.body.metadata?.continue ?? '';
      } while (next !== '');
      const paged = names.filter((name) => name?.startsWith('page-'));
      assert.equal(paged.length, 25, 'what was deleted after the first page is still on the third');
    });

    test('the leader is killed under load, twice: nothing acknowledged is lost, watches go on', {
      timeout: 240_000,
    }, async (t) => {
      const load = await Load.start(kube, { writers: 6, counters: 3 });
      const watched = kube.kubectl.watch(['-n', 'load', 'get', 'configmaps', '-w', '--no-headers', '-o', 'custom-columns=N:.metadata.name']); // biome-ignore format: a line
      try {
        for (let round = 0; round < 2; round++) {
          await delay(3_000);
          const leader = await leaderOf(store);
          const at = Date.now();
          process.kill(store.processes[leader]?.pid ?? 0, 'SIGKILL');
          await delay(5_000);
          t.diagnostic(`${name}: leader m${leader} killed, writes went on after ${load.longestGapMs(at)} ms`);
          await store.restart(leader);
        }
        await delay(2_000);
        const report = await load.finish();
        t.diagnostic(`${name}: ${JSON.stringify(report.counts)}`);
        assert.ok(report.counts.created > 200, 'the writers wrote');
        assert.deepEqual(report.problems, []);
        await eventually(
          'kubectl get -w has shown every object',
          () => {
            const shown = new Set(watched.output().split('\n'));
            return report.created.every((each) => shown.has(each)) ? true : undefined;
          },
          { timeoutMs: 15_000, everyMs: 300 },
        );
        assert.equal(watched.child.exitCode, null, 'kubectl get -w goes on');
      } finally {
        await load.abort();
        await watched.stop('SIGKILL');
      }
      await eventually(
        'the three members hold the same',
        async () => {
          const hashes = JSON.parse((await etcdctl('endpoint', 'hashkv', '-w', 'json')).stdout) as { HashKV: { hash: number } }[]; // biome-ignore format: a line
          return new Set(hashes.map((h) => h.HashKV.hash)).size === 1 && hashes.length === 3 ? true : undefined;
        },
        { timeoutMs: 30_000, everyMs: 500 },
      );
    });
  });
}

const configMap = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { n: '0' },
});

const EVENT = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'tick' },
  involvedObject: { kind: 'ConfigMap', name: 'x', namespace: 'default' },
  reason: 'Ticked',
  message: 'an event of the test',
  type: 'Normal',
};

const deployment = (replicas: number): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'example.test/web:1' }] },
      },
    },
  });

const CRD = JSON.stringify({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.test' },
  spec: {
    group: 'example.test',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1 } } } },
          },
        },
      },
    ],
  },
});

const widget = (size: number): string =>
  JSON.stringify({ apiVersion: 'example.test/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { size } });
