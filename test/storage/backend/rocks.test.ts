import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DiskError } from '../../../io/doors.ts';
import { openRocksBackend } from '../../../storage/backend/rocks.ts';
import { backendSuite, key, text } from './suite.ts';

backendSuite({
  name: 'rocks',
  make: async () => {
    const directory = await temporaryDirectory();
    let backend = await openRocksBackend(join(directory, 'db'));
    const reopen = async () => {
      await backend.close();
      backend = await openRocksBackend(join(directory, 'db'));
      return backend;
    };
    const cleanUp = async () => {
      await backend.close();
      await rm(directory, { recursive: true });
    };
    return { backend, reopen, cleanUp };
  },
});

test('a database that is open is locked; one that cannot be made says where', async () => {
  const directory = await temporaryDirectory();
  const backend = await openRocksBackend(join(directory, 'db'));
  const failsWith = (code: string) => (error: unknown) =>
    error instanceof DiskError && error.code === code && error.path.startsWith(directory);
  await assert.rejects(openRocksBackend(join(directory, 'db')), failsWith('LOCKED'));
  await assert.rejects(openRocksBackend(join(directory, 'no', 'such', 'db')), failsWith('NOT_FOUND'));
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
    const backend = await openRocksBackend(join(directory, 'db'));
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
