import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Prng } from '../../../base/prng.ts';
import { SimDisk } from '../../../chaos/sim/disk.ts';
import { DiskError } from '../../../io/doors.ts';
import { nodeClock } from '../../../io/node/clock.ts';
import { nodeDisk } from '../../../io/node/disk.ts';
import { WAL_LIMITS } from '../../../storage/wal/limits.ts';
import { createWal, openWal, walExists } from '../../../storage/wal/open.ts';
import type { Wal } from '../../../storage/wal/wal.ts';
import { WalError } from '../../../storage/wal/wal-error.ts';
import { conf, entry, index, state } from './kit.ts';

const DIRECTORY = '/data/wal';
const METADATA = Buffer.from('member-1');
const hasCode = (code: string) => (error: unknown) => error instanceof WalError && error.code === code;

test('appends that wait while the disk syncs share the next sync', async () => {
  let release: () => void = () => undefined;
  let isHeld = false;
  const pause = async (operation: string): Promise<void> => {
    if (operation === 'sync' && isHeld) await new Promise<void>((resolve) => (release = resolve));
  };
  const disk = new SimDisk({ prng: new Prng(1), pause });
  const wal = await createWal(disk, DIRECTORY, METADATA);
  const before = disk.syncs;
  isHeld = true;
  const first = wal.append({ entries: [entry(1, 1)] }, { sync: true });
  await new Promise(setImmediate);
  const others = Array.from({ length: 100 }, (_, i) => wal.append({ entries: [entry(i + 2, 1)] }, { sync: true }));
  isHeld = false;
  release();
  await Promise.all([first, ...others]);
  assert.equal(disk.syncs - before, 2);
  await wal.close();
});

test('appends resolve in call order, whether they wait for the sync or not', async () => {
  const wal = await createWal(new SimDisk({ prng: new Prng(1) }), DIRECTORY, METADATA);
  const order: number[] = [];
  const appends = [1, 2, 3, 4].map((i) =>
    wal.append({ entries: [entry(i, 1)] }, { sync: i % 2 === 0 }).then(() => order.push(i)),
  );
  await Promise.all(appends);
  assert.deepEqual(order, [1, 2, 3, 4]);
  await wal.close();
});

test('what is refused leaves the log as it was', async () => {
  const disk = new SimDisk({ prng: new Prng(1) });
  const wal = await createWal(disk, DIRECTORY, METADATA);
  const huge = { ...entry(1, 1), data: new Uint8Array(WAL_LIMITS.maxAppendBytes) };
  await assert.rejects(wal.append({ entries: [huge] }, { sync: true }), hasCode('TOO_LARGE'));
  await assert.rejects(wal.append({ entries: [entry(2, 1)] }, { sync: true }), hasCode('GAP'));
  await assert.rejects(wal.append({ entries: [entry(1, 1), entry(3, 1)] }, { sync: true }), hasCode('GAP'));
  await wal.append({ entries: [entry(1, 1)] }, { sync: true });
  await wal.close();
  await assert.rejects(wal.append({ entries: [entry(2, 1)] }, { sync: true }), hasCode('CLOSED'));
  await assert.rejects(wal.releaseTo(index(1)), hasCode('CLOSED'));
  const { content } = await openWal(disk, DIRECTORY);
  assert.deepEqual(content.entries, [entry(1, 1)]);
});

test('a commit that moved costs no write: it is there with the next append, or when the log is closed', async () => {
  const disk = new SimDisk({ prng: new Prng(1) });
  const wal = await createWal(disk, DIRECTORY, METADATA);
  await wal.append({ hardState: state(1), entries: [entry(1, 1)] }, { sync: true });
  const { syncs } = disk;
  await wal.append({ hardState: state(1, 0n, 1) }, { sync: false });
  assert.equal(disk.syncs, syncs);
  assert.deepEqual((await openWal(disk, DIRECTORY)).content.hardState, state(1));
  await wal.append({ entries: [entry(2, 1)] }, { sync: true });
  assert.deepEqual((await openWal(disk, DIRECTORY)).content.hardState, state(1, 0n, 1));
  await wal.append({ hardState: state(1, 0n, 2) }, { sync: false });
  await wal.close();
  const { content } = await openWal(disk, DIRECTORY);
  assert.deepEqual(content.hardState, state(1, 0n, 2));
  assert.deepEqual(content.entries, [entry(1, 1), entry(2, 1)]);
});

test('the queue has a bound', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let isHeld = false;
  const disk = new SimDisk({ prng: new Prng(1), pause: () => (isHeld ? held : Promise.resolve()) });
  const wal = await createWal(disk, DIRECTORY, METADATA);
  isHeld = true;
  const hardState = state(1);
  const accepted = Array.from({ length: WAL_LIMITS.maxQueuedAppends }, () => wal.append({ hardState }, { sync: true }));
  await assert.rejects(wal.append({ hardState }, { sync: true }), hasCode('QUEUE_FULL'));
  isHeld = false;
  release();
  await Promise.all(accepted);
  await wal.close();
});

