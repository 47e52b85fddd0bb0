import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Prng } from '../../../base/prng.ts';
import { PeerNetwork } from '../../../chaos/cluster/harness/network.ts';
import { lastingPorts } from '../../../chaos/cluster/harness/ports.ts';
import { framed } from '../../../member/peers/frames.ts';
import { helloTo } from '../../../member/peers/hello.ts';
import { encodePeerFrame } from '../../../proto/gen/peer.ts';
import { eventually } from '../../kit/process.ts';

/** A listener in the place of a member: it remembers what it is told, and says what it is asked to. */
class Listener {
  readonly sockets: Socket[] = [];
  heard = Buffer.alloc(0);
  readonly #server = createServer((socket) => {
    this.sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      this.heard = Buffer.concat([this.heard, bytes]);
    });
  });

  listen(port: number): Promise<void> {
    return new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  close(): void {
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

/** The network, `b` behind it, and a connection of `a` that has said hello. */
async function scene(): Promise<{ network: PeerNetwork; b: Listener; a: Socket; told(): string; heard(): string }> {
  const network = new PeerNetwork(new Prng(1));
  const b = new Listener();
  const [port = 0, own = 0] = await lastingPorts(2);
  await b.listen(own);
  await network.stand('b', port, own);
  network.learn(1n, 'a');
  const a = connect({ host: '127.0.0.1', port });
  a.on('error', () => undefined);
  const hello = helloTo(
    { clusterId: 9n, memberId: 1n, serverVersion: '3.6.0', addresses: [], commandFormat: 1, clusterFormat: () => 1 },
    2n,
  );
  const parts = framed(0, encodePeerFrame({ frame: { case: 'hello', hello } }));
  const helloBytes = Buffer.concat(parts);
  a.write(helloBytes);
  await eventually('the hello arrives', () => (b.heard.length === helloBytes.length ? true : undefined), {
    timeoutMs: 10_000,
  });
  let told = '';
  a.on('data', (bytes: Buffer) => {
    told += bytes.toString('latin1');
  });
  after(() => {
    a.destroy();
    b.close();
    network.close();
  });
  return { network, b, a, told: () => told, heard: () => b.heard.subarray(helloBytes.length).toString('latin1') };
}

const soon = { timeoutMs: 10_000, everyMs: 5 };
const untilIs = (text: () => string, wanted: string): Promise<true> =>
  eventually(`"${wanted}" arrives`, () => (text() === wanted ? true : undefined), soon);

test('bytes pass both ways', async () => {
  const { a, b, told, heard } = await scene();
  a.write('ping');
  await untilIs(heard, 'ping');
  b.sockets[0]?.write('pong');
  await untilIs(told, 'pong');
});

test('a partition holds bytes back in both directions, and lets them go in order when it is mended', async () => {
  const { network, a, b, told, heard } = await scene();
  const mend = network.part(['a'], ['b']);
  a.write('one');
  b.sockets[0]?.write('two');
  await pause(100);
  assert.deepEqual([heard(), told()], ['', '']);
  a.write(' more');
  mend();
  await untilIs(heard, 'one more');
  await untilIs(told, 'two');
});

test('a cut in one direction leaves the other one open, and members that it does not name alone', async () => {
  const { network, a, b, told, heard } = await scene();
  network.impair({ from: ['a'], to: ['b'], isCut: true });
  network.impair({ from: ['b'], to: ['c'], isCut: true });
  a.write('unheard');
  b.sockets[0]?.write('heard');
  await untilIs(told, 'heard');
  await pause(50);
  assert.equal(heard(), '');
});

test('two cuts must both be mended', async () => {
  const { network, a, heard } = await scene();
  const first = network.impair({ from: ['a'], to: ['b'], isCut: true });
  const second = network.part(['a'], ['b']);
  a.write('late');
  first();
  await pause(50);
  assert.equal(heard(), '');
  second();
  await untilIs(heard, 'late');
});

test('delayed bytes come late and in order', async () => {
  const { network, a, heard } = await scene();
  network.impair({ from: ['a'], to: ['b'], delayMs: [150, 200] });
  const startMs = performance.now();
  for (const part of ['1', '2', '3']) a.write(part);
  await untilIs(heard, '123');
  assert.ok(performance.now() - startMs >= 149);
});

test('lost pieces are sent again, and what follows waits for them', async () => {
  const { network, a, heard } = await scene();
  const mend = network.impair({ from: ['a'], to: ['b'], loss: 0.99 });
  const startMs = performance.now();
  a.write('x');
  await pause(100);
  mend();
  await untilIs(heard, 'x');
  assert.ok(performance.now() - startMs >= 199, 'the first wait of TCP');
});

test('the end of a connection does not pass a cut before it is mended', async () => {
  const { network, a, b } = await scene();
  const mend = network.part(['a'], ['b']);
  a.destroy();
  await pause(100);
  assert.equal(b.sockets[0]?.destroyed, false);
  mend();
  await eventually('b hears of the end', () => (b.sockets[0]?.destroyed ? true : undefined), soon);
});
