import assert from 'node:assert/strict';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { connectKvClient } from '../../client/grpc-client.ts';
import {
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  encodePutResponse,
  encodeRangeResponse,
} from '../../proto/gen/etcd.ts';

/** One server stands still on connections that look well, as a stopped process does; the other one answers. */

interface Served {
  readonly server: Http2Server;
  readonly url: string;
  calls: number;
}

const frame = (message: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

async function serve(answers: boolean): Promise<Served> {
  const server = createServer();
  const served: Served = { server, url: '', calls: 0 };
  server.on('stream', (stream, headers) => {
    served.calls++;
    stream.on('error', () => undefined);
    if (!answers) return;
    const isPut = headers[':path']?.endsWith('/Put') === true;
    stream.resume();
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    const range = encodeRangeResponse({ header: undefined, kvs: [], more: false, count: 1 });
    stream.end(frame(isPut ? encodePutResponse({ header: undefined, prevKv: undefined }) : range));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(served, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

let still: Served;
let well: Served;

before(async () => {
  [still, well] = await Promise.all([serve(false), serve(true)]);
});
after(() => {
  for (const { server } of [still, well]) server.close();
});

test('a read leaves a server that stands still, and writes keep away from it', { timeout: 20_000 }, async () => {
  const client = connectKvClient({ endpoints: [still.url, well.url] });
  try {
    const read = () =>
      client.range({ ...EMPTY_RANGE_REQUEST, key: 'k' }, { attemptTimeoutMs: 1_000, timeoutMs: 10_000 });
    const startedMs = Date.now();
    for (let i = 0; i < 6; i++) assert.equal((await read()).count, 1);
    assert.ok(Date.now() - startedMs < 4_500, `six reads took ${Date.now() - startedMs} ms`);
    assert.ok(
      still.calls <= 2,
      'it was tried once, or once more when the other one was slow, and not every other time',
    );
    for (let i = 0; i < 6; i++) {
      await read(); // whatever was slow before, the other one has now answered
      const calls = still.calls;
      await client.put({ ...EMPTY_PUT_REQUEST, key: 'k' }, { timeoutMs: 5_000 });
      assert.equal(still.calls, calls, 'no write was lost on it');
    }
  } finally {
    await client.close();
  }
});

test('a store that is only slow is waited for in the end', { timeout: 20_000 }, async () => {
  const client = connectKvClient({ endpoints: [still.url, still.url] });
  try {
    const [startedMs, before] = [Date.now(), still.calls];
    const read = client.range({ ...EMPTY_RANGE_REQUEST, key: 'k' }, { attemptTimeoutMs: 100, timeoutMs: 2_000 });
    await assert.rejects(read, { code: 'DEADLINE_EXCEEDED' });
    const calls = still.calls - before;
    assert.ok(Date.now() - startedMs >= 1_900, 'it had its whole time');
    assert.ok(calls >= 2 && calls <= 10, `attempts get longer, so there are few: ${calls}`);
  } finally {
    await client.close();
  }
});
