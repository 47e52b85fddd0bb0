import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { StoreError } from '../../../base/store-error.ts';
import type { KvClient } from '../../../client/kv-client.ts';
import { CLIENT_PREFACE, ErrorCode, Flag, FrameType, Setting } from '../../../http2/protocol.ts';
import {
  decodeRangeResponse,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  EMPTY_RANGE_RESPONSE,
  encodeLeaseKeepAliveRequest,
  encodePutRequest,
  encodeRangeRequest,
} from '../../../proto/gen/etcd.ts';
import { H2_LIMITS } from '../../../rpc/h2/limits.ts';
import { type FakeServer, fakeKv, serveFake } from '../fake-kv.ts';
import { framed } from '../raw-grpc.ts';
import { callFields, data, FrameClient, frame, headers, settings, uint32 } from './frames.ts';

const RANGE = '/etcdserverpb.KV/Range';
const PUT = '/etcdserverpb.KV/Put';
const KEEP_ALIVE = '/etcdserverpb.Lease/LeaseKeepAlive';
const TIMEOUT = { timeout: 20_000 };
const { DATA, RST_STREAM, WINDOW_UPDATE } = FrameType;

const rangeCall = (streamId: number): Buffer => {
  const body = framed(encodeRangeRequest({ ...EMPTY_RANGE_REQUEST, key: 'a' }));
  return Buffer.concat([headers(streamId, callFields(RANGE)), data(streamId, body, Flag.END_STREAM)]);
};

/** A store whose every answer has so many bytes. */
function largeKv(sizeBytes: number, onCall: () => void = () => undefined): KvClient {
  const kvs = [Buffer.alloc(sizeBytes, 'x')];
  return fakeKv({
    range: async () => {
      onCall();
      return { ...EMPTY_RANGE_RESPONSE, kvs, count: 1 };
    },
  });
}

