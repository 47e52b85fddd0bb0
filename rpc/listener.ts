import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { createSecureServer, type RejectedConnection } from '../io/node/tls/server.ts';
import type { TlsSource } from '../io/node/tls/source.ts';
import { RPC_LIMITS } from './limits.ts';

export interface Listener {
  /** Where it really listens: `http(s)://host:port`, the port chosen if 0 was asked for. */
  readonly url: string;
  readonly connections: number;
  /** Takes no more connections; those that are open stay. */
  stop(): void;
  /** Closes what is still open. */
  destroy(): void;
}

/** One URL to listen on, and who takes the connections. Each is told apart by its first bytes. */
export interface ListenOptions {
  /** `http://host:port` or `https://host:port`; port 0 picks one. */
  readonly url: string;
  readonly tls: TlsSource | undefined;
  /** Who did not get through the handshake, or was not let in after it. */
  readonly onRejected: (rejected: RejectedConnection) => void;
  /** Who takes connections of gRPC; without it they are closed. */
  readonly onHttp2: ((socket: Socket) => void) | undefined;
  /** Who takes connections of HTTP/1.1; without it they are closed. */
  readonly onHttp1: ((socket: Socket) => void) | undefined;
  readonly onConnections: (change: 1 | -1) => void;
}

/** No HTTP/1.1 method starts like HTTP/2's preface. */
const HTTP2_PREFACE = Buffer.from('PRI');

/** Listens for gRPC and HTTP/1.1 on one port. Rejects with the system's error when the address cannot be had. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { protocol, hostname, port } = new URL(options.url);
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => sniff(socket, options);
  const track = (socket: Socket): void => {
    sockets.add(socket);
    options.onConnections(1);
    socket.on('error', () => undefined); // 'close' follows.
    socket.once('close', () => {
      sockets.delete(socket);
      options.onConnections(-1);
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, RPC_LIMITS.keepaliveTimeMs);
  };
  const server = protocol === 'https:' ? tlsServer(options, accept) : createServer(accept);
  server.on('connection', track);
  server.maxConnections = RPC_LIMITS.maxConnections;
  await listening(server, hostname.replace(/^\[|\]$/g, ''), port === '' ? 0 : Number(port));
  return {
    url: `${protocol}//${hostname}:${portOf(server)}`,
    get connections() {
      return sockets.size;
    },
    stop: () => {
      server.close();
    },
    destroy: () => {
      // Later, since TLS may be at work on one of them now: Node would crash.
      setImmediate(() => {
        for (const socket of sockets) socket.destroy();
      });
    },
  };
}

function tlsServer(
  { tls: source, onHttp2, onHttp1, onRejected }: ListenOptions,
  accept: (socket: Socket) => void,
): NetServer {
  if (source === undefined) throw new TypeError('an https URL needs a certificate and its key');
  // HTTP/1.1 comes first: who can speak both (curl, browsers) wants no gRPC, and gRPC clients offer h2 alone.
  const protocols = [...(onHttp1 === undefined ? [] : ['http/1.1']), ...(onHttp2 === undefined ? [] : ['h2'])];
  const handshakeTimeoutMs = RPC_LIMITS.tlsHandshakeTimeoutMs;
  return createSecureServer({ source, protocols, onRejected, handshakeTimeoutMs }, (socket) => {
    socket.setNoDelay(true);
    accept(socket);
  });
}

/** Waits for enough bytes to tell the protocol, puts them back and hands the connection over. */
function sniff(socket: Socket, options: ListenOptions): void {
  let seen = Buffer.alloc(0);
  const giveUp = setTimeout(() => socket.destroy(), RPC_LIMITS.firstBytesTimeoutMs);
  socket.once('close', () => clearTimeout(giveUp));
  const onReadable = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    seen = Buffer.concat([seen, chunk]);
    const looked = Math.min(seen.length, HTTP2_PREFACE.length);
    const isHttp2 = seen.subarray(0, looked).equals(HTTP2_PREFACE.subarray(0, looked));
    if (isHttp2 && looked < HTTP2_PREFACE.length) return;
    clearTimeout(giveUp);
    socket.off('readable', onReadable);
    socket.unshift(seen);
    const accept = isHttp2 ? options.onHttp2 : options.onHttp1;
    if (accept === undefined) socket.destroy();
    else accept(socket);
  };
  socket.on('readable', onReadable);
}

function listening(server: NetServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      server.on('error', () => undefined); // A failed accept is the client's loss.
      resolve();
    });
  });
}

function portOf(server: NetServer): number {
  const address = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}
