import assert from 'node:assert/strict';
import { createServer, type Http2Server } from 'node:http2';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pacedP99 } from '../../bench/growth/paced.ts';

/** A gRPC server that answers each call when and how `answer` says: resolves with a status. */
async function served(answer: () => Promise<number>, use: (url: string) => Promise<void>): Promise<void> {
  const server: Http2Server = createServer();
  server.on('stream', (stream) => {
    stream.resume();
    stream.on('error', () => undefined);
    answer().then((status) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
      stream.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  try {
    await use(`http://127.0.0.1:${address.port}`);
  } finally {
    server.close();
  }
}

const load = (url: string) => ({ urls: [url], message: () => new Uint8Array(8), perSecond: 500 });
const nothing = async (): Promise<void> => undefined;

test('a server that stands still is late for all that was due meanwhile', async () => {
  let stall: Promise<unknown> | undefined;
  const answer = async (): Promise<number> => {
    await stall;
    return 0;
  };
  await served(answer, async (url) => {
    const stalledMs = await pacedP99(load(url), 0.8, async () => {
      stall = delay(600);
      await stall;
    });
    assert.ok(stalledMs > 500, `${stalledMs} ms`);
  });
});

test('a put that is refused at once has waited to the end all the same', async () => {
  let calls = 0;
  await served(
    async () => (calls++ % 2 === 0 ? 8 : 0),
    async (url) => {
      assert.ok((await pacedP99(load(url), 0.5, nothing)) > 400);
    },
  );
});

test('a server that takes nothing is no measure', async () => {
  await served(
    async () => 14,
    async (url) => {
      await assert.rejects(pacedP99(load(url), 0.2, nothing), /no put was taken/);
    },
  );
});
