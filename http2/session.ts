import type { Duplex } from 'node:stream';
import type { SlabPool } from './frame-writer.ts';
import type { HeaderField } from './header-field.ts';
import type { HpackEncoder } from './hpack-encoder.ts';
import { Incoming, type IncomingOwner } from './incoming.ts';
import { HTTP2_LIMITS, SESSION_LIMITS } from './limits.ts';
import { Outgoing, type OutgoingEvents } from './outgoing.ts';
import {
  CLIENT_PREFACE,
  ConnectionError,
  ErrorCode,
  FrameType,
  MAX_STREAM_ID,
  putUint32,
  Setting,
} from './protocol.ts';
import { settingsPayload } from './settings.ts';
import type { Stream } from './stream.ts';
import { Streams } from './streams.ts';

/** How a session is used, and who is told of what happens on it. */
export interface SessionOptions {
  readonly role: 'client' | 'server';
  /** Streams that the other side may have open at one time; a client's server has none. */
  readonly maxStreams: number;
  /** What may be received on a stream before somebody has consumed it. */
  readonly streamWindowBytes: number;
  /** A ping after so long without a byte read; the session ends when nothing comes in `timeoutMs`. `onlyInUse`: not while no stream is open. */
  readonly keepalive: { readonly timeMs: number; readonly timeoutMs: number; readonly onlyInUse: boolean };
  /** A server: a request began. The fields are the session's and change with the next block; `stream.user` is to be set here. */
  readonly onRequest?: (stream: Stream, fields: readonly HeaderField[], count: number, isTooLarge: boolean) => void;
  /** A client: the server has told its settings, first or again. */
  readonly onSettings?: () => void;
  /** A client: no new streams may be opened here any more. */
  readonly onGoAway?: () => void;
  readonly onClosed: () => void;
  /** A defect of ours ended the session. */
  readonly onDefect: (error: unknown) => void;
}

/** What all sessions of a server or a client share. */
export interface SessionGroup {
  readonly slabs: SlabPool;
  /** Has `flush` called at the end of this turn of the event loop. */
  flushSoon(session: Session): void;
}

const KEEPALIVE_PING = Buffer.from('keelping', 'latin1');
const DRAIN_PING = Buffer.from('keeldrai', 'latin1');

/** open: all is well. draining: no new streams. closing: GOAWAY was the last word, the socket ends. closed: the socket is gone. */
type State = 'open' | 'draining' | 'closing' | 'closed';

/** One HTTP/2 connection, from its first byte to its end, as a server or as a client. */
export class Session implements IncomingOwner, OutgoingEvents {
  readonly options: SessionOptions;
  readonly outgoing: Outgoing;
  readonly streams: Streams;
  readonly #socket: Duplex;
  readonly #group: SessionGroup;
  readonly #incoming: Incoming;
  #state: State = 'open';
  /** Streams above this are not served, once GOAWAY has said so. */
  #lastServedId = MAX_STREAM_ID;
  #nextStreamId = 1;
  #peerMaxStreams = Number.POSITIVE_INFINITY;
  /** When something was last read, when an unanswered ping was sent, and since when something is unfinished or closing. */
  #readAtMs: number;
  #pingedAtMs: number | undefined;
  #sinceMs: number;

