import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Discovery } from '../../../apiserver/discovery/discovery.ts';
import { compareVersions } from '../../../apiserver/discovery/group-order.ts';
import { Catalog } from '../../../apiserver/registry/catalog.ts';
import { defineResource } from '../../../apiserver/registry/definition.ts';
import { builtInResources } from '../../../apiserver/resources/built-ins.ts';
import { kubernetesJson, noKubernetesData } from '../kubernetes-data.ts';
import { echoServices } from '../services.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

function served(): { readonly catalog: Catalog; readonly discovery: Discovery } {
  const catalog = new Catalog();
  catalog.replace([], builtInResources(echoServices));
  return { catalog, discovery: new Discovery(catalog) };
}

function get(discovery: Discovery, path: string, accept = 'application/json'): unknown {
  const response = discovery.respond({ path, accept, ifNoneMatch: undefined, serverAddress: '127.0.0.1:26443' });
  return response === undefined ? undefined : JSON.parse(response.body.toString('utf8'));
}

interface Named {
  readonly name?: string;
  readonly resource?: string;
  readonly storageVersionHash?: string;
}

/** The real document, with nothing but what we serve. */
function only<T extends Named>(real: readonly T[], ours: readonly Named[]): readonly T[] {
  const known = new Set(ours.map((one) => one.name ?? one.resource));
  return real.filter((one) => known.has(one.name ?? one.resource));
}

test('resource lists say what the real server says of the same resources', { skip: noKubernetesData }, () => {
  const { discovery } = served();
  const files: Readonly<Record<string, string>> = {
    '/api/v1': 'api__v1.json',
    '/apis/authentication.k8s.io/v1': 'apis__authentication.k8s.io_v1.json',
    '/apis/authorization.k8s.io/v1': 'apis__authorization.k8s.io_v1.json',
    '/apis/rbac.authorization.k8s.io/v1': 'apis__rbac.authorization.k8s.io_v1.json',
    '/apis/apiextensions.k8s.io/v1': 'apis__apiextensions.k8s.io_v1.json',
    '/apis/events.k8s.io/v1': 'apis__events.k8s.io_v1.json',
    '/apis/coordination.k8s.io/v1': 'apis__coordination.k8s.io_v1.json',
  };
  for (const [path, file] of Object.entries(files)) {
    const ours = get(discovery, path) as { resources: readonly Named[] };
    const real = kubernetesJson('openapi', 'discovery', file) as { resources: readonly Named[] };
    const expected = { ...real, resources: only(real.resources, ours.resources) };
    assert.deepEqual(withoutCrdHash(ours), withoutCrdHash(expected), path);
  }
});

/** The real server stores CRDs as v1beta1 to this day, we as v1: the hash says so. */
function withoutCrdHash(document: { readonly resources: readonly Named[] }): unknown {
  const strip = (one: Named): Named =>
    one.name === 'customresourcedefinitions' ? { ...one, storageVersionHash: '' } : one;
  return { ...document, resources: document.resources.map(strip) };
}

interface GroupDiscovery {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly { readonly version: string; readonly resources: readonly Named[] }[];
}

test('aggregated discovery says what the real server says of the same resources', { skip: noKubernetesData }, () => {
  const { discovery } = served();
  for (const path of ['api', 'apis']) {
    const ours = get(discovery, `/${path}`, AGGREGATED) as { items: readonly GroupDiscovery[] };
    const real = kubernetesJson('openapi', `${path}-aggregated.json`) as { items: readonly GroupDiscovery[] };
    const groups = new Map(ours.items.map((item) => [item.metadata.name, item]));
    const expected = real.items
      .filter((item) => groups.has(item.metadata.name))
      .map((item) => ({
        ...item,
        versions: item.versions.map((version) => ({
          ...version,
          resources: only(
            version.resources,
            groups.get(item.metadata.name)?.versions.flatMap((v) => v.resources) ?? [],
          ),
        })),
      }));
    assert.deepEqual(ours, { ...real, items: expected });
  }
});

