import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { type Connection, type Network, NetworkError } from '../doors.ts';
import { IO_LIMITS } from '../limits.ts';
import { formatAddress, parseAddress } from './address.ts';
import { NodeConnection } from './connection.ts';
import { toNetworkError } from './network-error.ts';

/** PEM texts; both sides show a certificate that `ca` has signed. */
export interface NetworkTls {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  /** Whether who connects must show a certificate of `ca` too. */
  readonly requireClientCertificate: boolean;
}

export interface NodeNetworkOptions {
  readonly highWaterBytes?: number;
  readonly maxQueuedBytes?: number;
  readonly writeStallMs?: number;
  readonly tls?: NetworkTls;
}

/** TCP without TLS, with the bounds of io/limits.ts. */
export const nodeNetwork: Network = createNodeNetwork();

/** TCP, or TLS over it, between members. */
export function createNodeNetwork(options: NodeNetworkOptions = {}): Network {
  const bounds = { ...IO_LIMITS, ...options };
  return {
    listen: (address, accept) => listen(address, options.tls, (socket) => accept(new NodeConnection(socket, bounds))),
    async connect(address, { timeoutMs }): Promise<Connection> {
      return new NodeConnection(await dial(address, options.tls, timeoutMs), bounds);
    },
  };
}

async function listen(
  address: string,
  tls: NetworkTls | undefined,
  accept: (socket: Socket) => void,
): ReturnType<Network['listen']> {
  const { host, port } = parseAddress(address);
  const sockets = new Set<Socket>();
  const server = createListener(tls, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    accept(socket);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(toNetworkError(error, address)));
    server.listen({ host, port }, () => {
      server.on('error', () => undefined); // accept() ran out of descriptors: the connection is lost, the listener is not
      resolve({ address: addressOf(server), close: () => closeAll(server, sockets) });
    });
  });
}

function createListener(tls: NetworkTls | undefined, accept: (socket: Socket) => void): Server {
  if (tls === undefined) return createServer(accept);
  const { cert, key, ca, requireClientCertificate } = tls;
  const asked = { requestCert: requireClientCertificate, rejectUnauthorized: requireClientCertificate };
  return createTlsServer({ cert, key, ca, ...asked, minVersion: 'TLSv1.2' }, accept);
}

function closeAll(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}

function addressOf(server: Server): string {
  const bound = server.address() as AddressInfo;
  return formatAddress(bound.address, bound.port);
}

/** A connected socket; with TLS, one whose handshake is done. Fails with TIMEOUT when that takes longer than `timeoutMs`. */
function dial(address: string, tls: NetworkTls | undefined, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { host, port } = parseAddress(address);
    const { cert, key, ca } = tls ?? {};
    const socket =
      tls === undefined ? connectTcp({ host, port }) : connectTls({ host, port, cert, key, ca, minVersion: 'TLSv1.2' });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(toNetworkError(error, address));
    };
    const timer = setTimeout(
      () => fail(new NetworkError('TIMEOUT', address, `no connection within ${timeoutMs} ms`)),
      timeoutMs,
    );
    socket.once('error', fail);
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}
