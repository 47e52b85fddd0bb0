import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Columns, packColumns } from '../../../storage/mvcc/columns.ts';

const COLUMNS = [
  Uint32Array.of(1),
  Uint8Array.of(1, 2, 3),
  Float64Array.of(0.5, -1, 2 ** 53),
  new Uint8Array(0),
  BigInt64Array.of(-1n, 2n ** 62n),
];

test('columns come back, wherever the piece lies', () => {
  const packed = packColumns(COLUMNS);
  for (const shift of [0, 1, 4, 7]) {
    const memory = new Uint8Array(packed.length + shift);
    memory.set(packed, shift);
    const columns = Columns.open(memory.subarray(shift));
    assert.equal(columns?.count, COLUMNS.length);
    assert.deepEqual(
      [columns?.words(), columns?.bytes(), columns?.floats(), columns?.bytes(), columns?.bigints()],
      COLUMNS,
    );
    assert.equal(columns?.bytes().length, 0, 'behind the last column there is nothing');
  }
});

test('what is no piece of columns is none, and never more than was given', () => {
  const packed = packColumns(COLUMNS);
  for (let length = 0; length < packed.length; length++)
    assert.equal(Columns.open(packed.subarray(0, length)), undefined, `${length} bytes of ${packed.length}`);
  const anything = fc.array(fc.oneof(fc.nat(8), fc.nat(0xffffffff)), { maxLength: 12 });
  fc.assert(
    fc.property(anything, (words) => {
      const given = new Uint8Array(Uint32Array.from(words).buffer);
      const columns = Columns.open(given);
      let read = 0;
      for (let i = 0; i < (columns?.count ?? 0); i++) read += columns?.bytes().length ?? 0;
      assert.ok(read <= given.length);
    }),
    { seed: 3 },
  );
});
