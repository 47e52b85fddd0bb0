import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { byteString, bytesOf, utf8Bytes, utf8Text } from '../../../base/bytes.ts';
import { Prng } from '../../../base/prng.ts';
import { DiskError } from '../../../io/doors.ts';
import { nodeDisk } from '../../../io/node/disk.ts';
import type { Backend, BackendOp, BackendRow, BackendStore } from '../../../storage/backend/backend.ts';
import { checkedStore } from '../../../storage/backend/checked.ts';
import { BACKEND_LIMITS } from '../../../storage/backend/limits.ts';
import { MemoryBackends } from '../../../storage/backend/memory.ts';
import { packedStore } from '../../../storage/backend/packed.ts';
import { packed, unpacked } from '../../../storage/backend/packs.ts';
import { rocksStore } from '../../../storage/backend/rocks.ts';
import { backendSuite } from './suite.ts';

const ALL = { limit: 1e9, maxBytes: 1e9 };
const isCorrupt = (error: unknown): boolean => error instanceof DiskError && error.code === 'CORRUPT';
const noDamage = (): void => assert.fail('nothing is damaged');

function packedOver(store: BackendStore): BackendStore {
  return packedStore(store, noDamage);
}

backendSuite({
  name: 'packed, in memory',
  make: async () => {
    const store = packedOver(new MemoryBackends());
    const backend = await store.open('/db', 'revisionsFirst');
    const reopen = async () => {
      await backend.close();
      return store.open('/db', 'revisionsFirst');
    };
    return { backend, reopen, cleanUp: async () => undefined };
  },
});

backendSuite({
  name: 'packed, RocksDB',
  make: async () => {
    const dir = await mkdtemp(join(tmpdir(), 'keelson-packed-'));
    const store = packedOver(rocksStore(nodeDisk, { writeBufferBytes: 1024 * 1024 }));
    let open = await store.open(join(dir, 'db'), 'revisionsFirst');
    const reopen = async () => {
      await open.close();
      open = await store.open(join(dir, 'db'), 'revisionsFirst');
      return open;
    };
    const cleanUp = async (): Promise<void> => {
      await open.close();
      await rm(dir, { recursive: true });
    };
    return { backend: open, reopen, cleanUp };
  },
});

test('whatever is written and deleted in whatever order, it reads as a map does, also after it was opened again', async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const chance = new Prng(seed);
    const stores = new MemoryBackends();
    const store = packedOver(stores);
    let backend = await store.open('/db', 'revisionsFirst');
    const model = new Map<string, string>();
    let newest = 0;
    for (let step = 0; step < 25; step++) {
      const ops = changes(chance, () => newest++, model);
      const writing = backend.write(ops, { sync: chance.chance(0.3) });
      if (chance.chance(0.7)) await writing;
      else await Promise.all([writing, backend.write(changes(chance, () => newest++, model))]);
      if (chance.chance(0.1)) {
        await backend.close();
        backend = await store.open('/db', 'revisionsFirst');
      }
    }
    const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const bounds of [ALL, { limit: 7, maxBytes: 1e9 }, { limit: 1e9, maxBytes: 3000 }])
      assert.ok(isDeepStrictEqual(plain(await rowsOf(backend, bounds)), expected), `seed ${seed}`);
    const from = String(chance.between(0, newest)).padStart(6, '0');
    const to = String(chance.between(0, newest)).padStart(6, '0');
    assert.deepEqual(
      plain(await rowsOf(backend, ALL, { from: bytesOf(from), to: bytesOf(to) })),
      expected.filter(([key]) => key >= from && key < to),
      `seed ${seed}`,
    );
    const asked = Array.from({ length: 30 }, () => String(chance.between(0, newest + 5)).padStart(6, '0'));
    const values = await backend.getMany('revision', asked.map(bytesOf));
    assert.deepEqual(
      values.map((value) => value && utf8Text(value)),
      asked.map((key) => model.get(key)),
      `seed ${seed}`,
    );
    await assertInOrder(stores, backend);
  }
});

