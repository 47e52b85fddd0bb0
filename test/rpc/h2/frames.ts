import { connect, type Socket } from 'node:net';
import { CLIENT_PREFACE, ErrorCode, Flag, FrameType } from '../../../http2/protocol.ts';

/** A frame as it came. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** What GOAWAY said. */
export interface GoAway {
  readonly lastStreamId: number;
  readonly code: number;
  readonly text: string;
}

/** The bytes of one frame. */
export function frame(type: number, flags: number, streamId: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** A header block that spells everything out: literals that are not indexed, without Huffman codes. */
export function headerBlock(fields: readonly (readonly [string, string])[]): Buffer {
  const text = (value: string): Buffer => Buffer.concat([integer(value.length, 7), Buffer.from(value, 'latin1')]);
  return Buffer.concat(fields.map(([name, value]) => Buffer.concat([Buffer.of(0), text(name), text(value)])));
}

/** An integer as HPACK has it, with nothing in the bits before it. */
export function integer(value: number, prefixBits: number): Buffer {
  const max = 2 ** prefixBits - 1;
  if (value < max) return Buffer.of(value);
  const bytes = [max];
  let rest = value - max;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128));
  return Buffer.from([...bytes, rest]);
}

export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => {
    bytes.writeUInt32BE(value >>> 0, i * 4);
  });
  return bytes;
}

export function settings(...values: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.alloc(values.length * 6);
  values.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  });
  return frame(FrameType.SETTINGS, 0, 0, payload);
}

/** The fields of a call, with others over them or after them; an empty value drops a field. */
export function callFields(path: string, others: Readonly<Record<string, string>> = {}): [string, string][] {
  const fields: Record<string, string> = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': path,
    ':authority': 'localhost',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...others,
  };
  return Object.entries(fields).filter(([, value]) => value !== '');
}

export function headers(streamId: number, fields: readonly (readonly [string, string])[], flags = 0): Buffer {
  return frame(FrameType.HEADERS, Flag.END_HEADERS | flags, streamId, headerBlock(fields));
}

export function data(streamId: number, payload: Uint8Array, flags = 0): Buffer {
  return frame(FrameType.DATA, flags, streamId, payload);
}

/** A client that sends the frames it is told to and keeps what comes back. */
export class FrameClient {
  readonly frames: Frame[] = [];
  isClosed = false;
  /** How often the socket had something to read. */
  chunks = 0;
  readonly #socket: Socket;
  #tail = Buffer.alloc(0);
  /** How often SETTINGS were sent, those of the start included. */
  #settled = 1;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake?.();
    });
  }

  /** Connects, and sends the preface and SETTINGS unless told to send something else. */
  static async connect(url: string, first?: Uint8Array): Promise<FrameClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    const client = new FrameClient(socket);
    client.send(first ?? Buffer.concat([CLIENT_PREFACE, settings()]));
    return client;
  }

  send(...bytes: readonly Uint8Array[]): void {
    this.#socket.write(Buffer.concat(bytes));
  }

  /** Reads no more until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Waits for the first frame that `is` true of, among those that came already and those to come. */
  async wait(is: (frame: Frame) => boolean): Promise<Frame | undefined> {
    const untilMs = Date.now() + 5_000;
    for (;;) {
      const found = this.frames.find(is);
      if (found !== undefined || this.isClosed || Date.now() > untilMs) return found;
      await this.#more();
    }
  }

  async goAway(): Promise<GoAway | undefined> {
    const found = await this.wait(({ type }) => type === FrameType.GOAWAY);
    if (found === undefined) return undefined;
    const { payload } = found;
    return {
      lastStreamId: payload.readUInt32BE(0),
      code: payload.readUInt32BE(4),
      text: payload.toString('latin1', 8),
    };
  }

  /** The code that a stream was reset with. */
  async reset(streamId: number): Promise<number | undefined> {
    const found = await this.wait(({ type, streamId: id }) => type === FrameType.RST_STREAM && id === streamId);
    return found?.payload.readUInt32BE(0);
  }

  /** Waits until the stream has ended well or badly; false when the connection has. */
  async ended(streamId: number): Promise<boolean> {
    const end = await this.wait(
      ({ type, flags, streamId: id }) =>
        id === streamId &&
        (type === FrameType.RST_STREAM ||
          ((type === FrameType.HEADERS || type === FrameType.DATA) && (flags & Flag.END_STREAM) !== 0)),
    );
    return end !== undefined;
  }

  /** The bytes that DATA frames brought on a stream. */
  dataOf(streamId: number): Buffer {
    return Buffer.concat(
      this.frames.filter(({ type, streamId: id }) => type === FrameType.DATA && id === streamId).map((f) => f.payload),
    );
  }

  /** Sends SETTINGS, and resolves when the server has read and answered everything until then. */
  async settle(values: Uint8Array = settings()): Promise<void> {
    this.send(values);
    const acknowledged = ++this.#settled;
    await this.wait(() => this.#acknowledged() >= acknowledged);
  }

  async closed(): Promise<void> {
    const untilMs = Date.now() + 5_000;
    while (!this.isClosed && Date.now() < untilMs) await this.#more();
  }

  close(): void {
    this.#socket.destroy();
  }

  #onFrame(received: Frame): void {
    this.frames.push(received);
    const { type, flags, payload } = received;
    if (type === FrameType.PING && flags === 0) this.send(frame(FrameType.PING, Flag.ACK, 0, payload));
  }

  #acknowledged(): number {
    return this.frames.filter(({ type, flags }) => type === FrameType.SETTINGS && flags === Flag.ACK).length;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 100);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #onData(chunk: Buffer): void {
    this.chunks++;
    const bytes = Buffer.concat([this.#tail, chunk]);
    let at = 0;
    while (bytes.length - at >= 9 && bytes.length - at >= 9 + bytes.readUIntBE(at, 3)) {
      const end = at + 9 + bytes.readUIntBE(at, 3);
      this.#onFrame({
        type: bytes[at + 3] ?? 0,
        flags: bytes[at + 4] ?? 0,
        streamId: bytes.readUInt32BE(at + 5),
        payload: bytes.subarray(at + 9, end),
      });
      at = end;
    }
    this.#tail = bytes.subarray(at);
    this.#wake?.();
  }
}

/** The name of an error code, for messages that can be read. */
export function codeName(code: number | undefined): string {
  return Object.entries(ErrorCode).find(([, value]) => value === code)?.[0] ?? String(code);
}
