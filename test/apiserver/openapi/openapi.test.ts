import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenApi } from '../../../apiserver/openapi/open-api.ts';
import { Catalog } from '../../../apiserver/registry/catalog.ts';
import { defineResource } from '../../../apiserver/registry/definition.ts';
import { builtInResources } from '../../../apiserver/resources/built-ins.ts';
import { kubernetesJson, noKubernetesData } from '../kubernetes-data.ts';
import { echoServices } from '../services.ts';

type Node = { readonly [name: string]: Node } & { readonly length?: number };

function served(): { readonly catalog: Catalog; readonly openApi: OpenApi } {
  const catalog = new Catalog();
  catalog.replace([], builtInResources(echoServices));
  return { catalog, openApi: new OpenApi(catalog, { title: 'Keelson', version: '1.36' }) };
}

function get(openApi: OpenApi, path: string, accept?: string, ifNoneMatch?: string) {
  const [pathname = '', query = ''] = path.split('?', 2);
  return openApi.respond({ path: pathname, query: new URLSearchParams(query), accept, ifNoneMatch });
}
const json = (openApi: OpenApi, path: string): Node =>
  JSON.parse(get(openApi, path)?.body.toString('utf8') ?? 'null') as Node;

/** Sentences are our own, and so are the parts we do not serve: what remains are the facts. */
function facts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(facts);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([name, inner]) => !(name === 'description' && typeof inner === 'string'),
  );
  const rest = Object.fromEntries(entries.map(([name, inner]) => [name, facts(inner)]));
  // With a sentence of its own a reference is wrapped in allOf; whether there is one is no fact.
  const only = rest['allOf'];
  if (Array.isArray(only) && only.length === 1 && rest['default'] === undefined && Object.keys(rest).length === 1)
    return only[0];
  return rest;
}

const DOCUMENTS = [
  ['api/v1', 'api_v1.json'],
  ['apis/authentication.k8s.io/v1', 'apis_authentication.k8s.io_v1.json'],
  ['apis/authorization.k8s.io/v1', 'apis_authorization.k8s.io_v1.json'],
  ['apis/rbac.authorization.k8s.io/v1', 'apis_rbac.authorization.k8s.io_v1.json'],
  ['apis/apiextensions.k8s.io/v1', 'apis_apiextensions.k8s.io_v1.json'],
  ['apis/events.k8s.io/v1', 'apis_events.k8s.io_v1.json'],
  ['apis/coordination.k8s.io/v1', 'apis_coordination.k8s.io_v1.json'],
] as const;

for (const [name, file] of DOCUMENTS) {
  test(`${name}: every schema is, but for its sentences, the real server's`, { skip: noKubernetesData }, () => {
    const { openApi } = served();
    const ours = json(openApi, `/openapi/v3/${name}`)['components']?.['schemas'] as Node;
    const real = (kubernetesJson('openapi', 'v3', file) as Node)['components']?.['schemas'] as Node;
    for (const [schema, definition] of Object.entries(ours)) {
      // DeleteOptions carries the group versions of everything that the real server serves; TokenReviewSpec.token has no published default there.
      if (/\.(DeleteOptions|TokenReviewSpec)$/.test(schema)) continue;
      assert.deepEqual(facts(definition), facts(real[schema]), schema);
    }
  });

  test(`${name}: every operation is one of the real server's`, { skip: noKubernetesData }, () => {
    const { openApi } = served();
    const ours = json(openApi, `/openapi/v3/${name}`)['paths'] as Node;
    const real = (kubernetesJson('openapi', 'v3', file) as Node)['paths'] as Node;
    for (const [path, item] of Object.entries(ours)) {
      for (const [method, operation] of Object.entries(item)) {
        if (method === 'parameters') continue;
        const theirs = real[path]?.[method];
        assert.ok(theirs !== undefined, `${method} ${path}`);
        for (const field of ['operationId', 'tags', 'x-kubernetes-action', 'x-kubernetes-group-version-kind']) {
          assert.deepEqual(operation[field], theirs[field], `${method} ${path} ${field}`);
        }
        const known = new Set([...parametersOf(theirs), ...parametersOf(real[path])]);
        for (const parameter of parametersOf(operation))
          assert.ok(known.has(parameter), `${method} ${path} ${parameter}`);
      }
    }
  });
}

const parametersOf = (item: Node | undefined): readonly string[] =>
  ((item?.['parameters'] ?? []) as unknown as readonly { name: string }[]).map(({ name }) => name);

