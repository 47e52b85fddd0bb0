import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import { CloseCode, closePayload, FrameReader, frame, Opcode, type Received, WebSocketError } from './frames.ts';
import { authorizationOf, handshake } from './handshake.ts';

const NEWLINE = Buffer.from('\n');

/**
 * Serves a call of the JSON gateway over a WebSocket: what the client sends is the body of a POST to the same path, one value a message,
 * and every line of the answer is a message back. The call goes to `server` through memory, as any other that came by a socket. When it ends
 * so does the connection. Source: grpc-websocket-proxy, which etcd puts before its gateway.
 */
export function serveWebSocket(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.on('error', () => socket.destroy());
  const { accepted, head: answer } = handshake(request);
  if (!accepted) {
    socket.end(answer);
    return;
  }
  socket.write(answer);
  new Proxied(socket, postTo(server, request)).begin(head);
}

/** A POST whose connection never leaves the process. */
function postTo(server: Server, { url, headers, socket }: IncomingMessage): ReturnType<typeof httpRequest> {
  const [near, far] = duplexPair();
  // Unlike those of a socket, the ends of a pair do not notice that the other one has gone.
  near.once('close', () => far.destroy());
  far.once('close', () => near.destroy());
  // What the server asks of a connection besides; silence is ended where the WebSocket's own socket is.
  const { remoteAddress } = socket;
  server.emit('connection', Object.assign(far, { setTimeout: () => far, remoteAddress }));
  const authorization = authorizationOf(headers);
  return httpRequest({
    createConnection: () => near,
    method: 'POST',
    path: url,
    headers: {
      host: headers.host ?? 'localhost',
      ...(authorization === undefined ? {} : { authorization }),
      ...(headers.origin === undefined ? {} : { origin: headers.origin }),
      ...(headers.referer === undefined ? {} : { referer: headers.referer }),
    },
  });
}

/** One WebSocket and its call. */
class Proxied {
  readonly #socket: Duplex;
  readonly #call: ReturnType<typeof httpRequest>;
  readonly #reader = new FrameReader();
  #line: Buffer[] = [];

  constructor(socket: Duplex, call: ReturnType<typeof httpRequest>) {
    this.#socket = socket;
    this.#call = call;
  }

  begin(head: Buffer): void {
    const socket = this.#socket;
    socket.on('data', (bytes: Buffer) => this.#onBytes(bytes));
    socket.once('close', () => this.#call.destroy());
    this.#call.on('error', () => this.#end());
    this.#call.on('drain', () => socket.resume());
    this.#call.on('response', (response) => this.#onResponse(response));
    this.#call.flushHeaders();
    if (head.length > 0) this.#onBytes(head);
    socket.resume();
  }

  #onBytes(bytes: Buffer): void {
    try {
      for (const received of this.#reader.push(bytes)) this.#onReceived(received);
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
      this.#end(error.closeCode, error.message);
    }
  }

  #onReceived({ opcode, payload }: Received): void {
    switch (opcode) {
      case Opcode.PING:
        this.#socket.write(frame(Opcode.PONG, payload));
        return;
      case Opcode.PONG:
        return;
      case Opcode.CLOSE:
        this.#end(CloseCode.NORMAL);
        return;
      default:
        if (!this.#call.write(Buffer.concat([payload, NEWLINE]))) this.#socket.pause();
    }
  }

  #onResponse(response: IncomingMessage): void {
    this.#socket.on('drain', () => response.resume());
    response.on('data', (chunk: Buffer) => {
      const isTaken = this.#onAnswer(chunk);
      if (!isTaken) response.pause();
    });
    response.on('end', () => {
      if (this.#line.length > 0) this.#onAnswer(NEWLINE);
      this.#end(CloseCode.NORMAL);
    });
    response.on('error', () => this.#end());
  }

  /** Sends the lines that are whole by now; false when the client has not taken what is before them. */
  #onAnswer(chunk: Buffer): boolean {
    let isTaken = true;
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      this.#line.push(chunk.subarray(from, end));
      const line = Buffer.concat(this.#line);
      this.#line = [];
      from = end + 1;
      if (line.length > 0) isTaken = this.#socket.write(frame(Opcode.TEXT, line));
    }
    if (from < chunk.length) this.#line.push(chunk.subarray(from));
    return isTaken;
  }

  #end(code?: number, text?: string): void {
    if (this.#socket.writableEnded) return;
    if (code === undefined) this.#socket.end();
    else this.#socket.end(frame(Opcode.CLOSE, closePayload(code, text)));
    this.#call.destroy();
  }
}
