import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDuration } from '../../../apiserver/filters/deadline.ts';
import { InFlight } from '../../../apiserver/filters/in-flight.ts';
import { requestInfo } from '../../../apiserver/filters/request-info.ts';
import { Warnings } from '../../../apiserver/filters/warnings.ts';

/** method, URL, then verb, group, version, namespace, resource, subresource, name. Source: requestinfo_test.go's cases, in our own words. */
const rows: [
  method: string,
  url: string,
  verb: string,
  group: string,
  version: string,
  ns: string,
  resource: string,
  sub: string,
  name: string,
][] = [
  ['GET', '/api/v1/namespaces', 'list', '', 'v1', '', 'namespaces', '', ''],
  ['GET', '/api/v1/namespaces/other', 'get', '', 'v1', 'other', 'namespaces', '', 'other'],
  ['PUT', '/api/v1/namespaces/other/finalize', 'update', '', 'v1', 'other', 'namespaces', 'finalize', 'other'],
  ['PUT', '/api/v1/namespaces/other/status', 'update', '', 'v1', 'other', 'namespaces', 'status', 'other'],
  ['GET', '/api/v1/namespaces/other/pods', 'list', '', 'v1', 'other', 'pods', '', ''],
  ['GET', '/api/v1/namespaces/other/pods/foo', 'get', '', 'v1', 'other', 'pods', '', 'foo'],
  ['HEAD', '/api/v1/namespaces/other/pods/foo', 'get', '', 'v1', 'other', 'pods', '', 'foo'],
  ['GET', '/api/v1/pods', 'list', '', 'v1', '', 'pods', '', ''],
  ['HEAD', '/api/v1/pods', 'list', '', 'v1', '', 'pods', '', ''],
  ['GET', '/api/v1/pods?watch=true', 'watch', '', 'v1', '', 'pods', '', ''],
  ['GET', '/api/v1/pods?watch=false', 'list', '', 'v1', '', 'pods', '', ''],
  ['GET', '/api/v1/watch/namespaces/other/pods', 'watch', '', 'v1', 'other', 'pods', '', ''],
  ['GET', '/api/v1/watch/namespaces/other/pods/foo', 'watch', '', 'v1', 'other', 'pods', '', 'foo'],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dfoo', 'list', '', 'v1', '', 'pods', '', 'foo'],
  ['GET', '/api/v1/pods?watch=1&fieldSelector=metadata.name%3Dfoo', 'watch', '', 'v1', '', 'pods', '', 'foo'],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3D..%2Ffoo', 'list', '', 'v1', '', 'pods', '', ''],
  ['POST', '/api/v1/namespaces/other/pods', 'create', '', 'v1', 'other', 'pods', '', ''],
  [
    'PATCH',
    '/apis/apps/v1/namespaces/other/deployments/foo/scale',
    'patch',
    'apps',
    'v1',
    'other',
    'deployments',
    'scale',
    'foo',
  ],
  [
    'DELETE',
    '/apis/apps/v1/namespaces/other/deployments/foo',
    'delete',
    'apps',
    'v1',
    'other',
    'deployments',
    '',
    'foo',
  ],
  [
    'DELETE',
    '/apis/apps/v1/namespaces/other/deployments',
    'deletecollection',
    'apps',
    'v1',
    'other',
    'deployments',
    '',
    '',
  ],
  [
    'GET',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode',
    'get',
    'rbac.authorization.k8s.io',
    'v1',
    '',
    'clusterroles',
    '',
    'system:node',
  ],
];

describe('request info', () => {
  for (const [method, url, ...expected] of rows) {
    it(`${method} ${url}`, () => {
      const [path = '', query = ''] = url.split('?');
      const info = requestInfo(method, path, new URLSearchParams(query));
      assert.ok(info.isResourceRequest);
      const { verb, group, version, namespace, resource, subresource, name } = info;
      assert.deepEqual([verb, group, version, namespace, resource, subresource, name], expected);
    });
  }
  for (const path of [
    '/',
    '/healthz',
    '/api',
    '/api/',
    '/api/v1',
    '/apis',
    '/apis/apps',
    '/apis/apps/v1',
    '/apis/apps/v1/',
    '/version',
    '/api/v1/pods/%ZZ',
  ]) {
    it(`${path} is no resource`, () => {
      const info = requestInfo('GET', path, new URLSearchParams());
      assert.equal(info.isResourceRequest, false);
      assert.equal(info.verb, 'get');
      assert.equal(info.path, path);
    });
  }
});

describe('filters', () => {
  const durations: [text: string, ms: number | undefined][] = [
    ['32s', 32_000],
    ['1m30s', 90_000],
    ['1.5s', 1500],
    ['250ms', 250],
    ['0', 0],
    ['', undefined],
    ['10', undefined],
    ['-1s', undefined],
  ];
  for (const [text, ms] of durations)
    it(`reads the duration ${JSON.stringify(text)}`, () => assert.equal(parseDuration(text), ms));

  it('counts requests under way and turns away what is too much', () => {
    const inFlight = new InFlight({ maxReads: 1, maxWrites: 1 });
    const leave = inFlight.enter('get');
    assert.throws(() => inFlight.enter('list'), { code: 429 });
    const done = inFlight.enter('create');
    assert.throws(() => inFlight.enter('delete'), { code: 429 });
    leave();
    leave();
    assert.equal(inFlight.reads, 0);
    inFlight.enter('list');
    done();
  });

  it('drops repeated warnings and cuts them when they are too long', () => {
    const warnings = new Warnings();
    warnings.add('say "it"');
    warnings.add('say "it"');
    assert.deepEqual(warnings.headers(), ['299 - "say \\"it\\""']);
    for (let i = 0; i < 100; i++) warnings.add(`${i}${'x'.repeat(1000)}`);
    assert.ok(warnings.headers().every((header) => header.length < 300));
    assert.ok(warnings.headers().join('').length < 5000);
  });
});
