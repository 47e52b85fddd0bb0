import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Index, MemberId, Term } from '../../../base/brand.ts';
import { Prng } from '../../../base/prng.ts';
import { SimDisk } from '../../../chaos/sim/disk.ts';
import { type Disk, DiskError } from '../../../io/doors.ts';
import type { SnapshotMeta } from '../../../raft/types.ts';
import type { Backend, BackendOp } from '../../../storage/backend/backend.ts';
import { KEYSPACES } from '../../../storage/backend/keyspaces.ts';
import { MemoryBackends } from '../../../storage/backend/memory.ts';
import { BackendDirectory } from '../../../storage/snapshots/backend-directory.ts';
import { removeStaleSnapshots, snapshotPath } from '../../../storage/snapshots/files.ts';
import { SnapshotSink } from '../../../storage/snapshots/sink.ts';
import { SnapshotError } from '../../../storage/snapshots/snapshot-error.ts';
import { openSnapshotSource, type SnapshotSource } from '../../../storage/snapshots/source.ts';

const SNAPSHOTS = '/data/snap';
const DATABASE = '/data/db';
const CLUSTER = 0xfeedn;

function metaAt(index: number): SnapshotMeta {
  const voters = [1n, 2n, 0xffffffffffffffffn] as MemberId[];
  const conf = { voters, votersOutgoing: [], learners: [4n as MemberId], learnersNext: [], autoLeave: true };
  return { index: index as Index, term: 3 as Term, conf };
}

function rowsOf(count: number, sizeBytes: number): BackendOp[] {
  const value = new Uint8Array(Buffer.alloc(sizeBytes, 'v'));
  const rows = Array.from(
    { length: count },
    (_, i): BackendOp => ({ op: 'put', space: 'revision', key: Buffer.from(`key-${i}`), value }),
  );
  return [...rows, { op: 'put', space: 'meta', key: Buffer.from('applied'), value: Buffer.from('9') }];
}

async function backendWith(ops: readonly BackendOp[]): Promise<Backend> {
  const backend = await new MemoryBackends().open('/db', 'revisionsFirst');
  await backend.write(ops);
  return backend;
}

async function sourceOf(ops: readonly BackendOp[], index = 9): Promise<SnapshotSource> {
  const disk = new SimDisk({ prng: new Prng(1) });
  const view = (await backendWith(ops)).view();
  const source = await openSnapshotSource(disk, SNAPSHOTS, view, { clusterId: CLUSTER, meta: metaAt(index) });
  await view.close();
  return source;
}

async function transfer(
  source: SnapshotSource,
  sink: SnapshotSink,
  chunkBytes: number,
  damage?: (data: Uint8Array, offset: number) => void,
): Promise<void> {
  for (let offset = 0; ; ) {
    const { data, done } = await source.read(offset, chunkBytes);
    damage?.(data, offset);
    await sink.write({ meta: source.meta, offset, data });
    offset += data.length;
    if (done) return;
  }
}

async function contentOf(backend: Backend): Promise<string[]> {
  const view = backend.view();
  const rows: string[] = [];
  for (const space of KEYSPACES) {
    for (const row of await view.scan(space, { limit: 1e6, maxBytes: 1e9 }))
      rows.push(`${space} ${Buffer.from(row.key)} ${row.value.length}`);
  }
  await view.close();
  return rows;
}

const hasCode = (code: string) => (error: unknown) => error instanceof SnapshotError && error.code === code;

for (const [rows, sizeBytes, chunkBytes] of [
  [0, 0, 10],
  [1, 0, 7],
  [2000, 100, 65_536],
  [5, 1_500_000, 1_000_000],
] as const) {
  test(`${rows} rows of ${sizeBytes} bytes arrive whole in chunks of ${chunkBytes}`, async () => {
    const ops = rowsOf(rows, sizeBytes);
    const source = await sourceOf(ops);
    const disk = new SimDisk({ prng: new Prng(2) });
    const sink = new SnapshotSink(disk, SNAPSHOTS, { clusterId: CLUSTER });
    await transfer(source, sink, chunkBytes);
    const received = await sink.finish();
    assert.deepEqual(received.meta, metaAt(9));
    assert.equal(received.rows, rows + 1);
    const directory = await BackendDirectory.open(disk, DATABASE, new MemoryBackends());
    await directory.backend.write([{ op: 'put', space: 'auth', key: Buffer.from('old'), value: Buffer.from('old') }]);
    assert.deepEqual(await contentOf(await directory.install(received)), await contentOf(await backendWith(ops)));
  });
}

