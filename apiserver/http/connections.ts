import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2Session, ServerHttp2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import { HTTP_LIMITS } from './limits.ts';

/**
 * The connections of a server: half-open ones are found out (TCP keep-alive for all, pings for HTTP/2), and a stopping server lets each finish what
 * is under way on it. Node closes connections for us only once they have served a request, and none of an HTTP/2 server.
 */
export class Connections {
  /** HTTP/1.1 sockets and how many requests are under way on each. */
  readonly #busy = new Map<Socket, number>();
  /** TCP connections whose TLS handshake is not done. */
  readonly #handshaking = new Set<Socket>();
  readonly #sessions = new Set<Http2Session>();
  #draining = false;

  constructor(server: Server, isTls: boolean) {
    server.on('connection', (socket: Socket) => {
      socket.setKeepAlive(true, HTTP_LIMITS.tcpKeepAliveMs);
      socket.setNoDelay(true);
      if (isTls) this.#handshake(socket);
      else this.#add(socket);
    });
    server.on('secureConnection', (socket: Socket) => this.#secured(socket));
    server.on('session', (session: ServerHttp2Session) => this.#addSession(session));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.httpVersionMajor === 1) this.#count(request.socket, response);
    });
  }

  /** Idle connections go now, the others as soon as they are idle; HTTP/2 clients are told to go elsewhere (GOAWAY). */
  drain(): void {
    this.#draining = true;
    for (const session of this.#sessions) session.close();
    for (const socket of this.#handshaking) socket.destroy();
    for (const [socket, requests] of this.#busy) if (requests === 0) socket.destroy();
  }

  destroy(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of [...this.#busy.keys(), ...this.#handshaking]) socket.destroy();
  }

  #handshake(socket: Socket): void {
    this.#handshaking.add(socket);
    socket.on('close', () => this.#handshaking.delete(socket));
  }

  #secured(socket: Socket): void {
    // The TLS socket does not name the TCP socket below it; the peer's port does.
    for (const raw of this.#handshaking) {
      if (raw.remotePort === socket.remotePort && raw.remoteAddress === socket.remoteAddress)
        this.#handshaking.delete(raw);
    }
    if ((socket as { alpnProtocol?: unknown }).alpnProtocol !== 'h2') this.#add(socket);
  }

  #add(socket: Socket): void {
    this.#busy.set(socket, 0);
    socket.on('close', () => this.#busy.delete(socket));
  }

  #count(socket: Socket, response: ServerResponse): void {
    this.#busy.set(socket, (this.#busy.get(socket) ?? 0) + 1);
    response.on('close', () => {
      const left = (this.#busy.get(socket) ?? 1) - 1;
      if (this.#busy.has(socket)) this.#busy.set(socket, left);
      if (this.#draining && left === 0) socket.end();
    });
  }

  #addSession(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    const timer = setInterval(() => ping(session), HTTP_LIMITS.pingIntervalMs);
    timer.unref();
    session.on('error', () => undefined);
    session.on('close', () => {
      clearInterval(timer);
      this.#sessions.delete(session);
    });
  }
}

function ping(session: ServerHttp2Session): void {
  if (session.closed || session.destroyed) return;
  const timer = setTimeout(() => session.destroy(), HTTP_LIMITS.pingTimeoutMs);
  timer.unref();
  const sent = session.ping(() => clearTimeout(timer));
  if (!sent) clearTimeout(timer);
}