test('a full disk fails the log with its cause', async () => {
  const disk = new SimDisk({ prng: new Prng(1), capacityBytes: 8192 });
  const wal = await createWal(disk, DIRECTORY, METADATA, { segmentBytes: 4096, allocateStepBytes: 1024 });
  const isFull = (error: unknown): boolean =>
    error instanceof WalError &&
    error.code === 'FAILED' &&
    error.cause instanceof DiskError &&
    error.cause.code === 'NO_SPACE';
  await assert.rejects(async () => {
    for (let i = 1; i < 100; i++) await wal.append({ entries: [entry(i, 1, 'normal', 500)] }, { sync: true });
  }, isFull);
  await wal.close();
});

test('a log of another format version, and no log at all', async () => {
  const disk = new SimDisk({ prng: new Prng(1) });
  await assert.rejects(openWal(disk, DIRECTORY), hasCode('NOT_FOUND'));
  assert.equal(await walExists(disk, DIRECTORY), false);
  await disk.makeDirectory(DIRECTORY);
  await disk.writeFileAtomically(`${DIRECTORY}/next.tmp`, Buffer.from('a creation that was cut short'));
  assert.equal(await walExists(disk, DIRECTORY), false);
  await (await createWal(disk, DIRECTORY, METADATA)).close();
  assert.equal(await walExists(disk, DIRECTORY), true);
});

/** A segment as version 1 left it: metadata, two entries in one append, one more with a hard state; zeros behind it. */
const VERSION_1 = [
  'S0VFTFdBTAoBAAAAFxTibwEAAAAAAAAAAAAAAAAAAABQWIsnAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADAAAAAAAAAAAHAEY2081j4BAA',
  'AACAAAAG1lbWJlci0xAgAAABgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABUAAAAgAAAAPsjfvW5wcKMAwAAACIAAAABAAAAAAAAAAEAAAAA',
  'AAAAZW50cnkgMSBvZiB0ZXJtIDEgAwAAACIAAAACAAAAAAAAAAEAAAAAAAAAZW50cnkgMiBvZiB0ZXJtIDEgAAAAAEoAAADoAAAA/XODxVJDb4',
  'YDAAAAIgAAAAMAAAAAAAAAAgAAAAAAAABlbnRyeSAzIG9mIHRlcm0gMiACAAAAGAAAAAIAAAAAAAAAAw==',
].join('');

test('who is to be read by an older program makes segments of its version', async () => {
  const disk = new SimDisk({ prng: new Prng(1) });
  const options = { segmentBytes: 4096, allocateStepBytes: 4096 };
  const versions = async (): Promise<readonly unknown[]> => {
    const names = (await disk.list(DIRECTORY)).filter((name) => name.endsWith('.wal')).sort();
    return Promise.all(names.map(async (name) => (await disk.readFile(`${DIRECTORY}/${name}`))[8]));
  };
  const older = await createWal(disk, DIRECTORY, METADATA, { ...options, version: 1 });
  for (let i = 1; i <= 10; i++) await older.append({ entries: [entry(i, 1, 'normal', 1000)] }, { sync: true });
  await older.close();
  const before = await versions();
  assert.ok(before.length > 2 && before.every((version) => version === 1));
  const { wal, content } = await openWal(disk, DIRECTORY, options);
  assert.equal(content.entries.length, 10);
  for (let i = 11; i <= 20; i++) await wal.append({ entries: [entry(i, 1, 'normal', 1000)] }, { sync: true });
  await wal.close();
  const after = await versions();
  assert.deepEqual([after.slice(0, before.length), after.at(-1)], [before, 2]);
});

test('a log of version 1 is read, gone on with as it is, and followed by segments of the newest version', async () => {
  const disk = new SimDisk({ prng: new Prng(1) });
  const path = `${DIRECTORY}/0000000000000001.wal`;
  const options = { segmentBytes: 64 * 1024, allocateStepBytes: 64 * 1024 };
  await disk.makeDirectory(DIRECTORY);
  await disk.writeFileAtomically(path, Buffer.concat([Buffer.from(VERSION_1, 'base64'), Buffer.alloc(4096)]));
  const { wal, content } = await openWal(disk, DIRECTORY, options);
  const first = [entry(1, 1), entry(2, 1), entry(3, 2)];
  assert.deepEqual([content.entries, content.hardState, content.repairedBytes], [first, state(2, 3n), 0]);
  const more = Array.from({ length: 100 }, (_, i) => entry(i + 4, 2, 'normal', 1000));
  for (const next of more) await wal.append({ entries: [next] }, { sync: true });
  await wal.close();
  const again = await openWal(disk, DIRECTORY, options);
  assert.deepEqual(again.content.entries, [...first, ...more]);
  await again.wal.close();
  const versions = (await disk.list(DIRECTORY)).filter((name) => name.endsWith('.wal')).sort();
  const bytes = await Promise.all(versions.map((name) => disk.readFile(`${DIRECTORY}/${name}`)));
  assert.deepEqual([bytes.length > 1, bytes.map((segment) => segment[8])], [true, [1, ...bytes.slice(1).map(() => 2)]]);
  const damaged = Buffer.from(bytes[0] as Uint8Array);
  damaged[200] = (damaged[200] as number) ^ 1;
  await disk.writeFileAtomically(path, damaged);
  await assert.rejects(openWal(disk, DIRECTORY, options), hasCode('CORRUPT'));
});

