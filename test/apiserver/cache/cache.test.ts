import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { Entry } from '../../../apiserver/cache/entry.ts';
import { FreshRevision } from '../../../apiserver/cache/fresh-revision.ts';
import { History } from '../../../apiserver/cache/history.ts';
import { CACHE_LIMITS } from '../../../apiserver/cache/limits.ts';
import { SortedObjects } from '../../../apiserver/cache/sorted-objects.ts';
import type { CacheEvent } from '../../../apiserver/cache/types.ts';
import { configMaps } from '../../../apiserver/resources/config-map.ts';
import { StoreError } from '../../../base/store-error.ts';
import { makeRegistry } from '../kit/api.ts';
import { MemoryKv } from '../kit/memory-kv.ts';

const stored = (name: string, more = '') =>
  Buffer.from(`{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"${name}","namespace":"ns"}${more}}`);
const key = (name: string) => `/registry/configmaps/ns/${name}`;

describe('the order index', () => {
  it('is a sorted map', () => {
    const commands = fc.array(fc.tuple(fc.boolean(), fc.string({ maxLength: 3 })), { maxLength: 2000 });
    fc.assert(
      fc.property(commands, fc.string({ maxLength: 1 }), (list, prefix) => {
        const sorted = new SortedObjects<string>();
        const model = new Map<string, string>();
        for (const [add, name] of list) {
          if (add) {
            sorted.set(name, name);
            model.set(name, name);
          } else assert.equal(sorted.delete(name), model.get(name), void model.delete(name) as unknown as string);
        }
        const expected = [...model.keys()]
          .filter((name) => name.startsWith(prefix))
          .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        assert.deepEqual(sorted.scan(prefix), expected);
        assert.equal(sorted.size, model.size);
      }),
      { numRuns: 30 },
    );
  });
  it('tells a page from any key on, and how many come after it', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[ab]\/[a-c]{0,4}$/), { maxLength: 60 });
    fc.assert(
      fc.property(
        names,
        fc.stringMatching(/^[a-d]{0,3}$/),
        fc.constantFrom('', 'a/', 'b/', 'c/'),
        fc.nat(20),
        (all, start, prefix, limit) => {
          const sorted = new SortedObjects<string>();
          for (const name of all) sorted.set(name, name);
          const expected = sorted.scan(prefix).filter((name) => name >= prefix + start);
          const { items, remaining } = sorted.page(prefix, prefix + start, limit);
          assert.deepEqual(items, expected.slice(0, limit));
          assert.equal(remaining, expected.length - items.length);
        },
      ),
      { numRuns: 300 },
    );
  });
  it('finds pages across chunks', () => {
    const sorted = new SortedObjects<number>();
    const count = CACHE_LIMITS.orderChunk * 5;
    for (let i = 0; i < count; i++) sorted.set(`ns/${String((i * 7919) % count).padStart(6, '0')}`, (i * 7919) % count);
    for (let at = 0; at < count; at += 333) {
      const { items, remaining } = sorted.page('ns/', `ns/${String(at).padStart(6, '0')}`, 700);
      assert.deepEqual(
        [items[0], items.length, remaining],
        [at, Math.min(700, count - at), Math.max(0, count - at - 700)],
      );
    }
  });
  it('splits chunks that are full', () => {
    const sorted = new SortedObjects<number>();
    for (let i = 0; i < CACHE_LIMITS.orderChunk * 5; i++) sorted.set(String((i * 7919) % 100_000).padStart(6, '0'), i);
    const keys = sorted.scan('').length;
    assert.equal(keys, sorted.size);
  });
});

describe('the history', () => {
  const event = (revision: number): CacheEvent => {
    const object = new Entry({ namespace: 'ns', name: 'x' }, revision, stored('x'));
    return { type: 'MODIFIED', object, previous: undefined, resourceVersion: revision };
  };
  it('answers from any revision of its window', () => {
    const history = new History(10);
    for (let revision = 11; revision <= 20; revision++) history.push(event(revision), 0);
    assert.equal(history.since(9), undefined);
    assert.equal(history.since(10)?.length, 10);
    assert.deepEqual(
      history.since(18)?.map((e) => e.resourceVersion),
      [19, 20],
    );
    assert.deepEqual(history.since(25), []);
  });
  it('forgets what is old, but keeps a minimum', () => {
    const history = new History(0);
    const many = CACHE_LIMITS.minHistoryEvents * 4;
    for (let revision = 1; revision <= many; revision++) history.push(event(revision), revision);
    assert.equal(history.since(0)?.length, many, 'young ones stay');
    history.push(event(many + 1), CACHE_LIMITS.historyWindowMs * 10);
    assert.equal(history.since(0), undefined);
    assert.equal(history.start, many + 1 - CACHE_LIMITS.minHistoryEvents);
  });
});