suite('HTTP/2 flow control', () => {
  test('an answer keeps to the windows of stream and connection and to the frame size', TIMEOUT, async (t) => {
    const fake = await served(t, largeKv(100_000));
    const client = await connected(
      t,
      fake.url,
      Buffer.concat([CLIENT_PREFACE, settings([Setting.INITIAL_WINDOW_SIZE, 10])]),
    );
    client.send(rangeCall(1));
    await client.settle();
    assert.equal(client.dataOf(1).length, 10);
    client.send(frame(WINDOW_UPDATE, 0, 1, uint32(20)));
    await client.settle();
    assert.equal(client.dataOf(1).length, 30);
    client.send(frame(WINDOW_UPDATE, 0, 1, uint32(5)));
    await client.settle(settings([Setting.INITIAL_WINDOW_SIZE, 0]));
    assert.equal(client.dataOf(1).length, 35);
    client.send(frame(WINDOW_UPDATE, 0, 1, uint32(5)));
    await client.settle();
    assert.equal(client.dataOf(1).length, 35, 'the window is below zero: 10 less, 5 more');
    client.send(frame(WINDOW_UPDATE, 0, 1, uint32(1_000_000)));
    await client.settle();
    assert.equal(client.dataOf(1).length, 65_535, 'now the connection is the limit');
    assert.equal(
      client.frames.every(({ payload }) => payload.length <= 16_384),
      true,
    );
    client.send(frame(WINDOW_UPDATE, 0, 0, uint32(1_000_000)));
    assert.equal(await client.ended(1), true);
    const answer = decodeRangeResponse(client.dataOf(1).subarray(5));
    assert.equal(answer.kvs[0]?.length, 100_000);
  });

  test('streams share the connection, and one that is blocked blocks no other', TIMEOUT, async (t) => {
    const fake = await served(t, largeKv(30_000));
    const client = await connected(
      t,
      fake.url,
      Buffer.concat([CLIENT_PREFACE, settings([Setting.INITIAL_WINDOW_SIZE, 0])]),
    );
    client.send(...[1, 3, 5].map(rangeCall), frame(WINDOW_UPDATE, 0, 3, uint32(100_000)));
    assert.equal(await client.ended(3), true);
    assert.deepEqual([client.dataOf(1).length, client.dataOf(5).length], [0, 0]);
    client.send(frame(RST_STREAM, 0, 1, uint32(8)), settings([Setting.INITIAL_WINDOW_SIZE, 100_000]));
    assert.equal(await client.ended(5), true);
  });

  test('a request longer than the window is let in, one beyond the window is not', TIMEOUT, async (t) => {
    const never = new Promise<never>(() => undefined);
    const fake = await served(t, fakeKv({ leaseKeepAlive: () => never }));
    const client = await connected(t, fake.url);
    const body = framed(encodePutRequest({ ...EMPTY_PUT_REQUEST, key: 'a', value: new Uint8Array(1_500_000) }));
    client.send(headers(1, callFields(PUT)), data(1, body.subarray(0, 16_000)));
    const isCredit = ({ type, streamId }: { type: number; streamId: number }): boolean =>
      type === WINDOW_UPDATE && streamId === 1;
    const credit = (await client.wait(isCredit))?.payload.readUInt32BE(0) ?? 0;
    assert.equal(H2_LIMITS.streamWindowBytes + credit, body.length);
    for (let at = 16_000; at < body.length; at += 16_000) {
      client.send(data(1, body.subarray(at, at + 16_000), at + 16_000 >= body.length ? Flag.END_STREAM : 0));
    }
    assert.equal(await client.ended(1), true);
    assert.ok(client.dataOf(1).length > 5);

    const renewal = framed(encodeLeaseKeepAliveRequest({ ID: 1n }));
    const many = Buffer.concat(new Array(1_000).fill(renewal));
    client.send(headers(3, callFields(KEEP_ALIVE)));
    for (let sent = 0; sent <= H2_LIMITS.streamWindowBytes; sent += many.length) client.send(data(3, many));
    assert.equal(await client.reset(3), ErrorCode.FLOW_CONTROL_ERROR);
  });

  test('what a stream has read is credited: it goes on for ever', TIMEOUT, async (t) => {
    const fake = await served(t, fakeKv());
    const client = await connected(t, fake.url);
    client.send(headers(1, callFields(KEEP_ALIVE)), frame(WINDOW_UPDATE, 0, 1, uint32(0x10000000)));
    client.send(frame(WINDOW_UPDATE, 0, 0, uint32(0x10000000)));
    // Field 15, which nobody knows and everybody skips, makes the requests long.
    const unknown = Buffer.concat([Buffer.of(0x7a, 0x80, 0x40), Buffer.alloc(8_192)]);
    const renewal = framed(Buffer.concat([encodeLeaseKeepAliveRequest({ ID: 1n }), unknown]));
    let answered = 0;
    for (let sent = 0; sent < 3 * H2_LIMITS.streamWindowBytes; sent += renewal.length) {
      client.send(data(1, renewal));
      if (++answered % 20 === 0) await client.settle();
    }
    client.send(data(1, new Uint8Array(0), Flag.END_STREAM));
    assert.equal(await client.ended(1), true);
    assert.equal(client.dataOf(1).length % answered, 0);
  });

  test('a client that reads nothing holds so many answers and no more', TIMEOUT, async (t) => {
    let calls = 0;
    const fake = await served(
      t,
      largeKv(1_000_000, () => calls++),
    );
    const client = await connected(
      t,
      fake.url,
      Buffer.concat([CLIENT_PREFACE, settings([Setting.INITIAL_WINDOW_SIZE, 0])]),
    );
    for (let i = 0; i < 500; i++) {
      client.send(rangeCall(2 * i + 1));
      if (i % 20 === 0) await client.settle();
    }
    await client.settle();
    assert.ok(calls * 1_000_000 < 1.5 * H2_LIMITS.maxAnswerBytes, `${calls} calls ran`);
    const before = calls;
    client.send(...Array.from({ length: 60 }, (_, i) => frame(RST_STREAM, 0, 2 * i + 1, uint32(8))));
    await client.settle();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(calls > before, 'answers that nobody wants make room');
  });

  test('answers that become ready together leave in one write', TIMEOUT, async (t) => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let waiting = 0;
    const fake = await served(
      t,
      fakeKv({
        range: async () => {
          waiting++;
          await gate;
          throw new StoreError('NO_LEADER');
        },
      }),
    );
    const client = await connected(t, fake.url);
    await client.settle();
    client.send(...Array.from({ length: 50 }, (_, i) => rangeCall(2 * i + 1)));
    while (waiting < 50) await client.settle();
    const before = client.chunks;
    release();
    assert.equal(await client.ended(99), true);
    assert.equal(client.chunks, before + 1);
    assert.equal(client.frames.filter(({ type }) => type === DATA).length, 0);
  });
});

async function served(t: TestContext, kv: KvClient): Promise<FakeServer> {
  const fake = await serveFake(kv);
  t.after(() => fake.server.close());
  return fake;
}

async function connected(t: TestContext, url: string, first?: Uint8Array): Promise<FrameClient> {
  const client = await FrameClient.connect(url, first);
  t.after(() => client.close());
  return client;
}
