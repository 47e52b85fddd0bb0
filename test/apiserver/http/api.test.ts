import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startApi, type TestApi } from '../kit/api.ts';
import { MemoryKv } from '../kit/memory-kv.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const map = (name: string, data: Record<string, string> = { a: 'b' }, labels?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(labels ? { labels } : {}) },
  data,
});

describe('the request path over a socket', { timeout: 20_000 }, () => {
  let kv: MemoryKv;
  let api: TestApi;
  before(async () => {
    kv = new MemoryKv();
    api = await startApi(kv);
  });
  after(() => api.close());

  it('creates, reads, updates, patches and deletes', async () => {
    const created = await api.call('POST', MAPS, map('one'));
    assert.equal(created.status, 201);
    assert.equal(created.json.metadata.namespace, 'default');
    assert.match(created.json.metadata.uid, /^[0-9a-f-]{36}$/);
    assert.match(created.json.metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(created.headers.get('cache-control'), 'no-cache, private');
    assert.ok(created.headers.get('audit-id'));

    const read = await api.call('GET', `${MAPS}/one`);
    assert.deepEqual(read.json, created.json);
    assert.ok(!(kv.value('/registry/configmaps/default/one') ?? '').includes('resourceVersion'));

    const updated = await api.call('PUT', `${MAPS}/one`, { ...created.json, data: { a: 'c' } });
    assert.equal(updated.status, 200);
    assert.ok(Number(updated.json.metadata.resourceVersion) > Number(created.json.metadata.resourceVersion));
    const same = await api.call('PUT', `${MAPS}/one`, updated.json);
    assert.equal(
      same.json.metadata.resourceVersion,
      updated.json.metadata.resourceVersion,
      'nothing changed, nothing written',
    );

    const stale = await api.call('PUT', `${MAPS}/one`, created.json);
    assert.equal(stale.status, 409);
    assert.equal(
      stale.json.message,
      'Operation cannot be fulfilled on configmaps "one": the object has been modified; please apply your changes to the latest version and try again',
    );

    const merged = await api.call(
      'PATCH',
      `${MAPS}/one`,
      { data: { a: null, x: 'y' } },
      { 'content-type': 'application/merge-patch+json' },
    );
    assert.deepEqual(merged.json.data, { x: 'y' });
    const gone = await api.call('DELETE', `${MAPS}/one`);
    assert.equal(gone.status, 200);
    assert.equal(gone.json.status, 'Success');
    assert.deepEqual(gone.json.details, { name: 'one', kind: 'configmaps', uid: created.json.metadata.uid });
    const missing = await api.call('GET', `${MAPS}/one`);
    assert.equal(missing.status, 404);
    assert.equal(missing.json.message, 'configmaps "one" not found');
  });

  const refusals: [
    what: string,
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
    status: number,
    message: RegExp,
  ][] = [
    ['a body that is no JSON', 'POST', MAPS, '{', {}, 400, /json parse error|unrecognized/],
    ['another kind', 'POST', MAPS, { ...map('x'), kind: 'Secret' }, {}, 400, /ConfigMap/],
    [
      'another namespace',
      'POST',
      MAPS,
      { ...map('x'), metadata: { name: 'x', namespace: 'other' } },
      {},
      400,
      /does not match the namespace/,
    ],
    ['a bad name', 'POST', MAPS, map('Not_A_Name'), {}, 422, /metadata.name: Invalid value/],
    ['no name', 'POST', MAPS, { ...map('x'), metadata: {} }, {}, 422, /name or generateName is required/],
    [
      'a version on create',
      'POST',
      MAPS,
      { ...map('x'), metadata: { name: 'x', resourceVersion: '5' } },
      {},
      500,
      /should not be set on objects to be created/,
    ],
    ['an unknown media type', 'POST', MAPS, 'x', { 'content-type': 'text/csv' }, 415, /accepted media types include/],
    [
      'an unacceptable answer',
      'GET',
      MAPS,
      undefined,
      { accept: 'text/csv' },
      406,
      /only the following media types are accepted/,
    ],
    [
      'an unknown resource',
      'GET',
      '/api/v1/namespaces/default/nothings',
      undefined,
      {},
      404,
      /could not find the requested resource/,
    ],
    ['no credentials', 'GET', MAPS, undefined, { authorization: '' }, 401, /Unauthorized/],
    ['a bad token', 'GET', MAPS, undefined, { authorization: 'Bearer nobody' }, 401, /Unauthorized/],
    [
      'a forbidden write',
      'POST',
      MAPS,
      map('x'),
      { authorization: 'Bearer bob' },
      403,
      /User "bob" cannot create resource "configmaps" in API group "" in the namespace "default"/,
    ],
    ['a method that is not there', 'POST', `${MAPS}/one`, map('one'), {}, 405, /does not allow this method/],
    ['a bad label selector', 'GET', `${MAPS}?labelSelector=a%20b`, undefined, {}, 400, /unable to parse requirement/],
    [
      'an unknown field selector',
      'GET',
      `${MAPS}?fieldSelector=data.x%3Dy`,
      undefined,
      {},
      400,
      /not a known field selector/,
    ],
    [
      'a body that is too large',
      'POST',
      MAPS,
      map('big', { a: 'x'.repeat(4 * 1024 * 1024) }),
      {},
      413,
      /limit is 3145728/,
    ],
    [
      'too many JSON patch operations',
      'PATCH',
      `${MAPS}/kept`,
      Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'ConfigMap' })),
      { 'content-type': 'application/json-patch+json' },
      413,
      /allowed maximum operations/,
    ],
    [
      'a failing JSON patch test',
      'PATCH',
      `${MAPS}/kept`,
      [{ op: 'test', path: '/kind', value: 'X' }],
      { 'content-type': 'application/json-patch+json' },
      422,
      /rejected our request/,
    ],
    [
      'server-side apply',
      'PATCH',
      `${MAPS}/kept`,
      {},
      { 'content-type': 'application/apply-patch+yaml' },
      415,
      /server-side apply is not offered/,
    ],
    ['dryRun of another kind', 'POST', `${MAPS}?dryRun=Some`, map('x'), {}, 422, /Unsupported value/],
    [
      'strict field validation',
      'POST',
      `${MAPS}?fieldValidation=Strict`,
      { ...map('x'), datum: 1 },
      {},
      400,
      /strict decoding error: unknown field "datum"/,
    ],
    [
      'impersonation that is not allowed',
      'GET',
      MAPS,
      undefined,
      { authorization: 'Bearer bob', 'impersonate-user': 'admin' },
      403,
      /cannot impersonate resource "users"/,
    ],
  ];
  for (const [what, method, path, body, headers, status, message] of refusals) {
    it(`refuses ${what}`, async () => {
      await api.call('POST', MAPS, map('kept'));
      const answer = await api.call(method, path, body, headers);
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.json.kind, 'Status');
      assert.equal(answer.json.code, status);
      assert.match(answer.json.message, message);
    });
  }

  it('answers unknown paths with text', async () => {
    const answer = await api.call('GET', '/nowhere');
    assert.equal(answer.status, 404);
    assert.equal(answer.text, '404 page not found\n');
  });

  it('tells of unknown fields in a Warning', async () => {
    const answer = await api.call('POST', `${MAPS}?dryRun=All`, { ...map('w'), datum: 1 });
    assert.equal(answer.headers.get('warning'), '299 - "unknown field \\"datum\\""');
  });

  it('does everything but write on a dry run', async () => {
    const created = await api.call('POST', `${MAPS}?dryRun=All`, map('dry'));
    assert.equal(created.status, 201);
    assert.equal(created.json.metadata.resourceVersion, undefined);
    assert.equal((await api.call('GET', `${MAPS}/dry`)).status, 404);
    await api.call('POST', MAPS, map('wet'));
    assert.equal((await api.call('POST', `${MAPS}?dryRun=All`, map('wet'))).status, 409);
    const before = await api.call('GET', `${MAPS}/wet`);
    const updated = await api.call('PUT', `${MAPS}/wet?dryRun=All`, map('wet', { new: '1' }));
    assert.deepEqual(updated.json.data, { new: '1' });
    assert.equal(updated.json.metadata.resourceVersion, before.json.metadata.resourceVersion);
    await api.call('DELETE', `${MAPS}/wet`, { dryRun: ['All'] });
    assert.deepEqual((await api.call('GET', `${MAPS}/wet`)).json, before.json);
  });

  it('completes generated names', async () => {
    const answer = await api.call('POST', MAPS, { ...map(''), metadata: { generateName: 'gen-' } });
    assert.match(answer.json.metadata.name, /^gen-[a-z0-9]{5}$/);
  });

  it('keeps an object with finalizers until the last one is gone', async () => {
    await api.call('POST', MAPS, { ...map('held'), metadata: { name: 'held', finalizers: ['test.io/hold'] } });
    const deleting = await api.call('DELETE', `${MAPS}/held`);
    assert.equal(deleting.status, 200);
    assert.equal(deleting.json.kind, 'ConfigMap');
    assert.ok(deleting.json.metadata.deletionTimestamp);
    assert.equal(deleting.json.metadata.deletionGracePeriodSeconds, 0);
    const again = await api.call('DELETE', `${MAPS}/held`);
    assert.equal(again.json.metadata.resourceVersion, deleting.json.metadata.resourceVersion);
    const more = await api.call(
      'PATCH',
      `${MAPS}/held`,
      { metadata: { finalizers: ['test.io/hold', 'test.io/more'] } },
      { 'content-type': 'application/merge-patch+json' },
    );
    assert.equal(more.status, 422);
    const last = await api.call(
      'PATCH',
      `${MAPS}/held`,
      { metadata: { finalizers: null } },
      { 'content-type': 'application/merge-patch+json' },
    );
    assert.equal(last.status, 200);
    assert.equal((await api.call('GET', `${MAPS}/held`)).status, 404);
  });

  it('shows tables and metadata alone', async () => {
    await api.call('POST', MAPS, map('tab'));
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const table = await api.call('GET', `${MAPS}?fieldSelector=metadata.name%3Dtab`, undefined, { accept });
    assert.equal(table.json.kind, 'Table');
    assert.deepEqual(
      table.json.columnDefinitions.map((c: { name: string }) => c.name),
      ['Name', 'Data', 'Age'],
    );
    assert.equal(table.json.rows[0].cells[0], 'tab');
    assert.equal(table.json.rows[0].object.kind, 'PartialObjectMetadata');
    const one = await api.call('GET', `${MAPS}/tab`, undefined, { accept });
    assert.equal(one.json.rows.length, 1);
    const meta = await api.call('GET', `${MAPS}?fieldSelector=metadata.name%3Dtab`, undefined, {
      accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    });
    assert.equal(meta.json.kind, 'PartialObjectMetadataList');
    assert.equal(meta.json.items[0].metadata.name, 'tab');
    assert.equal(meta.json.items[0].data, undefined);
  });

  it('answers YAML and indented JSON when asked', async () => {
    await api.call('POST', MAPS, map('pretty'));
    const yaml = await api.call('GET', `${MAPS}/pretty`, undefined, { accept: 'application/yaml' });
    assert.match(yaml.text, /^kind: ConfigMap$/m);
    const indented = await api.call('GET', `${MAPS}/pretty?pretty=true`);
    assert.match(indented.text, /^ {2}"kind": "ConfigMap",$/m);
    const posted = await api.call('POST', MAPS, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yam\n', {
      'content-type': 'application/yaml',
    });
    assert.equal(posted.status, 201);
  });

  it('serves health, version and metrics', async () => {
    assert.equal((await api.call('GET', '/readyz')).text, 'ok');
    assert.equal((await api.call('GET', '/livez?verbose')).text, '[+]ping ok\nlivez check passed\n');
    assert.equal((await api.call('GET', '/readyz/store')).status, 200);
    assert.equal((await api.call('GET', '/version')).json.minor, '36');
    const metrics = await api.call('GET', '/metrics');
    assert.match(metrics.text, /apiserver_request_total\{verb="POST",group="",version="v1",resource="configmaps"/);
  });
});

