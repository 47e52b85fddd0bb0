import type { HeaderField } from '../http2/header-field.ts';
import type { HpackEncoder } from '../http2/hpack-encoder.ts';
import { ErrorCode } from '../http2/protocol.ts';
import type { Session } from '../http2/session.ts';
import type { Stream, StreamUser } from '../http2/stream.ts';
import { type Channel, isUnprocessed, type Waiter } from './channel.ts';
import { CLIENT_LIMITS } from './limits.ts';
import { MessageReader, type MessageSink, PREFIX_BYTES } from './message-reader.ts';
import { GrpcCode } from './status.ts';

/** Fields of a call's own, in lower case. */
export type Metadata = readonly (readonly [name: string, value: string])[];

/** How a call ended. */
export interface CallEnd {
  readonly code: number;
  readonly text: string;
  /** The server has surely not looked at the request. */
  readonly isUnprocessed: boolean;
}

export interface CallEvents {
  /** One message of the answer; a view that may be kept. Its bytes count as waiting until `taken` says otherwise. */
  onMessage(message: Uint8Array): void;
  onEnd(end: CallEnd): void;
}

export interface CallOptions {
  readonly path: string;
  readonly metadata: Metadata;
  /** Absolute, in milliseconds; undefined: it may take as long as it takes. */
  readonly deadlineMs: number | undefined;
}

/** One gRPC call on a channel: messages out, messages in, a status at the end. Source: gRPC over HTTP/2. */
export class GrpcStream implements StreamUser, Waiter, MessageSink {
  readonly #channel: Channel;
  readonly #options: CallOptions;
  readonly #events: CallEvents;
  readonly #reader = new MessageReader(CLIENT_LIMITS.maxMessageBytes);
  #session: Session | undefined;
  #stream: Stream | undefined;
  /** Messages that were sent before there was a stream. */
  #early: Buffer[] = [];
  #isHalfClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  /** Bytes received that were neither taken nor given back to the server. */
  #waitingBytes = 0;
  #owedBytes = 0;
  #httpStatus = 200;
  #status: number | undefined;
  #text = '';

  constructor(channel: Channel, options: CallOptions, events: CallEvents) {
    this.#channel = channel;
    this.#options = options;
    this.#events = events;
    if (options.deadlineMs !== undefined) {
      const leftMs = Math.max(0, options.deadlineMs - Date.now());
      this.#timer = setTimeout(() => this.#abandon(GrpcCode.DEADLINE_EXCEEDED, 'Deadline exceeded'), leftMs);
    }
  }

