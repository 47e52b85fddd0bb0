import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Prng } from '../../base/prng.ts';
import { SimDisk } from '../../chaos/sim/disk.ts';
import { type Disk, DiskError } from '../../io/doors.ts';
import { nodeDisk } from '../../io/node/disk.ts';

const hasCode = (code: string) => (error: unknown) => error instanceof DiskError && error.code === code;

/** What both disks must do alike, so that a simulation says something about the real one. */
async function diskSuite(disk: Disk, root: string): Promise<void> {
  const dir = join(root, 'a', 'b');
  await disk.makeDirectory(dir);
  await disk.makeDirectory(dir);
  const path = join(dir, 'file');
  await assert.rejects(disk.open(path, 'read'), hasCode('NOT_FOUND'));
  await assert.rejects(disk.open(path, 'write'), hasCode('NOT_FOUND'));
  await assert.rejects(disk.open(join(root, 'no', 'file'), 'create'), hasCode('NOT_FOUND'));
  const file = await disk.open(path, 'create');
  await assert.rejects(disk.open(path, 'create'), hasCode('EXISTS'));
  await file.allocate(3000);
  assert.equal(await file.size(), 3000);
  await file.write(10, [Buffer.from('one'), new Uint8Array(0), Buffer.from('two')]);
  assert.equal(Buffer.from(await file.read(9, 8)).toString('latin1'), '\0onetwo\0');
  await file.write(2998, [Buffer.from('end.')]);
  assert.equal(Buffer.from(await file.read(2996, 100)).toString('latin1'), '\0\0end.');
  assert.equal((await file.read(5000, 10)).length, 0);
  await file.allocate(10);
  assert.equal(await file.size(), 3002);
  await file.truncate(13);
  await file.sync();
  await Promise.all([file.close(), file.close()]);
  await assert.rejects(file.sync(), hasCode('CLOSED'));
  assert.equal(Buffer.from(await disk.readFile(path)).toString('latin1'), `${'\0'.repeat(10)}one`);
  await disk.writeFileAtomically(path, Buffer.from('first'));
  await disk.writeFileAtomically(path, Buffer.from('second'));
  assert.deepEqual(await disk.list(dir), ['file']);
  await disk.rename(path, join(dir, 'moved'));
  await disk.syncDirectory(dir);
  assert.deepEqual(
    [await disk.exists(path), await disk.exists(join(dir, 'moved')), await disk.exists(dir)],
    [false, true, true],
  );
  assert.equal(Buffer.from(await disk.readFile(join(dir, 'moved'))).toString(), 'second');
  await disk.remove(join(dir, 'moved'));
  await assert.rejects(disk.remove(join(dir, 'moved')), hasCode('NOT_FOUND'));
  const lock = await disk.lock(dir);
  await assert.rejects(disk.lock(dir), hasCode('LOCKED'));
  await lock.release();
  await (await disk.lock(dir)).release();
  await disk.removeTree(join(root, 'a'));
  await disk.removeTree(join(root, 'a'));
  await assert.rejects(disk.list(dir), hasCode('NOT_FOUND'));
}

test('the machine’s disk', () => inTemporaryDirectory((root) => diskSuite(nodeDisk, root)));

test('the simulated disk does the same', () => diskSuite(new SimDisk({ prng: new Prng(1) }), '/'));

test('a large write in many parts arrives whole', () =>
  inTemporaryDirectory(async (root) => {
    const file = await nodeDisk.open(join(root, 'large'), 'create');
    const parts = Array.from({ length: 5000 }, (_, i) => Buffer.alloc(1 + (i % 700), i % 256));
    await file.write(3, parts);
    assert.ok(Buffer.concat(parts).equals(Buffer.from(await file.read(3, 10_000_000))));
    await file.close();
  }));

test('close waits for what is under way', () =>
  inTemporaryDirectory(async (root) => {
    const file = await nodeDisk.open(join(root, 'f'), 'create');
    const writes = Array.from({ length: 8 }, (_, i) => file.write(i * 100_000, [Buffer.alloc(100_000, i)]));
    await file.close();
    await Promise.all(writes);
    assert.equal((await readFile(join(root, 'f'))).length, 800_000);
  }));

test('a failed atomic write leaves the old file and nothing beside it', () =>
  inTemporaryDirectory(async (root) => {
    await nodeDisk.makeDirectory(join(root, 'taken'));
    await writeFile(join(root, 'taken', 'inside'), '');
    await assert.rejects(nodeDisk.writeFileAtomically(join(root, 'taken'), Buffer.from('x')), DiskError);
    assert.deepEqual(await readdir(root), ['taken']);
  }));

test('the lock of a living process is respected, that of a dead one taken over', { timeout: 20_000 }, () =>
  inTemporaryDirectory(async (root) => {
    const child = fork(fileURLToPath(new URL('./locker.js', import.meta.url)), [root]);
    await once(child, 'message');
    await assert.rejects(
      nodeDisk.lock(root),
      (error) => hasCode('LOCKED')(error) && String(error).includes(`process ${child.pid}`),
    );
    child.kill('SIGKILL');
    await once(child, 'close');
    const lock = await nodeDisk.lock(root);
    await lock.release();
    assert.deepEqual(await readdir(root), []);
  }),
);

test('a lock with a living pid but of an earlier process, a torn one, and one of an earlier boot are stale', () =>
  inTemporaryDirectory(async (root) => {
    const stale = [
      JSON.stringify({ pid: process.pid, start: '1', boot: '', token: 'x' }),
      JSON.stringify({ pid: process.ppid, start: '1', boot: '', token: 'x' }),
      JSON.stringify({ pid: process.ppid, start: '', boot: 'another', token: 'x' }),
      '{"pid":',
      '',
      '[]',
    ];
    for (const content of process.platform === 'linux' ? stale : []) {
      await writeFile(join(root, 'LOCK'), content);
      await (await nodeDisk.lock(root)).release();
    }
  }));

async function inTemporaryDirectory(body: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'keelson-io-'));
  try {
    await body(root);
  } finally {
    await rm(root, { recursive: true });
  }
}
