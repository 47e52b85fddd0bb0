import { type AddressInfo, connect as connectTcp, createServer, isIP, type Server, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type Connection, type Network, NetworkError } from '../doors.ts';
import { IO_LIMITS } from '../limits.ts';
import { formatAddress, parseAddress } from './address.ts';
import { NodeConnection } from './connection.ts';
import { toNetworkError } from './network-error.ts';
import { certificateOf, isGoodFor, refusalOf } from './tls/refusal.ts';
import { createSecureServer, type RejectedConnection } from './tls/server.ts';
import type { TlsSource } from './tls/source.ts';

export interface NodeNetworkOptions {
  readonly highWaterBytes?: number;
  readonly maxQueuedBytes?: number;
  readonly writeStallMs?: number;
  /** TLS both ways, with the certificates that lie on disk at each handshake. */
  readonly tls?: TlsSource;
  readonly onRejected?: (rejected: RejectedConnection) => void;
}

/** TCP without TLS, with the bounds of io/limits.ts. */
export const nodeNetwork: Network = createNodeNetwork();

/** TCP, or TLS over it, between members. */
export function createNodeNetwork(options: NodeNetworkOptions = {}): Network {
  const bounds = { ...IO_LIMITS, ...options };
  return {
    listen: (address, accept) => listen(address, options, (socket) => accept(new NodeConnection(socket, bounds))),
    async connect(address, { timeoutMs }): Promise<Connection> {
      return new NodeConnection(await dial(address, options.tls, timeoutMs), bounds);
    },
  };
}

async function listen(
  address: string,
  options: NodeNetworkOptions,
  accept: (socket: Socket) => void,
): ReturnType<Network['listen']> {
  const { host, port } = parseAddress(address);
  const sockets = new Set<Socket>();
  const server = createListener(options, accept);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(toNetworkError(error, address)));
    server.listen({ host, port }, () => {
      server.on('error', () => undefined); // accept() ran out of descriptors: the connection is lost, the listener is not
      resolve({ address: addressOf(server), close: () => closeAll(server, sockets) });
    });
  });
}

function createListener(
  { tls: source, onRejected = () => undefined }: NodeNetworkOptions,
  accept: (socket: Socket) => void,
): Server {
  if (source === undefined) return createServer(accept);
  return createSecureServer({ source, protocols: [], onRejected }, accept);
}

function closeAll(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Later, since TLS may be at work on one of them now: Node would crash.
    setImmediate(() => {
      for (const socket of sockets) socket.destroy();
    });
  });
}

function addressOf(server: Server): string {
  const bound = server.address() as AddressInfo;
  return formatAddress(bound.address, bound.port);
}

/** A connected socket; with TLS, one whose handshake is done. Fails with TIMEOUT when that takes longer than `timeoutMs`. */
async function dial(address: string, tls: TlsSource | undefined, timeoutMs: number): Promise<Socket> {
  const { host, port } = parseAddress(address);
  const timeout = AbortSignal.timeout(timeoutMs);
  if (tls === undefined) return connected(connectTcp({ host, port }), 'connect', address, timeout);
  const { client: secureContext, revoked } = await tls.current();
  const socket: TLSSocket = connectTls({
    host,
    port,
    secureContext,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: tls.settings.trustAnyServer !== true,
    // Names in the subject do not count: that is looked at below.
    checkServerIdentity: () => undefined,
  });
  await connected(socket, 'secureConnect', address, timeout);
  const refusal = await serverRefusal(socket, host, { source: tls, revoked });
  if (refusal === undefined) return socket;
  socket.destroy();
  throw new NetworkError('TLS', address, refusal);
}

/** Why a server whose certificate is of our CA is not the one that was meant. */
async function serverRefusal(
  socket: TLSSocket,
  host: string,
  { source, revoked }: { readonly source: TlsSource; readonly revoked: ReadonlySet<string> | undefined },
): Promise<string | undefined> {
  const { settings } = source;
  const certificate = certificateOf(socket);
  if (settings.trustAnyServer !== true && (certificate === undefined || !isGoodFor(certificate, host)))
    return `the certificate is not for "${host}"`;
  return refusalOf(socket, { ...settings, checkRemoteAddress: false }, { revoked });
}

function connected<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  address: string,
  timeout: AbortSignal,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      timeout.removeEventListener('abort', onTimeout);
      socket.off('error', fail);
    };
    const fail = (error: Error): void => {
      settle();
      socket.on('error', () => undefined);
      socket.destroy();
      reject(toNetworkError(error, address));
    };
    const onTimeout = (): void => fail(new NetworkError('TIMEOUT', address, 'no connection in time'));
    timeout.addEventListener('abort', onTimeout);
    if (timeout.aborted) onTimeout();
    socket.once('error', fail);
    socket.once(event, () => {
      settle();
      resolve(socket);
    });
  });
}