  /** Sends one message, now or as soon as there is a connection; `isLast` ends our half. Call `start` afterwards, once. */
  send(message: Uint8Array, isLast = false): void {
    if (this.#isOver || this.#isHalfClosed) return;
    this.#isHalfClosed = isLast;
    const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
    frame[0] = 0;
    frame.writeUInt32BE(message.length, 1);
    frame.set(message, PREFIX_BYTES);
    if (this.#stream === undefined || this.#session === undefined) this.#early.push(frame);
    else this.#session.data(this.#stream, frame, isLast);
  }

  /** Ends our half. */
  end(): void {
    if (this.#isOver || this.#isHalfClosed) return;
    this.#isHalfClosed = true;
    if (this.#stream !== undefined) this.#session?.data(this.#stream, NOTHING, true);
  }

  start(): void {
    this.#channel.enter(this);
  }

  /** What waits to be sent. */
  get queuedBytes(): number {
    return this.#stream?.queuedBytes ?? this.#early.reduce((sum, frame) => sum + frame.length, 0);
  }

  /** Nobody waits for the end any more: `onEnd` tells CANCELLED. */
  cancel(): void {
    this.#abandon(GrpcCode.CANCELLED, 'Cancelled on client');
  }

  /** Somebody has taken a message of so many bytes. */
  taken(sizeBytes: number): void {
    this.#waitingBytes -= sizeBytes;
    this.#giveBack();
  }

  onReady(session: Session): void {
    if (this.#isOver) return;
    this.#session = session;
    this.#stream = session.request((encoder) => this.#encode(encoder), false);
    this.#stream.user = this;
    const early = this.#early;
    this.#early = [];
    early.forEach((frame, i) => {
      if (this.#stream !== undefined) session.data(this.#stream, frame, this.#isHalfClosed && i === early.length - 1);
    });
    if (early.length === 0 && this.#isHalfClosed) session.data(this.#stream, NOTHING, true);
  }

  onRefused(why: string): void {
    this.#over({ code: GrpcCode.UNAVAILABLE, text: why, isUnprocessed: true });
  }

  onHeaders(fields: readonly HeaderField[], count: number): void {
    for (let i = 0; i < count; i++) {
      const { name, value } = fields[i] as HeaderField;
      if (name === 'grpc-status') this.#status = Number(value);
      else if (name === 'grpc-message') this.#text = percentDecoded(value);
      else if (name === ':status') this.#httpStatus = Number(value);
    }
  }

  onData(bytes: Buffer): void {
    if (this.#httpStatus !== 200) return;
    this.#owedBytes += bytes.length;
    this.#reader.push(bytes, 0, bytes.length, this);
    this.#giveBack();
  }

  onEnd(): void {
    const { code, text } = this.#statusAtEnd();
    this.#over({ code, text, isUnprocessed: false });
    this.#channel.onRoom();
  }

  onGone(code: ErrorCode): void {
    // A server may end a stream with a status and a reset after it; what it said counts.
    if (this.#status !== undefined) {
      this.onEnd();
      return;
    }
    const [grpcCode, text] = STATUS_OF_RESET.get(code) ?? [GrpcCode.INTERNAL, `Received RST_STREAM with code ${code}`];
    const isLost = this.#session?.isClosed === true;
    if (isLost)
      this.#over({ code: GrpcCode.UNAVAILABLE, text: 'Connection dropped', isUnprocessed: isUnprocessed(code) });
    else this.#over({ code: grpcCode, text, isUnprocessed: isUnprocessed(code) });
    this.#channel.onRoom();
  }

  onRoom(): void {
    // Requests are small, and whoever sends many looks at `queuedBytes`.
  }

  onMessage(message: Uint8Array, flag: number): void {
    if (this.#isOver) return;
    if (flag !== 0) {
      this.#abandon(GrpcCode.INTERNAL, 'a compressed message that nobody asked for');
      return;
    }
    this.#waitingBytes += message.length;
    this.#events.onMessage(message);
  }

  onTooLarge(sizeBytes: number): void {
    const text = `grpc: received message larger than max (${sizeBytes} vs. ${CLIENT_LIMITS.maxMessageBytes})`;
    this.#abandon(GrpcCode.RESOURCE_EXHAUSTED, text);
  }

  /** Lets the server go on as long as not too much waits to be taken. */
  #giveBack(): void {
    if (this.#owedBytes === 0 || this.#waitingBytes >= CLIENT_LIMITS.flowControlWindowBytes) return;
    if (this.#stream !== undefined) this.#session?.consume(this.#stream, this.#owedBytes);
    this.#owedBytes = 0;
  }

  #encode(encoder: HpackEncoder): void {
    const { authority, tls } = this.#channel.target;
    const { path, metadata, deadlineMs } = this.#options;
    encoder.keep(':method', 'POST');
    encoder.keep(':scheme', tls === undefined ? 'http' : 'https');
    encoder.keep(':path', path);
    encoder.keep(':authority', authority);
    encoder.keep('content-type', 'application/grpc');
    encoder.keep('te', 'trailers');
    encoder.keep('user-agent', 'keelson');
    if (deadlineMs !== undefined) encoder.once('grpc-timeout', timeoutText(deadlineMs - Date.now()));
    for (const [name, value] of metadata) encoder.keep(name, value);
  }

  #statusAtEnd(): { readonly code: number; readonly text: string } {
    if (this.#status !== undefined && this.#httpStatus === 200) return { code: this.#status, text: this.#text };
    if (this.#httpStatus === 200) return { code: GrpcCode.UNKNOWN, text: 'the call ended without a status' };
    const code = STATUS_OF_HTTP.get(this.#httpStatus) ?? GrpcCode.UNKNOWN;
    return { code, text: `Received HTTP status code ${this.#httpStatus}` };
  }

  #abandon(code: number, text: string): void {
    if (this.#isOver) return;
    const [session, stream] = [this.#session, this.#stream];
    if (stream === undefined) this.#channel.leave(this);
    this.#over({ code, text, isUnprocessed: stream === undefined });
    if (stream === undefined || session === undefined) return;
    session.reset(stream, ErrorCode.CANCEL);
    this.#channel.onRoom();
  }

  #over(end: CallEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#early = [];
    this.#stream = undefined;
    this.#events.onEnd(end);
  }
}

const NOTHING = Buffer.alloc(0);

/** Source: gRPC over HTTP/2, HTTP2 Transport Mapping, Errors. */
const STATUS_OF_RESET: ReadonlyMap<ErrorCode, readonly [number, string]> = new Map([
  [ErrorCode.REFUSED_STREAM, [GrpcCode.UNAVAILABLE, 'Stream refused by server']],
  [ErrorCode.CANCEL, [GrpcCode.CANCELLED, 'Call cancelled']],
  [ErrorCode.ENHANCE_YOUR_CALM, [GrpcCode.RESOURCE_EXHAUSTED, 'Bandwidth exhausted or memory limit exceeded']],
  [ErrorCode.INADEQUATE_SECURITY, [GrpcCode.PERMISSION_DENIED, 'Protocol not secure enough']],
]);

/** Of an answer that is no gRPC. Source: gRPC, HTTP to gRPC Status Code Mapping. */
const STATUS_OF_HTTP: ReadonlyMap<number, number> = new Map([
  [400, GrpcCode.INTERNAL],
  [401, GrpcCode.UNAUTHENTICATED],
  [403, GrpcCode.PERMISSION_DENIED],
  [404, GrpcCode.UNIMPLEMENTED],
  [429, GrpcCode.UNAVAILABLE],
  [502, GrpcCode.UNAVAILABLE],
  [503, GrpcCode.UNAVAILABLE],
  [504, GrpcCode.UNAVAILABLE],
]);

/** At most eight digits and a unit. */
function timeoutText(leftMs: number): string {
  const ms = Math.max(1, Math.ceil(leftMs));
  return ms < 1e8 ? `${ms}m` : `${Math.ceil(ms / 1000)}S`;
}

/** The value of grpc-message as a text. */
function percentDecoded(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
