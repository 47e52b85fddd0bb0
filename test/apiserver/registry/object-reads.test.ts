import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { CachedObject } from '../../../apiserver/cache/types.ts';
import { configMaps } from '../../../apiserver/resources/config-map.ts';
import type { KubeObject } from '../../../apiserver/scheme/json.ts';
import { Cancellation } from '../../../base/cancel.ts';
import { makeRegistry } from '../kit/api.ts';
import { MemoryKv } from '../kit/memory-kv.ts';

const named = (name: string, round: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { round: String(round) },
});

describe('linearizable reads of single objects', { timeout: 20_000 }, () => {
  const kv = new MemoryKv();
  const { registry, caches } = makeRegistry(kv);
  const signal = new Cancellation();
  const read = (name: string): Promise<CachedObject> => registry.reads.getBytes(configMaps, 'ns', name, signal);
  afterEach(() => {
    kv.down = false;
  });

  it('share a read of the revision when they are many, and see what was written before they began', async () => {
    await registry.create(configMaps, 'ns', named('a', 0));
    await registry.cache(configMaps).ready();
    for (let round = 1; round <= 30; round++) {
      await registry.update(configMaps, 'ns', 'a', async () => named('a', round));
      const before = kv.ranges;
      const seen = await Promise.all(Array.from({ length: 50 }, () => read('a')));
      for (const object of seen) assert.equal(object.object()['data']?.['round' as never], String(round));
      assert.ok(kv.ranges - before < 10, `fifty reads took ${kv.ranges - before} of the store`);
    }
  });

  it('find out what is gone, one at a time or many at once', async () => {
    await registry.create(configMaps, 'ns', named('b', 0));
    await registry.delete(configMaps, 'ns', 'b');
    for (const count of [1, 20]) {
      const outcomes = await Promise.allSettled(Array.from({ length: count }, () => read('b')));
      for (const outcome of outcomes) {
        assert.equal(outcome.status === 'rejected' && (outcome.reason as { code: number }).code, 404);
      }
    }
  });

  it('do not come out of a cache that cannot be told to be fresh', async () => {
    kv.down = true;
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => read('a')));
    assert.ok(outcomes.every(({ status }) => status === 'rejected'));
    caches.close();
  });
});
