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
