import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyRanges } from '../../base/key-ranges.ts';

test('a set of ranges has the keys of each', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 2 });
  const pair = fc.tuple(key, fc.option(key, { nil: undefined }));
  fc.assert(
    fc.property(
      fc.array(pair, { maxLength: 8 }),
      fc.array(pair, { maxLength: 4 }),
      fc.array(key),
      (mine, others, probes) => {
        const ranges = new KeyRanges();
        for (const [from, to] of mine) ranges.add(from, to);
        const other = new KeyRanges();
        for (const [from, to] of others) other.add(from, to);
        ranges.addAll(other);
        for (const probe of probes) {
          const expected = [...mine, ...others].some(([from, to]) => probe >= from && (to === undefined || probe < to));
          assert.equal(ranges.has(probe), expected, probe);
        }
      },
    ),
    { numRuns: 400, seed: 3 },
  );
});
