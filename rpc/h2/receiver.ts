import { GrpcCode } from '../../client/status.ts';
import { FrameReader, type FrameSink } from '../../http2/frame-reader.ts';
import { HeaderBlocks } from '../../http2/header-blocks.ts';
import { HpackDecoder } from '../../http2/hpack-decoder.ts';
import { NuisanceBudget } from '../../http2/nuisance-budget.ts';
import {
  ConnectionError,
  ErrorCode,
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  Setting,
  StreamError,
  uint31At,
} from '../../http2/protocol.ts';
import { readSettings } from '../../http2/settings.ts';
import type { ConnectionOptions } from '../connection-options.ts';
import { Call, type CallHost, type Route, unknownPathStatus } from './call.ts';
import { PingPolicy } from './guards.ts';
import { H2_LIMITS } from './limits.ts';
import { checkTrailers, parseRequestHead, type RequestHead } from './request-head.ts';
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

const NO_BYTES = new Uint8Array(0);
const NO_ENCODING = { acceptEncoding: false };

/** The receiving half of a connection: frames become streams and calls, or errors. Source: RFC 9113 §5, §6. */
export class Receiver implements FrameSink {
  readonly #owner: ReceiverOwner;
  readonly #routes: Routes;
  readonly #streams: Streams;
  readonly #sender: Sender;
  readonly #frames = new FrameReader(this);
  readonly #hpack = new HpackDecoder();
  readonly #blocks = new HeaderBlocks();
  readonly #nuisances = new NuisanceBudget();
  readonly #pings: PingPolicy;
  #hasSettings = false;
  /** Seconds, more or less. */
  #tick = 0;

  constructor(owner: ReceiverOwner, streams: Streams, routes: Routes) {
    this.#owner = owner;
    this.#sender = owner.sender;
    this.#streams = streams;
    this.#routes = routes;
    this.#pings = new PingPolicy(routes.connections.keepaliveMinTimeMs);
  }

  get isClosed(): boolean {
    return this.#owner.isClosed;
  }

  /** The client has begun something that it must go on with at once. */
  get isUnfinished(): boolean {
    return !this.#hasSettings || this.#blocks.streamId !== 0;
  }

  /** Takes what the socket has read. Errors: ConnectionError, after which nothing more may come. */
  push(chunk: Buffer): void {
    this.#frames.push(chunk);
  }

  /** Time has passed: `sweepMs`. */
  tick(): void {
    this.#tick++;
    this.#nuisances.earn((H2_LIMITS.nuisancePerSecond * H2_LIMITS.sweepMs) / 1_000);
  }

  /** A call has ended in order. */
  onGoodEnd(): void {
    this.#nuisances.earn(1);
  }

  onFrame(bytes: Buffer, at: number, end: number): void {
    try {
      this.#dispatch(bytes, at, end);
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.#nuisances.spend('stream errors');
      this.#reset(error.streamId, error.code);
    }
  }

