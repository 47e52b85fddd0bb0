import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../../base/prng.ts';
import { hashOf, type KeyId, KeyRecords, NO_KEY } from '../../../storage/mvcc/key-records.ts';
import { Keys } from '../../../storage/mvcc/keys.ts';
import { MVCC_LIMITS } from '../../../storage/mvcc/limits.ts';

test('keys come, die, come back and are forgotten, and each is found as it is now', () => {
  const prng = new Prng(11);
  const keys = new Keys();
  const live = new Map<string, KeyId>();
  const dead = new Map<string, KeyId>();
  const count = 8 * MVCC_LIMITS.minHints;
  for (let step = 1; step <= 12 * count; step++) {
    const name = `k${prng.between(0, count)}`;
    const living = live.get(name);
    const gone = dead.get(name);
    assert.equal(keys.find(name), living ?? gone ?? NO_KEY);
    assert.equal(keys.findLive(name), living ?? NO_KEY);
    if (living !== undefined && prng.chance(0.4)) {
      keys.records.place(living, 0, 0, 0);
      keys.bury(name, living);
      live.delete(name);
      dead.set(name, living);
    } else if (gone !== undefined && prng.chance(0.5)) {
      keys.forget(gone);
      dead.delete(name);
    } else if (gone !== undefined) {
      keys.revive(name, gone);
      keys.records.place(gone, 1, 0, 0);
      dead.delete(name);
      live.set(name, gone);
    } else if (living === undefined) {
      const id = keys.create(name);
      keys.records.place(id, 1, 0, 0);
      live.set(name, id);
    }
  }
  assert.equal(keys.live.size, live.size);
  assert.equal(keys.dead.size, dead.size);
});

/** Names of one hash: its low bits say where a key lies, so that these would all lie in one place. */
function namesOfOnePlace(count: number): string[] {
  const names: string[] = [];
  for (let n = 0; names.length < count; n++) if (hashOf(`k${n}`) % 4096 === 5) names.push(`k${n}`);
  return names;
}

test('keys that were chosen for their hashes are found all the same', () => {
  const keys = new Keys();
  const names = namesOfOnePlace(100);
  const ids = names.map((name) => {
    const id = keys.create(name);
    keys.records.place(id, 1, 0, 0);
    return id;
  });
  for (let round = 0; round < 3; round++)
    assert.deepEqual(
      names.map((name) => keys.find(name)),
      ids,
    );
  for (const [i, name] of names.entries()) {
    if (i % 2 === 0) continue;
    const id = ids[i] as KeyId;
    keys.bury(name, id);
    keys.forget(id);
  }
  assert.deepEqual(
    names.map((name) => keys.find(name)),
    ids.map((id, i) => (i % 2 === 0 ? id : NO_KEY)),
  );
});

test('a record holds what it was given', () => {
  const records = new KeyRecords();
  const big = Number.MAX_SAFE_INTEGER;
  for (const name of ['', 'a', '\0\xff', 'x'.repeat(100), 'y'.repeat(600_000)]) {
    const id = records.create(name);
    assert.equal(records.name(id), name);
    assert.equal(records.exists(id), false);
    assert.equal(records.hash(id), hashOf(name));
    records.setNewest(id, big - 2, big - 1, 0xffffffff, big);
    assert.deepEqual(
      [records.createRevision(id), records.modRevision(id), records.modSub(id), records.version(id)],
      [big - 2, big - 1, 0xffffffff, big],
    );
    for (const lease of [1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n, 0xffffffffn, 0n]) {
      records.setLease(id, lease);
      assert.equal(records.lease(id), lease);
      assert.equal(records.hasLease(id), lease !== 0n);
    }
    records.drop(id);
  }
});
