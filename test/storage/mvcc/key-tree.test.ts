import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Prng } from '../../../base/prng.ts';
import type { Image } from '../../../storage/mvcc/image.ts';
import { type KeyId, KeyRecords, NO_KEY } from '../../../storage/mvcc/key-records.ts';
import { KeyTree } from '../../../storage/mvcc/key-tree.ts';

/** A tree, and the keys that it should have. Keys that were deleted lose their records at once: nothing of them may be left. */
class Both {
  readonly records = new KeyRecords();
  readonly tree = new KeyTree(this.records);
  readonly model = new Map<string, KeyId>();

  add(name: string): void {
    if (this.model.has(name)) return;
    const id = this.records.create(name);
    this.tree.insert(name, id);
    this.model.set(name, id);
  }

  delete(name: string): void {
    const id = this.model.get(name);
    if (id === undefined) return;
    this.tree.delete(name, id);
    this.model.delete(name);
    this.records.drop(id);
    // Whoever comes next to what is left of it compares with this.
    this.records.drop(this.records.create('\xff'.repeat(name.length)));
  }

  /** Compares everything a tree can tell with a sorted array. */
  assertSame(probes: readonly string[]): void {
    const { tree, records, model } = this;
    const names = [...model.keys()].sort();
    assert.equal(tree.size, names.length);
    const walked: string[] = [];
    for (const cursor = tree.cursor(''); cursor.valid; cursor.next()) {
      walked.push(records.name(cursor.id));
      assert.equal(cursor.id, model.get(records.name(cursor.id)));
    }
    assert.deepEqual(walked, names);
    for (const probe of probes) {
      const rank = names.filter((name) => name < probe).length;
      assert.equal(tree.rank(probe), rank, `rank of ${probe}`);
      assert.equal(tree.find(probe), model.get(probe) ?? NO_KEY);
      const cursor = tree.cursor(probe);
      assert.equal(cursor.valid ? records.name(cursor.id) : undefined, names[rank]);
      const at = tree.cursorAt(rank);
      assert.equal(at.valid ? records.name(at.id) : undefined, names[rank]);
      assert.equal(tree.count(probe, undefined), names.length - rank);
      for (const end of probes) {
        assert.equal(tree.count(probe, end), names.filter((name) => name >= probe && name < end).length);
      }
    }
  }
}

const nameOf = (n: number): string => `k${n.toString(36)}`;

test('a tree does what a sorted array does', () => {
  const change = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 400 }));
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 600 }),
      fc.array(fc.integer({ min: 0, max: 420 }), { maxLength: 5 }),
      (changes, probes) => {
        const both = new Both();
        for (const [add, n] of changes) {
          if (add) both.add(nameOf(n));
          else both.delete(nameOf(n));
        }
        both.assertSame(probes.map(nameOf));
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
    const both = new Both();
    const random = new Prng(1);
    for (let n = 0; n < 20_000; n++) both.add(nameOf(order(n)));
    both.assertSame(['', 'k', nameOf(5), 'k5', 'kz', 'z']);
    for (const key of [...both.model.keys()]) {
      if (random.chance(0.02)) assert.ok(both.tree.rank(key) >= 0);
      both.delete(key);
      if (random.chance(0.0005)) both.assertSame(['', nameOf(77), 'kz']);
    }
    both.assertSame(['', 'k', 'z']);
    both.add('again');
    both.assertSame(['', 'again', 'z']);
  });

  test(`comes and goes for long, ${name}`, () => {
    const both = new Both();
    const random = new Prng(2);
    for (let n = 0; n < 60_000; n++) {
      both.add(nameOf(order(n % 20_000)));
      if (n > 3000) both.delete(nameOf(order((n - random.between(0, 3000)) % 20_000)));
      if (n % 20_000 === 0) both.assertSame(['', nameOf(order(n)), 'z']);
    }
    both.assertSame(['', nameOf(5), 'k5', 'z']);
  });
}

test('a tree that was taken from an image goes on as the one that it is of', () => {
  for (const count of [0, 1, 64, 65, 4097, 10_000]) {
    const both = new Both();
    for (let n = 0; n < count; n++) both.add(nameOf((n * 7919) % 20_011));
    for (const [i, name] of [...both.model.keys()].entries()) if (i % 3 === 0) both.delete(name);
    const again = new Both();
    assert.ok(again.records.restore(copied(both.records.image())));
    assert.ok(again.tree.restore(copied(both.tree.image())));
    for (const [name, id] of both.model) again.model.set(name, id);
    again.assertSame(['', nameOf(5), 'z']);
    for (let n = 0; n < count; n++) {
      if (n % 2 === 0) again.add(nameOf(n));
      else again.delete(nameOf(n));
    }
    again.assertSame(['', nameOf(5), 'z']);
    both.assertSame(['', nameOf(5), 'z']);
  }
});

function copied<N>({ numbers, pieces }: Image<N>): Image<N> {
  return { numbers: JSON.parse(JSON.stringify(numbers)) as N, pieces: pieces.map((piece) => Uint8Array.from(piece)) };
}

test('bytes above 127, zeros, and keys that others begin with are in the order of their bytes', () => {
  const both = new Both();
  const names = [
    '\0',
    '\0\0',
    'a',
    'a\0',
    'a\x7f',
    'a\x80',
    'a\xff',
    'ab',
    '\xff',
    '\xff\0',
    '\xff\xff',
    'x'.repeat(5000),
  ];
  for (const name of names.toReversed()) both.add(name);
  both.assertSame(['', ...names, 'a\x81', '\xff\xff\0']);
  for (const [i, name] of names.entries())
    for (const [j, other] of names.entries()) {
      const [left, right] = [both.model.get(name), both.model.get(other)];
      assert.ok(left !== undefined && right !== undefined);
      const order = Math.sign(Number(name > other) - Number(name < other));
      assert.equal(Math.sign(both.records.compareKeys(left, right)), order, `${i} ${j}`);
      assert.equal(Math.sign(both.records.compare(name, right)), order);
    }
});