  #dispatch(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at + 3] as number;
    const flags = bytes[at + 4] as number;
    const streamId = uint31At(bytes, at + 5);
    const start = at + FRAME_HEADER_BYTES;
    if (!this.#hasSettings && type !== FrameType.SETTINGS) throw protocolError('SETTINGS must come first');
    if (this.#blocks.streamId !== 0 && (type !== FrameType.CONTINUATION || streamId !== this.#blocks.streamId)) {
      throw protocolError('a frame within a header block');
    }
    switch (type) {
      case FrameType.DATA:
        this.#onDataFrame(bytes, { start, end, flags, streamId });
        return;
      case FrameType.HEADERS:
        this.#onHeaders(bytes, { start, end, flags, streamId });
        return;
      case FrameType.CONTINUATION:
        if (this.#blocks.streamId === 0) throw protocolError('CONTINUATION without HEADERS');
        if (start === end) this.#nuisances.spend('empty CONTINUATION');
        this.#onFragment(bytes, { start, end, flags });
        return;
      case FrameType.WINDOW_UPDATE:
        this.#onWindowUpdate(bytes, { start, end, streamId });
        return;
      case FrameType.RST_STREAM:
        this.#onReset(end - start, streamId);
        return;
      case FrameType.SETTINGS:
        this.#onSettings(bytes, { start, end, flags, streamId });
        return;
      case FrameType.PING:
        this.#onPing(bytes.subarray(start, end), flags, streamId);
        return;
      case FrameType.PRIORITY:
        if (streamId === 0) throw protocolError('PRIORITY of the connection');
        this.#nuisances.spend('PRIORITY');
        if (end - start !== 5) throw new StreamError(streamId, ErrorCode.FRAME_SIZE_ERROR, 'PRIORITY');
        return;
      case FrameType.PUSH_PROMISE:
        throw protocolError('clients do not push');
      case FrameType.GOAWAY:
        if (streamId !== 0) throw protocolError('GOAWAY of a stream');
        if (end - start < 8) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'GOAWAY');
        this.#nuisances.spend('GOAWAY');
        return; // The client opens no more streams; those that are open go on.
      default:
        this.#nuisances.spend('unknown frames');
    }
  }

