import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeContinue } from '../../../apiserver/store/continue.ts';
import { startApi, type TestApi } from '../kit/api.ts';
import { MemoryKv } from '../kit/memory-kv.ts';

const map = (name: string, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
});
const names = (list: { items: { metadata: { name: string } }[] }): string[] =>
  list.items.map((item) => item.metadata.name);

describe('lists', { timeout: 20_000 }, () => {
  const MAPS = '/api/v1/namespaces/pages/configmaps';
  let kv: MemoryKv;
  let api: TestApi;
  before(async () => {
    kv = new MemoryKv();
    api = await startApi(kv);
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await api.call('POST', MAPS, map(name, { odd: String(name !== 'b' && name !== 'd') }));
    await api.call('POST', '/api/v1/namespaces/other/configmaps', map('z'));
  });
  after(() => api.close());

  it('are empty arrays when there is nothing', async () => {
    const { json } = await api.call('GET', '/api/v1/namespaces/none/configmaps');
    assert.deepEqual(json.items, []);
    assert.equal(json.kind, 'ConfigMapList');
  });

  it('leave kind and apiVersion of built-in items out', async () => {
    const { json } = await api.call('GET', MAPS);
    assert.deepEqual(names(json), ['a', 'b', 'c', 'd', 'e']);
    assert.equal(json.items[0].kind, undefined);
    assert.equal(json.metadata.resourceVersion, String(kv.revision));
  });

  it('come in pages of one snapshot', async () => {
    const first = await api.call('GET', `${MAPS}?limit=2`);
    assert.deepEqual(names(first.json), ['a', 'b']);
    assert.equal(first.json.metadata.remainingItemCount, 3);
    const version = first.json.metadata.resourceVersion;
    assert.deepEqual(decodeContinue(first.json.metadata.continue), { start: 'b\0', revision: Number(version) });
    await api.call('POST', MAPS, map('bb'));
    const second = await api.call('GET', `${MAPS}?limit=2&continue=${first.json.metadata.continue}`);
    assert.deepEqual(names(second.json), ['c', 'd']);
    assert.equal(second.json.metadata.resourceVersion, version);
    const third = await api.call('GET', `${MAPS}?limit=2&continue=${second.json.metadata.continue}`);
    assert.deepEqual(names(third.json), ['e']);
    assert.equal(third.json.metadata.continue, undefined);
    await api.call('DELETE', `${MAPS}/bb`);
  });

  it('are of one snapshot whatever happens between their pages, and take no objects from the store', async () => {
    const path = '/api/v1/namespaces/busy/configmaps';
    const nameOf = (n: number): string => `m${String(n).padStart(2, '0')}`;
    for (let n = 0; n < 30; n += 2) await api.call('POST', path, map(nameOf(n), { odd: String(n % 4 === 0) }));
    for (const [query, where] of [
      ['limit=4', path],
      ['limit=3&labelSelector=odd%3Dtrue', path],
      ['limit=5', '/api/v1/configmaps'],
    ] as const) {
      const whole = await api.call('GET', `${where}?${query.replace(/limit=\d+&?/, '')}`);
      const items: unknown[] = [];
      let token = '';
      for (let page = 0; ; page++) {
        const { json, status } = await api.call('GET', `${where}?${query}&continue=${token}`);
        assert.equal(status, 200);
        items.push(...json.items);
        assert.equal(json.metadata.resourceVersion, whole.json.metadata.resourceVersion);
        token = json.metadata.continue ?? '';
        if (token === '') break;
        // One comes, one goes, one changes, and one that is gone comes back.
        const name = nameOf((page * 6) % 30);
        await api.call('PUT', `${path}/${nameOf((page * 4 + 2) % 30)}`, { ...map(nameOf((page * 4 + 2) % 30)), data: { page: String(page) } }); // biome-ignore format: a line
        await api.call('DELETE', `${path}/${name}`);
        if (page % 2 === 0) await api.call('POST', path, map(name, { odd: 'true' }));
        await api.call('POST', path, map(nameOf(page * 2 + 1), { odd: 'true' }));
      }
      assert.deepEqual(items, whole.json.items, query);
    }
    await api.call('DELETE', path);
  });

  it('fill filtered pages and do not count what remains', async () => {
    const first = await api.call('GET', `${MAPS}?limit=2&labelSelector=odd%3Dtrue`);
    assert.deepEqual(names(first.json), ['a', 'c']);
    assert.equal(first.json.metadata.remainingItemCount, undefined);
    const second = await api.call(
      'GET',
      `${MAPS}?limit=2&labelSelector=odd%3Dtrue&continue=${first.json.metadata.continue}`,
    );
    assert.deepEqual(names(second.json), ['e']);
  });

  it('of all namespaces go on below the right namespace', async () => {
    const first = await api.call('GET', '/api/v1/configmaps?limit=1');
    assert.deepEqual(names(first.json), ['z']);
    const rest = await api.call('GET', `/api/v1/configmaps?continue=${first.json.metadata.continue}`);
    assert.deepEqual(names(rest.json), ['a', 'b', 'c', 'd', 'e']);
  });

  it('are exact at an old revision and refuse the future', async () => {
    const then = kv.revision;
    await api.call('POST', MAPS, map('later'));
    const exact = await api.call('GET', `${MAPS}?resourceVersion=${then}&resourceVersionMatch=Exact`);
    assert.deepEqual(names(exact.json), ['a', 'b', 'c', 'd', 'e']);
    assert.equal(exact.json.metadata.resourceVersion, String(then));
    const newer = await api.call('GET', `${MAPS}?resourceVersion=${then}&resourceVersionMatch=NotOlderThan`);
    assert.equal(names(newer.json).length, 6);
    const future = await api.call('GET', `${MAPS}?resourceVersion=1000000&resourceVersionMatch=Exact`);
    assert.equal(future.status, 504);
    assert.match(future.json.message, /Too large resource version: 1000000, current: \d+/);
    assert.equal(future.json.details.causes[0].reason, 'ResourceVersionTooLarge');
    await api.call('DELETE', `${MAPS}/later`);
  });

  it('tell an expired token how to go on', async () => {
    const first = await api.call('GET', `${MAPS}?limit=2`);
    await api.call('POST', MAPS, map('bz'));
    await kv.compact({ revision: kv.revision });
    const expired = await api.call('GET', `${MAPS}?limit=2&continue=${first.json.metadata.continue}`);
    assert.equal(expired.status, 410);
    assert.equal(expired.json.reason, 'Expired');
    const token = expired.json.metadata.continue;
    assert.deepEqual(decodeContinue(token), { start: 'b\0', revision: -1 });
    const next = await api.call('GET', `${MAPS}?limit=2&continue=${token}`);
    assert.deepEqual(names(next.json), ['bz', 'c']);
  });

  it('are written in chunks, or compressed, when they are long', async () => {
    const big = '/api/v1/namespaces/big/configmaps';
    const data = { text: 'x'.repeat(20_000) };
    for (let i = 0; i < 20; i++) await api.call('POST', big, { ...map(`m${i}`), data });
    const plain = await api.call('GET', big, undefined, { 'accept-encoding': 'identity' });
    assert.equal(plain.headers.get('content-encoding'), null);
    assert.equal(plain.json.items.length, 20);
    const zipped = await api.call('GET', big, undefined, { 'accept-encoding': 'gzip' });
    assert.equal(zipped.headers.get('content-encoding'), 'gzip');
    assert.deepEqual(zipped.json, plain.json);
    const gone = await api.call('DELETE', big);
    assert.equal(gone.json.status, 'Success');
    assert.equal((await api.call('GET', big)).json.items.length, 0);
  });
});

