import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lessor } from '../../../storage/lease/lessor.ts';

const grants = [
  { name: 'a new one', id: 2n, ttl: 10, error: undefined },
  { name: 'a negative id', id: -5n, ttl: 10, error: undefined },
  { name: 'the longest', id: 3n, ttl: 9_000_000_000, error: undefined },
  { name: 'longer than that', id: 3n, ttl: 9_000_000_001, error: 'LEASE_TTL_TOO_LARGE' },
  { name: 'one that exists', id: 1n, ttl: 10, error: 'LEASE_EXISTS' },
  { name: 'no id', id: 0n, ttl: 10, error: 'LEASE_NOT_FOUND' },
];

for (const { name, id, ttl, error } of grants) {
  test(`granting ${name}`, () => {
    const lessor = new Lessor();
    lessor.grant(1n, 60);
    assert.equal(lessor.grant(id, ttl)?.code, error);
    assert.equal(lessor.ttlSeconds(id), error === undefined ? ttl : lessor.ttlSeconds(id));
    assert.equal(lessor.has(id), error === undefined || id === 1n);
  });
}

test('keys hang on a lease in byte order, and leave with it', () => {
  const lessor = new Lessor();
  lessor.grant(2n, 5);
  lessor.grant(1n, 5);
  for (const key of ['b', 'a', 'c', 'a']) lessor.attach(1n, key);
  lessor.detach(1n, 'c');
  lessor.attach(9n, 'x');
  lessor.detach(9n, 'x');
  assert.deepEqual(lessor.get(1n), { grantedTtlSeconds: 5, keys: ['a', 'b'] });
  assert.deepEqual(lessor.ids(), [1n, 2n]);
  lessor.revoke(1n);
  assert.equal(lessor.get(1n), undefined);
});
