import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** What came back over a WebSocket, spoken by hand. */
export interface WebSocketAnswer {
  /** The status line and headers of the handshake, lower case. */
  readonly handshake: string;
  /** Text messages in order; `ping:…`, `pong:…` and `close:CODE` for control frames. */
  readonly frames: readonly string[];
  readonly isClosed: boolean;
}

export interface WebSocketScript {
  readonly headers?: Readonly<Record<string, string>>;
  /** Frames to send, each after `answers` frames have come. */
  readonly send: readonly { readonly bytes: Buffer; readonly after?: number }[];
  /** How many frames to wait for. */
  readonly count: number;
  /** Wait for the end of the connection as well. */
  readonly untilClosed?: boolean;
  readonly timeoutMs?: number;
}

/** A masked frame of a client. */
export function clientFrame(
  text: string,
  options: { readonly opcode?: number; readonly isLast?: boolean } = {},
): Buffer {
  const { opcode = 1, isLast = true } = options;
  const payload = Buffer.from(text);
  const length =
    payload.length < 126
      ? Buffer.from([0x80 | payload.length])
      : Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  const key = randomBytes(4);
  const masked = payload.map((byte, i) => byte ^ (key[i % 4] as number));
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode]), length, key, masked]);
}

/** Opens a WebSocket at `http://host:port/path`, follows the script and hangs up. */
export async function webSocket(url: string, script: WebSocketScript): Promise<WebSocketAnswer> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const client = new Client(socket);
  const headers = {
    Host: `${hostname}:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...script.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const timeout = AbortSignal.timeout(script.timeoutMs ?? 5_000);
  try {
    await client.until(() => client.handshake !== undefined, timeout);
    for (const { bytes, after = 0 } of script.send) {
      await client.until(() => client.frames.length >= after, timeout);
      socket.write(bytes);
    }
    await client.until(
      () => client.frames.length >= script.count && (client.isClosed || script.untilClosed !== true),
      timeout,
    );
  } finally {
    socket.destroy();
  }
  return { handshake: client.handshake ?? '', frames: client.frames, isClosed: client.isClosed };
}

class Client {
  handshake: string | undefined;
  readonly frames: string[] = [];
  isClosed = false;
  #unread = Buffer.alloc(0);
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#unread = Buffer.concat([this.#unread, chunk]);
      this.#read();
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  async until(holds: () => boolean, timeout: AbortSignal): Promise<void> {
    while (!holds()) {
      if (timeout.aborted) throw new Error(`not in time: ${this.handshake} ${JSON.stringify(this.frames)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timeout.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  #read(): void {
    if (this.handshake === undefined) {
      const end = this.#unread.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.handshake = this.#unread.subarray(0, end).toString('latin1').toLowerCase();
      this.#unread = this.#unread.subarray(end + 4);
    }
    for (;;) {
      const bytes = this.#unread;
      if (bytes.length < 2) return;
      const short = bytes.readUInt8(1);
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length < head) return;
      const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
      if (bytes.length < head + length) return;
      const payload = bytes.subarray(head, head + length);
      this.frames.push(shown(bytes.readUInt8(0) & 0x0f, payload));
      this.#unread = bytes.subarray(head + length);
    }
  }
}

function shown(opcode: number, payload: Buffer): string {
  if (opcode === 8) return `close:${payload.length >= 2 ? payload.readUInt16BE(0) : ''}`;
  if (opcode === 9) return `ping:${payload}`;
  return opcode === 10 ? `pong:${payload}` : payload.toString();
}