  #onDataFrame(bytes: Buffer, frame: Frame): void {
    const { flags, streamId } = frame;
    if (streamId === 0) throw protocolError('DATA of the connection');
    const frameBytes = frame.end - frame.start;
    this.#streams.receive(frameBytes);
    const [start, end] = unpadded(bytes, frame, 0);
    const isEnd = (flags & Flag.END_STREAM) !== 0;
    if (start === end && !isEnd) this.#nuisances.spend('empty DATA');
    const stream = this.#streams.get(streamId);
    if (stream === undefined || stream.isRemoteEnded) {
      this.#onLateFrame(streamId);
      return;
    }
    stream.receiveWindow -= frameBytes;
    if (stream.receiveWindow < 0) throw new StreamError(streamId, ErrorCode.FLOW_CONTROL_ERROR, 'beyond the window');
    this.#declared(stream, end - start, isEnd);
    this.#receive(stream, bytes, { start, end });
    if (isEnd) this.#onRemoteEnd(stream);
    else this.#streams.credit(stream);
  }

  #receive(stream: Stream, bytes: Buffer, { start, end }: { readonly start: number; readonly end: number }): void {
    const { user, reader } = stream;
    if (user === undefined || stream.ending !== undefined) return;
    const before = reader.gatheredBytes;
    reader.push(bytes, start, end, user);
    this.#streams.gathered(reader.gatheredBytes - before);
    if (this.#streams.isOverfull && user instanceof Call) {
      user.fail({ code: GrpcCode.RESOURCE_EXHAUSTED, text: 'grpc: too many bytes of requests wait on the connection' });
    }
  }

  /** Checks content-length, when there is one (RFC 9113 §8.1.1). */
  #declared(stream: Stream, receivedBytes: number, isEnd: boolean): void {
    if (stream.declaredBytes < 0) return;
    stream.declaredBytes -= receivedBytes;
    if (stream.declaredBytes < 0 || (isEnd && stream.declaredBytes > 0)) {
      throw new StreamError(stream.id, ErrorCode.PROTOCOL_ERROR, 'content-length is wrong');
    }
  }

  #onRemoteEnd(stream: Stream): void {
    stream.isRemoteEnded = true;
    stream.user?.onEnd();
  }

  /** A frame on a stream that is not open for it: an error, unless we ended the stream and the client could not know. */
  #onLateFrame(streamId: number): void {
    if (this.#streams.isIdle(streamId)) throw protocolError('a frame on an idle stream');
    this.#nuisances.spend('frames on closed streams');
    if (this.#streams.wasReset(streamId)) return;
    throw new StreamError(streamId, ErrorCode.STREAM_CLOSED, 'the stream is closed');
  }

  #onHeaders(bytes: Buffer, frame: Frame): void {
    const { flags, streamId } = frame;
    if (streamId === 0) throw protocolError('HEADERS of the connection');
    if (streamId % 2 === 0) throw protocolError('an even stream id');
    const [start, end] = unpadded(bytes, frame, (flags & Flag.PRIORITY) === 0 ? 0 : 5);
    const isEnd = (flags & Flag.END_STREAM) !== 0;
    if ((flags & Flag.END_HEADERS) !== 0) {
      this.#onHeaderBlock(bytes, { start, end }, streamId, isEnd);
      return;
    }
    this.#blocks.begin(streamId, isEnd);
    this.#onFragment(bytes, { start, end, flags });
  }

  #onFragment(bytes: Buffer, { start, end, flags }: Omit<Frame, 'streamId'>): void {
    this.#blocks.add(bytes.subarray(start, end));
    if ((flags & Flag.END_HEADERS) === 0) return;
    const { streamId, isEndOfStream } = this.#blocks;
    const block = this.#blocks.finish();
    this.#onHeaderBlock(block, { start: 0, end: block.length }, streamId, isEndOfStream);
  }

  #onHeaderBlock(
    bytes: Buffer,
    { start, end }: { readonly start: number; readonly end: number },
    streamId: number,
    isEnd: boolean,
  ): void {
    this.#hpack.decode(bytes, start, end); // Whatever becomes of the stream, the table must follow.
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) {
      this.#onTrailers(stream, isEnd);
    } else if (!this.#streams.isIdle(streamId)) {
      if (this.#streams.wasReset(streamId)) this.#nuisances.spend('frames on closed streams');
      else throw new ConnectionError(ErrorCode.STREAM_CLOSED, 'HEADERS on a closed stream');
    } else {
      this.#streams.lastId = streamId;
      this.#open(streamId, isEnd);
    }
  }

  #onTrailers(stream: Stream, isEnd: boolean): void {
    const { id } = stream;
    if (stream.isRemoteEnded) throw new StreamError(id, ErrorCode.STREAM_CLOSED, 'HEADERS after the end');
    if (!isEnd) throw new StreamError(id, ErrorCode.PROTOCOL_ERROR, 'HEADERS in the middle');
    checkTrailers(id, this.#hpack.fields, this.#hpack.count);
    this.#declared(stream, 0, true);
    this.#onRemoteEnd(stream);
  }

  #open(streamId: number, isEnd: boolean): void {
    if (!this.#owner.takesStream(streamId)) return; // GOAWAY has told the client to try elsewhere.
    if (this.#owner.isCrowded) {
      throw new StreamError(streamId, ErrorCode.REFUSED_STREAM, 'too many streams');
    }
    const stream = new Stream(streamId, this.#sender.initialWindow, this.#tick);
    stream.isRemoteEnded = isEnd;
    if (this.#hpack.isTooLarge) {
      this.#streams.add(stream);
      const text = `grpc: header list larger than max (${H2_LIMITS.maxHeaderListBytes})`;
      this.#sender.refuse(stream, 431, { code: GrpcCode.RESOURCE_EXHAUSTED, text }, NO_ENCODING);
      return;
    }
    const head = parseRequestHead(streamId, this.#hpack.fields, this.#hpack.count);
    stream.declaredBytes = head.contentLength;
    this.#declared(stream, 0, isEnd);
    this.#streams.add(stream);
    this.#begin(stream, head);
  }

  #begin(stream: Stream, head: RequestHead): void {
    if (head.refusal !== undefined) {
      this.#sender.refuse(stream, head.refusal.httpStatus, head.refusal.status, NO_ENCODING);
      return;
    }
    const route = this.#routes.routes.get(head.path);
    if (route === undefined) {
      this.#sender.end(stream, unknownPathStatus(head.path, this.#routes.services));
      return;
    }
    const call = new Call(this.#owner, stream, { route, head });
    stream.user = call;
    call.open();
    if (stream.isRemoteEnded) call.onEnd();
  }

  #onReset(sizeBytes: number, streamId: number): void {
    if (streamId === 0) throw protocolError('RST_STREAM of the connection');
    if (sizeBytes !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'RST_STREAM');
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (this.#streams.isIdle(streamId)) throw protocolError('RST_STREAM of an idle stream');
      this.#nuisances.spend('frames on closed streams');
      return;
    }
    // A stream that is reset as soon as it was opened made work for nothing (CVE-2023-44487).
    if (this.#tick - stream.openedAt <= 1) this.#nuisances.spend('resets of fresh streams');
    this.#owner.drop(stream);
  }

  #onWindowUpdate(bytes: Buffer, { start, end, streamId }: Omit<Frame, 'flags'>): void {
    if (end - start !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'WINDOW_UPDATE');
    const increment = uint31At(bytes, start);
    if (streamId === 0) {
      if (increment === 0) throw protocolError('a window increment of 0');
      this.#sender.grow(undefined, increment);
      return;
    }
    if (this.#streams.isIdle(streamId)) throw protocolError('WINDOW_UPDATE of an idle stream');
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    if (increment === 0) throw new StreamError(streamId, ErrorCode.PROTOCOL_ERROR, 'a window increment of 0');
    this.#sender.grow(stream, increment);
  }

  #onSettings(bytes: Buffer, { start, end, flags, streamId }: Frame): void {
    if (streamId !== 0) throw protocolError('SETTINGS of a stream');
    if ((flags & Flag.ACK) !== 0) {
      if (start !== end) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'SETTINGS that acknowledge');
      if (!this.#hasSettings) throw protocolError('SETTINGS must come first');
      this.#nuisances.spend('SETTINGS');
      return;
    }
    if (this.#hasSettings) this.#nuisances.spend('SETTINGS');
    this.#hasSettings = true;
    readSettings(bytes, { start, end }, (setting, value) => this.#applySetting(setting, value));
    this.#sender.control((FrameType.SETTINGS << 8) | Flag.ACK, 0, NO_BYTES);
  }

  #applySetting(setting: number, value: number): void {
    if (setting === Setting.HEADER_TABLE_SIZE) this.#sender.setHeaderTableBytes(value);
    else if (setting === Setting.INITIAL_WINDOW_SIZE) this.#sender.setInitialWindow(value, this.#streams.values());
    else if (setting === Setting.MAX_FRAME_SIZE) this.#sender.setMaxFrameBytes(value);
  }

  #onPing(payload: Buffer, flags: number, streamId: number): void {
    if (streamId !== 0) throw protocolError('PING of a stream');
    if (payload.length !== 8) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'PING');
    if ((flags & Flag.ACK) !== 0) {
      this.#nuisances.spend('PING');
      this.#owner.onPingAnswered(payload);
      return;
    }
    this.#sender.control((FrameType.PING << 8) | Flag.ACK, 0, payload);
    this.#nuisances.spend('PING');
    const hasSent = this.#sender.hasSentOnStreams;
    this.#sender.hasSentOnStreams = false;
    this.#pings.onPing(performance.now(), { hasStreams: this.#streams.size > 0, hasSent });
  }

  #reset(streamId: number, code: ErrorCode): void {
    this.#streams.reset(streamId, code);
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) this.#owner.drop(stream);
  }
}

/** Where a frame's payload is, and what its header says. */
interface Frame {
  readonly start: number;
  readonly end: number;
  readonly flags: number;
  readonly streamId: number;
}

/** A payload without its padding and the `extra` bytes before its content. Errors: ConnectionError, see RFC 9113 §6.1, §6.2. */
function unpadded(bytes: Buffer, { start, end, flags }: Frame, extra: number): readonly [start: number, end: number] {
  if ((flags & Flag.PADDED) === 0) {
    if (start + extra > end) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'a frame too short');
    return [start + extra, end];
  }
  if (start + 1 + extra > end) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'a frame too short');
  const contentStart = start + 1 + extra;
  const contentEnd = end - (bytes[start] as number);
  if (contentEnd < contentStart) throw protocolError('padding longer than its frame');
  return [contentStart, contentEnd];
}

function protocolError(text: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, text);
}
