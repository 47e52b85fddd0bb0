import type { Duplex } from 'node:stream';
import { GrpcCode } from '../../client/status.ts';
import { certificateNameOf } from '../certificate-name.ts';
import { RPC_LIMITS } from '../limits.ts';
import type { Logger } from '../logger.ts';
import { Admission } from './admission.ts';
import { Call, type CallHost, type Route, unknownPathStatus } from './call.ts';
import type { Deadlines } from './deadlines.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { NuisanceBudget, PingPolicy } from './guards.ts';
import { HeaderBlocks } from './header-blocks.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { H2_LIMITS } from './limits.ts';
import type { Slabs } from './outbox.ts';
import {
  ConnectionError,
  DEFAULT_WINDOW_BYTES,
  ErrorCode,
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  MAX_STREAM_ID,
  putUint32,
  Setting,
  StreamError,
  uint31At,
} from './protocol.ts';
import { checkTrailers, parseRequestHead, type RequestHead } from './request-head.ts';
import { Sender, type SenderEvents } from './sender.ts';
import { OUR_SETTINGS, readSettings } from './settings.ts';
import { Stream } from './stream.ts';

/** What all connections of a transport share. */
export interface Shared {
  readonly routes: ReadonlyMap<string, Route>;
  /** Full names of the services that the routes belong to. */
  readonly services: ReadonlySet<string>;
  readonly slabs: Slabs;
  readonly deadlines: Deadlines;
  readonly logger: Logger;
  /** Has `flush` called at the end of this turn of the event loop. */
  flushSoon(connection: Connection): void;
  onClosed(connection: Connection): void;
}

const NO_BYTES = new Uint8Array(0);
const KEEPALIVE_PING = Buffer.from('keelping', 'latin1');
const DRAIN_PING = Buffer.from('keeldrai', 'latin1');

/** open: all is well. draining: no new calls. closing: GOAWAY was the last word, the socket ends. closed: the socket is gone. */
type State = 'open' | 'draining' | 'closing' | 'closed';

/** One client's connection: the receiving half of HTTP/2, its streams, and the calls on them. */
export class Connection implements FrameSink, CallHost, SenderEvents {
  readonly certificateName: string | undefined;
  readonly sender: Sender;
  readonly deadlines: Deadlines;
  readonly logger: Logger;
  readonly #socket: Duplex;
  readonly #shared: Shared;
  readonly #frames = new FrameReader(this);
  readonly #hpack = new HpackDecoder();
  readonly #blocks = new HeaderBlocks();
  readonly #streams = new Map<number, Stream>();
  readonly #admission: Admission<Call>;
  readonly #nuisances = new NuisanceBudget();
  readonly #pings = new PingPolicy();
  /** Streams that we ended while the client's half was open, oldest first: their frames may still be under way. */
  readonly #reset = new Set<number>();

  #state: State = 'open';
  #hasSettings = false;
  #lastStreamId = 0;
  /** Streams above this are not served, once GOAWAY has said so. */
  #lastServedId = MAX_STREAM_ID;
  /** Calls that a service works on, those that nobody waits for included. */
  #running = 0;
  #receiveWindow = DEFAULT_WINDOW_BYTES;
  #heldBytes = 0;
  #tick = 0;
  /** When something was last read, when an unanswered ping was sent, and since when something is unfinished or closing. */
  #readAtMs = 0;
  #pingedAtMs: number | undefined;
  #sinceMs: number;