  constructor(socket: Duplex, options: SessionOptions, group: SessionGroup) {
    this.options = options;
    this.#socket = socket;
    this.#group = group;
    this.#sinceMs = this.#readAtMs = Date.now();
    this.outgoing = new Outgoing(socket, group.slabs, this);
    if (options.role === 'client') this.#preface();
    this.outgoing.control(FrameType.SETTINGS << 8, 0, ourSettings(options));
    this.streams = new Streams(this.outgoing, options.streamWindowBytes);
    this.#incoming = new Incoming(this);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', () => undefined); // 'close' follows.
    socket.on('end', () => socket.end());
    socket.on('close', () => this.#onSocketClosed());
    socket.resume();
    if (socket.destroyed) this.#onSocketClosed();
  }

  get isClosed(): boolean {
    return this.#state === 'closing' || this.#state === 'closed';
  }

  /** A client may open a stream now. */
  get hasRoom(): boolean {
    return this.#state === 'open' && this.streams.size < this.#peerMaxStreams && this.#nextStreamId < MAX_STREAM_ID - 2;
  }

  /** Opens a stream of a client: `write` encodes the request's fields. */
  open(write: (encoder: HpackEncoder) => void, isEnd: boolean): Stream {
    const stream = this.streams.add(this.#nextStreamId, this.outgoing.initialWindow, this.#incoming.sweeps);
    this.#nextStreamId += 2;
    this.headers(stream, write, isEnd);
    return stream;
  }

  /** Sends headers or trailers: `write` encodes the fields. */
  headers(stream: Stream, write: (encoder: HpackEncoder) => void, isEnd: boolean): void {
    if (stream.isGone) return;
    const { encoder } = this.outgoing;
    encoder.begin();
    write(encoder);
    this.outgoing.headers(stream, isEnd);
  }

  /** Sends a piece of a body, which is not copied when it has to wait; false when the user is to wait for `onRoom`. */
  data(stream: Stream, bytes: Uint8Array, isEnd = false): boolean {
    return this.outgoing.data(stream, bytes, isEnd);
  }

  /** The same for a piece that is in parts. */
  parts(stream: Stream, parts: readonly Uint8Array[]): boolean {
    return this.outgoing.parts(stream, parts);
  }

  /** The user of a stream has taken so many bytes: as many more may come. */
  consume(stream: Stream, sizeBytes: number): void {
    this.streams.consume(stream, sizeBytes);
  }

  /** Ends a stream before its time. Its user is not told. */
  reset(stream: Stream, code: ErrorCode): void {
    if (stream.isGone) return;
    this.streams.reset(stream.id, code);
    stream.user = undefined;
    this.drop(stream, code);
  }

  /** Lets streams finish and takes no new ones: GOAWAY twice, with a round trip between them (RFC 9113 §6.8). */
  drain(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#goAway(MAX_STREAM_ID, ErrorCode.NO_ERROR, '');
    this.outgoing.control(FrameType.PING << 8, 0, DRAIN_PING);
  }

  destroy(): void {
    this.#socket.destroy();
    this.#onSocketClosed();
  }

  flush(): void {
    this.outgoing.flush();
    if (this.outgoing.isOverrun) this.destroy();
  }

  /** Looks after the connection, every `sweepMs`. */
  sweep(nowMs: number): void {
    this.#incoming.sweep();
    if (this.isClosed) {
      if (nowMs - this.#sinceMs > SESSION_LIMITS.closeGraceMs) this.destroy();
    } else if (this.#incoming.isUnfinished) {
      if (nowMs - this.#sinceMs > SESSION_LIMITS.unfinishedTimeoutMs) this.destroy();
    } else {
      this.#sinceMs = nowMs;
      this.#keepAlive(nowMs);
    }
  }

  // What the sender tells.

  onDirty(): void {
    this.#group.flushSoon(this);
  }

  onLocalEnd(stream: Stream): void {
    if (!stream.isRemoteEnded) {
      // A server's answer that came before the end of the request is complete; a client waits for its answer.
      if (this.options.role === 'client') return;
      this.streams.reset(stream.id, ErrorCode.NO_ERROR);
    } else this.#incoming.onGoodEnd();
    stream.user = undefined;
    this.drop(stream, ErrorCode.NO_ERROR);
  }

  // What the receiver asks for and tells.

  get isCrowded(): boolean {
    return this.streams.size >= this.options.maxStreams;
  }

  takesStream(streamId: number): boolean {
    return streamId <= this.#lastServedId;
  }

  isIdle(streamId: number): boolean {
    if (this.options.role === 'client') return streamId >= this.#nextStreamId || streamId % 2 === 0;
    return this.streams.isIdle(streamId);
  }

  onRemoteEnd(stream: Stream): void {
    stream.isRemoteEnded = true;
    stream.user?.onEnd();
    if (stream.isGone || this.options.role === 'server') return;
    // The answer is complete, whatever of the request is still to be sent.
    if (!stream.isLocalEnded) this.streams.reset(stream.id, ErrorCode.CANCEL);
    stream.user = undefined;
    this.drop(stream, ErrorCode.NO_ERROR);
  }

  onSetting(setting: number, value: number): void {
    if (setting === Setting.HEADER_TABLE_SIZE) this.outgoing.encoder.resize(value);
    else if (setting === Setting.INITIAL_WINDOW_SIZE) this.outgoing.setInitialWindow(value, this.streams.values());
    else if (setting === Setting.MAX_CONCURRENT_STREAMS) this.#peerMaxStreams = value;
  }

  onPingAnswered(payload: Buffer): void {
    if (this.#state === 'draining' && payload.equals(DRAIN_PING)) this.#stopServing();
  }

  /** The other side takes no streams above `lastStreamId`. */
  onGoAway(lastStreamId: number): void {
    if (this.options.role === 'server') return;
    if (this.#state === 'open') this.#state = 'draining';
    this.options.onGoAway?.();
    for (const stream of [...this.streams.values()]) {
      if (stream.id > lastStreamId) this.drop(stream, ErrorCode.REFUSED_STREAM);
    }
    this.#lastServedId = lastStreamId;
    this.#closeWhenDone();
  }

  drop(stream: Stream, code: ErrorCode): void {
    const { user } = stream;
    stream.user = undefined;
    this.outgoing.drop(stream);
    this.streams.remove(stream);
    user?.onGone(code);
    if (this.#lastServedId !== MAX_STREAM_ID) this.#closeWhenDone();
  }

  // What the socket tells.

  #onData(chunk: Buffer): void {
    if (this.isClosed) return;
    this.#readAtMs = Date.now();
    this.#pingedAtMs = undefined;
    try {
      this.#incoming.push(chunk);
    } catch (error) {
      this.#onConnectionError(error);
    }
  }

  // Ends.

  /** The client knows that we drain: what it opened until now is all there is. */
  #stopServing(): void {
    this.#lastServedId = this.streams.lastId;
    this.#goAway(this.streams.lastId, ErrorCode.NO_ERROR, '');
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    if (this.#state === 'draining' && this.streams.size === 0) this.#close();
  }

  #onConnectionError(error: unknown): void {
    if (error instanceof ConnectionError) this.#goAway(this.streams.lastId, error.code, error.message);
    else {
      this.options.onDefect(error);
      this.#goAway(this.streams.lastId, ErrorCode.INTERNAL_ERROR, '');
    }
    this.#close();
    this.#dropAll();
  }

  /** Sends what there is to send and ends the socket. Until the other side closes too, what it sends is read and passed over. */
  #close(): void {
    this.#state = 'closing';
    this.#sinceMs = Date.now();
    this.outgoing.end();
  }

  #onSocketClosed(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#dropAll();
    this.options.onClosed();
  }

  #dropAll(): void {
    for (const stream of [...this.streams.values()]) this.drop(stream, ErrorCode.INTERNAL_ERROR);
  }

  #preface(): void {
    // The frame writer knows frames alone; nothing was written before this.
    this.#socket.write(CLIENT_PREFACE);
  }

  #goAway(lastStreamId: number, code: ErrorCode, text: string): void {
    const shown = text.slice(0, SESSION_LIMITS.maxGoAwayText);
    const payload = Buffer.allocUnsafe(8 + Buffer.byteLength(shown));
    putUint32(payload, putUint32(payload, 0, lastStreamId), code);
    payload.write(shown, 8);
    this.outgoing.control(FrameType.GOAWAY << 8, 0, payload);
  }

  #keepAlive(nowMs: number): void {
    const { timeMs, timeoutMs, onlyInUse } = this.options.keepalive;
    if (this.#pingedAtMs !== undefined) {
      if (nowMs - this.#pingedAtMs > timeoutMs) this.destroy();
    } else if (nowMs - this.#readAtMs > timeMs && (!onlyInUse || this.streams.size > 0)) {
      this.#pingedAtMs = nowMs;
      this.outgoing.control(FrameType.PING << 8, 0, KEEPALIVE_PING);
    }
  }
}

/** What we tell the other side. */
function ourSettings({ role, maxStreams, streamWindowBytes }: SessionOptions): Uint8Array {
  return settingsPayload([
    role === 'client' ? [Setting.ENABLE_PUSH, 0] : [Setting.MAX_CONCURRENT_STREAMS, maxStreams],
    [Setting.INITIAL_WINDOW_SIZE, streamWindowBytes],
    [Setting.MAX_HEADER_LIST_SIZE, HTTP2_LIMITS.maxHeaderListBytes],
  ]);
}
