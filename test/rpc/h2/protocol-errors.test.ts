import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { CLIENT_PREFACE, ErrorCode, Flag, FrameType, Setting } from '../../../http2/protocol.ts';
import { EMPTY_RANGE_REQUEST, encodeRangeRequest } from '../../../proto/gen/etcd.ts';
import { type FakeServer, fakeKv, serveFake } from '../fake-kv.ts';
import { framed, RawGrpc } from '../raw-grpc.ts';
import { callFields, codeName, data, FrameClient, frame, headerBlock, headers, settings, uint32 } from './frames.ts';

const RANGE = '/etcdserverpb.KV/Range';
const KEEP_ALIVE = '/etcdserverpb.Lease/LeaseKeepAlive';
const TIMEOUT = { timeout: 20_000 };
const { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION } =
  FrameType;

const range = framed(encodeRangeRequest({ ...EMPTY_RANGE_REQUEST, key: 'a' }));
const open = (streamId: number): Buffer => headers(streamId, callFields(KEEP_ALIVE));
const done = (streamId: number): Buffer =>
  Buffer.concat([headers(streamId, callFields(RANGE)), data(streamId, range, Flag.END_STREAM)]);
const call = (fields: readonly (readonly [string, string])[]): Buffer =>
  Buffer.concat([headers(1, fields), data(1, range, Flag.END_STREAM)]);

