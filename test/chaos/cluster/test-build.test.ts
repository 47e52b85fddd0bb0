import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { utf8Bytes, utf8Text } from '../../../base/bytes.ts';
import { FaultyDisk } from '../../../chaos/cluster/test-build/faulty-disk.ts';
import { GOOD_DISK } from '../../../chaos/cluster/test-build/orders.ts';
import { SkewedClock } from '../../../chaos/cluster/test-build/skewed-clock.ts';
import { DiskError } from '../../../io/doors.ts';
import { nodeDisk } from '../../../io/node/disk.ts';
import { temporaryFolder } from '../../kit/cluster.ts';

const isIoError = (error: unknown): boolean => error instanceof DiskError && error.code === 'IO';

test('a sync that fails has lost what was written since, and nothing else', async () => {
  const folder = await temporaryFolder();
  const disk = new FaultyDisk(nodeDisk);
  const file = await disk.open(join(folder.path, 'file'), 'create');
  await file.write(0, [utf8Bytes('kept')]);
  await file.sync();
  disk.trouble = { failing: ['sync'], slowSyncMs: 0 };
  await file.write(2, [utf8Bytes('XX'), utf8Bytes('lost')]);
  await assert.rejects(file.sync(), isIoError);
  disk.trouble = GOOD_DISK;
  assert.equal(utf8Text(await file.read(0, 100)), 'kept');
  await file.close();
  await folder.remove();
});

test('reads and writes fail on order, and only then', async () => {
  const folder = await temporaryFolder();
  const disk = new FaultyDisk(nodeDisk);
  const path = join(folder.path, 'file');
  disk.trouble = { failing: ['read', 'write'], slowSyncMs: 0 };
  await assert.rejects(disk.writeFileAtomically(path, utf8Bytes('x')), isIoError);
  await assert.rejects(disk.readFile(path), isIoError);
  disk.trouble = GOOD_DISK;
  await disk.writeFileAtomically(path, utf8Bytes('x'));
  assert.equal(utf8Text(await disk.readFile(path)), 'x');
  await folder.remove();
});

test('a skewed clock runs at its rate, jumps in its calendar, and never goes back', () => {
  let nowMs = 1000;
  const waits: number[] = [];
  const clock = new SkewedClock({
    nowMs: () => nowMs,
    wallMs: () => 50_000 + nowMs,
    after: (delayMs) => {
      waits.push(delayMs);
      return () => undefined;
    },
  });
  clock.trouble = { wallOffsetMs: -5000, rate: 2 };
  nowMs += 100;
  assert.deepEqual([clock.nowMs(), clock.wallMs()], [1200, 46_100]);
  clock.after(300, () => undefined);
  clock.trouble = { wallOffsetMs: 0, rate: 0.5 };
  nowMs += 100;
  assert.deepEqual([clock.nowMs(), clock.wallMs(), ...waits], [1250, 51_200, 150]);
});