describe('custom resources', { timeout: 20_000 }, () => {
  const WIDGETS = '/apis/test.io/v1/namespaces/default/widgets';
  const widget = (name: string, spec: object = { color: 'red' }) => ({
    apiVersion: 'test.io/v1',
    kind: 'Widget',
    metadata: { name },
    spec,
  });
  let api: TestApi;
  before(async () => {
    api = await startApi(new MemoryKv());
  });
  after(() => api.close());

  it('have defaults, generations and a status of their own', async () => {
    const created = await api.call('POST', WIDGETS, { ...widget('w'), status: { phase: 'x' } });
    assert.equal(created.json.spec.size, 1);
    assert.equal(created.json.metadata.generation, 1);
    const status = await api.call('PUT', `${WIDGETS}/w/status`, {
      ...created.json,
      spec: { size: 9 },
      status: { phase: 'Ready' },
    });
    assert.equal(status.status, 200, status.text);
    assert.equal(status.json.spec.size, 1);
    assert.equal(status.json.status.phase, 'Ready');
    assert.equal(status.json.metadata.generation, 1);
    const spec = await api.call(
      'PATCH',
      `${WIDGETS}/w`,
      { spec: { size: 2 }, status: { phase: 'Lost' } },
      { 'content-type': 'application/merge-patch+json' },
    );
    assert.equal(spec.json.metadata.generation, 2);
    assert.equal(spec.json.status.phase, 'Ready');
  });

  it('must say which version they replace', async () => {
    await api.call('POST', WIDGETS, widget('v'));
    const answer = await api.call('PUT', `${WIDGETS}/v`, widget('v', { color: 'blue' }));
    assert.equal(answer.status, 422);
    assert.match(answer.json.message, /metadata.resourceVersion: Invalid value: 0: must be specified for an update/);
  });

  it('are shown in each version, with kind and apiVersion in lists', async () => {
    await api.call('POST', WIDGETS, widget('l'));
    const list = await api.call(
      'GET',
      '/apis/test.io/v1beta1/namespaces/default/widgets?fieldSelector=spec.color%3Dred',
    );
    assert.equal(list.json.apiVersion, 'test.io/v1beta1');
    assert.ok(list.json.items.every((item: { apiVersion: string }) => item.apiVersion === 'test.io/v1beta1'));
    assert.ok(list.json.items.length > 0);
    const one = await api.call('GET', '/apis/test.io/v1beta1/namespaces/default/widgets/l');
    assert.equal(one.json.apiVersion, 'test.io/v1beta1');
  });

  it('refuse strategic merge patches and values that do not fit', async () => {
    await api.call('POST', WIDGETS, widget('p'));
    const strategic = await api.call(
      'PATCH',
      `${WIDGETS}/p`,
      {},
      { 'content-type': 'application/strategic-merge-patch+json' },
    );
    assert.equal(strategic.status, 415);
    const large = await api.call('POST', WIDGETS, widget('q', { size: 99 }));
    assert.equal(large.status, 422);
    assert.match(large.json.message, /spec.size/);
  });
});
