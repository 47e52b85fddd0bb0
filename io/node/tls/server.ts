import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { IO_LIMITS } from '../../limits.ts';
import { formatAddress } from '../address.ts';
import type { TlsMaterial } from './material.ts';
import { type Resolver, refusalOf } from './refusal.ts';
import type { TlsSource } from './source.ts';

/** Who was not let in, and why. */
export interface RejectedConnection {
  readonly remote: string;
  /** The name that the client asked for; '' when it did not. */
  readonly serverName: string;
  readonly reason: string;
}

export interface SecureServerOptions {
  readonly source: TlsSource;
  /** By preference; none are offered when empty. */
  readonly protocols: readonly string[];
  readonly onRejected: (rejected: RejectedConnection) => void;
  readonly handshakeTimeoutMs?: number;
  readonly maxHandshakes?: number;
  readonly resolver?: Resolver;
}

/**
 * A server on which `accept` is told of connections whose handshake went well and whose other side may come in. Handshakes are bounded in time
 * (GHSA-6vch-q96h-7gc3) and number: of too many the oldest is ended, which is hardly ever an honest one. Revocations hold on every port that is
 * served so (GHSA-3wh4-j44w-pg92: etcd forgot one), and certificates are those that lie on disk when a connection comes.
 */
export function createSecureServer(options: SecureServerOptions, accept: (socket: TLSSocket) => void): Server {
  const { handshakeTimeoutMs = IO_LIMITS.handshakeTimeoutMs, maxHandshakes = IO_LIMITS.maxHandshakes } = options;
  const { source, protocols, onRejected, resolver } = options;
  const handshakes = new Map<string, Handshake>();
  let applied = '';
  let revoked: ReadonlySet<string> | undefined;

  // Never bound: it makes secure sockets of plain ones.
  const inner = createTlsServer({
    requestCert: source.settings.requireClientCertificate,
    rejectUnauthorized: source.settings.requireClientCertificate,
    ...(protocols.length === 0 ? {} : { ALPNProtocols: [...protocols] }),
    handshakeTimeout: handshakeTimeoutMs,
  });
  inner.on('secureConnection', (socket) => void admit(socket));
  inner.on('tlsClientError', (error, socket) => {
    end(keyOf(beneath(socket)), reasonOf(error, socket), socket);
    socket.destroy();
  });

  const apply = (material: TlsMaterial): void => {
    ({ revoked } = material);
    if (applied === material.digest) return;
    inner.setSecureContext(material.server);
    applied = material.digest;
  };

  const begin = async (raw: Socket): Promise<void> => {
    const key = keyOf(raw);
    raw.on('error', () => undefined); // 'close' follows
    const oldest = handshakes.size < maxHandshakes ? undefined : handshakes.keys().next().value;
    if (oldest !== undefined) end(oldest, 'too many handshakes at once');
    const timer = setTimeout(() => end(key, `no handshake within ${handshakeTimeoutMs} ms`), handshakeTimeoutMs);
    handshakes.set(key, { raw, timer });
    // TLS tells why it closed a connection right after it has.
    raw.once('close', () => setImmediate(end, key, 'the client closed the connection during the handshake'));
    apply(await source.current());
    if (!raw.destroyed) inner.emit('connection', raw);
  };

  const admit = async (socket: TLSSocket): Promise<void> => {
    socket.on('error', () => socket.destroy());
    const key = keyOf(socket);
    const reason = await refusalOf(socket, source.settings, {
      revoked,
      ...(resolver === undefined ? {} : { resolver }),
    });
    if (reason !== undefined) end(key, reason, socket);
    const handshake = handshakes.get(key);
    handshakes.delete(key);
    clearTimeout(handshake?.timer);
    if (handshake === undefined || socket.destroyed) socket.destroy();
    else accept(socket);
  };

  /** Ends a handshake that is still under way; of one that is not there is nothing to do. */
  const end = (key: string, reason: string, secure?: TLSSocket): void => {
    const handshake = handshakes.get(key);
    if (handshake === undefined) return;
    handshakes.delete(key);
    clearTimeout(handshake.timer);
    onRejected({ remote: key, serverName: serverNameOf(secure), reason });
    // Not the socket beneath while TLS is at work on it: Node would crash.
    (secure ?? handshake.raw).destroy();
  };

  return createServer({ pauseOnConnect: true }, (raw) => void begin(raw));
}

interface Handshake {
  readonly raw: Socket;
  readonly timer: NodeJS.Timeout;
}

/** Nobody else has the other side's address and port while the connection stands. */
function keyOf({ remoteAddress = '?', remotePort = 0 }: Socket): string {
  return formatAddress(remoteAddress, remotePort);
}

/** The plain socket, which remembers its other side when it is closed; Node gives no public way to it. For the log alone. */
function beneath(socket: TLSSocket): Socket {
  const { _parent: plain } = socket as TLSSocket & { readonly _parent?: Socket };
  return plain ?? socket;
}

function serverNameOf(socket: TLSSocket | undefined): string {
  const { servername } = (socket ?? {}) as { readonly servername?: unknown };
  return typeof servername === 'string' ? servername : '';
}

/** OpenSSL's reason alone, without its source files. */
function reasonOf(error: Error & { readonly reason?: unknown }, socket: TLSSocket): string {
  const why: unknown = socket.authorizationError ?? error.reason ?? error.message;
  return String(why);
}