test('a chunk may be read again at any offset, by several followers', async () => {
  const source = await sourceOf(rowsOf(5000, 50));
  const { data: all } = await source.read(0, source.sizeBytes);
  assert.equal(all.length, source.sizeBytes);
  for (const offset of [0, 1, 777, 65_535, 65_536, 100_000, source.sizeBytes - 1]) {
    const { data } = await source.read(offset, 70_000);
    assert.deepEqual(data, all.subarray(offset, offset + 70_000));
  }
  assert.deepEqual(await source.read(source.sizeBytes - 5, 100).then(({ data, done }) => [data.length, done]), [
    5,
    true,
  ]);
  assert.deepEqual(await source.read(source.sizeBytes, 100).then(({ data, done }) => [data.length, done]), [0, true]);
});

test('the sender never gives out a byte of its file that is not what it wrote', async () => {
  const disk = new SimDisk({ prng: new Prng(1) });
  const view = (await backendWith(rowsOf(5000, 50))).view();
  const source = await openSnapshotSource(disk, SNAPSHOTS, view, { clusterId: CLUSTER, meta: metaAt(9) });
  const [file] = disk.files();
  const at = 200_000;
  await source.read(at - 10, 20);
  disk.rot(file?.path ?? '', at, 4);
  await assert.rejects(source.read(at - 10, 20), hasCode('CORRUPT'));
  assert.equal((await source.read(0, 65_536)).data.length, 65_536, 'what is whole is given out');
  const again = await openSnapshotSource(disk, SNAPSHOTS, view, { clusterId: CLUSTER, meta: metaAt(9) });
  assert.equal((await again.read(at - 10, 20)).data.length, 20, 'the next one is a new file');
});

test('chunks must continue each other; offset 0 starts anew', async () => {
  const source = await sourceOf(rowsOf(50, 50));
  const sink = new SnapshotSink(new SimDisk({ prng: new Prng(1) }), SNAPSHOTS, { clusterId: CLUSTER });
  const { data } = await source.read(0, 100);
  await assert.rejects(sink.finish(), hasCode('OUT_OF_ORDER'));
  await assert.rejects(sink.write({ meta: source.meta, offset: 100, data }), hasCode('OUT_OF_ORDER'));
  await sink.write({ meta: source.meta, offset: 0, data });
  assert.equal(sink.nextOffset, 100);
  await assert.rejects(sink.write({ meta: source.meta, offset: 50, data }), hasCode('OUT_OF_ORDER'));
  await assert.rejects(sink.write({ meta: metaAt(10), offset: 100, data }), hasCode('OUT_OF_ORDER'));
  await transfer(source, sink, 333);
  assert.equal((await sink.finish()).rows, 51);
});

test('a changed byte, a missing end, another cluster or another index is refused, and the file removed', async () => {
  const source = await sourceOf(rowsOf(300, 40));
  const prng = new Prng(5);
  for (let i = 0; i < 150; i++) {
    const at = prng.between(0, source.sizeBytes - 1);
    const disk = new SimDisk({ prng });
    const sink = new SnapshotSink(disk, SNAPSHOTS, { clusterId: CLUSTER });
    await transfer(source, sink, 4096, (data, offset) => {
      if (at >= offset && at < offset + data.length)
        data[at - offset] = (data[at - offset] as number) ^ (1 << prng.between(0, 7));
    });
    await assert.rejects(sink.finish(), (error) => error instanceof SnapshotError && error.code !== 'OUT_OF_ORDER');
    assert.deepEqual(await disk.list(SNAPSHOTS), []);
  }
  for (const end of [10, 100, source.sizeBytes - 1]) {
    const sink = new SnapshotSink(new SimDisk({ prng }), SNAPSHOTS, { clusterId: CLUSTER });
    await sink.write({ meta: source.meta, offset: 0, data: (await source.read(0, end)).data });
    await assert.rejects(sink.finish(), hasCode('CORRUPT'));
  }
  const foreign = new SnapshotSink(new SimDisk({ prng }), SNAPSHOTS, { clusterId: 7n });
  await transfer(source, foreign, 4096);
  await assert.rejects(foreign.finish(), hasCode('WRONG_CLUSTER'));
  const misled = new SnapshotSink(new SimDisk({ prng }), SNAPSHOTS, { clusterId: CLUSTER });
  await transfer(
    {
      ...source,
      meta: metaAt(10),
      sizeBytes: source.sizeBytes,
      read: (o, m) => source.read(o, m),
      close: async () => undefined,
    },
    misled,
    4096,
  );
  await assert.rejects(misled.finish(), hasCode('CORRUPT'));
});

