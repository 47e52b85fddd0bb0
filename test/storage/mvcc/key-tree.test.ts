import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOf } from '../../../base/bytes.ts';
import { Prng } from '../../../base/prng.ts';
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

test('keys that are appended are those that were inserted', () => {
  const names = Array.from({ length: 10_000 }, (_, n) => nameOf(n)).sort();
  for (const count of [0, 1, 63, 64, 65, 127, 129, 4095, 4097, 10_000]) {
    const both = new Both();
    for (const name of names.slice(0, count)) {
      const bytes = bytesOf(`-${name}-`);
      const id = both.records.createFrom(bytes, 1, bytes.length - 1);
      both.tree.append(id);
      both.model.set(name, id);
    }
    both.assertSame(['', nameOf(5), 'z']);
    for (const [i, name] of names.slice(0, count).entries()) {
      if (i % 3 === 0) both.delete(name);
      if (i % 5 === 0) both.add(`${name}~`);
    }
    both.assertSame(['', nameOf(5), 'z']);
  }
});

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
