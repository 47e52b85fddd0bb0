import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OrderedMap } from '../../base/ordered-map.ts';
import { Prng } from '../../base/prng.ts';

/** Compares everything a map can tell with a sorted array. */
function assertSame(map: OrderedMap<number>, model: ReadonlyMap<string, number>, probes: readonly string[]): void {
  const keys = [...model.keys()].sort();
  assert.equal(map.size, keys.length);
  const walked: string[] = [];
  for (const cursor = map.cursor(''); cursor.valid; cursor.next()) {
    walked.push(cursor.key);
    assert.equal(cursor.value, model.get(cursor.key));
  }
  assert.deepEqual(walked, keys);
  for (const probe of probes) {
    const rank = keys.filter((key) => key < probe).length;
    assert.equal(map.rank(probe), rank, `rank of ${probe}`);
    assert.equal(map.get(probe), model.get(probe));
    const cursor = map.cursor(probe);
    assert.equal(cursor.valid ? cursor.key : undefined, keys[rank]);
    const at = map.cursorAt(rank);
    assert.equal(at.valid ? at.key : undefined, keys[rank]);
    assert.equal(map.count(probe, undefined), keys.length - rank);
    for (const end of probes) {
      assert.equal(map.count(probe, end), keys.filter((key) => key >= probe && key < end).length);
    }
  }
}

const keyOf = (n: number): string => `k${n.toString(36)}`;

test('a map does what a sorted array does', () => {
  const change = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 400 }));
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 600 }),
      fc.array(fc.integer({ min: 0, max: 420 }), { maxLength: 5 }),
      (changes, probes) => {
        const map = new OrderedMap<number>();
        const model = new Map<string, number>();
        for (const [i, [add, n]] of changes.entries()) {
          const key = keyOf(n);
          if (add) assert.equal(map.set(key, i), model.get(key));
          else assert.equal(map.delete(key), model.get(key));
          if (add) model.set(key, i);
          else model.delete(key);
        }
        assertSame(map, model, probes.map(keyOf));
      },
    ),
    { numRuns: 60, seed: 7 },
  );
});

/** A map of `keys`, each with its place as its value, and the ranks that were asked for so far. */
function filledLater(keys: readonly string[]): { readonly map: OrderedMap<number>; readonly taken: number[] } {
  const map = new OrderedMap<number>();
  const taken: number[] = [];
  map.fillLater({
    size: keys.length,
    keyAt: (rank) => keys[rank] as string,
    take: (from, to) => {
      const values = Array.from({ length: to - from }, (_, i) => from + i);
      taken.push(...values);
      return { keys: keys.slice(from, to), values };
    },
  });
  return { map, taken };
}

test('a map that was filled is one whose keys were set, and goes on like it', () => {
  for (const count of [0, 1, 63, 64, 65, 127, 129, 4095, 4097, 10_000]) {
    const keys = Array.from({ length: count }, (_, n) => keyOf(n)).sort();
    const { map, taken } = filledLater(keys);
    const model = new Map(keys.map((key, i) => [key, i]));
    assertSame(map, model, ['', keyOf(5), 'z']);
    for (const [i, key] of keys.entries()) {
      if (i % 3 === 0) assert.equal(map.delete(key), i);
      if (i % 3 === 0) model.delete(key);
      if (i % 5 === 0) map.set(`${key}~`, -i);
      if (i % 5 === 0) model.set(`${key}~`, -i);
    }
    assertSame(map, model, ['', keyOf(5), 'z']);
    assert.deepEqual(taken, [...keys.keys()], 'every entry was asked for once');
  }
  const full = new OrderedMap<number>();
  full.set('k', 1);
  assert.throws(() => full.fillLater({ size: 0, keyAt: () => '', take: () => ({ keys: [], values: [] }) }));
});

test('a map whose entries are made when they are wanted does what a sorted array does, in any order', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const prng = new Prng(seed);
    const count = prng.between(0, 3000);
    const keys = Array.from({ length: count }, (_, n) => keyOf(n)).sort();
    const { map, taken } = filledLater(keys);
    const model = new Map(keys.map((key, i) => [key, i]));
    for (let i = 0; i < 400; i++) {
      const key = keyOf(prng.between(0, 3100));
      const dice = prng.between(0, 9);
      if (dice < 3) {
        assert.equal(map.set(key, -i), model.get(key));
        model.set(key, -i);
      } else if (dice < 6) {
        // Neighbours, so that leaves are joined with some that nobody has seen.
        for (let n = 0; n < 40; n++) {
          const near = keyOf(3 * i + n);
          assert.equal(map.delete(near), model.get(near));
          model.delete(near);
        }
      } else if (dice < 8) assert.equal(map.get(key), model.get(key));
      else assert.equal(map.size, model.size);
    }
    assertSame(map, model, ['', keyOf(prng.between(0, 3100)), keyOf(prng.between(0, 3100))]);
    assert.equal(new Set(taken).size, taken.length, 'no entry was made twice');
  }
});

test('nothing is made of a map that was filled but what was asked for', () => {
  const keys = Array.from({ length: 100_000 }, (_, n) => keyOf(n)).sort();
  const { map, taken } = filledLater(keys);
  assert.equal(map.size, keys.length);
  assert.equal(map.count('', undefined), keys.length);
  assert.equal(map.get(keys[50_000] as string), 50_000);
  map.set(`${keys[70_000]}~`, 1);
  assert.ok(taken.length <= 3 * 64, `${taken.length} entries were made`);
});

const orders = [
  { name: 'ascending', order: (n: number) => n },
  { name: 'descending', order: (n: number) => 20_000 - n },
  { name: 'scattered', order: (n: number) => (n * 7919) % 20_011 },
];

for (const { name, order } of orders) {
  test(`grows and shrinks to nothing, ${name}`, () => {
    const map = new OrderedMap<number>();
    const model = new Map<string, number>();
    const random = new Prng(1);
    for (let n = 0; n < 20_000; n++) {
      map.set(keyOf(order(n)), n);
      model.set(keyOf(order(n)), n);
    }
    assertSame(map, model, ['', 'k', keyOf(5), 'k5', 'kz', 'z']);
    for (const key of [...model.keys()]) {
      if (random.chance(0.02)) assert.equal(map.rank(key) >= 0, true);
      assert.equal(map.delete(key), model.get(key));
      model.delete(key);
      if (model.size % 4000 === 0) assertSame(map, model, ['', 'k5', 'z']);
    }
    assert.equal(map.size, 0);
    map.set('again', 1);
    assertSame(map, new Map([['again', 1]]), ['a', 'again', 'b']);
  });
}
