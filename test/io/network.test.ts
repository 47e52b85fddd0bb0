import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, NetworkError } from '../../io/doors.ts';
import { parseAddress } from '../../io/node/address.ts';
import { nodeClock } from '../../io/node/clock.ts';
import { createNodeNetwork, nodeNetwork } from '../../io/node/network.ts';
import { nodeRandom } from '../../io/node/random.ts';

const hasCode = (code: string) => (error: unknown) => error instanceof NetworkError && error.code === code;
const TIMEOUT = { timeoutMs: 2000 };

/** A listener and one connection to it; `accepted` is the listener's end. */
async function pair(network = nodeNetwork) {
  let accept: (connection: Connection) => void = () => undefined;
  const accepting = new Promise<Connection>((resolve) => (accept = resolve));
  const listener = await network.listen('127.0.0.1:0', (connection) => accept(connection));
  const connection = await network.connect(listener.address, TIMEOUT);
  return { listener, connection, accepted: await accepting };
}

function collected(connection: Connection, sizeBytes: number): Promise<Buffer> {
  return new Promise((resolve) => {
    let got = Buffer.alloc(0);
    connection.onData((chunk) => {
      got = Buffer.concat([got, chunk]);
      if (got.length >= sizeBytes) resolve(got);
    });
  });
}

function closed(connection: Connection): Promise<string> {
  return new Promise((resolve) => connection.onClose(resolve));
}

test('bytes go both ways, in order', { timeout: 10_000 }, async () => {
  const { listener, connection, accepted } = await pair();
  assert.ok(connection.write([Buffer.from('a'), Buffer.from('bc')]));
  connection.write([Buffer.from('d')]);
  assert.equal((await collected(accepted, 4)).toString(), 'abcd');
  accepted.write([Buffer.from('back')]);
  assert.equal((await collected(connection, 4)).toString(), 'back');
  connection.close();
  assert.equal(await closed(connection), 'closed here');
  await closed(accepted);
  assert.equal(connection.write([Buffer.from('x')]), false);
  await listener.close();
});

test('write says no above the high-water mark, and drain comes', { timeout: 10_000 }, async () => {
  const { listener, connection, accepted } = await pair(createNodeNetwork({ highWaterBytes: 100_000 }));
  const drained = new Promise<void>((resolve) => connection.onDrain(resolve));
  let sent = 0;
  while (connection.write([Buffer.alloc(60_000)])) sent += 60_000;
  sent += 60_000;
  const received = collected(accepted, sent);
  await drained;
  assert.equal((await received).length, sent);
  connection.close();
  await listener.close();
});

test('a connection whose other side never reads is closed', { timeout: 10_000 }, async () => {
  const { listener, connection } = await pair(createNodeNetwork({ highWaterBytes: 1000, maxQueuedBytes: 5_000_000 }));
  const reason = closed(connection);
  for (let i = 0; i < 40; i++) connection.write([Buffer.alloc(1_000_000)]);
  assert.match(await reason, /too many bytes/);
  const stalling = await pair(createNodeNetwork({ writeStallMs: 100 }));
  const stalled = closed(stalling.connection);
  stalling.connection.write([Buffer.alloc(50_000_000)]);
  assert.match(await stalled, /no byte left within 100 ms/);
  await listener.close();
  await stalling.listener.close();
});

test('failures have a code', { timeout: 10_000 }, async () => {
  const { listener, connection, accepted } = await pair();
  await assert.rejects(
    nodeNetwork.listen(listener.address, () => undefined),
    hasCode('ADDRESS_IN_USE'),
  );
  const ended = [closed(connection), closed(accepted)];
  await listener.close();
  await Promise.all(ended);
  await assert.rejects(nodeNetwork.connect(listener.address, TIMEOUT), hasCode('REFUSED'));
  await assert.rejects(nodeNetwork.connect('no address', TIMEOUT), hasCode('BAD_ADDRESS'));
  await assert.rejects(
    nodeNetwork.listen('127.0.0.1:99999', () => undefined),
    hasCode('BAD_ADDRESS'),
  );
});

test('addresses', () => {
  assert.deepEqual(parseAddress('localhost:80'), { host: 'localhost', port: 80 });
  assert.deepEqual(parseAddress('[::1]:2380'), { host: '::1', port: 2380 });
  for (const bad of ['', 'host', ':1', 'a:b', '::1:80', 'h:65536'])
    assert.throws(() => parseAddress(bad), hasCode('BAD_ADDRESS'));
});

test('the clock moves on, its timers fire and can be cancelled; chance differs', { timeout: 10_000 }, async () => {
  const start = nodeClock.nowMs();
  const cancel = nodeClock.after(5, () => assert.fail('was cancelled'));
  cancel();
  nodeClock.after(2 ** 40, () => assert.fail('far away'))();
  await new Promise<void>((resolve) => nodeClock.after(20, resolve));
  assert.ok(nodeClock.nowMs() - start >= 19);
  assert.ok(Math.abs(nodeClock.wallMs() - Date.now()) < 1000);
  assert.equal(nodeRandom.bytes(16).length, 16);
  assert.ok(new Set(Array.from({ length: 1000 }, () => nodeRandom.uint32())).size > 990);
});
