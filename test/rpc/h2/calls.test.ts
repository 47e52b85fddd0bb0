import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Client, compressionAlgorithms, credentials, Metadata } from '@grpc/grpc-js';
import type { CancelSignal } from '../../../base/cancel.ts';
import { StoreError } from '../../../base/store-error.ts';
import type { CallOptions } from '../../../client/kv-client.ts';
import { GrpcCode } from '../../../client/status.ts';
import { FrameType } from '../../../http2/protocol.ts';
import {
  decodeRangeResponse,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  EMPTY_RANGE_RESPONSE,
  encodePutRequest,
  encodeRangeRequest,
} from '../../../proto/gen/etcd.ts';
import { eachTransport, fakeKv } from '../fake-kv.ts';
import { framed, RawGrpc, resultOf } from '../raw-grpc.ts';
import { callFields, FrameClient, headers } from './frames.ts';

const RANGE = '/etcdserverpb.KV/Range';
const PUT = '/etcdserverpb.KV/Put';
const WATCH = '/etcdserverpb.Watch/Watch';
const KEEP_ALIVE = '/etcdserverpb.Lease/LeaseKeepAlive';
const TIMEOUT = { timeout: 20_000 };

const range = encodeRangeRequest({ ...EMPTY_RANGE_REQUEST, key: 'a' });
const flagged = (flag: number, message: Uint8Array): Buffer => {
  const bytes = framed(message);
  bytes[0] = flag;
  return bytes;
};
const gzip = { 'grpc-encoding': 'gzip' };

