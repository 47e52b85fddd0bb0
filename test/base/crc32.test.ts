import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_BYTES } from '../../base/bytes.ts';
import { crc32 } from '../../base/crc32.ts';

test('the check value of the standard, and pieces chain', () => {
  const digits = new TextEncoder().encode('123456789');
  assert.equal(crc32(digits), 0xcbf43926);
  assert.equal(crc32(digits.subarray(4), crc32(digits.subarray(0, 4))), 0xcbf43926);
  for (const nothing of [EMPTY_BYTES, new Uint8Array(0), digits.subarray(3, 3), Buffer.alloc(0)])
    assert.equal(crc32(nothing, 0xcbf43926), 0xcbf43926);
});
