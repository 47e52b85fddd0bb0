import { connect, type TLSSocket } from 'node:tls';
import { FrameReader, type FrameSink } from '../../http2/frame-reader.ts';
import { HpackDecoder } from '../../http2/hpack-decoder.ts';
import {
  CLIENT_PREFACE,
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  MAX_WINDOW_BYTES,
  putFrameHeader,
  putUint32,
  Setting,
  uint31At,
} from '../../http2/protocol.ts';

/** What is told of one request. Views are only valid during the call. */
export interface AnswerEvents {
  onData?(bytes: Buffer): void;
  /** The answer is complete; `status` is HTTP's, 0 when the connection or the stream broke. */
  onEnd(status: number): void;
}

interface OpenRequest {
  readonly events: AnswerEvents;
  status: number;
}

/** Where an API server listens and who asks. */
export interface ApiTarget {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

const SLAB_BYTES = 64 * 1024;
/** Credit is given back to the server when it has used this much; Go's client grants 1 GiB a connection and 4 MiB a stream. */
const CREDIT_BYTES = 1024 * 1024;
const STREAM_WINDOW_BYTES = MAX_WINDOW_BYTES;
const MAX_DATA_BYTES = 16_384;
const NOTHING = Buffer.alloc(0);
/** The first entry of HPACK's dynamic table. */
const FIRST_DYNAMIC = 62;

/**
 * One HTTP/2 connection over TLS to an API server, for a load generator: frames by hand, everything that is sent within one turn in one
 * write, answers drained without parsing. The fields that do not change are in the server's HPACK table after the first request, as with
 * Go's client. It trusts the server: no limits, receive windows that never end, bodies within the server's windows.
 */
export class ApiConnection implements FrameSink {
  readonly #socket: TLSSocket;
  readonly #reader = new FrameReader(this, 'server');
  readonly #hpack = new HpackDecoder();
  readonly #requests = new Map<number, OpenRequest>();
  readonly #fixed: Buffer;
  #knowsFixed = false;
  #nextStream = 1;
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** What waits to be written is slab[start, at). */
  #start = 0;
  #at = 0;
  #isFlushDue = false;
  #uncreditedBytes = 0;
  isClosed = false;

