import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Controller } from '../../../apiserver/controllers/controller.ts';
import { forEachBounded } from '../../../apiserver/controllers/controller.ts';
import { crdLifecycle } from '../../../apiserver/controllers/crd-lifecycle.ts';
import { crdServing } from '../../../apiserver/controllers/crd-serving.ts';
import { namespaceDeletion } from '../../../apiserver/controllers/namespace-deletion.ts';
import { namespaceFurniture } from '../../../apiserver/controllers/namespace-furniture.ts';
import { policyToWrite, reconcilePolicy } from '../../../apiserver/controllers/rbac-bootstrap.ts';
import { roleAggregation } from '../../../apiserver/controllers/role-aggregation.ts';
import { ensureSystemNamespaces } from '../../../apiserver/controllers/system-namespaces.ts';
import { WorkQueue } from '../../../apiserver/controllers/work-queue.ts';
import { isTrue } from '../../../apiserver/crd/conditions.ts';
import { at, type JsonObject, type KubeObject, textAt } from '../../../apiserver/scheme/json.ts';
import { widgetCrd } from '../crd/crds.ts';
import { fakeCluster } from './fake-registry.ts';

const RBAC = 'rbac.authorization.k8s.io';
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});
const run = async (...controllers: readonly Controller[]): Promise<void> => {
  for (const controller of controllers) stops.push(await controller.start());
};
async function eventually(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (holds()) return;
    await pause(10);
  }
  assert.fail(`never: ${what}`);
}

describe('a new cluster', () => {
  it('gets its namespaces and its policy, once, also from two servers at a time', async () => {
    const cluster = fakeCluster();
    await Promise.all([1, 2].flatMap(() => [ensureSystemNamespaces(cluster), reconcilePolicy(cluster)]));
    assert.equal(cluster.registry.cache(cluster.definition('', 'namespaces')).size, 4);
    assert.equal(cluster.registry.cache(cluster.definition(RBAC, 'clusterroles')).size, 70);
    assert.equal((await policyToWrite(cluster)).length, 0);
    const before = cluster.registry.writes.length;
    await Promise.all([ensureSystemNamespaces(cluster), reconcilePolicy(cluster)]);
    assert.equal(cluster.registry.writes.length, before);
  });

  it('has its policy mended, but not what says so', async () => {
    const cluster = fakeCluster();
    await reconcilePolicy(cluster);
    const roles = cluster.registry.cache(cluster.definition(RBAC, 'clusterroles'));
    const change = (name: string, with_: KubeObject): void =>
      roles.put({ ...structuredClone(roles.get('', name)?.object()), ...with_ });
    const extra = { apiGroups: ['x'], resources: ['y'], verbs: ['z'] };
    change('system:basic-user', { rules: [extra] });
    change('system:discovery', {
      rules: [],
      metadata: { name: 'system:discovery', annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } },
    });
    roles.remove('', 'system:node');
    const bindings = cluster.registry.cache(cluster.definition(RBAC, 'clusterrolebindings'));
    bindings.put({
      ...structuredClone(bindings.get('', 'cluster-admin')?.object()),
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'view' },
    });
    await reconcilePolicy(cluster);
    const basic = roles.get('', 'system:basic-user')?.object()['rules'] as JsonObject[];
    assert.deepEqual(basic[0], extra);
    assert.equal(basic.length, 4);
    assert.deepEqual(roles.get('', 'system:discovery')?.object()['rules'], []);
    assert.ok(roles.get('', 'system:node'));
    assert.equal(textAt(bindings.get('', 'cluster-admin')?.object(), 'roleRef', 'name'), 'cluster-admin');
  });

  it('has its roles aggregated, and new ones with them', async () => {
    const cluster = fakeCluster();
    await reconcilePolicy(cluster);
    await run(roleAggregation(cluster));
    const roles = cluster.registry.cache(cluster.definition(RBAC, 'clusterroles'));
    const count = (name: string): number =>
      (roles.get('', name)?.object()['rules'] as unknown[] | undefined)?.length ?? 0;
    await eventually(
      () => count('admin') > count('edit') && count('edit') > count('view') && count('view') > 10,
      'aggregated',
    );
    const view = count('view');
    roles.put({
      metadata: { name: 'mine', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
      rules: [{ apiGroups: ['a'], resources: ['b'], verbs: ['get'] }],
    });
    await eventually(() => count('view') === view + 1, 'view has the new rule');
    await eventually(
      () => JSON.stringify(roles.get('', 'admin')?.object()['rules']).includes('"a"'),
      'admin has it through edit',
    );
  });

  it('furnishes namespaces, and puts the CA right', async () => {
    const cluster = fakeCluster();
    await run(namespaceFurniture(cluster, { rootCaPem: 'PEM' }));
    await cluster.registry.create(cluster.definition('', 'namespaces'), '', { metadata: { name: 'a' } });
    const accounts = cluster.registry.cache(cluster.definition('', 'serviceaccounts'));
    const maps = cluster.registry.cache(cluster.definition('', 'configmaps'));
    const pem = (): string => textAt(maps.get('a', 'kube-root-ca.crt')?.object(), 'data', 'ca.crt');
    await eventually(() => accounts.get('a', 'default') !== undefined && pem() === 'PEM', 'furnished');
    maps.put({ ...structuredClone(maps.get('a', 'kube-root-ca.crt')?.object()), data: { 'ca.crt': 'evil' } });
    await eventually(() => pem() === 'PEM', 'mended');
    accounts.remove('a', 'default');
    await eventually(() => accounts.get('a', 'default') !== undefined, 'made again');
  });
});

