import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { ErrorCode, Flag, FrameType } from '../../../http2/protocol.ts';
import { EMPTY_RANGE_REQUEST, encodeRangeRequest } from '../../../proto/gen/etcd.ts';
import { H2_LIMITS } from '../../../rpc/h2/limits.ts';
import { type FakeServer, fakeKv, serveFake } from '../fake-kv.ts';
import { framed, RawGrpc } from '../raw-grpc.ts';
import {
  callFields,
  codeName,
  data,
  FrameClient,
  frame,
  headerBlock,
  headers,
  integer,
  settings,
  uint32,
} from './frames.ts';

const RANGE = '/etcdserverpb.KV/Range';
const KEEP_ALIVE = '/etcdserverpb.Lease/LeaseKeepAlive';
const TIMEOUT = { timeout: 20_000 };
const { HEADERS, CONTINUATION, PING, PRIORITY, RST_STREAM, SETTINGS } = FrameType;
const NOTHING = new Uint8Array(0);

const range = framed(encodeRangeRequest({ ...EMPTY_RANGE_REQUEST, key: 'a' }));
const open = (streamId: number): Buffer => headers(streamId, callFields(KEEP_ALIVE));
const times = (count: number, make: (i: number) => Uint8Array): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => make(i)));

suite('HTTP/2: floods', () => {
  let fake: FakeServer;
  let good: RawGrpc;
  before(async () => {
    fake = await serveFake(fakeKv());
    good = new RawGrpc(fake.url);
  });
  after(async () => {
    good.close();
    await fake.server.close();
    assert.deepEqual(fake.defects, []);
  });

  const many = H2_LIMITS.nuisanceBurst + 500;
  const rows: readonly (readonly [string, () => Uint8Array])[] = [
    [
      'streams that are opened and reset',
      () => times(many, (i) => Buffer.concat([open(2 * i + 1), frame(RST_STREAM, 0, 2 * i + 1, uint32(8))])),
    ],
    ['streams that the server has to reset', () => times(many, (i) => headers(2 * i + 1, [['x', '1']]))],
    [
      'calls to nowhere that do not end',
      () => times(2 * many, (i) => (i % 2 === 0 ? headers(i + 1, callFields('/x/y')) : data(i, range))),
    ],
    ['SETTINGS', () => times(many, () => settings())],
    ['SETTINGS that acknowledge nothing', () => times(many, () => frame(SETTINGS, Flag.ACK, 0))],
    ['PING that answers nothing', () => times(many, () => frame(PING, Flag.ACK, 0, Buffer.alloc(8)))],
    ['PRIORITY', () => times(many, () => frame(PRIORITY, 0, 1, Buffer.alloc(5)))],
    ['unknown frames', () => times(many, () => frame(0x77, 0, 0))],
    ['empty DATA', () => Buffer.concat([open(1), times(many, () => data(1, NOTHING))])],
    [
      'padding alone',
      () => Buffer.concat([open(1), times(many, () => frame(FrameType.DATA, Flag.PADDED, 1, Buffer.of(0)))]),
    ],
    ['empty CONTINUATION', () => Buffer.concat([frame(HEADERS, 0, 1), times(100, () => frame(CONTINUATION, 0, 1))])],
    [
      'a header block without end',
      () => Buffer.concat([frame(HEADERS, 0, 1), times(10, () => frame(CONTINUATION, 0, 1, Buffer.alloc(16_000)))]),
    ],
    ['GOAWAY', () => times(many, () => frame(FrameType.GOAWAY, 0, 0, Buffer.alloc(8)))],
  ];
  for (const [what, bytes] of rows) {
    test(`${what}: ENHANCE_YOUR_CALM`, TIMEOUT, async () => {
      const client = await FrameClient.connect(fake.url);
      client.send(bytes());
      const goAway = await client.goAway();
      assert.equal(codeName(goAway?.code), codeName(ErrorCode.ENHANCE_YOUR_CALM), goAway?.text);
      client.close();
      assert.equal((await good.call(RANGE, range)).code, 0, 'other connections go on');
    });
  }

  test('pings more often than every five seconds: too_many_pings', TIMEOUT, async () => {
    const client = await FrameClient.connect(fake.url);
    client.send(open(1));
    client.send(times(4, () => frame(PING, 0, 0, Buffer.alloc(8))));
    const goAway = await client.goAway();
    assert.deepEqual([goAway?.code, goAway?.text], [ErrorCode.ENHANCE_YOUR_CALM, 'too_many_pings']);
    client.close();
  });

  test('pings between answers are fine', TIMEOUT, async () => {
    const client = await FrameClient.connect(fake.url);
    for (let i = 0; i < 20; i++) {
      client.send(headers(2 * i + 1, callFields(RANGE)), data(2 * i + 1, range, Flag.END_STREAM));
      await client.ended(2 * i + 1);
      client.send(frame(PING, 0, 0, Buffer.alloc(8, i)));
      await client.wait(({ type, payload }) => type === PING && payload[0] === i);
    }
    assert.equal(
      client.frames.some(({ type }) => type === FrameType.GOAWAY),
      false,
    );
    client.close();
  });

  test('calls that are cancelled some time after they began are fine', TIMEOUT, async () => {
    const client = await FrameClient.connect(fake.url);
    const count = H2_LIMITS.nuisanceBurst + 500;
    client.send(times(count, (i) => open(2 * i + 1)));
    await new Promise((resolve) => setTimeout(resolve, 3 * H2_LIMITS.sweepMs));
    client.send(times(count, (i) => frame(RST_STREAM, 0, 2 * i + 1, uint32(8))));
    client.send(headers(99_999, callFields(RANGE)), data(99_999, range, Flag.END_STREAM));
    assert.equal(await client.ended(99_999), true);
    assert.ok(client.dataOf(99_999).length > 5);
    client.close();
  });

  test('half messages of many calls end with RESOURCE_EXHAUSTED before they fill the memory', TIMEOUT, async () => {
    const client = await FrameClient.connect(fake.url);
    const half = Buffer.alloc(16_384);
    half.writeUInt32BE(1_500_000, 1);
    const streams = 50;
    for (let i = 0; i < streams; i++) {
      const id = 2 * i + 1;
      client.send(headers(id, callFields('/etcdserverpb.KV/Put')), data(id, half));
      client.send(times(55, () => data(id, half)));
      await client.wait(({ type, streamId }) => type === FrameType.WINDOW_UPDATE && streamId === id);
    }
    const refused = await client.wait(
      ({ type, flags, payload }) =>
        type === HEADERS && (flags & Flag.END_STREAM) !== 0 && payload.includes('too many bytes of requests'),
    );
    assert.notEqual(refused, undefined);
    client.close();
  });

  test('a header list that is too long is refused, and the connection goes on', TIMEOUT, async () => {
    const client = await FrameClient.connect(fake.url);
    // One long field for the table, and then many times that.
    const long = Buffer.concat([Buffer.of(0x40, 1, 0x78), integer(3_000, 7), Buffer.alloc(3_000, 'y')]);
    const block = Buffer.concat([headerBlock(callFields(RANGE)), long, Buffer.alloc(30, 0xbe)]);
    client.send(frame(HEADERS, Flag.END_HEADERS | Flag.END_STREAM, 1, block));
    client.send(headers(3, callFields(RANGE)), data(3, range, Flag.END_STREAM));
    assert.equal(await client.ended(3), true);
    assert.ok(client.dataOf(3).length > 5);
    const refusal = client.frames.find(({ streamId }) => streamId === 1);
    assert.match(refusal?.payload.toString('latin1') ?? '', /431.*header list larger than max/);
    client.close();
  });

  test('whoever reads nothing at all is cut off', { timeout: 60_000 }, async () => {
    const client = await FrameClient.connect(fake.url);
    client.pause();
    let id = 1;
    const untilMs = Date.now() + 45_000;
    while (!client.isClosed && Date.now() < untilMs) {
      client.send(
        times(2_000, () => {
          const path = `/${'y'.repeat(1_000)}/x`;
          const bytes = headers(id, callFields(path), Flag.END_STREAM);
          id += 2;
          return bytes;
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(client.isClosed, true);
    assert.equal((await good.call(RANGE, range)).code, 0);
  });
});
