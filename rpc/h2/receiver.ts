import { GrpcCode } from '../../client/status.ts';
import { type DataPlace, type DecodedFields, Incoming, type IncomingOwner } from '../../http2/incoming.ts';
import { type ErrorCode, Setting } from '../../http2/protocol.ts';
import { countDeclared } from '../../http2/stream-table.ts';
import type { ConnectionOptions } from '../connection-options.ts';
import { Call, type CallHost, type Route, unknownPathStatus } from './call.ts';
import { PingPolicy } from './guards.ts';
import { H2_LIMITS } from './limits.ts';
import { parseRequestHead, type RequestHead } from './request-head.ts';
import type { Sender } from './sender.ts';
import { Stream } from './stream.ts';
import type { Streams } from './streams.ts';

/** Which call goes to which method. */
export interface Routes {
  readonly routes: ReadonlyMap<string, Route>;
  /** Full names of the services that the routes belong to. */
  readonly services: ReadonlySet<string>;
  readonly connections: ConnectionOptions;
}

/** The connection that frames are received for. */
export interface ReceiverOwner extends CallHost {
  readonly isClosed: boolean;
  /** No stream more may be opened now. */
  readonly isCrowded: boolean;
  /** False for a stream that was opened after GOAWAY. */
  takesStream(streamId: number): boolean;
  /** A PING of ours was answered. */
  onPingAnswered(payload: Buffer): void;
  /** The stream is gone for the client, or because of it. */
  drop(stream: Stream): void;
}

const NO_ENCODING = { acceptEncoding: false };

/** The receiving half of a connection of gRPC: streams become calls, and their bytes messages. What frames may come is http2's to say. */
export class Receiver implements IncomingOwner<Stream> {
  readonly role = 'server';
  readonly streams: Streams;
  readonly outgoing: Sender;
  readonly #owner: ReceiverOwner;
  readonly #routes: Routes;
  readonly #incoming: Incoming<Stream>;
  readonly #pings: PingPolicy;

  constructor(owner: ReceiverOwner, streams: Streams, routes: Routes) {
    this.#owner = owner;
    this.outgoing = owner.sender;
    this.streams = streams;
    this.#routes = routes;
    this.#pings = new PingPolicy(routes.connections.keepaliveMinTimeMs);
    this.#incoming = new Incoming(this);
  }

  get isClosed(): boolean {
    return this.#owner.isClosed;
  }

  get isCrowded(): boolean {
    return this.#owner.isCrowded;
  }

  /** The client has begun something that it must go on with at once. */
  get isUnfinished(): boolean {
    return this.#incoming.isUnfinished;
  }

  /** Takes what the socket has read. Errors: ConnectionError, after which nothing more may come. */
  push(chunk: Buffer): void {
    this.#incoming.push(chunk);
  }

  /** Time has passed: `sweepMs`. */
  sweep(): void {
    this.#incoming.sweep();
  }

  /** A call has ended in order. */
  onGoodEnd(): void {
    this.#incoming.onGoodEnd();
  }

  takesStream(streamId: number): boolean {
    return this.#owner.takesStream(streamId);
  }

  isIdle(streamId: number): boolean {
    return this.streams.isIdle(streamId);
  }

  open(streamId: number, isEnd: boolean, { fields, count, isTooLarge }: DecodedFields): void {
    const stream = new Stream(streamId, this.outgoing.initialWindow, this.#incoming.sweeps);
    stream.isRemoteEnded = isEnd;
    if (isTooLarge) {
      this.streams.add(stream);
      const text = `grpc: header list larger than max (${H2_LIMITS.maxHeaderListBytes})`;
      this.outgoing.refuse(stream, 431, { code: GrpcCode.RESOURCE_EXHAUSTED, text }, NO_ENCODING);
      return;
    }
    const head = parseRequestHead(streamId, fields, count);
    stream.declaredBytes = head.contentLength;
    countDeclared(stream, 0, isEnd);
    this.streams.add(stream);
    this.#begin(stream, head);
  }

  onAnswer(): void {
    // Clients get answers.
  }

  onData(stream: Stream, bytes: Buffer, { start, end, isEnd }: DataPlace): void {
    this.#gather(stream, bytes, start, end);
    if (!isEnd) this.streams.credit(stream);
  }

  onRemoteEnd(stream: Stream): void {
    stream.isRemoteEnded = true;
    stream.user?.onEnd();
  }

  onSetting(setting: number, value: number): void {
    if (setting === Setting.HEADER_TABLE_SIZE) this.outgoing.setHeaderTableBytes(value);
    else if (setting === Setting.INITIAL_WINDOW_SIZE) this.outgoing.setInitialWindow(value, this.streams.values());
    else if (setting === Setting.MAX_FRAME_SIZE) this.outgoing.setMaxFrameBytes(value);
  }

  onSettings(): void {
    // Nothing waits for them.
  }

  onPing(): void {
    const hasSent = this.outgoing.hasSentOnStreams;
    this.outgoing.hasSentOnStreams = false;
    this.#pings.onPing(performance.now(), { hasStreams: this.streams.size > 0, hasSent });
  }

  onPingAnswered(payload: Buffer): void {
    this.#owner.onPingAnswered(payload);
  }

  onGoAway(): void {
    // The client opens no more streams; those that are open go on.
  }

  drop(stream: Stream, _code: ErrorCode): void {
    this.#owner.drop(stream);
  }

  #begin(stream: Stream, head: RequestHead): void {
    if (head.refusal !== undefined) {
      this.outgoing.refuse(stream, head.refusal.httpStatus, head.refusal.status, NO_ENCODING);
      return;
    }
    const route = this.#routes.routes.get(head.path);
    if (route === undefined) {
      this.outgoing.end(stream, unknownPathStatus(head.path, this.#routes.services));
      return;
    }
    const call = new Call(this.#owner, stream, { route, head });
    stream.user = call;
    call.open();
    if (stream.isRemoteEnded) call.onEnd();
  }

  #gather(stream: Stream, bytes: Buffer, start: number, end: number): void {
    const { user, reader } = stream;
    if (user === undefined || stream.ending !== undefined) return;
    const before = reader.gatheredBytes;
    reader.push(bytes, start, end, user);
    this.streams.gathered(reader.gatheredBytes - before);
    if (this.streams.isOverfull && user instanceof Call) {
      user.fail({ code: GrpcCode.RESOURCE_EXHAUSTED, text: 'grpc: too many bytes of requests wait on the connection' });
    }
  }
}