describe('fresh revisions', () => {
  it('are read anew for whoever asks while a read runs, once for all of them', async () => {
    let reads = 0;
    const answers: ((revision: number) => void)[] = [];
    const fresh = new FreshRevision(() => new Promise((resolve) => answers.push(resolve) && reads++));
    const first = fresh.get();
    const second = fresh.get();
    const third = fresh.get();
    answers[0]?.(1);
    assert.equal(await first, 1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(reads, 2);
    answers[1]?.(2);
    assert.deepEqual(await Promise.all([second, third]), [2, 2]);
  });
});

describe('the watch cache', { timeout: 10_000 }, () => {
  const open: (() => void)[] = [];
  afterEach(() => {
    for (const close of open.splice(0)) close();
  });
  function start(kv: MemoryKv) {
    const { registry, caches } = makeRegistry(kv);
    open.push(() => caches.close());
    return registry.cache(configMaps);
  }

  it('holds what the store holds, as of a linearizable point', async () => {
    const kv = new MemoryKv();
    kv.put1(key('b'), stored('b'));
    const cache = start(kv);
    await cache.ready();
    assert.deepEqual(
      cache.list().map((o) => o.name),
      ['b'],
    );
    for (let i = 0; i < 10; i++) {
      const revision = kv.put1(key('a'), stored('a', `,"data":{"i":"${i}"}`));
      kv.put1('/registry/elsewhere', Buffer.from('x'));
      await cache.waitFresh();
      assert.equal(cache.get('ns', 'a')?.resourceVersion, revision);
      assert.equal(cache.revision, kv.revision);
    }
    assert.deepEqual(
      cache.list('ns').map((o) => o.name),
      ['a', 'b'],
    );
    assert.deepEqual(cache.list('n'), []);
  });

  it('goes on without a gap when the watch breaks', async () => {
    const kv = new MemoryKv();
    const cache = start(kv);
    await cache.ready();
    const seen: string[] = [];
    cache.subscribe((events) => seen.push(...events.map((e) => `${e.type} ${e.object.name}@${e.resourceVersion}`)));
    kv.put1(key('a'), stored('a'));
    await cache.waitFresh();
    kv.breakWatches();
    kv.put1(key('b'), stored('b'));
    kv.delete1(key('a'));
    await cache.waitFresh();
    assert.deepEqual(seen, ['ADDED a@2', 'ADDED b@3', 'DELETED a@4']);
  });

  it('is back at once when members go away one after the other', async () => {
    const kv = new MemoryKv();
    const cache = start(kv);
    await cache.ready();
    // Pauses that were doubled from one to the next would come to 6 seconds and more.
    for (let i = 0; i < 8; i++) {
      kv.breakWatches(new StoreError('TIMEOUT_CONNECTION_LOST', 'read ECONNRESET'));
      kv.put1(key('a'), stored('a', `,"data":{"i":"${i}"}`));
      const startedMs = Date.now();
      await cache.waitFresh();
      assert.ok(Date.now() - startedMs < 1_000, `it came back after ${Date.now() - startedMs} ms, the ${i + 1}th time`);
    }
  });

  it('leaves a watch that stands still, within the wait of a read', async () => {
    const kv = new MemoryKv();
    const cache = start(kv);
    await cache.ready();
    for (let i = 0; i < 2; i++) {
      kv.stallWatches();
      kv.put1(key('a'), stored('a', `,"data":{"i":"${i}"}`));
      await cache.waitFresh();
      assert.equal(cache.get('ns', 'a')?.resourceVersion, kv.revision);
    }
  });

  it('makes up the differences when the store has forgotten the gap', async () => {
    const kv = new MemoryKv();
    for (const name of ['gone', 'same', 'changed']) kv.put1(key(name), stored(name));
    const cache = start(kv);
    await cache.ready();
    const before = cache.revision;
    const seen: string[] = [];
    cache.subscribe((events) => seen.push(...events.map((e) => `${e.type} ${e.object.name}`)));
    const passedOn: string[] = [];
    cache.subscribe(
      (events) => passedOn.push(...events.map((e) => `${e.type} ${e.object.name}`)),
      () => passedOn.push('gap'),
    );
    kv.breakWatches();
    kv.delete1(key('gone'));
    kv.put1(key('changed'), stored('changed', ',"data":{}'));
    kv.put1(key('new'), stored('new'));
    await kv.compact({ revision: kv.revision });
    await cache.waitFresh();
    assert.deepEqual(seen, ['MODIFIED changed', 'ADDED new', 'DELETED gone']);
    assert.deepEqual(passedOn, ['gap'], 'a difference is not what happened');
    assert.equal(cache.since(before), undefined, 'who was there before the gap must start anew');
    assert.deepEqual(cache.since(cache.revision), []);
  });

  it('says when a revision does not come', async () => {
    const cache = start(new MemoryKv());
    await cache.ready();
    await assert.rejects(cache.waitFor(99, 50), {
      code: 504,
      message: 'Timeout: Too large resource version: 99, current: 1',
    });
  });

  it('leaves out what cannot be read, and goes on', async () => {
    const kv = new MemoryKv();
    kv.put1(key('bad'), Buffer.from('{'));
    kv.put1(key('good'), stored('good'));
    const cache = start(kv);
    await cache.ready();
    kv.put1(key('worse'), Buffer.from('k8s\0rubbish'));
    await cache.waitFresh();
    assert.deepEqual(
      cache.list().map((o) => o.name),
      ['good'],
    );
  });

  it('waits for a store that is away, and refuses meanwhile', async () => {
    const kv = new MemoryKv();
    const cache = start(kv);
    await cache.ready();
    kv.down = true;
    kv.breakWatches();
    await assert.rejects(cache.waitFresh(), { code: 500, reason: 'ServerTimeout' });
    kv.down = false;
    kv.put1(key('a'), stored('a'));
    await cache.waitFresh();
    assert.equal(cache.list().length, 1);
  });
});
