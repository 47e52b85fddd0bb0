import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../../base/prng.ts';
import { MemoryBackends } from '../../../storage/backend/memory.ts';
import { backendSuite, key, put, text } from './suite.ts';

backendSuite({
  name: 'memory',
  make: async () => {
    const store = new MemoryBackends();
    const backend = await store.open('/db', 'revisionsFirst');
    const reopen = async () => {
      await backend.close();
      return store.open('/db', 'revisionsFirst');
    };
    return { backend, reopen, cleanUp: async () => undefined };
  },
});

test('a crash takes a suffix of the batches since the last sync, never half a batch', async () => {
  const lengths = new Set<number>();
  for (let seed = 0; seed < 40; seed++) {
    const store = new MemoryBackends();
    const backend = await store.open('/db', 'revisionsFirst');
    const write = (n: number, sync = false) =>
      backend.write([put('meta', 'n', String(n)), put('revision', `${n}`, '')], { sync });
    for (let n = 1; n <= 5; n++) await write(n, n === 2);
    store.crash(new Prng(seed));
    await assert.rejects(backend.get('meta', key('n')));
    const again = await store.open('/db', 'revisionsFirst');
    const kept = Number(text(await again.get('meta', key('n'))));
    lengths.add(kept);
    for (let n = 1; n <= 5; n++) assert.equal((await again.get('revision', key(`${n}`))) !== undefined, n <= kept);
  }
  assert.deepEqual([...lengths].sort(), [2, 3, 4, 5]);
});

test('a crash without luck keeps what was synced and nothing else; a kill keeps all', async () => {
  const store = new MemoryBackends();
  const first = await store.open('/db', 'revisionsFirst');
  await first.write([put('meta', 'a', '1')]);
  await first.sync();
  await first.write([put('meta', 'a', '2')]);
  store.crash();
  const second = await store.open('/db', 'revisionsFirst');
  assert.equal(text(await second.get('meta', key('a'))), '1');
  await second.write([put('meta', 'a', '3')]);
  store.kill();
  assert.equal(text(await (await store.open('/db', 'revisionsFirst')).get('meta', key('a'))), '3');
});

test('a write of a process that died does not happen', async () => {
  let release: () => void = () => undefined;
  const store = new MemoryBackends({ pause: () => new Promise((resolve) => (release = resolve)) });
  const opening = store.open('/db', 'revisionsFirst');
  release();
  const backend = await opening;
  const write = backend.write([put('meta', 'a', '1')], { sync: true });
  await new Promise(setImmediate);
  store.kill();
  release();
  await assert.rejects(write);
});
