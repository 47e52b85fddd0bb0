import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DiskError } from '../../../io/doors.ts';
import { nodeDisk } from '../../../io/node/disk.ts';
import { openRocksBackend, rocksStore } from '../../../storage/backend/rocks.ts';
import { backendSuite, key, text } from './suite.ts';

for (const order of ['revisionsFirst', 'mixed'] as const)
  backendSuite({
    name: `rocks, ${order}`,
    make: async () => {
      const directory = await temporaryDirectory();
      let backend = await openRocksBackend(join(directory, 'db'), order);
      const reopen = async () => {
        await backend.close();
        backend = await openRocksBackend(join(directory, 'db'), order);
        return backend;
      };
      const cleanUp = async () => {
        await backend.close();
        await rm(directory, { recursive: true });
      };
      return { backend, reopen, cleanUp };
    },
  });

test('a database that ordered its keyspaces in another way is not opened as if it were empty', async () => {
  const directory = await temporaryDirectory();
  for (const [order, other] of [
    ['revisionsFirst', 'mixed'],
    ['mixed', 'revisionsFirst'],
  ] as const) {
    const path = join(directory, order);
    const backend = await openRocksBackend(path, order);
    await backend.write([
      { op: 'put', space: 'meta', key: key('applied'), value: key('7') },
      { op: 'put', space: 'revision', key: Uint8Array.of(0, 0, 1), value: key('kept') },
      { op: 'put', space: 'auth', key: key('z'), value: key('') },
    ]);
    await backend.sync();
    await backend.close();
    const isRefused = (error: unknown): boolean => error instanceof DiskError && error.code === 'CORRUPT';
    for (let i = 0; i < 2; i++) await assert.rejects(openRocksBackend(path, other), isRefused);
    const again = await openRocksBackend(path, order);
    assert.equal(text(await again.get('revision', Uint8Array.of(0, 0, 1))), 'kept');
    await again.close();
  }
  await rm(directory, { recursive: true });
});

test('a damaged byte in the log of the database takes what came after it, and leaves no hole', async () => {
  const directory = await temporaryDirectory();
  const store = rocksStore(nodeDisk);
  const backend = await store.open(join(directory, 'db'), 'revisionsFirst');
  const total = 600;
  for (let i = 0; i < total; i++)
    await backend.write([
      { op: 'put', space: 'revision', key: key(String(i).padStart(4, '0')), value: Buffer.alloc(200, i) },
    ]);
  // One that is longer than a block of the log.
  await backend.write([{ op: 'put', space: 'revision', key: key('9999'), value: Buffer.alloc(100_000, 1) }]);
  await backend.close();
  const counts: number[] = [];
  for (const share of [0, 0.01, 0.2, 0.3, 0.5, 0.6, 0.9, 0.999, 1]) {
    const copy = join(directory, `copy-${share}`);
    await cp(join(directory, 'db'), copy, { recursive: true });
    const [log = ''] = (await readdir(copy)).filter((name) => name.endsWith('.log'));
    const bytes = await readFile(join(copy, log));
    assert.ok(bytes.length > 200_000, 'several blocks');
    const at = Math.floor(bytes.length * share);
    if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    await writeFile(join(copy, log), bytes);
    const opened = await store.open(copy, 'revisionsFirst');
    const view = opened.view();
    const rows = await view.scan('revision', { limit: 1000, maxBytes: 1e9 });
    await view.close();
    await opened.close();
    const expected = Array.from({ length: rows.length }, (_, i) => (i < total ? String(i).padStart(4, '0') : '9999'));
    assert.deepEqual(
      rows.map((row) => text(row.key)),
      expected,
      `damaged at ${share}`,
    );
    counts.push(rows.length);
  }
  assert.equal(counts.at(-1), total + 1, 'nothing was damaged, nothing is cut');
  assert.ok(counts.slice(0, -1).every((count) => count <= total));
  assert.ok((counts[4] ?? 0) > 100, 'what came before is there');
  await rm(directory, { recursive: true });
});

test('a database that is open is locked; one that cannot be made says where', async () => {
  const directory = await temporaryDirectory();
  const backend = await openRocksBackend(join(directory, 'db'), 'revisionsFirst');
  const failsWith = (code: string) => (error: unknown) =>
    error instanceof DiskError && error.code === code && error.path.startsWith(directory);
  await assert.rejects(openRocksBackend(join(directory, 'db'), 'revisionsFirst'), failsWith('LOCKED'));
  await assert.rejects(openRocksBackend(join(directory, 'no', 'such', 'db'), 'revisionsFirst'), failsWith('NOT_FOUND'));
  await backend.close();
  await rm(directory, { recursive: true });
});

test('a process killed while it writes loses no write that it was told of, and no batch is half there', {
  timeout: 20_000,
}, async () => {
  const directory = await temporaryDirectory();
  let from = 1;
  for (const lifeMs of [150, 60, 250]) {
    const acknowledged = await writeUntilKilled(join(directory, 'db'), from, lifeMs);
    const backend = await openRocksBackend(join(directory, 'db'), 'revisionsFirst');
    const newest = Number(text(await backend.get('meta', key('n'))) ?? 0);
    assert.ok(newest >= acknowledged, `${acknowledged} was acknowledged, ${newest} is there`);
    const names = Array.from({ length: newest }, (_, i) => key(String(i + 1)));
    const values = await backend.getMany('revision', names);
    assert.ok(values.every((value) => value?.length === 500));
    assert.equal(await backend.get('revision', key(String(newest + 1))), undefined);
    await backend.close();
    from = newest + 1;
  }
  assert.ok(from > 10, 'something was written');
  await rm(directory, { recursive: true });
});

/** Runs writer.ts until it has lived for `lifeMs` after its first write; resolves with the last write that it knew to be done. */
async function writeUntilKilled(path: string, from: number, lifeMs: number): Promise<number> {
  const child = fork(fileURLToPath(new URL('./writer.js', import.meta.url)), [path, String(from)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let acknowledged = from - 1;
  child.on('message', (n) => (acknowledged = Number(n)));
  await once(child, 'message');
  setTimeout(() => child.kill('SIGKILL'), lifeMs);
  await once(child, 'close');
  return acknowledged;
}

function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'keelson-rocks-'));
}
