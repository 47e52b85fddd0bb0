import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startPeer } from './peer-process.ts';

/** What goes back and forth. */
export interface Exchange {
  readonly connections: number;
  readonly clients: number;
  /** Of one request and one answer on the wire. */
  readonly requestBytes: number;
  readonly responseBytes: number;
}

const WARM_UP_SECONDS = 0.5;

/** Exchanges a second that a bare pair of sockets of two Node processes carries: same bytes, same connections, same closed loops. */
export async function socketsAlone(exchange: Exchange, seconds: number): Promise<number> {
  const sizes = [exchange.requestBytes, exchange.responseBytes].map((bytes) => String(Math.max(1, Math.round(bytes))));
  const peer = await startPeer('echo-server.js', sizes);
  try {
    const sockets = await Promise.all(Array.from({ length: exchange.connections }, () => open(peer.port)));
    await drive(sockets, exchange, WARM_UP_SECONDS);
    const perSecond = await drive(sockets, exchange, seconds);
    for (const socket of sockets) socket.destroy();
    return perSecond;
  } finally {
    await peer.stop();
  }
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.setNoDelay(true);
  return socket;
}

async function drive(sockets: readonly Socket[], exchange: Exchange, seconds: number): Promise<number> {
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  const counts = await Promise.all(
    sockets.map((socket, i) => {
      const clients = Math.floor((exchange.clients + exchange.connections - 1 - i) / exchange.connections);
      return driveOne(socket, { ...exchange, clients }, endMs);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0) / ((performance.now() - startedMs) / 1000);
}

/** Keeps `clients` requests under way on one socket until `endMs`; returns how many were answered. */
function driveOne(socket: Socket, exchange: Exchange, endMs: number): Promise<number> {
  const requestBytes = Math.max(1, Math.round(exchange.requestBytes));
  const responseBytes = Math.max(1, Math.round(exchange.responseBytes));
  const requests = Buffer.alloc(exchange.clients * requestBytes);
  return new Promise((resolve, reject) => {
    let have = 0;
    let answered = 0;
    let underWay = exchange.clients;
    const onData = (chunk: Buffer): void => {
      have += chunk.length;
      const due = Math.floor(have / responseBytes);
      have -= due * responseBytes;
      answered += due;
      if (performance.now() < endMs) {
        if (due > 0) socket.write(requests.subarray(0, due * requestBytes));
        return;
      }
      underWay -= due;
      if (underWay > 0) return;
      socket.off('data', onData);
      resolve(answered);
    };
    socket.once('error', reject);
    socket.on('data', onData);
    socket.write(requests);
  });
}
