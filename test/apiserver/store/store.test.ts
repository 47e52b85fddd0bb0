import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeContinue, encodeContinue } from '../../../apiserver/store/continue.ts';
import { findProperty } from '../../../apiserver/store/json-bytes.ts';
import { objectKey, parseObjectPath, resourcePrefix } from '../../../apiserver/store/keys.ts';
import { LeasePool } from '../../../apiserver/store/lease-pool.ts';
import {
  encodeStored,
  isStoredForm,
  labelsIn,
  metadataSpan,
  replaceApiVersion,
  replaceResourceVersion,
  spliceResourceVersion,
} from '../../../apiserver/store/served-bytes.ts';
import { MemoryKv } from '../kit/memory-kv.ts';

describe('continue tokens', () => {
  it('are what kube-apiserver makes', () => {
    const token = encodeContinue({ start: 'ns/name\0', revision: 42 });
    assert.equal(Buffer.from(token, 'base64url').toString(), '{"v":"meta.k8s.io/v1","rv":42,"start":"ns/name\\u0000"}');
    assert.deepEqual(decodeContinue(token), { start: 'ns/name\0', revision: 42 });
    assert.deepEqual(decodeContinue(encodeContinue({ start: 'ä\0'.normalize(), revision: -1 })).revision, -1);
  });
  const token = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const bad: [what: string, token: string][] = [
    ['no base64', '***'],
    ['no JSON', Buffer.from('x').toString('base64url')],
    ['another version', token({ v: 'v2', rv: 1, start: 'a' })],
    ['no revision', token({ v: 'meta.k8s.io/v1', start: 'a' })],
    ['no start', token({ v: 'meta.k8s.io/v1', rv: 1, start: '' })],
    ['a way out', token({ v: 'meta.k8s.io/v1', rv: 1, start: '../secrets/a' })],
    ['a way out in the middle', token({ v: 'meta.k8s.io/v1', rv: 1, start: 'a/../../secrets' })],
    ['too long', token({ v: 'meta.k8s.io/v1', rv: 1, start: 'a'.repeat(5000) })],
  ];
  for (const [what, text] of bad) it(`refuse ${what}`, () => assert.throws(() => decodeContinue(text), { code: 400 }));
});

describe('keys', () => {
  const maps = { storagePath: 'configmaps', scope: 'Namespaced' } as const;
  const roles = { storagePath: 'clusterroles', scope: 'Cluster' } as const;
  it('lie below prefix, resource and namespace', () => {
    assert.equal(objectKey('/registry', maps, 'default', 'a'), '/registry/configmaps/default/a');
    assert.equal(objectKey('/registry', roles, '', 'system:node'), '/registry/clusterroles/system:node');
    assert.equal(resourcePrefix('/registry', maps, 'ns'), '/registry/configmaps/ns/');
  });
  it('are read back, beyond ASCII too', () => {
    assert.deepEqual(parseObjectPath(maps, 'ns/name'), { namespace: 'ns', name: 'name' });
    const key = objectKey('/r', roles, '', 'größe');
    assert.deepEqual(parseObjectPath(roles, key.slice('/r/clusterroles/'.length)), { namespace: '', name: 'größe' });
  });
});

describe('bytes of objects', () => {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', labels: { a: '1', 'b"': 'ü"\\' }, resourceVersion: '3' },
    data: { metadata: '"metadata":{' },
  };
  const stored = encodeStored(object);
  it('are stored without a version and served with one', () => {
    assert.ok(isStoredForm(stored));
    assert.ok(!stored.includes('resourceVersion'));
    const served = spliceResourceVersion(stored, 77);
    const expected = structuredClone(object);
    expected.metadata.resourceVersion = '77';
    assert.deepEqual(JSON.parse(served.toString()), expected);
    assert.equal(JSON.parse(replaceResourceVersion(served, 123456).toString()).metadata.resourceVersion, '123456');
    assert.equal(JSON.parse(replaceApiVersion(served, 'apps/v2').toString()).apiVersion, 'apps/v2');
  });
  it('take a version even with empty metadata', () => {
    const served = spliceResourceVersion(encodeStored({ apiVersion: 'v1', kind: 'X', metadata: {} }), 5);
    assert.deepEqual(JSON.parse(served.toString()).metadata, { resourceVersion: '5' });
  });
  it('give metadata and labels without being decoded', () => {
    const served = spliceResourceVersion(stored, 77);
    const { start, end } = metadataSpan(served);
    assert.equal(JSON.parse(served.subarray(start, end).toString()).name, 'x');
    assert.deepEqual({ ...labelsIn(served) }, object.metadata.labels);
    assert.deepEqual({ ...labelsIn(encodeStored({ apiVersion: 'v1', kind: 'X', metadata: { name: 'a' } })) }, {});
  });
  it('are not taken for the stored form when laid out otherwise', () => {
    assert.ok(!isStoredForm(Buffer.from('{"apiVersion":"v1","kind":"X","metadata":{}}')));
    assert.ok(!isStoredForm(Buffer.from('k8s\0abc')));
  });
  it('let properties be found among nested and quoted values', () => {
    const bytes = Buffer.from('{"a":"x\\\\\\"}","b":[{"c":1},"]"],"d":-1.5,"e":{}}');
    const text = (name: string) => {
      const span = findProperty(bytes, 0, name);
      return span === undefined ? undefined : bytes.subarray(span.start, span.end).toString();
    };
    assert.deepEqual(['a', 'b', 'c', 'd', 'e'].map(text), ['"x\\\\\\"}"', '[{"c":1},"]"]', undefined, '-1.5', '{}']);
  });
});

describe('leases', () => {
  it('are shared by objects that come close together', async () => {
    let now = 0;
    const pool = new LeasePool(new MemoryKv(), () => now);
    const first = await pool.leaseFor(3600);
    assert.equal(await pool.leaseFor(3600), first);
    assert.notEqual(await pool.leaseFor(60), first);
    now += 61_000;
    assert.notEqual(await pool.leaseFor(3600), first);
  });
});
