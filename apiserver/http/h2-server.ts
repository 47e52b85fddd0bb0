import type { Socket } from 'node:net';
import type { CancelSignal } from '../../base/cancel.ts';
import type { HeaderField } from '../../http2/header-field.ts';
import { ErrorCode } from '../../http2/protocol.ts';
import { Session } from '../../http2/session.ts';
import { Sessions } from '../../http2/session-group.ts';
import type { Stream } from '../../http2/stream.ts';
import type { Headers, Reply } from '../handlers/reply.ts';
import type { Logger } from './api-handler.ts';
import type { ApiRequest } from './api-request.ts';
import { clientIdentity } from './client-certificate.ts';
import { declaredLength, type H2Client, H2Request, parseHead } from './h2-request.ts';
import { httpDate } from './http-date.ts';
import { HTTP_LIMITS } from './limits.ts';
import { type ResponseWriter, writeReply } from './write-reply.ts';

export interface H2ServerOptions {
  readonly handler: (request: ApiRequest) => Promise<Reply>;
  readonly logger: Logger;
}

/** The HTTP/2 of an API server, on the sockets themselves: what a request costs beyond its handler is frames and HPACK. */
export class H2Server {
  readonly #options: H2ServerOptions;
  readonly #sessions = new Sessions();
  #onEmpty: (() => void) | undefined;

  constructor(options: H2ServerOptions) {
    this.#options = options;
  }

  /** Takes a connection that has agreed on h2. */
  accept(socket: Socket): void {
    const client: H2Client = { identity: clientIdentity(socket), heldBytes: 0 };
    const session: Session = new Session(
      socket,
      {
        role: 'server',
        maxStreams: HTTP_LIMITS.maxConcurrentStreams,
        streamWindowBytes: HTTP_LIMITS.initialWindowBytes,
        keepalive: { timeMs: HTTP_LIMITS.pingIntervalMs, timeoutMs: HTTP_LIMITS.pingTimeoutMs, onlyInUse: false },
        onRequest: (stream, fields, count, isTooLarge) =>
          this.#begin(session, stream, client, { fields, count, isTooLarge }),
        onClosed: () => this.#closed(session),
        onDefect: (error) =>
          this.#options.logger.error({ err: error }, 'a connection failed on a defect of the server'),
      },
      this.#sessions,
    );
    this.#sessions.add(session);
    if (this.#onEmpty !== undefined) session.drain();
  }

  /** Tells the clients to go elsewhere; resolves when the last connection is gone. */
  drain(): Promise<void> {
    for (const session of this.#sessions) session.drain();
    if (this.#sessions.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  destroy(): void {
    for (const session of [...this.#sessions]) session.destroy();
  }

  #closed(session: Session): void {
    this.#sessions.remove(session);
    if (this.#sessions.size === 0) this.#onEmpty?.();
  }

  #begin(
    session: Session,
    stream: Stream,
    client: H2Client,
    head: { readonly fields: readonly HeaderField[]; readonly count: number; readonly isTooLarge: boolean },
  ): void {
    if (head.isTooLarge) {
      session.headers(stream, (encoder) => encoder.once(':status', '431'), true);
      return;
    }
    const parsed = parseHead(stream.id, head.fields, head.count);
    stream.declaredBytes = declaredLength(stream.id, parsed);
    const request = new H2Request(session, stream, client, parsed);
    stream.user = request;
    void this.#serve(session, stream, request);
  }

  async #serve(session: Session, stream: Stream, request: H2Request): Promise<void> {
    try {
      const reply = await this.#options.handler(request);
      if (!request.isGone) {
        const response = new H2Response(session, stream, request);
        const writing = writeReply(response, reply, {
          method: request.method,
          acceptEncoding: request.headers['accept-encoding'] as string | undefined,
        });
        if (writing !== undefined) await writing;
      }
    } catch (error) {
      this.#options.logger.error({ err: error, url: request.url }, 'an answer could not be written');
      session.reset(stream, ErrorCode.INTERNAL_ERROR);
    } finally {
      request.finished();
    }
  }
}

/** The answer on a stream. What waits in front of the socket is bounded by writers that heed `write`. */
class H2Response implements ResponseWriter {
  readonly #session: Session;
  readonly #stream: Stream;
  readonly #request: H2Request;

  constructor(session: Session, stream: Stream, request: H2Request) {
    this.#session = session;
    this.#stream = stream;
    this.#request = request;
  }

  get closed(): CancelSignal {
    return this.#request.signal;
  }

  get isGone(): boolean {
    return this.#request.isGone;
  }

  head(status: number, headers: Headers): void {
    this.#head(status, headers, false);
  }

  whole(status: number, headers: Headers, body: Buffer | undefined): void {
    const isEmpty = body === undefined || body.length === 0;
    this.#head(status, headers, isEmpty);
    if (!isEmpty) this.#session.data(this.#stream, body, true);
  }

  write(chunk: Buffer): boolean {
    return this.isGone || this.#session.data(this.#stream, chunk);
  }

  writeParts(parts: readonly Buffer[]): boolean {
    return this.isGone || this.#session.parts(this.#stream, parts);
  }

  drained(): Promise<void> {
    return this.#stream.isWaitedFor ? this.#request.room() : Promise.resolve();
  }

  end(): void {
    if (!this.isGone) this.#session.data(this.#stream, NOTHING, true);
  }

  destroy(): void {
    const { user } = this.#stream;
    this.#session.reset(this.#stream, ErrorCode.CANCEL);
    user?.onGone(ErrorCode.CANCEL);
  }

  #head(status: number, headers: Headers, isEnd: boolean): void {
    this.#session.headers(
      this.#stream,
      (encoder) => {
        encoder.keep(':status', String(status));
        for (const name in headers) {
          const value = headers[name] as string | readonly string[];
          if (typeof value !== 'string') for (const one of value) encoder.once(name, one);
          else if (CHANGING.has(name)) encoder.once(name, value);
          else encoder.keep(name, value);
        }
        encoder.keep('date', httpDate());
      },
      isEnd,
    );
  }
}

/** Fields that are hardly ever the same in two answers. */
const CHANGING: ReadonlySet<string> = new Set(['audit-id', 'content-length', 'etag', 'warning']);
const NOTHING = Buffer.alloc(0);
