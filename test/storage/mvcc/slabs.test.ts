import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../../base/prng.ts';
import { MVCC_LIMITS } from '../../../storage/mvcc/limits.ts';
import { type Places, Slabs } from '../../../storage/mvcc/slabs.ts';

/** Where owners are, by number. */
class PlaceTable implements Places {
  readonly #places: { slab: number; offset: number; length: number }[] = [];

  add(): number {
    return this.#places.push({ slab: 0, offset: 0, length: 0 }) - 1;
  }

  slab(owner: number): number {
    return this.#places[owner]?.slab ?? 0;
  }

  offset(owner: number): number {
    return this.#places[owner]?.offset ?? 0;
  }

  length(owner: number): number {
    return this.#places[owner]?.length ?? 0;
  }

  place(owner: number, slab: number, offset: number, length: number): void {
    this.#places[owner] = { slab, offset, length };
  }
}

function begin(): { readonly slabs: Slabs; place(length: number, fill: number): number } {
  const places = new PlaceTable();
  const slabs = new Slabs(places);
  return {
    slabs,
    place: (length, fill) => {
      const owner = places.add();
      const target = slabs.place(owner, length);
      target.fill(fill, places.offset(owner), places.offset(owner) + length);
      return owner;
    },
  };
}

function assertFilled(bytes: Uint8Array, length: number, fill: number): void {
  assert.equal(bytes.length, length);
  assert.ok(bytes.every((byte) => byte === fill));
}

test('what is placed stays what it is, whatever else comes and goes; dead bytes stay few', () => {
  const random = new Prng(11);
  const { slabs, place } = begin();
  const owners: { owner: number; length: number; fill: number }[] = [];
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
    owners[at] = { owner: place(length, fill), length, fill };
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
  const { slabs, place } = begin();
  const owners = Array.from({ length: 20_000 }, (_, i) => place(200, i % 251));
  for (const owner of owners) slabs.release(owner);
  assert.equal(slabs.liveBytes, 0);
  assert.ok(slabs.usedBytes <= MVCC_LIMITS.maxSlabBytes);
});

test('a large value has its own slab, which goes with it', () => {
  const { slabs, place } = begin();
  const owner = place(5_000_000, 1);
  assert.equal(slabs.view(owner).buffer.byteLength, 5_000_000);
  slabs.release(owner);
  assert.equal(slabs.usedBytes, 0);
});