/** The rows are what etcd 3.5 answers to the same bytes; grpc-js has texts of its own. */
eachTransport('gRPC: calls as grpc-go answers them', {}, (serveFake, transport) => {
  const large = flagged(
    1,
    gzipSync(encodePutRequest({ ...EMPTY_PUT_REQUEST, key: 'a', value: Buffer.alloc(5_000_000) })),
  );
  const rows: readonly (readonly [string, string, Uint8Array, Record<string, string>, number, string])[] = [
    ['a compressed message', RANGE, flagged(1, gzipSync(range)), gzip, 0, ''],
    ['a plain message in a compressed call', RANGE, framed(range), gzip, 0, ''],
    ['identity', RANGE, framed(range), { 'grpc-encoding': 'identity' }, 0, ''],
    [
      'a message that is not gzip',
      RANGE,
      flagged(1, range),
      gzip,
      13,
      'grpc: failed to decompress the received message: incorrect header check',
    ],
    ['a bomb', PUT, large, gzip, 8, 'grpc: received message after decompression larger than max (2097153 vs. 2097152)'],
    [
      'compressed by nothing',
      RANGE,
      flagged(1, range),
      {},
      13,
      'grpc: compressed flag set with identity or empty encoding',
    ],
    ['an unknown flag', RANGE, flagged(2, range), {}, 13, 'grpc: received unexpected payload format 2'],
    [
      'an unknown encoding',
      RANGE,
      framed(range),
      { 'grpc-encoding': 'br' },
      12,
      'grpc: Decompressor is not installed for grpc-encoding "br"',
    ],
    ['no message', RANGE, new Uint8Array(), {}, 2, 'EOF'],
    ['half a message', RANGE, Buffer.of(0, 0, 0, 0, 9, 1), {}, 2, 'unexpected EOF'],
    ['half a message of a stream', KEEP_ALIVE, Buffer.of(0, 0, 0, 0, 9, 1), {}, 13, 'unexpected EOF'],
    ['two messages', RANGE, Buffer.concat([framed(range), framed(range)]), {}, 0, ''],
    [
      'a message too long',
      PUT,
      framed(Buffer.alloc(2_097_153)),
      {},
      8,
      'grpc: received message larger than max (2097153 vs. 2097152)',
    ],
    ['no time at all', RANGE, framed(range), { 'grpc-timeout': '0n' }, 4, 'context deadline exceeded'],
    [
      'time without a unit',
      RANGE,
      framed(range),
      { 'grpc-timeout': '1x' },
      13,
      'malformed grpc-timeout: transport: timeout unit is not recognized: "1x"',
    ],
    [
      'time without a number',
      RANGE,
      framed(range),
      { 'grpc-timeout': 'abS' },
      13,
      'malformed grpc-timeout: strconv.ParseInt: parsing "ab": invalid syntax',
    ],
    ['another subtype', RANGE, framed(range), { 'content-type': 'application/grpc+proto' }, 0, ''],
    [
      'another content',
      RANGE,
      framed(range),
      { 'content-type': 'text/html' },
      3,
      'invalid gRPC request content-type "text/html"',
    ],
    [
      'another method',
      RANGE,
      framed(range),
      { ':method': 'PUT' },
      13,
      'Received a HEADERS frame with :method "PUT" which should be POST',
    ],
    ['a path without a service', 'KV', framed(range), {}, 12, 'malformed method name: "KV"'],
    ['an unknown service', '/x.Y/Z', framed(range), {}, 12, 'unknown service x.Y'],
    ['an unknown method', '/etcdserverpb.KV/Z', framed(range), {}, 12, 'unknown method Z for service etcdserverpb.KV'],
  ];
  for (const [what, path, body, headers, code, text] of transport === 'own' ? rows : []) {
    test(`${what}: code ${code}`, TIMEOUT, async (t) => {
      const fake = await serveFake(fakeKv());
      const raw = new RawGrpc(fake.url);
      t.after(() => fake.server.close());
      t.after(() => raw.close());
      const result = await raw.call(path, body, headers);
      assert.deepEqual([result.code, result.text], [code, text]);
      assert.equal(result.messages.length, code === 0 ? 1 : 0);
      assert.deepEqual(fake.defects, []);
    });
  }

  test('the service sees the deadline, and the client its end in time', TIMEOUT, async (t) => {
    let seen: CallOptions = {};
    const fake = await serveFake(
      fakeKv({
        range: (_request, options) => {
          seen = { signal: options?.signal ?? AbortSignal.abort(), timeoutMs: options?.timeoutMs ?? 0 };
          return new Promise((resolve) => setTimeout(resolve, 1_000, EMPTY_RANGE_RESPONSE));
        },
      }),
    );
    const raw = new RawGrpc(fake.url);
    t.after(() => fake.server.close());
    t.after(() => raw.close());
    const startMs = performance.now();
    const result = await raw.call(RANGE, framed(range), { 'grpc-timeout': '100m' });
    const tookMs = performance.now() - startMs;
    assert.equal(result.code, GrpcCode.DEADLINE_EXCEEDED);
    assert.ok(tookMs >= 90 && tookMs < 900, `after ${tookMs} ms`);
    assert.ok((seen.timeoutMs ?? 0) > 0 && (seen.timeoutMs ?? 0) <= 100, `${seen.timeoutMs}`);
    assert.equal(seen.signal?.aborted, true);
  });

  test('a call that is cancelled, or whose connection goes, fires its signal', TIMEOUT, async (t) => {
    const signals: CancelSignal[] = [];
    const fake = await serveFake(
      fakeKv({
        range: (_request, options) =>
          new Promise((_resolve, reject) => {
            const signal = options?.signal ?? AbortSignal.abort();
            signals.push(signal);
            signal.addEventListener('abort', () => reject(new StoreError('REQUEST_CANCELED')));
          }),
      }),
    );
    const raw = new RawGrpc(fake.url);
    t.after(() => fake.server.close());
    t.after(() => raw.close());
    const [first, second] = [raw.open(RANGE), raw.open(RANGE)];
    first.end(framed(range));
    second.end(framed(range));
    const aborted = (): number => signals.filter((signal) => signal.aborted).length;
    const until = async (is: () => boolean): Promise<void> => {
      while (!is()) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(() => signals.length === 2);
    first.close(8);
    await until(() => aborted() === 1);
    raw.close();
    await until(() => aborted() === 2);
    const text = await fake.registry.metrics();
    assert.match(text, /grpc_server_handled_total\{[^}]*"Range",grpc_code="Canceled"\} 2/);
    assert.deepEqual(fake.defects, []);
  });

  test('metadata reaches the gate', TIMEOUT, async (t) => {
    const fake = await serveFake(fakeKv(), { hasLeader: () => false, isLearner: () => false });
    const raw = new RawGrpc(fake.url);
    t.after(() => fake.server.close());
    t.after(() => raw.close());
    assert.equal(
      (await raw.call(RANGE, framed(range), { other: 'true', hasleader: 'true' })).text,
      'etcdserver: no leader',
    );
  });

  test('the client of grpc-js: compressed, with a deadline, many at once', TIMEOUT, async (t) => {
    const fake = await serveFake(fakeKv());
    t.after(() => fake.server.close());
    const client = new Client(new URL(fake.url).host, credentials.createInsecure(), {
      'grpc.default_compression_algorithm': compressionAlgorithms.gzip,
    });
    t.after(() => client.close());
    const asIs = (bytes: Buffer): Buffer => bytes;
    const call = (): Promise<Buffer | undefined> =>
      new Promise((resolve, reject) => {
        const options = { deadline: Date.now() + 10_000 };
        client.makeUnaryRequest(RANGE, asIs, asIs, Buffer.from(range), new Metadata(), options, (error, answer) => {
          if (error === null) resolve(answer);
          else reject(error);
        });
      });
    for (const answer of await Promise.all(Array.from({ length: 500 }, call))) {
      assert.equal(decodeRangeResponse(answer ?? Buffer.alloc(0)).header?.revision, 3);
    }
  });

  test('closing lets calls finish that are under way, and takes no new ones', TIMEOUT, async () => {
    const fake = await serveFake(
      fakeKv({ range: () => new Promise((resolve) => setTimeout(resolve, 300, EMPTY_RANGE_RESPONSE)) }),
    );
    const raw = new RawGrpc(fake.url);
    const underway = raw.call(RANGE, framed(range));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const goAway = new Promise((resolve) => raw.session.once('goaway', resolve));
    const closed = fake.server.close();
    await goAway;
    assert.equal((await underway).code, GrpcCode.OK);
    await closed;
    raw.close();
  });

  // grpc-js says nothing before the client has ended its half.
  test('a stream that the server ends while the client could go on', {
    ...TIMEOUT,
    skip: transport !== 'own',
  }, async (t) => {
    const fake = await serveFake(fakeKv());
    const raw = new RawGrpc(fake.url);
    t.after(() => fake.server.close());
    t.after(() => raw.close());
    const stream = raw.open(WATCH);
    stream.write(framed(new Uint8Array()));
    const result = await resultOf(stream);
    assert.deepEqual([result.code, result.text], [GrpcCode.UNAVAILABLE, 'etcdserver: no leader']);
  });

  test('a silent client is not cut off, one that goes without a word is forgotten', TIMEOUT, async (t) => {
    const fake = await serveFake(fakeKv());
    t.after(() => fake.server.close());
    const client = await FrameClient.connect(fake.url);
    client.send(headers(1, callFields(KEEP_ALIVE)));
    await client.wait(({ type }) => type === FrameType.SETTINGS);
    client.close();
    let text = '';
    while (!/keelson_client_connections 0/.test(text)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      text = await fake.registry.metrics();
    }
  });
});