test('new rows are only written; packs have their size, but for a row that is longer', async () => {
  const stores = new MemoryBackends();
  const backend = await packedOver(stores).open('/db', 'revisionsFirst');
  const puts = (first: number, sizes: readonly number[]): BackendOp[] =>
    sizes.map((size, i) => put(String(first + i).padStart(6, '0'), 'v'.repeat(size)));
  await backend.write(puts(0, Array(500).fill(300)));
  await backend.write(puts(500, [100, 100_000, 100]));
  await backend.close();
  const packs = await rowsOf(await stores.open('/db', 'revisionsFirst'), ALL);
  const sizes = packs.map(({ value }) => value.length);
  assert.ok(sizes.filter((size) => size > BACKEND_LIMITS.packBytes + 100).length === 1);
  assert.ok(packs.length >= 5 && packs.length <= 9, `${packs.length} packs`);
});

test('rows that many deletes leave over are laid together again', async () => {
  const stores = new MemoryBackends();
  const backend = await packedOver(stores).open('/db', 'revisionsFirst');
  const names = Array.from({ length: 2000 }, (_, i) => String(i).padStart(6, '0'));
  await backend.write(names.map((name) => put(name, 'v'.repeat(300))));
  const gone = names.filter((_, i) => i % 20 !== 0);
  await backend.write(gone.map((name) => ({ op: 'delete', space: 'revision', key: utf8Bytes(name) })));
  assert.equal((await rowsOf(backend, ALL)).length, 100);
  await backend.close();
  assert.ok((await rowsOf(await stores.open('/db', 'revisionsFirst'), ALL)).length <= 2);
});

test('writes that come while packs are written anew keep their order', async () => {
  const backend = await packedOver(new MemoryBackends({ pause: () => new Promise((done) => setImmediate(done)) })).open(
    '/db',
    'revisionsFirst',
  );
  await backend.write([put('000001', 'a'), put('000002', 'b'), put('000003', 'c')]);
  const written = [
    backend.write([{ op: 'delete', space: 'revision', key: utf8Bytes('000002') }, metaPut('1')]),
    backend.write([put('000004', 'd'), metaPut('2')]),
    backend.write([put('000002', 'again'), metaPut('3')]),
    backend.write([put('000005', 'e'), metaPut('4')]),
  ];
  await backend.sync();
  await Promise.all(written);
  assert.deepEqual(
    plain(await rowsOf(backend, ALL)).map(([, value]) => value),
    ['a', 'again', 'c', 'd', 'e'],
  );
  assert.equal(utf8Text((await backend.get('meta', utf8Bytes('n'))) ?? new Uint8Array(0)), '4');
});

test('what waits behind packs that are written anew has a bound', async () => {
  const backend = await packedOver(new MemoryBackends()).open('/db', 'revisionsFirst');
  await backend.write([put('000001', 'a'), put('000002', 'b')]);
  const rewriting = backend.write([{ op: 'delete', space: 'revision', key: utf8Bytes('000001') }]);
  const huge = Buffer.alloc(BACKEND_LIMITS.maxQueuedBytes);
  const refused = backend.write([{ op: 'put', space: 'revision', key: utf8Bytes('000003'), value: huge }]);
  await assert.rejects(refused, (error: unknown) => error instanceof DiskError && error.code === 'IO');
  await Promise.all([rewriting, backend.write([put('000004', 'd')])]);
  assert.deepEqual(plain(await rowsOf(backend, ALL)), [
    ['000002', 'b'],
    ['000004', 'd'],
  ]);
});

test('when packs around a change cannot be read, neither it nor anything later is written', async () => {
  const stores = new MemoryBackends();
  const told: DiskError[] = [];
  const backend = await packedStore(stores, (error) => told.push(error)).open('/db', 'revisionsFirst');
  await backend.write([put('000001', 'a'), put('000002', 'b')]);
  assert.ok(stores.rot(new Prng(1), () => true) !== undefined);
  await assert.rejects(backend.view().scan('revision', ALL), isCorrupt);
  await assert.rejects(backend.get('revision', utf8Bytes('000001')), isCorrupt);
  await assert.rejects(backend.write([put('000001', 'x'), metaPut('1')]), isCorrupt);
  await assert.rejects(backend.write([put('000003', 'c'), metaPut('2')]), isCorrupt);
  assert.equal(await backend.get('meta', utf8Bytes('n')), undefined);
  assert.equal(told.length, 3);
});