test('stale and unfinished snapshots are removed, the one to keep stays', async () => {
  const disk = new SimDisk({ prng: new Prng(1) });
  await removeStaleSnapshots(disk, SNAPSHOTS, undefined);
  await disk.makeDirectory(SNAPSHOTS);
  for (const index of [5, 9]) await disk.writeFileAtomically(snapshotPath(SNAPSHOTS, metaAt(index)), Buffer.from('x'));
  await disk.writeFileAtomically(`${SNAPSHOTS}/incoming.part`, Buffer.from('x'));
  await removeStaleSnapshots(disk, SNAPSHOTS, metaAt(9));
  assert.deepEqual(await disk.list(SNAPSHOTS), ['0000000000000009-0000000000000003.snap']);
});

test('no space for the file: it is not left half there', async () => {
  const disk = new SimDisk({ prng: new Prng(1), capacityBytes: 10_000 });
  const view = (await backendWith(rowsOf(500, 50))).view();
  const opened = openSnapshotSource(disk, SNAPSHOTS, view, { clusterId: CLUSTER, meta: metaAt(9) });
  await assert.rejects(opened, (error) => error instanceof DiskError && error.code === 'NO_SPACE');
  assert.deepEqual(await disk.list(SNAPSHOTS), []);
});

test('a crash at any step of an installation leaves the whole old state or the whole new one', async () => {
  const source = await sourceOf(rowsOf(40, 20));
  const outcomes = new Set<string>();
  for (let step = 0, isDone = false; !isDone; step++) {
    const prng = new Prng(step);
    let left = Number.POSITIVE_INFINITY;
    const stores = new MemoryBackends({ pause: async () => tick() });
    const disk = new SimDisk({ prng, pause: async () => tick() });
    const tick = (): void => {
      if (left-- > 0) return;
      left = Number.POSITIVE_INFINITY;
      disk.crash();
      stores.crash(prng);
    };
    const { directory, received } = await readyToInstall(disk.mount(), stores, source);
    left = step;
    isDone = await directory.install(received).then(
      () => true,
      () => false,
    );
    left = Number.POSITIVE_INFINITY;
    disk.crash();
    stores.crash(prng);
    const again = await BackendDirectory.open(disk.mount(), DATABASE, stores);
    const content = await contentOf(again.backend);
    assert.ok(content.length === 41 || (content.length === 1 && !isDone), `step ${step}: ${content.length} rows`);
    outcomes.add(content.length === 41 ? 'new' : 'old');
  }
  assert.deepEqual([...outcomes].sort(), ['new', 'old']);
});

test('a process killed at any step of an installation, its successor, then the power cut: the state stays what the successor saw', async () => {
  const source = await sourceOf(rowsOf(40, 20));
  for (let step = 0, isDone = false; !isDone; step++) {
    const stores = new MemoryBackends({ pause: async () => tick() });
    const disk = new SimDisk({ prng: new Prng(step), pause: async () => tick() });
    let left = Number.POSITIVE_INFINITY;
    const tick = (): void => {
      if (left-- > 0) return;
      left = Number.POSITIVE_INFINITY;
      disk.kill();
      stores.kill();
    };
    const { directory, received } = await readyToInstall(disk.mount(), stores, source);
    left = step;
    isDone = await directory.install(received).then(
      () => true,
      () => false,
    );
    left = Number.POSITIVE_INFINITY;
    disk.kill();
    stores.kill();
    const seen = await contentOf((await BackendDirectory.open(disk.mount(), DATABASE, stores)).backend);
    disk.crash('none');
    stores.crash();
    const again = await BackendDirectory.open(disk.mount(), DATABASE, stores);
    assert.deepEqual(await contentOf(again.backend), seen, `step ${step}`);
  }
});

async function readyToInstall(disk: Disk, stores: MemoryBackends, source: SnapshotSource) {
  const directory = await BackendDirectory.open(disk, DATABASE, stores);
  await directory.backend.write([{ op: 'put', space: 'meta', key: Buffer.from('applied'), value: Buffer.from('1') }], {
    sync: true,
  });
  const sink = new SnapshotSink(disk, SNAPSHOTS, { clusterId: CLUSTER });
  await transfer(source, sink, 500);
  return { directory, received: await sink.finish() };
}
