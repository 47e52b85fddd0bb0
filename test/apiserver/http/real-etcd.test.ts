import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connectKvClient } from '../../../client/grpc-client.ts';
import type { KvClient } from '../../../client/kv-client.ts';
import { type RealEtcd, startRealEtcd } from '../../kit/etcd.ts';
import { startApi, type TestApi } from '../kit/api.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } });

describe('on a real etcd', { timeout: 30_000, skip: process.env['KEELSON_TEST_ETCD'] === undefined }, () => {
  let folder: string;
  let etcd: RealEtcd;
  let kv: KvClient;
  let api: TestApi;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-api-'));
    etcd = await startRealEtcd(folder);
    kv = connectKvClient({ endpoints: etcd.clientUrls });
    api = await startApi(kv);
  });
  after(async () => {
    await api.close();
    await kv.close();
    await etcd.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('creates, refuses what is stale, lists and deletes', async () => {
    const created = await api.call('POST', MAPS, map('one'));
    assert.equal(created.status, 201, created.text);
    assert.equal((await api.call('POST', MAPS, map('one'))).status, 409);
    const updated = await api.call('PUT', `${MAPS}/one`, { ...created.json, data: { a: 'c' } });
    assert.equal(updated.status, 200);
    assert.equal((await api.call('PUT', `${MAPS}/one`, created.json)).status, 409);
    const list = await api.call('GET', MAPS);
    assert.deepEqual(list.json.items[0].data, { a: 'c' });
    assert.equal((await api.call('DELETE', `${MAPS}/one`)).status, 200);
    assert.equal((await api.call('GET', MAPS)).json.items.length, 0);
  });

  it('reads its own writes from the cache, whoever else writes', async () => {
    for (let i = 0; i < 20; i++) {
      await api.call('POST', MAPS, map(`w${i}`));
      // Another resource moves the store's revision on without the cache seeing an event of its own.
      await api.call('POST', '/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: `n${i}` },
      });
      assert.equal((await api.call('GET', MAPS)).json.items.length, i + 1);
    }
  });

  it('watches, resumes from before this server, and pages', async () => {
    const first = await api.call('GET', `${MAPS}?limit=7`);
    assert.equal(first.json.items.length, 7);
    const rest = await api.call('GET', `${MAPS}?continue=${first.json.metadata.continue}`);
    assert.equal(rest.json.items.length, 13);
    const version = first.json.items[0].metadata.resourceVersion;
    const second = await startApi(kv);
    const watch = await second.watch(`${MAPS}?watch=true&resourceVersion=${version}`);
    const seen: number[] = [];
    for (let i = 0; i < 19; i++) seen.push(Number((await watch.next()).object.metadata.resourceVersion));
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
    await second.call('DELETE', `${MAPS}/w0`);
    const deleted = await watch.next();
    assert.equal(deleted.type, 'DELETED');
    assert.deepEqual(deleted.object.data, { a: 'b' });
    watch.close();
    await second.close();
  });

  it('tells of compacted history', async () => {
    const list = await api.call('GET', `${MAPS}?limit=2`);
    await api.call('POST', MAPS, map('more'));
    const { header } = await kv.compact({ revision: Number(list.json.metadata.resourceVersion) + 1, physical: true });
    assert.ok(header);
    const expired = await api.call('GET', `${MAPS}?continue=${list.json.metadata.continue}`);
    assert.equal(expired.status, 410, expired.text);
    assert.equal(
      (await api.call('GET', `${MAPS}?limit=2&continue=${expired.json.metadata.continue}`)).json.items.length,
      2,
    );
    const second = await startApi(kv);
    const watch = await second.watch(`${MAPS}?watch=true&resourceVersion=2`);
    assert.equal((await watch.next()).object.reason, 'Expired');
    await second.close();
  });
});
