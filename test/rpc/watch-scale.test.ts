import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { connectKvClient } from '../../client/grpc-client.ts';
import type { KvClient, WatchStream } from '../../client/kv-client.ts';
import {
  decodeKeyValue,
  EMPTY_PUT_REQUEST,
  EMPTY_WATCH_CREATE_REQUEST,
  type WatchResponse,
} from '../../proto/gen/etcd.ts';
import { type Members, startMembers } from './members.ts';

const TIMEOUT = { timeout: 60_000 };
const MIB = 1024 * 1024;
const MAX_REQUEST_BYTES = 131_072;
const PREFIX = { ...EMPTY_WATCH_CREATE_REQUEST, key: 'w/', rangeEnd: 'w0' };

let members: Members;
let writer: KvClient;
const clients: KvClient[] = [];

before(async () => {
  members = await startMembers(1, ['--max-request-bytes', String(MAX_REQUEST_BYTES)]);
  writer = connect();
});
after(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await members.stop();
});

test('2000 watchers of one prefix on 20 streams get every event once and in order', TIMEOUT, async () => {
  const streams = await Promise.all(Array.from({ length: 20 }, () => watching(connect(), 100)));
  const reading = streams.map((stream) => readUntil(stream, 100 * 50));
  const revisions = await putMany(50, 1000);
  for (const perWatcher of await Promise.all(reading)) {
    assert.equal(perWatcher.size, 100);
    for (const seen of perWatcher.values()) assert.deepEqual(seen, revisions);
  }
  for (const stream of streams) stream.close();
});

test('streams that nobody reads cost a bounded memory; what was not read is there when it is', {
  ...TIMEOUT,
  skip: process.platform !== 'linux',
}, async (t) => {
  const late = await watching(connect(), 20);
  const unread = await Promise.all(Array.from({ length: 4 }, () => watching(connect(), 250)));
  const beforeBytes = await residentBytes();
  const revisions = await putMany(100, 16 * 1024); // 1.6 GB for the watchers that nobody reads
  const growth = (await residentBytes()) - beforeBytes;
  t.diagnostic(`grew by ${Math.round(growth / MIB)} MiB`);
  assert.ok(growth < 400 * MIB, `grew by ${Math.round(growth / MIB)} MiB`);
  for (const stream of unread) stream.close();
  const perWatcher = await readUntil(late, 20 * 100);
  assert.equal(perWatcher.size, 20);
  for (const seen of perWatcher.values()) assert.deepEqual(seen, revisions);
  late.close();
});

test(
  'a response beyond the largest request and 512 KiB comes in fragments, one right after the other',
  TIMEOUT,
  async () => {
    const keys = Array.from({ length: 30 }, (_, i) => `f/${String(i).padStart(2, '0')}`);
    for (const key of keys) await writer.put({ ...EMPTY_PUT_REQUEST, key, value: new Uint8Array(100_000) });
    const stream = connect().watch();
    const range = { ...EMPTY_WATCH_CREATE_REQUEST, key: 'f/', rangeEnd: 'f0', prevKv: true };
    stream.create({ ...range, watchId: 1, fragment: true });
    stream.create({ ...range, watchId: 2, fragment: true });
    stream.create({ ...range, watchId: 3 });
    await created(stream, 3);
    const { header } = await writer.deleteRange({ key: 'f/', rangeEnd: 'f0', prevKv: false });

    const responses = await gather(stream, (all) =>
      [1, 2, 3].every((id) => all.some((each) => each.watchId === id && !each.fragment)),
    );
    const whole = responses.filter(({ watchId }) => watchId === 3);
    assert.deepEqual(
      whole.map(({ fragment, events }) => [fragment, events.length]),
      [[false, 30]],
    );
    for (const id of [1, 2]) {
      const at = responses.findIndex(({ watchId }) => watchId === id);
      const own = responses.filter(({ watchId }) => watchId === id);
      assert.deepEqual(responses.slice(at, at + own.length), own, 'nothing comes between');
      assert.deepEqual(
        own.map(({ fragment }) => fragment),
        own.map((_, i) => i < own.length - 1),
      );
      // 30 previous values of 100 kB, at most 655,360 bytes at a time.
      assert.deepEqual(
        own.map(({ events }) => events.length),
        [6, 6, 6, 6, 6],
      );
      const seen = own.flatMap(({ events }) => events.map(({ kv }) => decodeKeyValue(kv ?? new Uint8Array(0))));
      assert.deepEqual(
        seen.map(({ key }) => key),
        keys,
      );
      assert.ok(seen.every(({ modRevision }) => modRevision === header?.revision));
    }
    stream.close();
  },
);

function connect(): KvClient {
  const client = connectKvClient({ endpoints: members.urls });
  clients.push(client);
  return client;
}

/** A stream with `count` watchers of the prefix, all of them created. */
async function watching(client: KvClient, count: number): Promise<WatchStream> {
  const stream = client.watch();
  for (let i = 0; i < count; i++) stream.create({ ...PREFIX, watchId: i + 1 });
  await created(stream, count);
  return stream;
}

async function created(stream: WatchStream, count: number): Promise<void> {
  const responses = await gather(stream, (all) => all.length >= count);
  assert.ok(responses.length === count && responses.every((response) => response.created));
}

async function gather(
  stream: WatchStream,
  isEnough: (responses: readonly WatchResponse[]) => boolean,
): Promise<readonly WatchResponse[]> {
  const responses: WatchResponse[] = [];
  while (!isEnough(responses)) responses.push(...((await stream.next()) ?? assert.fail('the stream ended')));
  return responses;
}

/** The revisions that each watcher of the stream saw, when there are `count` in all. */
async function readUntil(stream: WatchStream, count: number): Promise<ReadonlyMap<number, readonly number[]>> {
  const perWatcher = new Map<number, number[]>();
  for (let left = count; left > 0; ) {
    for (const { watchId, events } of (await stream.next()) ?? assert.fail('the stream ended')) {
      const seen = perWatcher.get(watchId) ?? [];
      perWatcher.set(watchId, seen);
      for (const { kv } of events) seen.push(decodeKeyValue(kv ?? new Uint8Array(0)).modRevision);
      left -= events.length;
    }
  }
  return perWatcher;
}

async function putMany(count: number, sizeBytes: number): Promise<readonly number[]> {
  const revisions: number[] = [];
  for (let i = 0; i < count; i++) {
    const { header } = await writer.put({ ...EMPTY_PUT_REQUEST, key: `w/${i % 10}`, value: new Uint8Array(sizeBytes) });
    revisions.push(header?.revision ?? 0);
  }
  return revisions;
}

/** What the member has in memory. */
async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${members.processes[0]?.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