test('on a real disk: segments are made, released and read again, and their size does not change under appends', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'keelson-wal-'));
  const dir = join(directory, 'wal');
  const syncs: number[] = [];
  const observer = { clock: nodeClock, synced: (_durationMs: number, appends: number) => syncs.push(appends) };
  const options = { segmentBytes: 256 * 1024, allocateStepBytes: 64 * 1024, observer };
  const wal = await createWal(nodeDisk, dir, METADATA, options);
  assert.equal((await stat(join(dir, '0000000000000001.wal'))).size, 64 * 1024);
  const appends = Array.from({ length: 1000 }, (_, i) =>
    wal.append({ entries: [entry(i + 1, 1, 'normal', 800)] }, { sync: true }),
  );
  await Promise.all(appends);
  assert.equal(
    syncs.reduce((sum, n) => sum + n, 0),
    1000,
  );
  assert.equal((await readdir(dir)).filter((name) => name.endsWith('.wal')).length, 4);
  await wal.append(
    { snapshot: { index: index(900), term: state(1).term, conf: conf([1n]) }, hardState: state(1, 1n, 950) },
    { sync: false },
  );
  await wal.releaseTo(index(900));
  assert.equal((await readdir(dir)).filter((name) => name.endsWith('.wal')).length, 2);
  await wal.close();
  const { wal: again, content } = await openWal(nodeDisk, dir, options);
  assert.deepEqual(
    content.entries.map((e) => e.index as number),
    Array.from({ length: 100 }, (_, i) => 901 + i),
  );
  assert.deepEqual(content.entries[0], entry(901, 1, 'normal', 800));
  assert.deepEqual([content.hardState, content.snapshot.index, content.repairedBytes], [state(1, 1n, 950), 900, 0]);
  assert.equal(Buffer.from(content.metadata).toString(), 'member-1');
  await again.append({ entries: [entry(1001, 2)] }, { sync: true });
  await again.close();
  await rm(directory, { recursive: true });
});

test('killed at any step, reopened, appended to, and then the power is cut: the append is there', async () => {
  for (let step = 1, isDone = false; !isDone; step++) {
    const disk = new SimDisk({ prng: new Prng(step) });
    const sizes = { segmentBytes: 1024, allocateStepBytes: 256 };
    const process = disk.mount();
    const wal = await createWal(process, DIRECTORY, METADATA, sizes);
    disk.tripIn(step, () => disk.kill());
    isDone = await appendAll(wal).then(
      () => true,
      () => false,
    );
    disk.kill();
    const { wal: next, content } = await openWal(disk.mount(), DIRECTORY, sizes);
    const last = content.entries.length + 1;
    await next.append({ entries: [entry(last, 1)] }, { sync: true });
    disk.crash('none');
    const { content: after } = await openWal(disk.mount(), DIRECTORY, sizes);
    assert.equal(after.entries.length, last, `step ${step}`);
  }
});

/** Enough for some segments. */
async function appendAll(wal: Wal): Promise<void> {
  for (let i = 1; i <= 40; i++) await wal.append({ entries: [entry(i, 1, 'normal', 60)] }, { sync: true });
}

test('a tail that is torn in one reading only is not given up', async () => {
  const disk = new SimDisk({ prng: new Prng(3) });
  const wal = await createWal(disk.mount(), DIRECTORY, METADATA);
  for (let i = 1; i <= 5; i++) await wal.append({ entries: [entry(i, 1, 'normal', 400)] }, { sync: true });
  disk.kill();
  let refused = 0;
  for (let i = 0; i < 40; i++) {
    disk.flipReads(0.5, (path) => path.startsWith(DIRECTORY));
    const isOpened = await openWal(disk.mount(), DIRECTORY).then(
      () => true,
      () => false,
    );
    if (!isOpened) refused++;
    disk.heal();
    disk.kill();
    const { content } = await openWal(disk.mount(), DIRECTORY);
    assert.equal(content.entries.length, 5);
    disk.kill();
  }
  assert.ok(refused > 0);
});