test('bytes that are no pack are none, whatever is missing or too much', async () => {
  const [pack] = packed([
    { key: utf8Bytes('a'), value: utf8Bytes('one') },
    { key: utf8Bytes('b'), value: utf8Bytes('') },
  ]);
  assert.ok(pack !== undefined);
  const { key, value } = pack;
  assert.deepEqual(plain(unpacked({ key, value }) ?? []), [
    ['a', 'one'],
    ['b', ''],
  ]);
  for (let end = 0; end < value.length; end++)
    assert.equal(unpacked({ key, value: value.subarray(0, end) }), undefined);
  assert.equal(unpacked({ key: utf8Bytes('a'), value }), undefined);
  assert.equal(unpacked({ key, value: Buffer.concat([value, Buffer.of(0)]) }), undefined);
  const told: DiskError[] = [];
  const stores = new MemoryBackends();
  const plainRow = await checkedStore(stores, noDamage).open('/db', 'revisionsFirst');
  await plainRow.write([put('a', 'a row as it was before there were packs')]);
  await plainRow.close();
  const backend = await packedStore(stores, (error) => told.push(error)).open('/db', 'revisionsFirst');
  await assert.rejects(backend.view().scan('revision', ALL), isCorrupt);
  assert.equal(told.length, 1);
});

/** Nearly always new rows behind all others, as a member writes; now and then anything. */
function changes(chance: Prng, next: () => number, model: Map<string, string>): BackendOp[] {
  const ops: BackendOp[] = [];
  const isOrderly = chance.chance(0.7);
  for (let i = chance.between(0, 12); i > 0; i--) {
    const newest = next();
    const name = String(isOrderly ? newest : chance.between(0, newest)).padStart(6, '0');
    if (!isOrderly && chance.chance(0.6)) {
      ops.push({ op: 'delete', space: 'revision', key: utf8Bytes(name) });
      model.delete(name);
    } else {
      const value = `${newest}`.repeat(chance.chance(0.05) ? 4000 : chance.between(0, 60));
      ops.push(put(name, value));
      model.set(name, value);
    }
  }
  return ops;
}

/** Packs lie in the order of their rows, none reaches into the next. */
async function assertInOrder(stores: MemoryBackends, backend: Backend): Promise<void> {
  await backend.close();
  const inner = await stores.open('/db', 'revisionsFirst');
  let last = '';
  for (const pack of await rowsOf(inner, ALL)) {
    for (const { key } of unpacked(pack) ?? assert.fail('a pack')) {
      assert.ok(byteString(key) > last);
      last = byteString(key);
    }
  }
}

async function rowsOf(
  backend: Backend,
  bounds: { readonly limit: number; readonly maxBytes: number },
  range: { readonly from?: Uint8Array; readonly to?: Uint8Array } = {},
): Promise<readonly BackendRow[]> {
  const view = backend.view();
  const found: BackendRow[] = [];
  try {
    for (let from = range.from; ; ) {
      const rows = await view.scan('revision', { ...range, ...(from && { from }), ...bounds });
      const last = rows.at(-1);
      if (last === undefined) return found;
      assert.ok(rows.length <= bounds.limit);
      found.push(...rows);
      from = Buffer.concat([last.key, Buffer.of(0)]);
    }
  } finally {
    await view.close();
  }
}

function plain(rows: readonly BackendRow[]): [string, string][] {
  return rows.map(({ key, value }) => [utf8Text(key), utf8Text(value)]);
}

function put(key: string, value: string): BackendOp {
  return { op: 'put', space: 'revision', key: utf8Bytes(key), value: utf8Bytes(value) };
}

function metaPut(value: string): BackendOp {
  return { op: 'put', space: 'meta', key: utf8Bytes('n'), value: utf8Bytes(value) };
}