  constructor(socket: Duplex, shared: Shared, nowMs: number) {
    this.certificateName = certificateNameOf(socket);
    this.#socket = socket;
    this.#shared = shared;
    this.deadlines = shared.deadlines;
    this.logger = shared.logger;
    this.#sinceMs = nowMs;
    this.#readAtMs = nowMs;
    this.sender = new Sender(socket, shared.slabs, this);
    this.#admission = new Admission(() => this.sender.queuedAnswerBytes);
    this.sender.control(FrameType.SETTINGS << 8, 0, OUR_SETTINGS);
    this.#creditConnection();
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('drain', () => this.sender.pump());
    socket.on('error', () => undefined); // 'close' follows.
    socket.on('end', () => socket.end());
    socket.on('close', () => this.#onSocketClosed());
    socket.resume();
    if (socket.destroyed) this.#onSocketClosed();
  }

  get isClosed(): boolean {
    return this.#state === 'closing' || this.#state === 'closed';
  }

  flush(): void {
    this.sender.flush();
    if (this.sender.isOverrun) this.destroy();
  }

  /** Lets calls finish and takes no new ones: GOAWAY twice, with a round trip between them (RFC 9113 §6.8). */
  drain(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#goAway(MAX_STREAM_ID, ErrorCode.NO_ERROR, 'graceful_stop');
    this.sender.control(FrameType.PING << 8, 0, DRAIN_PING);
  }

  destroy(): void {
    this.#socket.destroy();
    this.#onSocketClosed();
  }

  /** Looks after the connection, every `sweepMs`. */
  sweep(nowMs: number): void {
    this.#tick++;
    this.#nuisances.earn((H2_LIMITS.nuisancePerSecond * H2_LIMITS.sweepMs) / 1_000);
    const isUnfinished = !this.#hasSettings || this.#blocks.streamId !== 0;
    if (this.isClosed) {
      if (nowMs - this.#sinceMs > H2_LIMITS.closeGraceMs) this.destroy();
    } else if (isUnfinished) {
      if (nowMs - this.#sinceMs > H2_LIMITS.unfinishedTimeoutMs) this.destroy();
    } else {
      this.#sinceMs = nowMs;
      this.#keepAlive(nowMs);
    }
  }

  // What calls ask for.

  admit(call: Call): void {
    this.#admission.admit(call);
  }

  dismiss(call: Call): void {
    this.#admission.dismiss(call);
  }

  onRunning(_call: Call): void {
    this.#running++;
  }

  onSettled(call: Call, answerBytes: number): void {
    this.#running--;
    if (call.isUnary) this.#admission.settled(answerBytes);
  }

  hold(stream: Stream, sizeBytes: number): void {
    if (stream.isGone) return;
    stream.heldBytes += sizeBytes + H2_LIMITS.heldMessageOverheadBytes;
    this.#heldBytes += sizeBytes + H2_LIMITS.heldMessageOverheadBytes;
  }

  release(stream: Stream, sizeBytes: number): void {
    if (stream.isGone) return;
    stream.heldBytes -= sizeBytes + H2_LIMITS.heldMessageOverheadBytes;
    this.#heldBytes -= sizeBytes + H2_LIMITS.heldMessageOverheadBytes;
    this.#creditStream(stream);
  }

  // What the sender tells.

  onDirty(): void {
    this.#shared.flushSoon(this);
  }

  onFinished(stream: Stream): void {
    if (!stream.isRemoteEnded) this.#putReset(stream.id, ErrorCode.NO_ERROR);
    else this.#nuisances.earn(1);
    this.#forget(stream);
  }

  onAnswerRoom(): void {
    this.#admission.next();
  }

  // What the client sends.

  #onData(chunk: Buffer): void {
    if (this.isClosed) return;
    this.#readAtMs = Date.now();
    this.#pingedAtMs = undefined;
    try {
      this.#frames.push(chunk);
    } catch (error) {
      this.#onConnectionError(error);
    }
  }

  onFrame(bytes: Buffer, at: number, end: number): void {
    try {
      this.#dispatch(bytes, at, end);
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.#nuisances.spend('stream errors');
      this.#resetStream(error.streamId, error.code);
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
    this.#receiveWindow -= frameBytes;
    if (this.#receiveWindow < 0) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'beyond the window');
    if (this.#receiveWindow < H2_LIMITS.connectionWindowBytes / 2) this.#creditConnection();
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
    else this.#creditStream(stream);
  }

  #receive(stream: Stream, bytes: Buffer, { start, end }: { readonly start: number; readonly end: number }): void {
    const { user, reader } = stream;
    if (user === undefined || stream.ending !== undefined) return;
    const before = reader.gatheredBytes;
    reader.push(bytes, start, end, user);
    this.#heldBytes += reader.gatheredBytes - before;
    if (this.#heldBytes > H2_LIMITS.maxHeldRequestBytes && user instanceof Call) {
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
    if (this.#isIdle(streamId)) throw protocolError('a frame on an idle stream');
    this.#nuisances.spend('frames on closed streams');
    if (this.#reset.has(streamId)) return;
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
    } else if (!this.#isIdle(streamId)) {
      if (this.#reset.has(streamId)) this.#nuisances.spend('frames on closed streams');
      else throw new ConnectionError(ErrorCode.STREAM_CLOSED, 'HEADERS on a closed stream');
    } else {
      this.#lastStreamId = streamId;
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
    if (streamId > this.#lastServedId) return; // GOAWAY has told the client to try elsewhere.
    const open = Math.max(this.#streams.size, this.#running);
    if (open >= RPC_LIMITS.maxStreamsPerConnection) {
      throw new StreamError(streamId, ErrorCode.REFUSED_STREAM, 'too many streams');
    }
    const stream = new Stream(streamId, this.sender.initialWindow, this.#tick);
    stream.isRemoteEnded = isEnd;
    if (this.#hpack.isTooLarge) {
      this.#streams.set(streamId, stream);
      const text = `grpc: header list larger than max (${H2_LIMITS.maxHeaderListBytes})`;
      this.sender.refuse(stream, 431, { code: GrpcCode.RESOURCE_EXHAUSTED, text }, NO_ENCODING);
      return;
    }
    const head = parseRequestHead(streamId, this.#hpack.fields, this.#hpack.count);
    stream.declaredBytes = head.contentLength;
    this.#declared(stream, 0, isEnd);
    this.#streams.set(streamId, stream);
    this.#begin(stream, head);
  }

  #begin(stream: Stream, head: RequestHead): void {
    if (head.refusal !== undefined) {
      this.sender.refuse(stream, head.refusal.httpStatus, head.refusal.status, NO_ENCODING);
      return;
    }
    const route = this.#shared.routes.get(head.path);
    if (route === undefined) {
      this.sender.end(stream, unknownPathStatus(head.path, this.#shared.services));
      return;
    }
    const call = new Call(this, stream, { route, head });
    stream.user = call;
    call.open();
    if (stream.isRemoteEnded) call.onEnd();
  }

  #onReset(sizeBytes: number, streamId: number): void {
    if (streamId === 0) throw protocolError('RST_STREAM of the connection');
    if (sizeBytes !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'RST_STREAM');
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (this.#isIdle(streamId)) throw protocolError('RST_STREAM of an idle stream');
      this.#nuisances.spend('frames on closed streams');
      return;
    }
    // A stream that is reset as soon as it was opened made work for nothing (CVE-2023-44487).
    if (this.#tick - stream.openedAt <= 1) this.#nuisances.spend('resets of fresh streams');
    this.#drop(stream);
  }

  #onWindowUpdate(bytes: Buffer, { start, end, streamId }: Omit<Frame, 'flags'>): void {
    if (end - start !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'WINDOW_UPDATE');
    const increment = uint31At(bytes, start);
    if (streamId === 0) {
      if (increment === 0) throw protocolError('a window increment of 0');
      this.sender.grow(undefined, increment);
      return;
    }
    if (this.#isIdle(streamId)) throw protocolError('WINDOW_UPDATE of an idle stream');
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    if (increment === 0) throw new StreamError(streamId, ErrorCode.PROTOCOL_ERROR, 'a window increment of 0');
    this.sender.grow(stream, increment);
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
    this.sender.control((FrameType.SETTINGS << 8) | Flag.ACK, 0, NO_BYTES);
  }

  #applySetting(setting: number, value: number): void {
    if (setting === Setting.HEADER_TABLE_SIZE) this.sender.setHeaderTableBytes(value);
    else if (setting === Setting.INITIAL_WINDOW_SIZE) this.sender.setInitialWindow(value, this.#streams.values());
    else if (setting === Setting.MAX_FRAME_SIZE) this.sender.setMaxFrameBytes(value);
  }

  #onPing(payload: Buffer, flags: number, streamId: number): void {
    if (streamId !== 0) throw protocolError('PING of a stream');
    if (payload.length !== 8) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'PING');
    if ((flags & Flag.ACK) !== 0) {
      this.#nuisances.spend('PING');
      if (this.#state === 'draining' && payload.equals(DRAIN_PING)) this.#stopServing();
      return;
    }
    this.sender.control((FrameType.PING << 8) | Flag.ACK, 0, payload);
    this.#nuisances.spend('PING');
    const hasSent = this.sender.hasSentOnStreams;
    this.sender.hasSentOnStreams = false;
    this.#pings.onPing(performance.now(), { hasStreams: this.#streams.size > 0, hasSent });
  }

  // Windows.

  #creditConnection(): void {
    const bytes = H2_LIMITS.connectionWindowBytes - this.#receiveWindow;
    this.#receiveWindow += bytes;
    this.sender.number(FrameType.WINDOW_UPDATE, 0, bytes);
  }

  /** Gives back what was taken, and lets a message that is longer than the window come whole. */
  #creditStream(stream: Stream): void {
    if (stream.isRemoteEnded || stream.isGone || stream.ending !== undefined) return;
    const waiting = stream.heldBytes + stream.reader.gatheredBytes;
    const back = H2_LIMITS.streamWindowBytes - waiting - stream.receiveWindow;
    const needed = stream.reader.missingBytes - stream.receiveWindow;
    const bytes = Math.max(back >= H2_LIMITS.streamWindowBytes / 4 ? back : 0, needed);
    if (bytes <= 0) return;
    stream.receiveWindow += bytes;
    this.sender.number(FrameType.WINDOW_UPDATE, stream.id, bytes);
  }

  // Ends.

  #isIdle(streamId: number): boolean {
    return streamId > this.#lastStreamId || streamId % 2 === 0;
  }

  #resetStream(streamId: number, code: ErrorCode): void {
    this.#putReset(streamId, code);
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) this.#drop(stream);
  }

  #putReset(streamId: number, code: ErrorCode): void {
    this.sender.number(FrameType.RST_STREAM, streamId, code);
    this.#reset.add(streamId);
    if (this.#reset.size <= H2_LIMITS.maxResetRemembered) return;
    for (const oldest of this.#reset) {
      this.#reset.delete(oldest);
      return;
    }
  }

  /** The stream is gone for the client, or because of it. */
  #drop(stream: Stream): void {
    this.sender.drop(stream);
    this.#forget(stream);
    stream.user?.onGone();
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream.id);
    this.#heldBytes -= stream.heldBytes + stream.reader.gatheredBytes;
    stream.heldBytes = 0;
    stream.reader.stop();
    if (this.#lastServedId !== MAX_STREAM_ID) this.#closeWhenDone();
  }

  /** The client knows that we drain: what it opened until now is all there is. */
  #stopServing(): void {
    this.#lastServedId = this.#lastStreamId;
    this.#goAway(this.#lastStreamId, ErrorCode.NO_ERROR, 'graceful_stop');
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    if (this.#state === 'draining' && this.#streams.size === 0) this.#close();
  }

  #onConnectionError(error: unknown): void {
    if (error instanceof ConnectionError) {
      this.#goAway(this.#lastStreamId, error.code, error.message);
    } else {
      this.logger.error({ error }, 'a connection failed on a defect of the server');
      this.#goAway(this.#lastStreamId, ErrorCode.INTERNAL_ERROR, '');
    }
    this.#close();
    this.#dropAll();
  }

  /** Sends what there is to send and ends the socket. Until the client closes too, what it sends is read and passed over. */
  #close(): void {
    this.#state = 'closing';
    this.#sinceMs = Date.now();
    this.sender.flush();
    this.#socket.end();
  }

  #onSocketClosed(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#dropAll();
    this.#shared.onClosed(this);
  }

  #dropAll(): void {
    this.#admission.clear();
    for (const stream of [...this.#streams.values()]) this.#drop(stream);
  }

  #goAway(lastStreamId: number, code: ErrorCode, text: string): void {
    const payload = Buffer.allocUnsafe(8 + Buffer.byteLength(text));
    putUint32(payload, putUint32(payload, 0, lastStreamId), code);
    payload.write(text, 8);
    this.sender.control(FrameType.GOAWAY << 8, 0, payload);
  }

  #keepAlive(nowMs: number): void {
    if (this.#pingedAtMs !== undefined) {
      if (nowMs - this.#pingedAtMs > RPC_LIMITS.keepaliveTimeoutMs) this.destroy();
    } else if (nowMs - this.#readAtMs > RPC_LIMITS.keepaliveTimeMs) {
      this.#pingedAtMs = nowMs;
      this.sender.control(FrameType.PING << 8, 0, KEEPALIVE_PING);
    }
  }
}

const NO_ENCODING = { acceptEncoding: false };

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