describe('a namespace that is deleted', () => {
  it('loses its content, then itself; what holds it is told', async () => {
    const cluster = fakeCluster();
    const namespaces = cluster.definition('', 'namespaces');
    const maps = cluster.definition('', 'configmaps');
    await run(namespaceDeletion(cluster));
    for (const name of ['a', 'b']) await cluster.registry.create(namespaces, '', { metadata: { name } });
    await cluster.registry.create(maps, 'a', { metadata: { name: 'x' } });
    await cluster.registry.create(maps, 'a', { metadata: { name: 'held', finalizers: ['acme.io/keep'] } });
    await cluster.registry.create(maps, 'b', { metadata: { name: 'x' } });
    await cluster.registry.delete(namespaces, '', 'a');
    const namespace = (): KubeObject | undefined => cluster.registry.cache(namespaces).get('', 'a')?.object();
    const condition = (type: string): JsonObject | undefined =>
      (at(namespace(), 'status', 'conditions') as JsonObject[] | undefined)?.find((each) => each['type'] === type);
    await eventually(() => condition('NamespaceFinalizersRemaining')?.['status'] === 'True', 'told');
    assert.equal(
      condition('NamespaceFinalizersRemaining')?.['message'],
      'Some content in the namespace has finalizers remaining: acme.io/keep in 1 resource instances',
    );
    assert.equal(
      condition('NamespaceContentRemaining')?.['message'],
      'Some resources are remaining: configmaps. has 1 resource instances',
    );
    assert.equal(condition('NamespaceDeletionDiscoveryFailure')?.['status'], 'False');
    await cluster.registry.update(maps, 'a', 'held', (now) => ({
      ...now,
      metadata: { ...now?.metadata, finalizers: [] },
    }));
    await eventually(() => namespace() === undefined, 'gone');
    assert.equal(cluster.registry.cache(maps).list('a').length, 0);
    assert.equal(cluster.registry.cache(maps).list('b').length, 1);
  });
});

