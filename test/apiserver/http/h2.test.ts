import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { bytesReply, type Reply } from '../../../apiserver/handlers/reply.ts';
import type { ApiRequest } from '../../../apiserver/http/api-request.ts';
import { H2Server } from '../../../apiserver/http/h2-server.ts';
import { HTTP_LIMITS } from '../../../apiserver/http/limits.ts';
import { HTTP2_LIMITS } from '../../../http2/limits.ts';
import { CLIENT_PREFACE, ErrorCode, Flag, FrameType, Setting } from '../../../http2/protocol.ts';
import { codeName, data, FrameClient, frame, headerBlock, headers, settings, uint32 } from '../../rpc/h2/frames.ts';

const TIMEOUT = { timeout: 20_000 };
const { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION } =
  FrameType;

/** The fields of a request, with others over them; an empty value drops a field. */
const fieldsOf = (path: string, others: Readonly<Record<string, string>> = {}): [string, string][] =>
  Object.entries({ ':method': 'POST', ':scheme': 'https', ':path': path, ':authority': 'localhost', ...others }).filter(
    ([, value]) => value !== '',
  );
const get = (streamId: number, path: string): Buffer =>
  headers(streamId, fieldsOf(path, { ':method': 'GET' }), Flag.END_STREAM);
const open = (streamId: number): Buffer => headers(streamId, fieldsOf('/echo'));
const call = (fields: readonly (readonly [string, string])[]): Buffer =>
  Buffer.concat([headers(1, fields), data(1, Buffer.from('abc'), Flag.END_STREAM)]);
const times = (count: number, make: (i: number) => Uint8Array): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => make(i)));

