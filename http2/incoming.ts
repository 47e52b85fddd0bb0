import { FrameReader, type FrameSink } from './frame-reader.ts';
import { HeaderBlocks } from './header-blocks.ts';
import { FieldKind, type HeaderField } from './header-field.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { HTTP2_LIMITS } from './limits.ts';
import { NuisanceBudget } from './nuisance-budget.ts';
import {
  ConnectionError,
  ErrorCode,
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  StreamError,
  uint31At,
  uint32At,
} from './protocol.ts';
import { readSettings } from './settings.ts';
import { countDeclared, type OpenStream, type StreamTable } from './stream-table.ts';

/** Where a DATA frame's content is. `frameBytes`: padding included. */
export interface DataPlace {
  readonly start: number;
  readonly end: number;
  readonly frameBytes: number;
  readonly isEnd: boolean;
}

/** The fields of a header block that has been decoded: the first `count` are valid, until the next block. */
export interface DecodedFields {
  readonly fields: readonly HeaderField[];
  readonly count: number;
  /** There were more than we take. */
  readonly isTooLarge: boolean;
}

/** The connection that frames are received for: a session, or one of gRPC. */
export interface IncomingOwner<S extends OpenStream> {
  readonly role: 'client' | 'server';
  readonly streams: StreamTable<S>;
  readonly outgoing: {
    control(typeAndFlags: number, streamId: number, payload: Uint8Array): void;
    grow(stream: S | undefined, bytes: number): void;
  };
  readonly isClosed: boolean;
  /** No stream more may be opened now. */
  readonly isCrowded: boolean;
  /** False for a stream that was opened after GOAWAY. */
  takesStream(streamId: number): boolean;
  /** True for an id that no stream has had. */
  isIdle(streamId: number): boolean;
  /** A server: a request begins. Errors: StreamError. */
  open(streamId: number, isEnd: boolean, head: DecodedFields): void;
  /** A client: headers of an answer, or its trailers. */
  onAnswer(stream: S, head: DecodedFields): void;
  onData(stream: S, bytes: Buffer, place: DataPlace): void;
  onRemoteEnd(stream: S): void;
  onSetting(setting: number, value: number): void;
  /** All of a SETTINGS frame has been told. */
  onSettings(): void;
  /** A PING came and was answered. Errors: ConnectionError. */
  onPing(): void;
  onPingAnswered(payload: Buffer): void;
  onGoAway(lastStreamId: number): void;
  /** The stream is gone for the other side, or because of it. */
  drop(stream: S, code: ErrorCode): void;
}

const NO_BYTES = new Uint8Array(0);

/** The receiving half of a connection: frames become streams and what their owner is told, or errors. Source: RFC 9113 §5, §6. */
export class Incoming<S extends OpenStream> implements FrameSink {
  readonly #owner: IncomingOwner<S>;
  readonly #isServer: boolean;
  readonly #frames: FrameReader;
  readonly #hpack = new HpackDecoder();
  readonly #blocks = new HeaderBlocks();
  readonly #nuisances = new NuisanceBudget();
  #hasSettings = false;
  /** Seconds, more or less. */
  sweeps = 0;

  constructor(owner: IncomingOwner<S>) {
    this.#owner = owner;
    this.#isServer = owner.role === 'server';
    this.#frames = new FrameReader(this, this.#isServer ? 'client' : 'server');
  }

  get isClosed(): boolean {
    return this.#owner.isClosed;
  }

  /** The other side has begun something that it must go on with at once. */
  get isUnfinished(): boolean {
    return !this.#hasSettings || this.#blocks.streamId !== 0;
  }

  /** Takes what the socket has read. Errors: ConnectionError, after which nothing more may come. */
  push(chunk: Buffer): void {
    this.#frames.push(chunk);
  }

  /** Time has passed: `sweepMs`. */
  sweep(): void {
    this.sweeps++;
    this.#nuisances.earn((HTTP2_LIMITS.nuisancePerSecond * HTTP2_LIMITS.sweepMs) / 1_000);
  }