suite('HTTP/2: what a client must not do', () => {
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

  const connectionErrors: readonly (readonly [string, ErrorCode, Buffer])[] = [
    ['DATA on stream 0', ErrorCode.PROTOCOL_ERROR, data(0, range)],
    ['DATA on an idle stream', ErrorCode.PROTOCOL_ERROR, data(1, range)],
    [
      'DATA that is all padding and more',
      ErrorCode.PROTOCOL_ERROR,
      Buffer.concat([open(1), frame(DATA, Flag.PADDED, 1, Buffer.of(5, 1, 2))]),
    ],
    ['DATA without its padding', ErrorCode.FRAME_SIZE_ERROR, Buffer.concat([open(1), frame(DATA, Flag.PADDED, 1)])],
    ['a frame that is too long', ErrorCode.FRAME_SIZE_ERROR, frame(DATA, 0, 1, Buffer.alloc(16_385))],
    ['HEADERS on stream 0', ErrorCode.PROTOCOL_ERROR, headers(0, callFields(RANGE))],
    ['HEADERS on an even stream', ErrorCode.PROTOCOL_ERROR, headers(2, callFields(RANGE))],
    ['HEADERS on a lower stream', ErrorCode.STREAM_CLOSED, Buffer.concat([open(5), open(3)])],
    ['HEADERS that are all padding', ErrorCode.PROTOCOL_ERROR, frame(HEADERS, Flag.PADDED | 4, 1, Buffer.of(9, 1))],
    ['HEADERS without their priority', ErrorCode.FRAME_SIZE_ERROR, frame(HEADERS, Flag.PRIORITY | 4, 1, Buffer.of(9))],
    ['a header block that is not HPACK', ErrorCode.COMPRESSION_ERROR, frame(HEADERS, 4, 1, Buffer.of(0x80))],
    [
      'a frame within a header block',
      ErrorCode.PROTOCOL_ERROR,
      Buffer.concat([frame(HEADERS, 0, 1), frame(PING, 0, 0, Buffer.alloc(8))]),
    ],
    [
      'CONTINUATION of another stream',
      ErrorCode.PROTOCOL_ERROR,
      Buffer.concat([frame(HEADERS, 0, 1), frame(CONTINUATION, 4, 3)]),
    ],
    ['CONTINUATION without HEADERS', ErrorCode.PROTOCOL_ERROR, frame(CONTINUATION, 4, 1)],
    [
      'CONTINUATION after the end of headers',
      ErrorCode.PROTOCOL_ERROR,
      Buffer.concat([open(1), frame(CONTINUATION, 4, 1)]),
    ],
    ['PRIORITY on stream 0', ErrorCode.PROTOCOL_ERROR, frame(PRIORITY, 0, 0, Buffer.alloc(5))],
    ['RST_STREAM on stream 0', ErrorCode.PROTOCOL_ERROR, frame(RST_STREAM, 0, 0, uint32(8))],
    ['RST_STREAM on an idle stream', ErrorCode.PROTOCOL_ERROR, frame(RST_STREAM, 0, 1, uint32(8))],
    [
      'RST_STREAM of a wrong length',
      ErrorCode.FRAME_SIZE_ERROR,
      Buffer.concat([open(1), frame(RST_STREAM, 0, 1, Buffer.alloc(3))]),
    ],
    ['SETTINGS on a stream', ErrorCode.PROTOCOL_ERROR, frame(SETTINGS, 0, 1)],
    ['SETTINGS of a wrong length', ErrorCode.FRAME_SIZE_ERROR, frame(SETTINGS, 0, 0, Buffer.alloc(5))],
    [
      'SETTINGS that acknowledge with a payload',
      ErrorCode.FRAME_SIZE_ERROR,
      frame(SETTINGS, Flag.ACK, 0, Buffer.alloc(6)),
    ],
    ['ENABLE_PUSH 2', ErrorCode.PROTOCOL_ERROR, settings([Setting.ENABLE_PUSH, 2])],
    ['INITIAL_WINDOW_SIZE 2^31', ErrorCode.FLOW_CONTROL_ERROR, settings([Setting.INITIAL_WINDOW_SIZE, 2 ** 31])],
    ['MAX_FRAME_SIZE too small', ErrorCode.PROTOCOL_ERROR, settings([Setting.MAX_FRAME_SIZE, 16_383])],
    ['MAX_FRAME_SIZE too large', ErrorCode.PROTOCOL_ERROR, settings([Setting.MAX_FRAME_SIZE, 2 ** 24])],
    ['PUSH_PROMISE', ErrorCode.PROTOCOL_ERROR, frame(PUSH_PROMISE, 4, 1, uint32(2))],
    ['PING on a stream', ErrorCode.PROTOCOL_ERROR, frame(PING, 0, 1, Buffer.alloc(8))],
    ['PING of a wrong length', ErrorCode.FRAME_SIZE_ERROR, frame(PING, 0, 0, Buffer.alloc(7))],
    ['GOAWAY on a stream', ErrorCode.PROTOCOL_ERROR, frame(GOAWAY, 0, 1, Buffer.alloc(8))],
    ['GOAWAY of a wrong length', ErrorCode.FRAME_SIZE_ERROR, frame(GOAWAY, 0, 0, Buffer.alloc(7))],
    ['WINDOW_UPDATE of 0', ErrorCode.PROTOCOL_ERROR, frame(WINDOW_UPDATE, 0, 0, uint32(0))],
    ['WINDOW_UPDATE beyond 2^31', ErrorCode.FLOW_CONTROL_ERROR, frame(WINDOW_UPDATE, 0, 0, uint32(0x7fffffff))],
    ['WINDOW_UPDATE on an idle stream', ErrorCode.PROTOCOL_ERROR, frame(WINDOW_UPDATE, 0, 1, uint32(1))],
    ['WINDOW_UPDATE of a wrong length', ErrorCode.FRAME_SIZE_ERROR, frame(WINDOW_UPDATE, 0, 0, Buffer.alloc(5))],
    [
      'INITIAL_WINDOW_SIZE that overflows an open stream',
      ErrorCode.FLOW_CONTROL_ERROR,
      Buffer.concat([
        open(1),
        frame(WINDOW_UPDATE, 0, 1, uint32(0x7fff0000)),
        settings([Setting.INITIAL_WINDOW_SIZE, 0x7fffffff]),
      ]),
    ],
  ];
  for (const [what, code, bytes] of connectionErrors) {
    test(`${what}: GOAWAY ${codeName(code)}`, TIMEOUT, async () => {
      const client = await FrameClient.connect(fake.url);
      client.send(bytes);
      const goAway = await client.goAway();
      assert.equal(codeName(goAway?.code), codeName(code), goAway?.text);
      await client.closed();
      assert.equal(client.isClosed, true);
      assert.equal((await good.call(RANGE, range)).code, 0, 'other connections go on');
    });
  }

  test('something else than SETTINGS first: GOAWAY PROTOCOL_ERROR', TIMEOUT, async () => {
    const client = await FrameClient.connect(
      fake.url,
      Buffer.concat([CLIENT_PREFACE, frame(PING, 0, 0, Buffer.alloc(8))]),
    );
    assert.equal((await client.goAway())?.code, ErrorCode.PROTOCOL_ERROR);
    client.close();
  });

  test('a wrong preface: GOAWAY PROTOCOL_ERROR', TIMEOUT, async () => {
    const client = await FrameClient.connect(fake.url, Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'));
    assert.equal((await client.goAway())?.code, ErrorCode.PROTOCOL_ERROR);
    client.close();
  });

  const fields = callFields(RANGE);
  const streamErrors: readonly (readonly [string, ErrorCode, Buffer])[] = [
    ['a name in upper case', ErrorCode.PROTOCOL_ERROR, call([...fields, ['X-Key', '1']])],
    ['a name with a space', ErrorCode.PROTOCOL_ERROR, call([...fields, ['x key', '1']])],
    ['an empty name', ErrorCode.PROTOCOL_ERROR, call([...fields, ['', '1']])],
    ['a value with a line break', ErrorCode.PROTOCOL_ERROR, call([...fields, ['x', 'a\r\nb: c']])],
    ['a value with a space before it', ErrorCode.PROTOCOL_ERROR, call([...fields, ['x', ' a']])],
    ['a connection header', ErrorCode.PROTOCOL_ERROR, call([...fields, ['connection', 'keep-alive']])],
    ['a transfer-encoding', ErrorCode.PROTOCOL_ERROR, call([...fields, ['transfer-encoding', 'chunked']])],
    ['te that is not trailers', ErrorCode.PROTOCOL_ERROR, call(callFields(RANGE, { te: 'gzip' }))],
    ['an unknown pseudo-header', ErrorCode.PROTOCOL_ERROR, call([[':x', '1'], ...fields])],
    ['the pseudo-header of answers', ErrorCode.PROTOCOL_ERROR, call([[':status', '200'], ...fields])],
    ['a pseudo-header too late', ErrorCode.PROTOCOL_ERROR, call([...fields.slice(1), [':method', 'POST']])],
    ['a pseudo-header twice', ErrorCode.PROTOCOL_ERROR, call([[':path', RANGE], ...fields])],
    ['no :method', ErrorCode.PROTOCOL_ERROR, call(callFields(RANGE, { ':method': '' }))],
    ['no :scheme', ErrorCode.PROTOCOL_ERROR, call(callFields(RANGE, { ':scheme': '' }))],
    ['no :path', ErrorCode.PROTOCOL_ERROR, call(callFields(''))],
    ['a content-length that is too small', ErrorCode.PROTOCOL_ERROR, call([...fields, ['content-length', '1']])],
    ['a content-length that is too large', ErrorCode.PROTOCOL_ERROR, call([...fields, ['content-length', '999']])],
    ['a content-length that is no number', ErrorCode.PROTOCOL_ERROR, call([...fields, ['content-length', 'x']])],
    [
      'DATA after the end',
      ErrorCode.STREAM_CLOSED,
      Buffer.concat([headers(1, callFields(KEEP_ALIVE), Flag.END_STREAM), data(1, range)]),
    ],
    ['HEADERS in the middle', ErrorCode.PROTOCOL_ERROR, Buffer.concat([open(1), headers(1, [['x', '1']])])],
    [
      'pseudo-headers in trailers',
      ErrorCode.PROTOCOL_ERROR,
      Buffer.concat([open(1), headers(1, [[':path', '/']], Flag.END_STREAM)]),
    ],
    ['WINDOW_UPDATE of 0', ErrorCode.PROTOCOL_ERROR, Buffer.concat([open(1), frame(WINDOW_UPDATE, 0, 1, uint32(0))])],
    [
      'WINDOW_UPDATE beyond 2^31',
      ErrorCode.FLOW_CONTROL_ERROR,
      Buffer.concat([open(1), frame(WINDOW_UPDATE, 0, 1, uint32(0x7fffffff))]),
    ],
    [
      'PRIORITY of a wrong length',
      ErrorCode.FRAME_SIZE_ERROR,
      Buffer.concat([open(1), frame(PRIORITY, 0, 1, Buffer.alloc(4))]),
    ],
  ];
  for (const [what, code, bytes] of streamErrors) {
    test(`${what}: RST_STREAM ${codeName(code)}`, TIMEOUT, async () => {
      const client = await FrameClient.connect(fake.url);
      client.send(bytes);
      assert.equal(codeName(await client.reset(1)), codeName(code));
      client.send(done(101));
      assert.equal(await client.ended(101), true, 'the connection goes on');
      assert.ok(client.dataOf(101).length > 5, 'an answer came');
      client.close();
    });
  }
});

suite('HTTP/2: what a client may do', () => {
  let fake: FakeServer;
  let client: FrameClient;
  let nextId = 1;
  before(async () => {
    fake = await serveFake(fakeKv());
    client = await FrameClient.connect(fake.url);
  });
  after(async () => {
    client.close();
    await fake.server.close();
  });

  const block = headerBlock(callFields(RANGE));
  const body = (id: number): Buffer => data(id, range, Flag.END_STREAM);
  const rows: readonly (readonly [string, (id: number) => readonly Buffer[]])[] = [
    [
      'padded HEADERS with a priority',
      (id) => [
        frame(
          HEADERS,
          4 | Flag.PADDED | Flag.PRIORITY,
          id,
          Buffer.concat([Buffer.of(3), Buffer.alloc(5), block, Buffer.alloc(3)]),
        ),
        body(id),
      ],
    ],
    [
      'padded DATA',
      (id) => [
        frame(HEADERS, 4, id, block),
        frame(DATA, Flag.END_STREAM | Flag.PADDED, id, Buffer.concat([Buffer.of(2), range, Buffer.alloc(2)])),
      ],
    ],
    [
      'headers in three frames',
      (id) => [
        frame(HEADERS, 0, id, block.subarray(0, 5)),
        frame(CONTINUATION, 0, id, block.subarray(5, 50)),
        frame(CONTINUATION, 4, id, block.subarray(50)),
        body(id),
      ],
    ],
    [
      'a message byte by byte',
      (id) => [
        frame(HEADERS, 4, id, block),
        ...[...range].map((byte) => data(id, Buffer.of(byte))),
        data(id, Buffer.alloc(0), Flag.END_STREAM),
      ],
    ],
    [
      'trailers after the message',
      (id) => [frame(HEADERS, 4, id, block), data(id, range), headers(id, [['x', '1']], Flag.END_STREAM)],
    ],
    ['no end at all after the message', (id) => [frame(HEADERS, 4, id, block), data(id, range)]],
    [
      'a matching content-length',
      (id) => [headers(id, [...callFields(RANGE), ['content-length', String(range.length)]]), body(id)],
    ],
    [
      'unknown frames, settings and flags',
      (id) => [
        frame(0x42, 0xff, id, Buffer.alloc(9)),
        settings([0x42, 7]),
        frame(HEADERS, 4 | 0x40, id, block),
        body(id),
      ],
    ],
    [
      'PRIORITY of an idle stream',
      (id) => [frame(PRIORITY, 0, id + 100, Buffer.alloc(5)), frame(HEADERS, 4, id, block), body(id)],
    ],
    [
      'a smaller header table',
      (id) => [settings([Setting.HEADER_TABLE_SIZE, 0]), frame(HEADERS, 4, id, block), body(id)],
    ],
    [
      'a larger header table and frame',
      (id) => [
        settings([Setting.HEADER_TABLE_SIZE, 65_536], [Setting.MAX_FRAME_SIZE, 100_000]),
        frame(HEADERS, 4, id, block),
        body(id),
      ],
    ],
  ];
  for (const [what, frames] of rows) {
    test(what, TIMEOUT, async () => {
      const id = nextId;
      nextId += 2;
      client.send(...frames(id));
      assert.equal(await client.ended(id), true);
      assert.ok(client.dataOf(id).length > 5, 'an answer came');
    });
  }

  test('frames on a stream that the server has ended are passed over', TIMEOUT, async () => {
    const id = nextId;
    nextId += 2;
    client.send(headers(id, callFields('/nothing/Here')));
    assert.equal(await client.reset(id), ErrorCode.NO_ERROR);
    client.send(data(id, range), headers(id, [['x', '1']], Flag.END_STREAM), frame(RST_STREAM, 0, id, uint32(8)));
    await client.settle();
    assert.equal(
      client.frames.some(({ type }) => type === GOAWAY),
      false,
    );
  });

  test('everything arrives in pieces of any size', TIMEOUT, async () => {
    for (const size of [1, 2, 7, 10, 31]) {
      const id = nextId;
      nextId += 2;
      const bytes = Buffer.concat([frame(HEADERS, 4, id, block), body(id)]);
      for (let at = 0; at < bytes.length; at += size) {
        client.send(bytes.subarray(at, at + size));
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal(await client.ended(id), true);
      assert.ok(client.dataOf(id).length > 5);
    }
  });
});
