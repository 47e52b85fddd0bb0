import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from '../../base/crc32.ts';

test('the check value of the standard, and pieces chain', () => {
  const digits = new TextEncoder().encode('123456789');
  assert.equal(crc32(digits), 0xcbf43926);
  assert.equal(crc32(digits.subarray(4), crc32(digits.subarray(0, 4))), 0xcbf43926);
  assert.equal(crc32(new Uint8Array(0), 7), 7);
});