test('group lists say what the real server says of the same groups', { skip: noKubernetesData }, () => {
  const { discovery } = served();
  assert.deepEqual(get(discovery, '/api'), kubernetesJson('openapi', 'api-legacy.json'));
  const ours = get(discovery, '/apis') as { groups: readonly Named[] };
  const real = kubernetesJson('openapi', 'apis-legacy.json') as { groups: readonly Named[] };
  assert.deepEqual(ours, { ...real, groups: only(real.groups, ours.groups) });
});

test('the aggregated form is answered only when it is asked for, and a known one not again', () => {
  const { discovery } = served();
  const ask = (accept: string | undefined, ifNoneMatch?: string) =>
    discovery.respond({ path: '/apis', accept, ifNoneMatch, serverAddress: 'x' });
  const rows: readonly (readonly [string | undefined, string])[] = [
    [AGGREGATED, 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'],
    [
      'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
      'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
    ],
    ['application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList,application/json', 'application/json'],
    ['application/json, */*', 'application/json'],
    [undefined, 'application/json'],
  ];
  for (const [accept, contentType] of rows) assert.equal(ask(accept)?.headers['content-type'], contentType);
  const etag = ask(AGGREGATED)?.headers['etag'];
  assert.match(etag ?? '', /^"[0-9A-F]{128}"$/);
  assert.equal(ask(AGGREGATED, etag)?.status, 304);
  assert.equal(ask(AGGREGATED, '"other"')?.status, 200);
});

test('a custom resource appears, in a group after our own, best version first, and goes', () => {
  const { catalog, discovery } = served();
  const widgets = ['v1alpha1', 'v1', 'v1beta2'].map((version) =>
    defineResource({
      group: 'acme.io',
      version,
      kind: 'Widget',
      plural: 'widgets',
      scope: 'Namespaced',
      schema: { type: 'object' },
      storageVersion: 'v1',
      builtIn: false,
      categories: ['all'],
    }),
  );
  catalog.replace([], widgets);
  const { groups } = get(discovery, '/apis') as {
    groups: readonly { name: string; versions: readonly { version: string }[] }[];
  };
  assert.equal(groups.at(-1)?.name, 'acme.io');
  assert.deepEqual(
    groups.at(-1)?.versions.map(({ version }) => version),
    ['v1', 'v1beta2', 'v1alpha1'],
  );
  const aggregated = get(discovery, '/apis', AGGREGATED) as { items: readonly GroupDiscovery[] };
  assert.deepEqual(aggregated.items.at(-1)?.versions[0]?.resources[0], {
    resource: 'widgets',
    responseKind: { group: 'acme.io', version: 'v1', kind: 'Widget' },
    scope: 'Namespaced',
    singularResource: 'widget',
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    categories: ['all'],
  });
  const root = JSON.parse(discovery.rootPaths(['/healthz']).body.toString('utf8')) as { paths: readonly string[] };
  assert.ok(
    ['/', '/api', '/api/v1', '/apis/acme.io/v1beta2', '/healthz'].slice(1).every((path) => root.paths.includes(path)),
  );
  catalog.replace(widgets, []);
  assert.equal(get(discovery, '/apis/acme.io'), undefined);
});

test('what is no discovery path is not answered', () => {
  const { discovery } = served();
  for (const path of [
    '/',
    '/api/v2',
    '/api/v1/namespaces',
    '/apis/none',
    '/apis/apps/v9',
    '/apis/rbac.authorization.k8s.io/v1/roles',
    '/metrics',
  ]) {
    assert.equal(get(discovery, path), undefined, path);
  }
});

test('versions are ordered as Kubernetes prefers them', () => {
  const sorted = ['v10beta3', 'foo10', 'v1', 'v12alpha1', 'v2', 'v11alpha2', 'v3beta1', 'v11beta2', 'v10', 'foo1'].sort(
    compareVersions,
  );
  assert.deepEqual(sorted, [
    'v10',
    'v2',
    'v1',
    'v11beta2',
    'v10beta3',
    'v3beta1',
    'v12alpha1',
    'v11alpha2',
    'foo1',
    'foo10',
  ]);
});
