import { connect, type TLSSocket } from 'node:tls';
import { Flag, FrameType } from '../../http2/protocol.ts';
import { FrameConnection } from '../frame-connection.ts';

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

const NOTHING = Buffer.alloc(0);
/** The first entry of HPACK's dynamic table. */
const FIRST_DYNAMIC = 62;

/**
 * The requests of a load generator to an API server, over TLS; answers are drained without parsing. The fields that do not change are in the
 * server's HPACK table after the first request, as with Go's client.
 */
export class ApiConnection extends FrameConnection {
  readonly #requests = new Map<number, OpenRequest>();
  readonly #fixed: Buffer;
  #knowsFixed = false;

  private constructor(socket: TLSSocket, { host, port, token }: ApiTarget) {
    super(socket);
    this.#fixed = Buffer.concat([
      indexed(1, `${host}:${port}`),
      indexed(23, `Bearer ${token}`),
      indexed(19, 'application/json'),
      indexed(31, 'application/json'),
      indexed(58, 'keelson-bench'),
    ]);
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

  /** Sends one request. */
  request(method: 'GET' | 'POST' | 'PUT', path: string, body: Uint8Array | undefined, events: AnswerEvents): void {
    const id = this.nextStream();
    if (this.isClosed) {
      queueMicrotask(() => events.onEnd(0));
      return;
    }
    this.#requests.set(id, { events, status: 0 });
    const end = body === undefined ? Flag.END_STREAM : 0;
    this.frame(FrameType.HEADERS, Flag.END_HEADERS | end, id, this.#blockOf(method, path));
    if (body !== undefined) this.data(id, NOTHING, body, true);
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

  #blockOf(method: 'GET' | 'POST' | 'PUT', path: string): Buffer {
    const verb = method === 'GET' ? Buffer.from([0x82]) : method === 'POST' ? Buffer.from([0x83]) : PUT;
    const start = [verb, HTTPS, literal(4, path)];
    if (this.#knowsFixed) return Buffer.concat([...start, FIXED_INDEXES]);
    this.#knowsFixed = true;
    return Buffer.concat([...start, this.#fixed]);
  }

  protected override onHeaderBlock(stream: number, flags: number, bytes: Buffer, start: number, end: number): void {
    this.hpack.decode(bytes, start, end);
    const request = this.#requests.get(stream);
    const first = this.hpack.fields[0];
    if (request !== undefined && this.hpack.count > 0 && first?.name === ':status')
      request.status = Number(first.value);
    if ((flags & Flag.END_STREAM) !== 0) this.#finish(stream, request?.status ?? 0);
  }

  protected override onPayload(stream: number, flags: number, bytes: Buffer, start: number, end: number): void {
    const request = this.#requests.get(stream);
    if (request === undefined) return;
    request.events.onData?.(bytes.subarray(start, end));
    if ((flags & Flag.END_STREAM) !== 0) this.#finish(stream, request.status);
  }

  protected override onReset(stream: number): void {
    this.#finish(stream, 0);
  }

  protected override onClosed(): void {
    for (const stream of [...this.#requests.keys()]) this.#finish(stream, 0);
  }

  #finish(stream: number, status: number): void {
    const request = this.#requests.get(stream);
    this.#requests.delete(stream);
    request?.events.onEnd(status);
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