describe('watches', { timeout: 20_000 }, () => {
  const MAPS = '/api/v1/namespaces/watched/configmaps';
  let kv: MemoryKv;
  let api: TestApi;
  before(async () => {
    kv = new MemoryKv();
    api = await startApi(kv);
  });
  after(() => api.close());

  it('replay the state, then stream changes in order', async () => {
    await api.call('POST', MAPS, map('one'));
    const watch = await api.watch(`${MAPS}?watch=true`);
    const added = await watch.next();
    assert.equal(added.type, 'ADDED');
    assert.equal(added.object.kind, 'ConfigMap');
    const updated = await api.call(
      'PATCH',
      `${MAPS}/one`,
      { data: { a: '1' } },
      { 'content-type': 'application/merge-patch+json' },
    );
    await api.call('DELETE', `${MAPS}/one`);
    const modified = await watch.next();
    assert.deepEqual(modified, { type: 'MODIFIED', object: updated.json });
    const deleted = await watch.next();
    assert.equal(deleted.type, 'DELETED');
    assert.deepEqual(deleted.object.data, { a: '1' });
    assert.equal(deleted.object.metadata.resourceVersion, String(kv.revision), 'the version of the deletion');
    watch.close();
  });

  it('resume after a version, in the window and before it', async () => {
    const { json: first } = await api.call('POST', MAPS, map('r1'));
    await api.call('POST', MAPS, map('r2'));
    const inWindow = await api.watch(`${MAPS}?watch=true&resourceVersion=${first.metadata.resourceVersion}`);
    assert.equal((await inWindow.next()).object.metadata.name, 'r2');
    inWindow.close();
    // A server that starts now has no window of its own: the store's history fills it.
    const second = await startApi(kv);
    const before = await second.watch(`${MAPS}?watch=true&resourceVersion=${first.metadata.resourceVersion}`);
    assert.equal((await before.next()).object.metadata.name, 'r2');
    await second.call('DELETE', `${MAPS}/r1`);
    assert.equal((await before.next()).type, 'DELETED');
    before.close();
    await second.close();
  });

  it('tell in the stream that a version is too old', async () => {
    await api.call('POST', MAPS, map('old'));
    await kv.compact({ revision: kv.revision });
    const second = await startApi(kv);
    const watch = await second.watch(`${MAPS}?watch=true&resourceVersion=2`);
    const event = await watch.next();
    assert.equal(event.type, 'ERROR');
    assert.equal(event.object.code, 410);
    assert.equal(event.object.reason, 'Expired');
    assert.equal(await watch.next(), undefined);
    await second.close();
  });

  it('end when the store has forgotten what happened, instead of telling a part of it', async () => {
    const own = new MemoryKv();
    const server = await startApi(own);
    await server.call('POST', MAPS, map('kept'));
    const watch = await server.watch(`${MAPS}?watch=true&resourceVersion=0`);
    const { object } = await watch.next();
    // Deleted and made anew while nobody was watching: all that the cache can see is another state.
    const key = `/registry/configmaps/${object.metadata.namespace}/kept`;
    own.breakWatches();
    own.delete1(key);
    own.put1(key, Buffer.from(JSON.stringify({ ...object, metadata: { ...object.metadata, uid: 'another' } })));
    await own.compact({ revision: own.revision });
    assert.equal(await watch.next(), undefined);
    const resumed = await server.watch(`${MAPS}?watch=true&resourceVersion=${object.metadata.resourceVersion}`);
    assert.equal((await resumed.next()).object.code, 410);
    await server.close();
  });

  it('end the initial state with an annotated bookmark', async () => {
    const list = await api.call('GET', MAPS);
    const watch = await api.watch(
      `${MAPS}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    );
    for (let i = 0; i < list.json.items.length; i++) assert.equal((await watch.next()).type, 'ADDED');
    const bookmark = await watch.next();
    assert.equal(bookmark.type, 'BOOKMARK');
    assert.equal(bookmark.object.kind, 'ConfigMap');
    assert.deepEqual(bookmark.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
    assert.ok(Number(bookmark.object.metadata.resourceVersion) >= Number(list.json.metadata.resourceVersion));
    watch.close();
  });

  it('end in time, with a last bookmark', async () => {
    const watch = await api.watch(
      `${MAPS}?watch=true&resourceVersion=${kv.revision}&timeoutSeconds=3&allowWatchBookmarks=true`,
    );
    kv.put1('/registry/other/x', Buffer.from('1'));
    const bookmark = await watch.next();
    assert.equal(bookmark.type, 'BOOKMARK');
    assert.equal(bookmark.object.metadata.resourceVersion, String(kv.revision), 'as fresh as the store');
    assert.equal(await watch.next(), undefined);
  });

  it('add what comes to match a selector and delete what ceases to', async () => {
    const watch = await api.watch(`${MAPS}?watch=true&labelSelector=team%3Dred&resourceVersion=${kv.revision}`);
    await api.call('POST', MAPS, map('sel', { team: 'blue' }));
    const label = (team: string) =>
      api.call(
        'PATCH',
        `${MAPS}/sel`,
        { metadata: { labels: { team } } },
        { 'content-type': 'application/strategic-merge-patch+json' },
      );
    const red = await label('red');
    const blue = await label('blue');
    const added = await watch.next();
    assert.deepEqual([added.type, added.object.metadata.resourceVersion], ['ADDED', red.json.metadata.resourceVersion]);
    const left = await watch.next();
    assert.equal(left.type, 'DELETED');
    assert.equal(left.object.metadata.labels.team, 'red', 'the last state that matched');
    assert.equal(left.object.metadata.resourceVersion, blue.json.metadata.resourceVersion);
    watch.close();
  });

  it('come as tables and as metadata', async () => {
    const version = kv.revision;
    const table = await api.watch(`${MAPS}?watch=true&resourceVersion=${version}`, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    const meta = await api.watch(`${MAPS}?watch=true&resourceVersion=${version}`, {
      accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    });
    await api.call('POST', MAPS, { ...map('formed'), data: { a: 'b' } });
    const row = await table.next();
    assert.equal(row.object.kind, 'Table');
    assert.equal(row.object.rows[0].cells[0], 'formed');
    const partial = await meta.next();
    assert.equal(partial.object.kind, 'PartialObjectMetadata');
    assert.equal(partial.object.data, undefined);
    table.close();
    meta.close();
  });

  it('go on over a store that breaks them off', async () => {
    const watch = await api.watch(`${MAPS}?watch=true&resourceVersion=${kv.revision}`);
    kv.breakWatches();
    await api.call('POST', MAPS, map('after-break'));
    assert.equal((await watch.next()).object.metadata.name, 'after-break');
    watch.close();
  });

  const refusals: [query: string, message: RegExp][] = [
    ['sendInitialEvents=true', /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/],
    ['resourceVersionMatch=NotOlderThan', /forbidden for watch unless sendInitialEvents is provided/],
  ];
  for (const [query, message] of refusals) {
    it(`are refused with ${query}`, async () => {
      const answer = await api.call('GET', `${MAPS}?watch=true&${query}`);
      assert.equal(answer.status, 422);
      assert.match(answer.json.message, message);
      assert.equal(answer.json.details.kind, 'ListOptions');
    });
  }
});