test('v2: every definition is, but for its sentences, the real server’s', { skip: noKubernetesData }, () => {
  const { openApi } = served();
  const ours = json(openApi, '/openapi/v2')['definitions'] as Node;
  const real = (kubernetesJson('openapi', 'openapi_v2.json') as Node)['definitions'] as Node;
  for (const [name, definition] of Object.entries(ours)) {
    if (/\.DeleteOptions$/.test(name)) continue;
    assert.deepEqual(facts(definition), facts(real[name]), name);
  }
});

test('every reference leads somewhere', () => {
  const { openApi } = served();
  for (const path of ['/openapi/v2', ...DOCUMENTS.map(([name]) => `/openapi/v3/${name}`)]) {
    const document = json(openApi, path);
    const known = Object.keys(document['definitions'] ?? document['components']?.['schemas'] ?? {});
    const referred = JSON.stringify(document).matchAll(/"\$ref":"#\/(?:definitions|components\/schemas)\/([^"]+)"/g);
    for (const [, name] of referred) assert.ok(known.includes(name ?? ''), `${path} ${name}`);
  }
});

test('the index leads to every document by its hash, which may be kept for ever', () => {
  const { openApi } = served();
  const paths = json(openApi, '/openapi/v3')['paths'] as unknown as Readonly<
    Record<string, { serverRelativeURL: string }>
  >;
  for (const name of ['api', 'apis', 'api/v1', 'apis/coordination.k8s.io', 'apis/coordination.k8s.io/v1']) {
    const url = paths[name]?.serverRelativeURL ?? '';
    assert.match(url, new RegExp(`^/openapi/v3/${name}\\?hash=[0-9A-F]{128}$`));
    const answer = get(openApi, url);
    assert.equal(answer?.status, 200);
    assert.match(answer?.headers['cache-control'] ?? '', /immutable/);
    assert.equal(get(openApi, url, undefined, answer?.headers['etag'])?.status, 304);
  }
  assert.equal(get(openApi, '/openapi/v3/api/v1?hash=OLD')?.headers['location'], paths['api/v1']?.serverRelativeURL);
  assert.equal(get(openApi, '/openapi/v3/apis/none/v1'), undefined);
});

test('encodings are negotiated', () => {
  const { openApi } = served();
  const rows = [
    [
      '/openapi/v2',
      'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
      'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
    ],
    ['/openapi/v2', 'application/json', 'application/json'],
    ['/openapi/v2', '*/*', 'application/json'],
    [
      '/openapi/v3/api/v1',
      'application/com.github.proto-openapi.spec.v3@v1.0+protobuf',
      'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
    ],
  ] as const;
  for (const [path, accept, type] of rows) assert.equal(get(openApi, path, accept)?.headers['content-type'], type);
  assert.equal(get(openApi, '/openapi/v2', 'text/html')?.status, 406);
});

test('a new CRD changes its own group’s document and no other', () => {
  const { catalog, openApi } = served();
  const before = json(openApi, '/openapi/v3')['paths'] as Node;
  const widgets = defineResource({
    group: 'acme.io',
    version: 'v1',
    kind: 'Widget',
    plural: 'widgets',
    scope: 'Namespaced',
    builtIn: false,
    strategicMerge: false,
    schema: {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: {
            size: { type: 'integer', nullable: true, minimum: 1 },
            port: { intOrString: true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
            free: { type: 'object', preserveUnknownFields: true },
          },
        },
      },
    },
  });
  catalog.replace([], [widgets]);
  const after = json(openApi, '/openapi/v3')['paths'] as Node;
  for (const name of Object.keys(before)) assert.deepEqual(after[name], before[name], name);
  const document = json(openApi, '/openapi/v3/apis/acme.io/v1');
  const widget = document['components']?.['schemas']?.['io.acme.v1.Widget'];
  assert.deepEqual(Object.keys(widget?.['properties'] ?? {}), ['apiVersion', 'kind', 'metadata', 'spec']);
  assert.deepEqual(widget?.['properties']?.['spec']?.['properties'], {
    size: { type: 'integer', minimum: 1, nullable: true },
    port: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  });
  assert.ok(document['paths']?.['/apis/acme.io/v1/namespaces/{namespace}/widgets/{name}']?.['patch']);
  const v2 = json(openApi, '/openapi/v2')['definitions']?.['io.acme.v1.Widget'];
  assert.deepEqual(v2?.['properties']?.['spec']?.['properties']?.['port'], { 'x-kubernetes-int-or-string': true });
});
