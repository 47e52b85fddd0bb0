import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8Bytes, utf8Text } from '../../../base/bytes.ts';
import { Prng } from '../../../base/prng.ts';
import { SimDisk } from '../../../chaos/sim/disk.ts';
import { DiskError } from '../../../io/doors.ts';
import type { Backend, BackendRow } from '../../../storage/backend/backend.ts';
import { checkedStore } from '../../../storage/backend/checked.ts';
import { MemoryBackends } from '../../../storage/backend/memory.ts';
import { BackendDirectory } from '../../../storage/snapshots/backend-directory.ts';
import { backendSuite } from './suite.ts';

const ALL = { limit: 1000, maxBytes: 1e9 };
const isCorrupt = (error: unknown): boolean => error instanceof DiskError && error.code === 'CORRUPT';

backendSuite({
  name: 'checked',
  make: async () => {
    const store = checkedStore(new MemoryBackends(), () => assert.fail('nothing is damaged'));
    const backend = await store.open('/db', 'revisionsFirst');
    const reopen = async () => {
      await backend.close();
      return store.open('/db', 'revisionsFirst');
    };
    return { backend, reopen, cleanUp: async () => undefined };
  },
});

test('whatever bit of a row rots, it is never given out, and the damage is told', async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const stores = new MemoryBackends();
    const told: DiskError[] = [];
    const backend = await checkedStore(stores, (error) => told.push(error)).open('/db', 'revisionsFirst');
    const rows = Array.from({ length: 5 }, (_, i) => ({
      key: utf8Bytes(`key${i}`),
      value: utf8Bytes('v'.repeat(i * 7)),
    }));
    await backend.write(rows.map(({ key, value }) => ({ op: 'put', space: 'meta', key, value })));
    assert.ok(stores.rot(new Prng(seed), () => true) !== undefined);
    await assert.rejects(backend.view().scan('meta', ALL), isCorrupt);
    assert.equal(told.length, 1);
    const got = await Promise.all(rows.map(({ key }) => backend.get('meta', key).catch(() => 'damaged')));
    assert.equal(got.filter((value) => value === 'damaged').length, 1);
  }
});

test('a value under another key, or in another keyspace, does not pass', async () => {
  const stores = new MemoryBackends();
  const checked = checkedStore(stores, () => undefined);
  const sealed = await sealedValue(stores, checked);
  const plain = await stores.open('/db', 'revisionsFirst');
  await plain.write([
    { op: 'put', space: 'meta', key: utf8Bytes('b'), value: sealed },
    { op: 'put', space: 'auth', key: utf8Bytes('a'), value: sealed },
    { op: 'put', space: 'meta', key: utf8Bytes('short'), value: utf8Bytes('ab') },
  ]);
  await plain.close();
  const backend = await checked.open('/db', 'revisionsFirst');
  assert.equal(utf8Text((await backend.get('meta', utf8Bytes('a'))) ?? new Uint8Array(0)), 'value');
  for (const [space, key] of [
    ['meta', 'b'],
    ['auth', 'a'],
    ['meta', 'short'],
  ] as const)
    await assert.rejects(backend.get(space, utf8Bytes(key)), isCorrupt);
});

test('a backend of before there were checksums is upgraded once, also when the upgrade was cut off', async () => {
  for (let crashAfter = 0; crashAfter <= 40; crashAfter++) {
    const disk = new SimDisk({ prng: new Prng(crashAfter) });
    const stores = new MemoryBackends();
    await disk.makeDirectory('/data');
    const old = await BackendDirectory.open(disk.mount(), '/data/backend', stores, { form: 'plain' });
    const ops = Array.from({ length: 20 }, (_, i) => utf8Bytes(`row ${i}`));
    await old.backend.write(
      ops.map((bytes) => ({ op: 'put', space: 'revision', key: bytes, value: bytes })),
      { sync: true },
    );
    await old.close();
    const onDamage = (error: DiskError): void => assert.fail(error.message);
    disk.tripIn(crashAfter, () => {
      disk.crash();
      stores.crash(new Prng(crashAfter));
    });
    await BackendDirectory.open(disk.mount(), '/data/backend', stores, { onDamage }).catch(() => undefined);
    disk.heal();
    disk.crash();
    stores.crash();
    for (let again = 0; again < 2; again++) {
      const upgraded = await BackendDirectory.open(disk.mount(), '/data/backend', stores, { onDamage });
      assert.deepEqual(
        (await rowsOf(upgraded.backend)).map(({ value }) => utf8Text(value)),
        ops.map(utf8Text).sort(),
      );
      await upgraded.close();
    }
  }
});

test('a backend with checksums stays in its form, whatever replaces it; a new one has the newest', async () => {
  const disk = new SimDisk({ prng: new Prng(1) });
  const stores = new MemoryBackends();
  await disk.makeDirectory('/data');
  for (const form of ['checked', 'ordered', 'packed'] as const) {
    const dir = `/data/${form}`;
    const made = await BackendDirectory.open(disk, dir, stores, form === 'packed' ? {} : { form });
    await made.backend.write([{ op: 'put', space: 'revision', key: utf8Bytes('k'), value: utf8Bytes('v') }]);
    await made.close();
    const opened = await BackendDirectory.open(disk, dir, stores);
    assert.equal(opened.form, form);
    assert.equal((await rowsOf(opened.backend)).length, 1);
    await opened.close();
    assert.equal(utf8Text(await disk.readFile(`${dir}/CURRENT`)), `1 ${form}\n`);
  }
});

async function sealedValue(stores: MemoryBackends, checked: ReturnType<typeof checkedStore>): Promise<Uint8Array> {
  const backend = await checked.open('/db', 'revisionsFirst');
  await backend.write([{ op: 'put', space: 'meta', key: utf8Bytes('a'), value: utf8Bytes('value') }]);
  await backend.close();
  const plain = await stores.open('/db', 'revisionsFirst');
  const sealed = await plain.get('meta', utf8Bytes('a'));
  await plain.close();
  assert.ok(sealed);
  return sealed;
}

async function rowsOf(backend: Backend): Promise<readonly BackendRow[]> {
  const view = backend.view();
  const rows = await view.scan('revision', ALL);
  await view.close();
  return rows;
}