  private constructor(socket: TLSSocket, { host, port, token }: ApiTarget) {
    this.#socket = socket;
    this.#fixed = Buffer.concat([
      indexed(1, `${host}:${port}`),
      indexed(23, `Bearer ${token}`),
      indexed(19, 'application/json'),
      indexed(31, 'application/json'),
      indexed(58, 'keelson-bench'),
    ]);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#reader.push(chunk));
    socket.on('error', () => this.#end());
    socket.on('close', () => this.#end());
    this.#greet();
  }

  /** Rejects when nobody listens, or when the server does not speak HTTP/2. */
  static open(target: ApiTarget): Promise<ApiConnection> {
    return new Promise((resolve, reject) => {
      const { host, port } = target;
      const socket = connect({ host, port, ALPNProtocols: ['h2'], rejectUnauthorized: false });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        socket.off('error', reject);
        if (socket.alpnProtocol === 'h2') resolve(new ApiConnection(socket, target));
        else reject(new Error('the server does not speak HTTP/2'));
      });
    });
  }

  static openAll(target: ApiTarget, count: number): Promise<readonly ApiConnection[]> {
    return Promise.all(Array.from({ length: count }, () => ApiConnection.open(target)));
  }

  /** Sends one request; returns its stream, for `reset`. */
  request(method: 'GET' | 'POST' | 'PUT', path: string, body: Uint8Array | undefined, events: AnswerEvents): number {
    const id = this.#nextStream;
    this.#nextStream += 2;
    if (this.isClosed) {
      queueMicrotask(() => events.onEnd(0));
      return id;
    }
    this.#requests.set(id, { events, status: 0 });
    const block = this.#blockOf(method, path);
    const end = body === undefined ? Flag.END_STREAM : 0;
    this.#frame(FrameType.HEADERS, Flag.END_HEADERS | end, id, block);
    for (let from = 0; body !== undefined && from < body.length; from += MAX_DATA_BYTES) {
      const to = Math.min(from + MAX_DATA_BYTES, body.length);
      this.#frame(FrameType.DATA, to === body.length ? Flag.END_STREAM : 0, id, body.subarray(from, to));
    }
    return id;
  }

  /** The whole answer, for what is not measured. */
  async fetch(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<{ status: number; body: string }> {
    const parts: Buffer[] = [];
    const status = await new Promise<number>((resolve) => {
      this.request(method, path, body === undefined ? undefined : Buffer.from(JSON.stringify(body)), {
        onData: (bytes) => parts.push(Buffer.from(bytes)),
        onEnd: resolve,
      });
    });
    return { status, body: Buffer.concat(parts).toString('utf8') };
  }

  close(): void {
    this.#flush();
    this.#socket.destroy();
  }

  onFrame(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at + 3] as number;
    const flags = bytes[at + 4] as number;
    const stream = uint31At(bytes, at + 5);
    const start = at + FRAME_HEADER_BYTES;
    if (type === FrameType.DATA) this.#onData(stream, flags, bytes.subarray(start, end));
    else if (type === FrameType.HEADERS) this.#onHeaders(stream, flags, bytes, start, end);
    else if (type === FrameType.RST_STREAM) this.#finish(stream, 0);
    else if (type === FrameType.GOAWAY) this.#socket.destroy();
    else if (type === FrameType.SETTINGS && (flags & Flag.ACK) === 0) this.#frame(type, Flag.ACK, 0, NOTHING);
    else if (type === FrameType.PING && (flags & Flag.ACK) === 0)
      this.#frame(type, Flag.ACK, 0, bytes.subarray(start, end));
  }

  #greet(): void {
    const settings = Buffer.alloc(12);
    settings.writeUInt16BE(Setting.ENABLE_PUSH, 0);
    settings.writeUInt16BE(Setting.INITIAL_WINDOW_SIZE, 6);
    settings.writeUInt32BE(STREAM_WINDOW_BYTES, 8);
    this.#reserve(CLIENT_PREFACE.length);
    this.#at += CLIENT_PREFACE.copy(this.#slab, this.#at);
    this.#frame(FrameType.SETTINGS, 0, 0, settings);
    this.#credit(MAX_WINDOW_BYTES - 65_535);
  }

  #blockOf(method: 'GET' | 'POST' | 'PUT', path: string): Buffer {
    const verb = method === 'GET' ? Buffer.from([0x82]) : method === 'POST' ? Buffer.from([0x83]) : PUT;
    const start = [verb, HTTPS, literal(4, path)];
    if (this.#knowsFixed) return Buffer.concat([...start, FIXED_INDEXES]);
    this.#knowsFixed = true;
    return Buffer.concat([...start, this.#fixed]);
  }

  #onHeaders(stream: number, flags: number, bytes: Buffer, start: number, end: number): void {
    const from = start + ((flags & Flag.PRIORITY) === 0 ? 0 : 5);
    this.#hpack.decode(bytes, from, end);
    const request = this.#requests.get(stream);
    const first = this.#hpack.fields[0];
    if (request !== undefined && this.#hpack.count > 0 && first?.name === ':status')
      request.status = Number(first.value);
    if ((flags & Flag.END_STREAM) !== 0) this.#finish(stream, request?.status ?? 0);
  }

  #onData(stream: number, flags: number, payload: Buffer): void {
    this.#uncreditedBytes += payload.length;
    if (this.#uncreditedBytes >= CREDIT_BYTES) {
      this.#credit(this.#uncreditedBytes);
      this.#uncreditedBytes = 0;
    }
    const request = this.#requests.get(stream);
    if (request === undefined) return;
    request.events.onData?.(payload);
    if ((flags & Flag.END_STREAM) !== 0) this.#finish(stream, request.status);
  }

  #finish(stream: number, status: number): void {
    const request = this.#requests.get(stream);
    this.#requests.delete(stream);
    request?.events.onEnd(status);
  }

  #end(): void {
    this.isClosed = true;
    for (const stream of [...this.#requests.keys()]) this.#finish(stream, 0);
  }

  #credit(sizeBytes: number): void {
    const payload = Buffer.allocUnsafe(4);
    putUint32(payload, 0, sizeBytes);
    this.#frame(FrameType.WINDOW_UPDATE, 0, 0, payload);
  }

  #frame(type: number, flags: number, stream: number, payload: Uint8Array): void {
    this.#reserve(FRAME_HEADER_BYTES + payload.length);
    this.#at = putFrameHeader(this.#slab, this.#at, payload.length, (type << 8) | flags, stream);
    this.#slab.set(payload, this.#at);
    this.#at += payload.length;
  }

  #reserve(sizeBytes: number): void {
    if (this.#at + sizeBytes > this.#slab.length) {
      this.#flush();
      this.#slab = Buffer.allocUnsafeSlow(Math.max(sizeBytes, SLAB_BYTES));
      this.#start = 0;
      this.#at = 0;
    }
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#at === this.#start) return;
    this.#socket.write(this.#slab.subarray(this.#start, this.#at));
    this.#start = this.#at;
  }
}

/** An integer of HPACK after a pattern (RFC 7541 §5.1). */
function integer(pattern: number, mask: number, value: number): number[] {
  if (value < mask) return [pattern | value];
  const bytes = [pattern | mask];
  let rest = value - mask;
  for (; rest >= 0x80; rest >>>= 7) bytes.push(0x80 | (rest & 0x7f));
  return [...bytes, rest];
}

function textOf(text: string): Buffer {
  return Buffer.concat([Buffer.from(integer(0, 0x7f, text.length)), Buffer.from(text, 'latin1')]);
}

/** A field with a name of the static table, kept in no table (§6.2.2). */
function literal(name: number, value: string): Buffer {
  return Buffer.concat([Buffer.from(integer(0, 0x0f, name)), textOf(value)]);
}

/** The same, kept in the dynamic table (§6.2.1). */
function indexed(name: number, value: string): Buffer {
  return Buffer.concat([Buffer.from(integer(0x40, 0x3f, name)), textOf(value)]);
}

const HTTPS = Buffer.from([0x87]);
const PUT = literal(2, 'PUT');
/** The five fields of `#fixed`: the one that came first lies deepest. */
const FIXED_INDEXES = Buffer.from([4, 3, 2, 1, 0].map((deep) => 0x80 | (FIRST_DYNAMIC + deep)));