  /** A stream has ended in order. */
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
        this.#onReset(bytes, { start, end, streamId });
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
        throw protocolError('a push that nobody asked for');
      case FrameType.GOAWAY:
        if (streamId !== 0) throw protocolError('GOAWAY of a stream');
        if (end - start < 8) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'GOAWAY');
        this.#nuisances.spend('GOAWAY');
        this.#owner.onGoAway(uint31At(bytes, start));
        return;
      default:
        this.#nuisances.spend('unknown frames');
    }
  }

  #onDataFrame(bytes: Buffer, frame: Frame): void {
    const { flags, streamId } = frame;
    if (streamId === 0) throw protocolError('DATA of the connection');
    const frameBytes = frame.end - frame.start;
    this.#owner.streams.receive(frameBytes);
    const [start, end] = unpadded(bytes, frame, 0);
    const isEnd = (flags & Flag.END_STREAM) !== 0;
    if (start === end && !isEnd) this.#nuisances.spend('empty DATA');
    const stream = this.#owner.streams.get(streamId);
    if (stream === undefined || stream.isRemoteEnded) {
      this.#onLateFrame(streamId);
      return;
    }
    stream.receiveWindow -= frameBytes;
    if (stream.receiveWindow < 0) throw new StreamError(streamId, ErrorCode.FLOW_CONTROL_ERROR, 'beyond the window');
    countDeclared(stream, end - start, isEnd);
    this.#owner.onData(stream, bytes, { start, end, frameBytes, isEnd });
    if (isEnd && !stream.isGone) this.#owner.onRemoteEnd(stream);
  }

  /** A frame on a stream that is not open for it: an error, unless we ended the stream and the other side could not know. */
  #onLateFrame(streamId: number): void {
    if (this.#owner.isIdle(streamId)) throw protocolError('a frame on an idle stream');
    // A server goes on sending until it has heard that its client wants no more.
    if (this.#isServer || !this.#owner.streams.wasReset(streamId)) this.#nuisances.spend('frames on closed streams');
    if (this.#owner.streams.wasReset(streamId)) return;
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
    const stream = this.#owner.streams.get(streamId);
    if (stream !== undefined) {
      if (this.#isServer) this.#onTrailers(stream, isEnd);
      else this.#onAnswer(stream, isEnd);
    } else if (!this.#owner.isIdle(streamId)) {
      if (this.#owner.streams.wasReset(streamId)) this.#nuisances.spend('frames on closed streams');
      else throw new ConnectionError(ErrorCode.STREAM_CLOSED, 'HEADERS on a closed stream');
    } else if (this.#isServer) {
      this.#owner.streams.lastId = streamId;
      this.#open(streamId, isEnd);
    } else throw protocolError('HEADERS on an idle stream');
  }

  #onTrailers(stream: S, isEnd: boolean): void {
    const { id } = stream;
    if (stream.isRemoteEnded) throw new StreamError(id, ErrorCode.STREAM_CLOSED, 'HEADERS after the end');
    if (!isEnd) throw new StreamError(id, ErrorCode.PROTOCOL_ERROR, 'HEADERS in the middle');
    for (let i = 0; i < this.#hpack.count; i++) {
      const { kind, name } = this.#hpack.fields[i] as HeaderField;
      if (kind === FieldKind.MALFORMED || name.startsWith(':')) {
        throw new StreamError(id, ErrorCode.PROTOCOL_ERROR, 'a malformed field in trailers');
      }
    }
    countDeclared(stream, 0, true);
    this.#owner.onRemoteEnd(stream);
  }

  #onAnswer(stream: S, isEnd: boolean): void {
    if (stream.isRemoteEnded) throw new StreamError(stream.id, ErrorCode.STREAM_CLOSED, 'HEADERS after the end');
    this.#owner.onAnswer(stream, this.#hpack);
    if (isEnd && !stream.isGone) this.#owner.onRemoteEnd(stream);
  }

  #open(streamId: number, isEnd: boolean): void {
    if (!this.#owner.takesStream(streamId)) return; // GOAWAY has told the client to try elsewhere.
    if (this.#owner.isCrowded) throw new StreamError(streamId, ErrorCode.REFUSED_STREAM, 'too many streams');
    this.#owner.open(streamId, isEnd, this.#hpack);
  }

  #onReset(bytes: Buffer, { start, end, streamId }: Omit<Frame, 'flags'>): void {
    if (streamId === 0) throw protocolError('RST_STREAM of the connection');
    if (end - start !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'RST_STREAM');
    const stream = this.#owner.streams.get(streamId);
    if (stream === undefined) {
      if (this.#owner.isIdle(streamId)) throw protocolError('RST_STREAM of an idle stream');
      this.#nuisances.spend('frames on closed streams');
      return;
    }
    // A stream that is reset as soon as it was opened made work for nothing (CVE-2023-44487).
    if (this.#isServer && this.sweeps - stream.openedAt <= 1) this.#nuisances.spend('resets of fresh streams');
    this.#owner.drop(stream, uint32At(bytes, start) as ErrorCode);
  }

  #onWindowUpdate(bytes: Buffer, { start, end, streamId }: Omit<Frame, 'flags'>): void {
    if (end - start !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'WINDOW_UPDATE');
    const increment = uint31At(bytes, start);
    const { outgoing, streams } = this.#owner;
    if (streamId === 0) {
      if (increment === 0) throw protocolError('a window increment of 0');
      outgoing.grow(undefined, increment);
      return;
    }
    if (this.#owner.isIdle(streamId)) throw protocolError('WINDOW_UPDATE of an idle stream');
    const stream = streams.get(streamId);
    if (stream === undefined) return;
    if (increment === 0) throw new StreamError(streamId, ErrorCode.PROTOCOL_ERROR, 'a window increment of 0');
    outgoing.grow(stream, increment);
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
    readSettings(bytes, { start, end }, (setting, value) => this.#owner.onSetting(setting, value));
    this.#owner.outgoing.control((FrameType.SETTINGS << 8) | Flag.ACK, 0, NO_BYTES);
    this.#owner.onSettings();
  }

  #onPing(payload: Buffer, flags: number, streamId: number): void {
    if (streamId !== 0) throw protocolError('PING of a stream');
    if (payload.length !== 8) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'PING');
    this.#nuisances.spend('PING');
    if ((flags & Flag.ACK) !== 0) {
      this.#owner.onPingAnswered(payload);
      return;
    }
    this.#owner.outgoing.control((FrameType.PING << 8) | Flag.ACK, 0, payload);
    this.#owner.onPing();
  }

  #reset(streamId: number, code: ErrorCode): void {
    this.#owner.streams.reset(streamId, code);
    const stream = this.#owner.streams.get(streamId);
    if (stream !== undefined) this.#owner.drop(stream, code);
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
