import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * The connections of HTTP/1.1 and those whose handshake is under way: a stopping server lets each finish what is under way on it. Node closes
 * connections for us only once they have served a request.
 */
export class Connections {
  /** Sockets and how many requests are under way on each. */
  readonly #busy = new Map<Socket, number>();
  /** TCP connections whose TLS handshake is not done. */
  readonly #handshaking = new Set<Socket>();
  #draining = false;

  /** A connection whose handshake begins. */
  handshake(socket: Socket): void {
    this.#handshaking.add(socket);
    socket.on('close', () => this.#handshaking.delete(socket));
  }

  /** Its handshake is done. */
  secured(socket: Socket): void {
    // The TLS socket does not name the TCP socket below it; the peer's port does.
    for (const raw of this.#handshaking) {
      if (raw.remotePort === socket.remotePort && raw.remoteAddress === socket.remoteAddress)
        this.#handshaking.delete(raw);
    }
  }

  /** A connection of HTTP/1.1. */
  add(socket: Socket): void {
    this.#busy.set(socket, 0);
    socket.on('close', () => this.#busy.delete(socket));
  }

  /** A request is under way until its response is closed. */
  count(socket: Socket, response: ServerResponse): void {
    this.#busy.set(socket, (this.#busy.get(socket) ?? 0) + 1);
    response.on('close', () => {
      const left = (this.#busy.get(socket) ?? 1) - 1;
      if (this.#busy.has(socket)) this.#busy.set(socket, left);
      if (this.#draining && left === 0) socket.end();
    });
  }

  /** Idle connections go now, the others as soon as they are idle. */
  drain(): void {
    this.#draining = true;
    for (const socket of this.#handshaking) socket.destroy();
    for (const [socket, requests] of this.#busy) if (requests === 0) socket.destroy();
  }

  destroy(): void {
    for (const socket of [...this.#busy.keys(), ...this.#handshaking]) socket.destroy();
  }
}
