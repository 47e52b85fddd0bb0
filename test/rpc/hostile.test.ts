import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { GrpcCode } from '../../client/status.ts';
import {
  decodeRangeResponse,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  encodeLeaseKeepAliveRequest,
  encodePutRequest,
  encodeRangeRequest,
} from '../../proto/gen/etcd.ts';
import { eachTransport, type FakeServer, fakeKv } from './fake-kv.ts';
import { framed, RawGrpc, type RawResult, resultOf } from './raw-grpc.ts';

const RANGE = '/etcdserverpb.KV/Range';
const PUT = '/etcdserverpb.KV/Put';
const WATCH = '/etcdserverpb.Watch/Watch';
const KEEP_ALIVE = '/etcdserverpb.Lease/LeaseKeepAlive';
const TIMEOUT = { timeout: 20_000 };

eachTransport('requests that are not what they should be', {}, (serveFake) => {
  let fake: FakeServer;
  let raw: RawGrpc;
  before(async () => {
    const defect = (): never => {
      throw new TypeError('a defect for the test');
    };
    fake = await serveFake(fakeKv({ leaseLeases: () => Promise.resolve().then(defect) }));
    raw = new RawGrpc(fake.url);
  });
  after(async () => {
    raw.close();
    await fake.server.close();
  });

  /** After whatever was sent, the server must still answer a good call. */
  const stillServes = async (): Promise<void> => {
    const good = await raw.call(RANGE, framed(encodeRangeRequest({ ...EMPTY_RANGE_REQUEST, key: 'a' })));
    assert.equal(good.code, GrpcCode.OK);
    assert.equal(decodeRangeResponse(good.messages[0] ?? new Uint8Array()).header?.revision, 3);
  };

  const put = (sizeBytes: number): Buffer =>
    framed(encodePutRequest({ ...EMPTY_PUT_REQUEST, key: 'k', value: new Uint8Array(sizeBytes) }));
  const rows: readonly (readonly [string, string, Uint8Array, number, RegExp])[] = [
    [
      'a truncated message',
      RANGE,
      framed(Uint8Array.of(0x0a, 9)),
      GrpcCode.INTERNAL,
      /^grpc: error unmarshalling request: unexpected EOF$/,
    ],
    [
      'a wrong wire type',
      RANGE,
      framed(Uint8Array.of(0x08, 1)),
      GrpcCode.INTERNAL,
      /^grpc: error unmarshalling request: proto: wrong wireType = 0/,
    ],
    [
      'a message too large for the store',
      PUT,
      put(1_600_000),
      GrpcCode.INVALID_ARGUMENT,
      /^etcdserver: request is too large$/,
    ],
    [
      'a message too large for gRPC',
      PUT,
      put(2_200_000),
      GrpcCode.RESOURCE_EXHAUSTED,
      /^grpc: received message larger than max \(22000\d\d vs\. 2097152\)$/,
    ],
    ['a message too large to collect', PUT, put(9_000_000), GrpcCode.RESOURCE_EXHAUSTED, /larger than max/],
    ['a method nobody has', '/etcdserverpb.KV/Nothing', framed(new Uint8Array()), GrpcCode.UNIMPLEMENTED, /./],
    [
      'a method of a later version',
      '/etcdserverpb.KV/RangeTomorrow',
      framed(new Uint8Array()),
      GrpcCode.UNIMPLEMENTED,
      /RangeTomorrow/,
    ],
    [
      'a method that is not served',
      '/etcdserverpb.Auth/UserList',
      framed(new Uint8Array()),
      GrpcCode.UNIMPLEMENTED,
      /^method UserList not implemented$/,
    ],
    ['a malformed first request of a watch', WATCH, framed(Uint8Array.of(0xff)), GrpcCode.UNAVAILABLE, /no leader/],
    [
      'a malformed keep-alive',
      KEEP_ALIVE,
      framed(Uint8Array.of(0x0a, 0)),
      GrpcCode.INTERNAL,
      /^grpc: failed to unmarshal the received message/,
    ],
    [
      'a defect of the server',
      '/etcdserverpb.Lease/LeaseLeases',
      framed(new Uint8Array()),
      GrpcCode.INTERNAL,
      /^internal error$/,
    ],
  ];
  for (const [what, path, body, code, message] of rows) {
    test(`${what}: code ${code}`, TIMEOUT, async () => {
      const result = await raw.call(path, body);
      assert.equal(result.code, code, result.text);
      assert.match(result.text, message);
      await stillServes();
    });
  }

  test('a call without a message, or with half of one, ends with an error', TIMEOUT, async () => {
    for (const body of [new Uint8Array(), Uint8Array.of(0, 0, 0, 0, 9, 1, 2)]) {
      assert.notEqual((await raw.call(RANGE, body)).code, GrpcCode.OK);
    }
    await stillServes();
  });

  test('what is not gRPC is refused as HTTP', TIMEOUT, async () => {
    const result = await raw.call(RANGE, new Uint8Array(), { 'content-type': 'text/html' });
    assert.equal(result.httpStatus, 415);
    await stillServes();
  });

  test('an impossible deadline is an error of that call alone', TIMEOUT, async () => {
    assert.notEqual((await raw.call(RANGE, framed(new Uint8Array()), { 'grpc-timeout': 'soon' })).code, GrpcCode.OK);
    await stillServes();
  });

  test('keep-alives are answered in order until the client closes its half', TIMEOUT, async () => {
    const stream = raw.open(KEEP_ALIVE);
    const result = resultOf(stream);
    for (const ID of [1n, 2n, 3n]) stream.write(framed(encodeLeaseKeepAliveRequest({ ID })));
    stream.end();
    const { code, messages } = (await result) satisfies RawResult;
    assert.deepEqual([code, messages.length], [GrpcCode.OK, 3]);
  });

  test('many streams that are reset at once leave the server as it was', TIMEOUT, async () => {
    const hasty = new RawGrpc(fake.url);
    for (let i = 0; i < 300; i++) hasty.open(KEEP_ALIVE).close(8);
    await new Promise((resolve) => setTimeout(resolve, 100));
    hasty.close();
    await stillServes();
  });

  test('noise instead of a protocol does no harm', TIMEOUT, async () => {
    const { hostname, port } = new URL(fake.url);
    for (const noise of [
      '\0\0\0\0',
      'PRI * HTTP/2.0\r\n\r\nnoise',
      'PRI',
      'GET',
      'GET / HTTP/9\r\n\r\n',
      '\x16\x03\x01\x02\x00',
    ]) {
      const socket = connect(Number(port), hostname);
      await onceWritten(socket, noise);
      socket.destroy();
    }
    await stillServes();
  });

  test('a preface that comes byte by byte is still HTTP/2', TIMEOUT, async () => {
    const { hostname, port } = new URL(fake.url);
    const socket = connect(Number(port), hostname);
    const answered = new Promise<Buffer>((resolve) => socket.once('data', resolve));
    for (const byte of 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') {
      await onceWritten(socket, byte);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await onceWritten(socket, Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    assert.equal((await answered)[3], 4, 'the server sends its SETTINGS frame');
    socket.destroy();
  });

  test('only the defect was logged', () => {
    assert.equal(fake.defects.length, 1);
  });
});

eachTransport('what is checked before every call', {}, (serveFake) => {
  test('a caller may insist on a leader', TIMEOUT, async () => {
    const fake = await serveFake(fakeKv(), { hasLeader: () => false, isLearner: () => false });
    const raw = new RawGrpc(fake.url);
    const body = framed(encodeRangeRequest({ ...EMPTY_RANGE_REQUEST, key: 'a' }));
    const insisting = await raw.call(RANGE, body, { hasleader: 'true' });
    assert.deepEqual([insisting.code, insisting.text], [GrpcCode.UNAVAILABLE, 'etcdserver: no leader']);
    assert.equal((await raw.call(RANGE, body)).code, GrpcCode.OK);
    raw.close();
    await fake.server.close();
  });

  test('a learner answers serializable reads and status only', TIMEOUT, async () => {
    const fake = await serveFake(fakeKv(), { hasLeader: () => true, isLearner: () => true });
    const raw = new RawGrpc(fake.url);
    const range = (serializable: boolean): Promise<RawResult> =>
      raw.call(RANGE, framed(encodeRangeRequest({ ...EMPTY_RANGE_REQUEST, key: 'a', serializable })));
    const refused = [GrpcCode.FAILED_PRECONDITION, 'etcdserver: rpc not supported for learner'];
    const linearizable = await range(false);
    assert.deepEqual([linearizable.code, linearizable.text], refused);
    assert.equal((await range(true)).code, GrpcCode.OK);
    assert.equal((await raw.call('/etcdserverpb.Maintenance/Status', framed(new Uint8Array()))).code, GrpcCode.OK);
    const watch = await raw.call(WATCH, framed(new Uint8Array()));
    assert.deepEqual([watch.code, watch.text], refused);
    assert.equal((await raw.call('/grpc.health.v1.Health/Check', framed(new Uint8Array()))).code, GrpcCode.OK);
    raw.close();
    await fake.server.close();
  });
});

function onceWritten(socket: Socket, data: string | Uint8Array): Promise<void> {
  if (socket.listenerCount('error') === 0) socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.write(data, () => resolve());
  });
}
