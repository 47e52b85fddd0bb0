import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../../base/prng.ts';
import { MVCC_LIMITS } from '../../../storage/mvcc/limits.ts';
import { LiveKey } from '../../../storage/mvcc/live-key.ts';
import { LiveKeys } from '../../../storage/mvcc/live-keys.ts';

test('more keys than are remembered come and go, and each is found as it is now', () => {
  const prng = new Prng(11);
  const keys = new LiveKeys();
  const model = new Map<string, LiveKey>();
  const count = 4 * MVCC_LIMITS.recentKeys;
  for (let step = 1; step <= 6 * count; step++) {
    const key = `k${prng.between(0, count)}`;
    const dice = prng.between(0, 10);
    if (dice < 4) {
      const record = new LiveKey(key, step, 0, undefined);
      assert.equal(keys.set(key, record), model.get(key));
      model.set(key, record);
    } else if (dice < 6) {
      assert.equal(keys.delete(key), model.get(key));
      model.delete(key);
    } else assert.equal(keys.get(key), model.get(key));
  }
  assert.equal(keys.size, model.size);
});

test('a map that is cleared has forgotten what it was', () => {
  const keys = new LiveKeys();
  keys.set('a', new LiveKey('a', 1, 0, undefined));
  keys.clear();
  assert.equal(keys.get('a'), undefined);
});
