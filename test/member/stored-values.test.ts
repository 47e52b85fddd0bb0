import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { Prng } from '../../base/prng.ts';
import { SimDisk } from '../../chaos/sim/disk.ts';
import type { Clock, DiskFile } from '../../io/doors.ts';
import { StoredValues } from '../../member/stored-values.ts';
import type { StoredBytes } from '../../storage/machine/machine.ts';

const PIECE_BYTES = 1000;
const PATH = '/data/checkpoint';

/** Time passes when somebody waits for it. */
const CLOCK: Clock = {
  nowMs: () => 0,
  wallMs: () => 0,
  after: (_delayMs, fire) => {
    const immediate = setImmediate(fire);
    return () => clearImmediate(immediate);
  },
};

/** `count` pieces in a file that has no name any more, as a start leaves it. */
async function stored(count: number): Promise<{
  readonly disk: SimDisk;
  readonly file: DiskFile;
  readonly values: StoredValues;
  readonly pieces: readonly StoredBytes[];
  readonly contents: readonly Uint8Array[];
}> {
  const disk = new SimDisk({ prng: new Prng(1) });
  await disk.makeDirectory('/data');
  const written = await disk.open(PATH, 'create');
  const contents = Array.from({ length: count }, (_, i) => new Uint8Array(PIECE_BYTES).fill(i + 1));
  await written.write(0, contents);
  const file = await disk.open(PATH, 'read');
  const values = new StoredValues(file, PATH);
  const pieces = contents.map((content, i) => values.piece(i * PIECE_BYTES, PIECE_BYTES, crc32(content)));
  return { disk, file, values, pieces, contents };
}

async function isClosed(file: DiskFile): Promise<boolean> {
  return file.size().then(
    () => false,
    () => true,
  );
}

async function closed(file: DiskFile): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    if (await isClosed(file)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.fail('the file is still open');
}

test('who asks for values has them at once, and again the same ones', async () => {
  const { pieces, contents, values } = await stored(3);
  assert.ok(Buffer.from(pieces[1]?.bytes ?? []).equals(contents[1] as Uint8Array));
  assert.equal(pieces[1]?.bytes, pieces[1]?.bytes);
  assert.equal(pieces[2]?.sizeBytes, PIECE_BYTES);
  await values.close();
});

test('all that nobody asks for is read, and the file is closed', async () => {
  const { disk, file, pieces, contents, values } = await stored(5);
  const early = pieces[3]?.bytes;
  pieces[4]?.drop();
  values.readAll(CLOCK, (error) => assert.fail(String(error)));
  await closed(file);
  disk.flipReads(1, () => true); // nobody reads any more
  assert.deepEqual(
    pieces.slice(0, 4).map(({ bytes }) => Uint8Array.from(bytes)),
    contents.slice(0, 4),
  );
  assert.equal(pieces[3]?.bytes, early, 'who has a view of the values keeps it');
});

test('values that were whole and are not any more are never given: the member hears of it', async () => {
  for (const ask of [true, false]) {
    const { disk, pieces, values } = await stored(3);
    disk.rot(PATH, PIECE_BYTES + 7, 4);
    const failures: unknown[] = [];
    const failed = new Promise<void>((resolve) => {
      values.readAll(CLOCK, (error) => {
        failures.push(error);
        resolve();
      });
    });
    if (ask) assert.throws(() => pieces[1]?.bytes, { code: 'CORRUPT' });
    await failed;
    assert.equal((failures[0] as { code?: string }).code, 'CORRUPT');
    assert.throws(() => pieces[1]?.bytes, { code: 'CORRUPT' });
    await values.close();
  }
});

test('a member that stops meanwhile is not told of a failure', async () => {
  const { file, values, pieces } = await stored(20);
  const failures: unknown[] = [];
  values.readAll(CLOCK, (error) => failures.push(error));
  await values.close();
  assert.ok(await isClosed(file));
  assert.deepEqual(failures, []);
  assert.throws(() => pieces[19]?.bytes, { code: 'CLOSED' });
});