describe('a CRD', () => {
  it('is named, served, and goes with its objects', async () => {
    const cluster = fakeCluster();
    const crds = cluster.definition('apiextensions.k8s.io', 'customresourcedefinitions');
    await run(crdServing(cluster), crdLifecycle(cluster));
    await cluster.registry.create(crds, '', widgetCrd({ type: 'object', properties: { spec: { type: 'object' } } }));
    const widgets = () => cluster.catalog.lookup('acme.example', 'v1', 'widgets');
    await eventually(() => widgets() !== undefined, 'served');
    const served = widgets();
    assert.ok(served);
    assert.equal(
      isTrue(cluster.registry.cache(crds).get('', 'widgets.acme.example')?.object() ?? {}, 'Established'),
      true,
    );
    const { generation } = cluster.catalog;
    await cluster.registry.update(crds, '', 'widgets.acme.example', (now) => ({
      ...now,
      metadata: { ...now?.metadata, labels: { a: 'b' } },
    }));
    assert.equal(cluster.catalog.generation, generation, 'a label changes nothing that is served');
    await cluster.registry.create(served, 'ns', { metadata: { name: 'w', finalizers: ['acme.io/keep'] } });
    await cluster.registry.delete(crds, '', 'widgets.acme.example');
    await eventually(
      () => at(cluster.registry.cache(served).get('ns', 'w')?.object(), 'metadata', 'deletionTimestamp') !== undefined,
      'its object is told to go',
    );
    assert.equal(widgets()?.verbs.includes('create'), false);
    assert.equal(widgets()?.schema, served.schema, 'the same schema: its watch cache stays');
    await cluster.registry.update(served, 'ns', 'w', (now) => ({
      ...now,
      metadata: { ...now?.metadata, finalizers: [] },
    }));
    await eventually(() => cluster.registry.cache(crds).size === 0 && widgets() === undefined, 'gone');
    assert.deepEqual(cluster.troubles, []);
  });

  it('gets its name when the one that has it goes', async () => {
    const cluster = fakeCluster();
    const crds = cluster.definition('apiextensions.k8s.io', 'customresourcedefinitions');
    await run(crdServing(cluster), crdLifecycle(cluster));
    const named = (plural: string): KubeObject => ({
      ...widgetCrd(undefined, { names: { plural, singular: plural, kind: 'Same', listKind: 'SameList' } }),
      metadata: { name: `${plural}.acme.example` },
    });
    const established = (plural: string): boolean =>
      isTrue(cluster.registry.cache(crds).get('', `${plural}.acme.example`)?.object() ?? {}, 'Established');
    await cluster.registry.create(crds, '', named('first'));
    await eventually(() => established('first'), 'first');
    await cluster.registry.create(crds, '', named('second'));
    await eventually(
      () => cluster.registry.writes.includes('update customresourcedefinitions /second.acme.example/status'),
      'judged',
    );
    assert.equal(established('second'), false);
    await cluster.registry.delete(crds, '', 'first.acme.example');
    await eventually(() => established('second'), 'second');
  });
});

describe('the work queue', () => {
  it('works once per key at a time, again for what came meanwhile, and retries', async () => {
    const seen: string[] = [];
    let active = 0;
    let failures = 2;
    const queue = new WorkQueue(
      async (key) => {
        assert.equal(++active <= 2, true);
        seen.push(key);
        await pause(5);
        active--;
        if (key === 'bad' && failures-- > 0) throw new TypeError('not yet');
      },
      { concurrency: 2, onFailure: () => undefined },
    );
    for (const key of ['a', 'a', 'b', 'bad']) queue.add(key);
    queue.add('a');
    await eventually(() => seen.filter((key) => key === 'bad').length === 3, 'retried');
    assert.equal(seen.filter((key) => key === 'a').length, 2);
    await queue.close();
    queue.add('late');
    assert.equal(seen.includes('late'), false);
  });
  it('bounded work ends before it fails', async () => {
    const done: number[] = [];
    await assert.rejects(
      forEachBounded([1, 2, 3, 4], 2, async (n) => {
        if (n === 2) throw new RangeError('2');
        done.push(n);
      }),
      RangeError,
    );
    assert.deepEqual(done, [1, 3, 4]);
  });
});
