import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../../base/prng.ts';
import { MVCC_LIMITS } from '../../../storage/mvcc/limits.ts';
import { type Placed, Slabs } from '../../../storage/mvcc/slabs.ts';

function place(slabs: Slabs, length: number, fill: number): Placed {
  const owner: Placed = { slab: undefined, offset: 0, length: 0 };
  const target = slabs.place(owner, length);
  target.fill(fill, owner.offset, owner.offset + length);
  return owner;
}

function assertFilled(bytes: Uint8Array, length: number, fill: number): void {
  assert.equal(bytes.length, length);
  assert.ok(bytes.every((byte) => byte === fill));
}

test('what is placed stays what it is, whatever else comes and goes; dead bytes stay few', () => {
  const random = new Prng(11);
  const slabs = new Slabs();
  const owners: { owner: Placed; length: number; fill: number }[] = [];
  const oldViews: { view: Uint8Array; length: number; fill: number }[] = [];
  for (let i = 0; i < 60_000; i++) {
    const fill = i % 251;
    const length = random.chance(0.001) ? random.between(100_000, 300_000) : random.between(1, 400);
    const at = owners.length < 5000 ? owners.length : random.between(0, owners.length - 1);
    const old = owners[at];
    if (old !== undefined) {
      if (i % 5000 === 0) oldViews.push({ view: slabs.view(old.owner), length: old.length, fill: old.fill });
      slabs.release(old.owner);
    }
    owners[at] = { owner: place(slabs, length, fill), length, fill };
    const tolerated = slabs.liveBytes * (1 + MVCC_LIMITS.maxDeadShare) + 4 * MVCC_LIMITS.minSlabBytes;
    assert.ok(
      slabs.usedBytes <= tolerated + MVCC_LIMITS.maxSlabBytes,
      `${slabs.usedBytes} used, ${slabs.liveBytes} live`,
    );
  }
  for (const { owner, length, fill } of owners) assertFilled(slabs.view(owner), length, fill);
  for (const { view, length, fill } of oldViews) assertFilled(view, length, fill);
});

test('nothing is kept when everything has gone', () => {
  const slabs = new Slabs();
  const owners = Array.from({ length: 20_000 }, (_, i) => place(slabs, 200, i % 251));
  for (const owner of owners) slabs.release(owner);
  assert.equal(slabs.liveBytes, 0);
  assert.ok(slabs.usedBytes <= MVCC_LIMITS.maxSlabBytes);
});

test('a large value has its own slab, which goes with it', () => {
  const slabs = new Slabs();
  const owner = place(slabs, 5_000_000, 1);
  assert.equal(owner.slab?.bytes.length, 5_000_000);
  slabs.release(owner);
  assert.equal(slabs.usedBytes, 0);
});
