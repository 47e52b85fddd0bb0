import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { EMPTY_PUT_REQUEST } from '../../proto/gen/etcd.ts';
import { FrameReader, frame } from '../../rpc/websocket/frames.ts';
import { authorizationOf } from '../../rpc/websocket/handshake.ts';
import { RealCluster } from '../member/kit.ts';
import { type FakeServer, serveFake } from './fake-kv.ts';
import { exchange } from './raw-http.ts';
import { clientFrame, type WebSocketAnswer, type WebSocketScript, webSocket } from './raw-websocket.ts';

const TIMEOUT = { timeout: 30_000 };
const create = (startRevision: number): string =>
  JSON.stringify({ create_request: { key: 'YQ==', start_revision: startRevision } });

suite('the gateway over WebSockets', () => {
  let cluster: RealCluster;
  let server: FakeServer;

  before(async () => {
    cluster = await RealCluster.create(1);
    await cluster.start();
    server = await serveFake(cluster.client('m1'));
    for (let i = 0; i < 3; i++) {
      await cluster.client('m1').put({ ...EMPTY_PUT_REQUEST, key: 'a', value: Buffer.from(String(i)) });
    }
  }, TIMEOUT);
  after(async () => {
    await server?.server.close();
    await cluster?.destroy();
  });

  const talk = (path: string, script: WebSocketScript): Promise<WebSocketAnswer> =>
    webSocket(server.url + path, script);

  test('the handshake of the RFC', TIMEOUT, async () => {
    const { handshake } = await talk('/v3/watch', { send: [], count: 0 });
    assert.match(handshake, /^http\/1\.1 101 switching protocols\r\n/);
    assert.match(handshake, /sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk\+xoo=/);
  });

  test('a message is a value of the body, a line of the answer is a message', TIMEOUT, async () => {
    const { frames, isClosed } = await talk('/v3/watch', { send: [{ bytes: clientFrame(create(2)) }], count: 2 });
    assert.match(frames[0] ?? '', /^\{"result":\{"header":.*"created":true\}\}$/);
    assert.match(frames[1] ?? '', /"events":\[\{"kv":\{"key":"YQ=="/);
    assert.equal(isClosed, false);
  });

  test('several messages, and answers between them', TIMEOUT, async () => {
    const { frames } = await talk('/v3/watch', {
      send: [
        { bytes: clientFrame(JSON.stringify({ create_request: { key: 'Yg==', watch_id: 7 } })) },
        { bytes: clientFrame(JSON.stringify({ cancel_request: { watch_id: 7 } })), after: 1 },
      ],
      count: 2,
    });
    assert.match(frames[1] ?? '', /"watch_id":"7","canceled":true/);
  });

  test('fragments, and a ping between them', TIMEOUT, async () => {
    const text = create(4);
    const { frames } = await talk('/v3/watch', {
      send: [
        { bytes: clientFrame(text.slice(0, 9), { isLast: false }) },
        { bytes: clientFrame('are you there', { opcode: 9 }) },
        { bytes: clientFrame(text.slice(9, 12), { opcode: 0, isLast: false }) },
        { bytes: clientFrame(text.slice(12), { opcode: 0 }) },
      ],
      count: 3,
    });
    assert.equal(frames[0], 'pong:are you there');
    assert.match(frames[1] ?? '', /"created":true/);
  });

  test('a call that ends closes the connection', TIMEOUT, async () => {
    const send = [{ bytes: clientFrame('{"key":"YQ=="}') }];
    const { frames, isClosed } = await talk('/v3/kv/range', { send, count: 2, untilClosed: true });
    assert.match(frames[0] ?? '', /"count":"1"/);
    assert.equal(frames[1], 'close:1000');
    assert.equal(isClosed, true);
  });

  test('an answer is split into lines, however large they are', TIMEOUT, async () => {
    const value = Buffer.alloc(200_000, 'x');
    await cluster.client('m1').put({ ...EMPTY_PUT_REQUEST, key: 'large', value });
    const send = [{ bytes: clientFrame('{"key":"bGFyZ2U="}') }];
    const { frames } = await talk('/v3/kv/range', { send, count: 1 });
    assert.equal(JSON.parse(frames[0] ?? '').kvs[0].value, value.toString('base64'));
  });

  for (const [name, bytes, code] of [
    ['an unmasked frame', Buffer.from([0x81, 2, 0x7b, 0x7d]), 1002],
    ['reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0]), 1002],
    ['a continuation of nothing', clientFrame('x', { opcode: 0 }), 1002],
    ['an opcode that is not', clientFrame('x', { opcode: 3 }), 1002],
    ['a control frame in fragments', clientFrame('x', { opcode: 9, isLast: false }), 1002],
    ['a control frame that is too long', clientFrame('x'.repeat(126), { opcode: 9 }), 1002],
    ['a frame of 2^62 bytes', Buffer.from([0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), 1009],
    ['a goodbye', clientFrame('', { opcode: 8 }), 1000],
  ] as const) {
    test(`${name}: closed with ${code}`, TIMEOUT, async () => {
      const { frames, isClosed } = await talk('/v3/watch', { send: [{ bytes }], count: 1, untilClosed: true });
      assert.deepEqual([frames, isClosed], [[`close:${code}`], true]);
    });
  }

  for (const [name, headers] of [
    ['another version', { 'Sec-WebSocket-Version': '12' }],
    ['a key that is none', { 'Sec-WebSocket-Key': 'short' }],
  ] as const) {
    test(`${name}: refused`, TIMEOUT, async () => {
      const { handshake } = await talk('/v3/watch', { headers, send: [], count: 0, untilClosed: true });
      assert.match(handshake, /^http\/1\.1 400 bad request/);
    });
  }

  test('what offers another protocol is served as it is, its body too', TIMEOUT, async () => {
    for (const upgrade of ['h2c', 'websocket']) {
      const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade, 'http2-settings': 'AAMAAABk' };
      const health = await exchange(`${server.url}/health`, { method: 'GET', headers });
      assert.deepEqual([health.status, health.body], [200, '{"health":"true","reason":""}']);
    }
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
    const range = await exchange(`${server.url}/v3/kv/range`, { body: '{"key":"YQ=="}', headers });
    assert.equal(range.status, 200);
    assert.match(range.body, /"count":"1"/);
  });

  test('a client that goes ends its call', TIMEOUT, async () => {
    await talk('/v3/watch', { send: [{ bytes: clientFrame(create(0)) }], count: 1 });
    const deadline = Date.now() + 5_000;
    const streams = (): number => cluster.member('m1').watches.hub.stats.streams;
    while (streams() > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(streams(), 0);
  });

  test('nothing of this was a defect', () => assert.deepEqual(server.defects, []));
});

test('frames come byte by byte, and many at once', () => {
  const bytes = Buffer.concat([
    clientFrame('one'),
    clientFrame('t', { isLast: false }),
    clientFrame('wo', { opcode: 0 }),
  ]);
  const single = new FrameReader();
  const slowly = [...bytes].flatMap((byte) => single.push(Buffer.from([byte])));
  const atOnce = new FrameReader().push(bytes);
  assert.deepEqual(
    [slowly, atOnce].map((received) => received.map(({ payload }) => payload.toString())),
    [
      ['one', 'two'],
      ['one', 'two'],
    ],
  );
});

test('lengths of each form', () => {
  for (const length of [0, 125, 126, 65_535, 65_536]) {
    const bytes = frame(1, Buffer.alloc(length));
    assert.equal(bytes.length, length + (length < 126 ? 2 : length < 65_536 ? 4 : 10));
  }
});

test('who the client is', () => {
  for (const [headers, wanted] of [
    [{}, undefined],
    [{ 'sec-websocket-protocol': 'Bearer, abc.1' }, 'Bearer abc.1'],
    [{ 'sec-websocket-protocol': 'Bearer,abc.1' }, 'Bearer abc.1'],
    [{ 'sec-websocket-protocol': 'other' }, ''],
    [{ cookie: 'a=b; token=abc.2' }, 'Bearer abc.2'],
    [{ cookie: 'token=abc.2', 'sec-websocket-protocol': 'Bearer, abc.1' }, 'Bearer abc.2'],
    [{ cookie: 'mytoken=x' }, undefined],
  ] as const) {
    assert.equal(authorizationOf(headers), wanted, JSON.stringify(headers));
  }
});
