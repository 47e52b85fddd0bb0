import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Deadlines } from '../../../storage/lease/deadlines.ts';
import { LEASE_LIMITS } from '../../../storage/lease/limits.ts';

function leading(leases: readonly (readonly [bigint, number])[], nowMs = 0): Deadlines {
  const deadlines = new Deadlines();
  const list = leases.map(([id, ttlSeconds]) => ({ id, ttlSeconds }));
  deadlines.promote(list, { nowMs, extendMs: 1000 });
  return deadlines;
}

test('a new leader gives every lease its TTL and the election timeout', () => {
  const deadlines = leading([
    [1n, 10],
    [2n, 5],
  ]);
  assert.equal(deadlines.remainingMs(1n, 0), 11_000);
  assert.equal(deadlines.nextMs(), 6000);
  assert.deepEqual(deadlines.expired(5999, 10), []);
  assert.deepEqual(deadlines.expired(6000, 10), [2n]);
  assert.deepEqual(deadlines.expired(11_000, 10), [2n, 1n]);
});

test('one that is granted later ends after its TTL; renewing starts it again', () => {
  const deadlines = leading([]);
  deadlines.granted(7n, 10, 500);
  assert.equal(deadlines.remainingMs(7n, 500), 10_000);
  assert.equal(deadlines.renew(7n, 9000), 10);
  assert.deepEqual(deadlines.expired(10_500, 10), []);
  assert.deepEqual(deadlines.expired(19_000, 10), [7n]);
});

test('an expired lease is not renewed any more, whether it has been revoked or not', () => {
  const deadlines = leading([[1n, 1]]);
  assert.equal(deadlines.renew(1n, 2000), undefined);
  assert.equal(deadlines.renew(9n, 0), undefined);
  deadlines.revoked(1n);
  assert.equal(deadlines.remainingMs(1n, 2000), undefined);
  assert.deepEqual(deadlines.expired(5000, 10), []);
});

test('a revoke that did not come through is asked for again', () => {
  const deadlines = leading([[1n, 1]]);
  assert.deepEqual(deadlines.expired(2000, 10), [1n]);
  assert.deepEqual(deadlines.expired(2001, 10), []);
  assert.deepEqual(deadlines.expired(2000 + LEASE_LIMITS.revokeRetryMs, 10), [1n]);
});

test('many that end at once are revoked at the pace of the limit', () => {
  const many = Array.from({ length: 2500 }, (_, i) => [BigInt(i + 1), 1] as const);
  const deadlines = leading(many);
  let now = 2000;
  const perSecond: number[] = [];
  for (; perSecond.length < 4; now += 1000) {
    let revoked = 0;
    for (let part = 0; part < 4; part++) {
      for (const id of deadlines.expired(now + part * 250, 400)) {
        deadlines.revoked(id);
        revoked++;
      }
    }
    perSecond.push(revoked);
  }
  assert.deepEqual(perSecond, [1000, 1000, 500, 0]);
});

test('who does not lead knows no deadlines', () => {
  const deadlines = leading([[1n, 1]]);
  deadlines.demote();
  deadlines.granted(2n, 1, 0);
  assert.equal(deadlines.nextMs(), undefined);
  assert.deepEqual(deadlines.expired(100_000, 10), []);
});

test('the queue does what a sorted list does', () => {
  const step = fc.record({
    what: fc.constantFrom('grant', 'revoke', 'renew', 'expired'),
    id: fc.bigInt({ min: 1n, max: 12n }),
    ttl: fc.integer({ min: 1, max: 9 }),
    wait: fc.integer({ min: 0, max: 2000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const deadlines = leading([]);
      const model = new Map<bigint, { ttl: number; at: number }>();
      let now = 0;
      for (const { what, id, ttl, wait } of steps) {
        now += wait;
        const lease = model.get(id);
        if (what === 'grant') {
          deadlines.granted(id, ttl, now);
          if (lease === undefined) model.set(id, { ttl, at: now + ttl * 1000 });
        } else if (what === 'revoke') {
          deadlines.revoked(id);
          model.delete(id);
        } else if (what === 'renew') {
          const alive = lease !== undefined && lease.at > now;
          assert.equal(deadlines.renew(id, now), alive ? lease.ttl : undefined);
          if (alive) lease.at = now + lease.ttl * 1000;
        } else {
          const due = [...model]
            .filter(([, { at }]) => at <= now)
            .sort(([a, x], [b, y]) => x.at - y.at || (a < b ? -1 : 1));
          const expired = deadlines.expired(now, 100);
          assert.deepEqual(
            expired,
            due.map(([due_]) => due_),
          );
          for (const gone of expired) {
            deadlines.revoked(gone);
            model.delete(gone);
          }
        }
        for (const [one, { at }] of model) assert.equal(deadlines.remainingMs(one, now), at - now);
      }
    }),
    { numRuns: 200, seed: 5, includeErrorInReport: true },
  );
});