suite('the HTTP/2 of the API server', () => {
  const defects: unknown[] = [];
  let server: Server;
  let h2: H2Server;
  let url: string;
  /** Signals of requests to /wait that were aborted. */
  let aborted = 0;

  const handler = async (request: ApiRequest): Promise<Reply> => {
    if (request.url === '/wait') {
      await new Promise<void>((resolve) => request.signal.addEventListener('abort', () => resolve()));
      aborted++;
      return bytesReply(200, 'text/plain', 'late');
    }
    if (request.url === '/refuse') return bytesReply(401, 'text/plain', 'no');
    if (request.url === '/fail') throw new TypeError('a defect');
    if (request.url === '/headers') return bytesReply(200, 'application/json', JSON.stringify(request.headers));
    if (request.url === '/large') {
      const part = Buffer.alloc(10_000, 'l');
      const chunks = Array.from({ length: 50 }, () => [part, part]);
      return { type: 'chunks', status: 200, headers: {}, chunks, sizeBytes: 50 * 20_000 };
    }
    try {
      return bytesReply(200, 'text/plain', await request.body());
    } catch (error) {
      return bytesReply((error as { code: number }).code, 'text/plain', String((error as Error).message));
    }
  };

  before(async () => {
    const log = { info: () => undefined, warn: () => undefined, error: (fields: object) => defects.push(fields) };
    h2 = new H2Server({ handler, logger: log });
    server = createServer((socket) => h2.accept(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.close();
    h2.destroy();
  });

  /** The text of an answer whose stream has ended. */
  const answer = async (client: FrameClient, streamId: number): Promise<string> => {
    assert.equal(await client.ended(streamId), true, 'the stream ends');
    return client.dataOf(streamId).toString();
  };

  const connectionErrors: readonly (readonly [string, ErrorCode, Buffer])[] = [
    ['DATA on stream 0', ErrorCode.PROTOCOL_ERROR, data(0, Buffer.alloc(1))],
    ['DATA on an idle stream', ErrorCode.PROTOCOL_ERROR, data(1, Buffer.alloc(1))],
    ['a frame that is too long', ErrorCode.FRAME_SIZE_ERROR, frame(DATA, 0, 1, Buffer.alloc(16_385))],
    ['HEADERS on stream 0', ErrorCode.PROTOCOL_ERROR, headers(0, fieldsOf('/echo'))],
    ['HEADERS on an even stream', ErrorCode.PROTOCOL_ERROR, headers(2, fieldsOf('/echo'))],
    ['HEADERS on a lower stream', ErrorCode.STREAM_CLOSED, Buffer.concat([open(5), open(3)])],
    ['HEADERS that are all padding', ErrorCode.PROTOCOL_ERROR, frame(HEADERS, Flag.PADDED | 4, 1, Buffer.of(9, 1))],
    ['a header block that is not HPACK', ErrorCode.COMPRESSION_ERROR, frame(HEADERS, 4, 1, Buffer.of(0x80))],
    [
      'a frame within a header block',
      ErrorCode.PROTOCOL_ERROR,
      Buffer.concat([frame(HEADERS, 0, 1), frame(PING, 0, 0, Buffer.alloc(8))]),
    ],
    ['CONTINUATION without HEADERS', ErrorCode.PROTOCOL_ERROR, frame(CONTINUATION, 4, 1)],
    ['PRIORITY on stream 0', ErrorCode.PROTOCOL_ERROR, frame(PRIORITY, 0, 0, Buffer.alloc(5))],
    ['RST_STREAM on an idle stream', ErrorCode.PROTOCOL_ERROR, frame(RST_STREAM, 0, 1, uint32(8))],
    ['SETTINGS of a wrong length', ErrorCode.FRAME_SIZE_ERROR, frame(SETTINGS, 0, 0, Buffer.alloc(5))],
    ['INITIAL_WINDOW_SIZE 2^31', ErrorCode.FLOW_CONTROL_ERROR, settings([Setting.INITIAL_WINDOW_SIZE, 2 ** 31])],
    ['PUSH_PROMISE', ErrorCode.PROTOCOL_ERROR, frame(PUSH_PROMISE, 4, 1, uint32(2))],
    ['PING of a wrong length', ErrorCode.FRAME_SIZE_ERROR, frame(PING, 0, 0, Buffer.alloc(7))],
    ['GOAWAY of a wrong length', ErrorCode.FRAME_SIZE_ERROR, frame(GOAWAY, 0, 0, Buffer.alloc(7))],
    ['WINDOW_UPDATE beyond 2^31', ErrorCode.FLOW_CONTROL_ERROR, frame(WINDOW_UPDATE, 0, 0, uint32(0x7fffffff))],
    ['WINDOW_UPDATE on an idle stream', ErrorCode.PROTOCOL_ERROR, frame(WINDOW_UPDATE, 0, 1, uint32(1))],
    ['a header block without end', ErrorCode.ENHANCE_YOUR_CALM, Buffer.concat([frame(HEADERS, 0, 1), times(10, () => frame(CONTINUATION, 0, 1, Buffer.alloc(16_000)))])], // biome-ignore format: a line
  ];
  for (const [what, code, bytes] of connectionErrors) {
    test(`${what}: GOAWAY ${codeName(code)}`, TIMEOUT, async () => {
      const client = await FrameClient.connect(url);
      client.send(bytes);
      const goAway = await client.goAway();
      assert.equal(codeName(goAway?.code), codeName(code), goAway?.text);
      await client.closed();
      assert.equal(client.isClosed, true);
    });
  }

  test('a wrong preface: GOAWAY PROTOCOL_ERROR', TIMEOUT, async () => {
    const client = await FrameClient.connect(url, Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'));
    assert.equal((await client.goAway())?.code, ErrorCode.PROTOCOL_ERROR);
    client.close();
  });

  test('something else than SETTINGS first: GOAWAY PROTOCOL_ERROR', TIMEOUT, async () => {
    const client = await FrameClient.connect(url, Buffer.concat([CLIENT_PREFACE, frame(PING, 0, 0, Buffer.alloc(8))]));
    assert.equal((await client.goAway())?.code, ErrorCode.PROTOCOL_ERROR);
    client.close();
  });

  const fields = fieldsOf('/echo');
  const streamErrors: readonly (readonly [string, ErrorCode, Buffer])[] = [
    ['a name in upper case', ErrorCode.PROTOCOL_ERROR, call([...fields, ['X-Key', '1']])],
    ['a value with a line break', ErrorCode.PROTOCOL_ERROR, call([...fields, ['x', 'a\r\nb: c']])],
    ['a connection header', ErrorCode.PROTOCOL_ERROR, call([...fields, ['connection', 'keep-alive']])],
    ['te that is not trailers', ErrorCode.PROTOCOL_ERROR, call([...fields, ['te', 'gzip']])],
    ['an unknown pseudo-header', ErrorCode.PROTOCOL_ERROR, call([[':x', '1'], ...fields])],
    ['a pseudo-header too late', ErrorCode.PROTOCOL_ERROR, call([['x', '1'], ...fields])],
    ['a pseudo-header twice', ErrorCode.PROTOCOL_ERROR, call([[':path', '/'], ...fields])],
    ['no :method', ErrorCode.PROTOCOL_ERROR, call(fieldsOf('/echo', { ':method': '' }))],
    ['no :path', ErrorCode.PROTOCOL_ERROR, call(fieldsOf(''))],
    ['a content-length that is too small', ErrorCode.PROTOCOL_ERROR, call([...fields, ['content-length', '1']])],
    ['a content-length that is too large', ErrorCode.PROTOCOL_ERROR, call([...fields, ['content-length', '999']])],
    ['a content-length that is no number', ErrorCode.PROTOCOL_ERROR, call([...fields, ['content-length', 'x']])],
    ['HEADERS in the middle', ErrorCode.PROTOCOL_ERROR, Buffer.concat([open(1), headers(1, [['x', '1']])])],
    ['WINDOW_UPDATE of 0', ErrorCode.PROTOCOL_ERROR, Buffer.concat([open(1), frame(WINDOW_UPDATE, 0, 1, uint32(0))])],
    ['a body beyond the window', ErrorCode.FLOW_CONTROL_ERROR, Buffer.concat([headers(1, fieldsOf('/wait')), times(17, () => data(1, Buffer.alloc(16_384)))])], // biome-ignore format: a line
  ];
  for (const [what, code, bytes] of streamErrors) {
    test(`${what}: RST_STREAM ${codeName(code)}`, TIMEOUT, async () => {
      const client = await FrameClient.connect(url);
      client.send(bytes);
      assert.equal(codeName(await client.reset(1)), codeName(code));
      client.send(headers(101, fieldsOf('/echo')), data(101, Buffer.from('on'), Flag.END_STREAM));
      assert.equal(await answer(client, 101), 'on', 'the connection goes on');
      client.close();
    });
  }

  const many = HTTP2_LIMITS.nuisanceBurst + 500;
  const floods: readonly (readonly [string, () => Uint8Array])[] = [
    ['streams that are opened and reset', () => times(many, (i) => Buffer.concat([open(2 * i + 1), frame(RST_STREAM, 0, 2 * i + 1, uint32(8))]))], // biome-ignore format: a line
    ['streams that the server has to reset', () => times(many, (i) => headers(2 * i + 1, [['x', '1']]))],
    ['SETTINGS', () => times(many, () => settings())],
    ['PING', () => times(many, () => frame(PING, 0, 0, Buffer.alloc(8)))],
    ['PRIORITY', () => times(many, () => frame(PRIORITY, 0, 1, Buffer.alloc(5)))],
    ['unknown frames', () => times(many, () => frame(0x77, 0, 0))],
    ['empty DATA', () => Buffer.concat([open(1), times(many, () => data(1, new Uint8Array(0)))])],
  ];
  for (const [what, bytes] of floods) {
    test(`a flood of ${what}: ENHANCE_YOUR_CALM`, TIMEOUT, async () => {
      const client = await FrameClient.connect(url);
      client.send(bytes());
      const goAway = await client.goAway();
      assert.equal(codeName(goAway?.code), codeName(ErrorCode.ENHANCE_YOUR_CALM), goAway?.text);
      client.close();
    });
  }

  test('headers repeat as Node joins them', TIMEOUT, async () => {
    const client = await FrameClient.connect(url);
    const repeated: [string, string][] = [
      ['accept', 'a/b'],
      ['accept', 'c/d'],
      ['authorization', 'first'],
      ['authorization', 'second'],
      ['cookie', 'a=1'],
      ['cookie', 'b=2'],
    ];
    client.send(headers(1, [...fieldsOf('/headers', { ':method': 'GET' }), ...repeated], Flag.END_STREAM));
    assert.deepEqual(JSON.parse(await answer(client, 1)), {
      accept: 'a/b, c/d',
      authorization: 'first',
      cookie: 'a=1; b=2',
    });
    client.close();
  });

  test('a header list that is too long is answered with 431', TIMEOUT, async () => {
    const client = await FrameClient.connect(url);
    const block = headerBlock([...fieldsOf('/echo'), ...Array.from({ length: 71 }, (): [string, string] => ['x', 'y'.repeat(900)])]); // biome-ignore format: a line
    for (let from = 0; from < block.length; from += 16_000) {
      const isLast = from + 16_000 >= block.length;
      const type = from === 0 ? HEADERS : CONTINUATION;
      client.send(
        frame(type, (isLast ? 4 : 0) | (from === 0 ? Flag.END_STREAM : 0), 1, block.subarray(from, from + 16_000)),
      );
    }
    const head = await client.wait(({ type, streamId }) => type === HEADERS && streamId === 1);
    assert.ok(head?.payload.includes('431'));
    client.close();
  });

  test('a body over the limit is answered with 413, however long it is', TIMEOUT, async () => {
    const client = await FrameClient.connect(url);
    client.send(headers(1, fieldsOf('/echo', { 'content-length': String(HTTP_LIMITS.maxBodyBytes + 1) })));
    assert.match(await answer(client, 1), /limit is/);
    client.send(headers(3, fieldsOf('/echo')));
    for (let sent = 0; sent <= HTTP_LIMITS.maxBodyBytes; sent += 16_384) {
      client.send(data(3, Buffer.alloc(16_384)));
      // Only as much as the server gives room for.
      if (sent % (256 * 1024) === 0) await client.settle();
    }
    assert.match(await answer(client, 3), /limit is/);
    client.close();
  });

  test('an answer before the end of the request resets the stream without an error', TIMEOUT, async () => {
    const client = await FrameClient.connect(url);
    client.send(headers(1, fieldsOf('/refuse')));
    assert.equal(await client.reset(1), ErrorCode.NO_ERROR);
    assert.equal(client.dataOf(1).toString(), 'no');
    client.send(data(1, Buffer.from('late'), Flag.END_STREAM), get(3, '/headers'));
    assert.equal(await answer(client, 3), '{}', 'what was still under way is passed over');
    client.close();
  });

  test('a request that its client gives up is aborted', TIMEOUT, async () => {
    const client = await FrameClient.connect(url);
    const before = aborted;
    client.send(get(1, '/wait'));
    await client.settle();
    client.send(frame(RST_STREAM, 0, 1, uint32(ErrorCode.CANCEL)), get(3, '/wait'));
    await client.settle();
    assert.equal(aborted, before + 1);
    client.close();
    for (let i = 0; i < 100 && aborted < before + 2; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(aborted, before + 2, 'a connection that goes takes its requests along');
  });

  test('a long answer keeps to the windows of its client', TIMEOUT, async () => {
    const client = await FrameClient.connect(url, Buffer.concat([CLIENT_PREFACE, settings([Setting.INITIAL_WINDOW_SIZE, 20_000])])); // biome-ignore format: a line
    client.send(get(1, '/large'));
    await client.settle();
    await client.wait(() => client.dataOf(1).length >= 20_000);
    assert.equal(client.dataOf(1).length, 20_000);
    client.send(frame(WINDOW_UPDATE, 0, 1, uint32(10_000_000)));
    await client.wait(() => client.dataOf(1).length >= 65_535);
    assert.equal(client.dataOf(1).length, 65_535, "the connection's window counts too");
    client.send(frame(WINDOW_UPDATE, 0, 0, uint32(10_000_000)));
    assert.equal((await answer(client, 1)).length, 1_000_000);
    client.close();
  });

  test('HEAD has the length and no body', TIMEOUT, async () => {
    const client = await FrameClient.connect(url);
    client.send(headers(1, fieldsOf('/headers', { ':method': 'HEAD' }), Flag.END_STREAM));
    assert.equal(await answer(client, 1), '');
    client.close();
  });

  test('a handler that fails costs its stream and nothing else', TIMEOUT, async () => {
    const before = defects.length;
    const client = await FrameClient.connect(url);
    client.send(get(1, '/fail'));
    assert.equal(await client.reset(1), ErrorCode.INTERNAL_ERROR);
    assert.equal(defects.length, before + 1);
    client.send(get(3, '/headers'));
    assert.equal(await answer(client, 3), '{}');
    client.close();
  });
});
