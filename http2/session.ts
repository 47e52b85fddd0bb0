import type { Duplex } from 'node:stream';
import { ConnectionLife, type Living } from './connection-life.ts';
import type { SlabPool } from './frame-writer.ts';
import type { HeaderField } from './header-field.ts';
import type { HpackEncoder } from './hpack-encoder.ts';
import { type DataPlace, type DecodedFields, Incoming, type IncomingOwner } from './incoming.ts';
import { HTTP2_LIMITS } from './limits.ts';
import { Outgoing, type OutgoingEvents } from './outgoing.ts';
import { CLIENT_PREFACE, ErrorCode, FrameType, MAX_STREAM_ID, Setting } from './protocol.ts';
import { settingsPayload } from './settings.ts';
import { Stream } from './stream.ts';
import { countDeclared } from './stream-table.ts';
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

/** One HTTP/2 connection, from its first byte to its end, as a server or as a client. */
export class Session implements IncomingOwner<Stream>, OutgoingEvents, Living {
  readonly options: SessionOptions;
  readonly outgoing: Outgoing;
  readonly streams: Streams;
  readonly #socket: Duplex;
  readonly #group: SessionGroup;
  readonly #incoming: Incoming<Stream>;
  readonly #life: ConnectionLife;
  #nextStreamId = 1;
  #peerMaxStreams = Number.POSITIVE_INFINITY;

  constructor(socket: Duplex, options: SessionOptions, group: SessionGroup) {
    this.options = options;
    this.#socket = socket;
    this.#group = group;
    this.#life = new ConnectionLife(socket, this, { keepalive: options.keepalive, goodbye: '' });
    this.outgoing = new Outgoing(socket, group.slabs, this);
    if (options.role === 'client') this.#preface();
    this.outgoing.control(FrameType.SETTINGS << 8, 0, ourSettings(options));
    this.streams = new Streams(this.outgoing, options.streamWindowBytes);
    this.#incoming = new Incoming(this);
    this.#life.begin((chunk) => this.#incoming.push(chunk));
  }

  get isClosed(): boolean {
    return this.#life.isClosed;
  }

  /** A client may open a stream now. */
  get hasRoom(): boolean {
    return this.#life.isOpen && this.streams.size < this.#peerMaxStreams && this.#nextStreamId < MAX_STREAM_ID - 2;
  }

  /** Opens a stream of a client: `write` encodes the request's fields. */
  request(write: (encoder: HpackEncoder) => void, isEnd: boolean): Stream {
    const stream = this.#add(this.#nextStreamId);
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

  /** Lets streams finish and takes no new ones. */
  drain(): void {
    this.#life.drain();
  }

  destroy(): void {
    this.#life.destroy();
  }

  flush(): void {
    this.outgoing.flush();
    if (this.outgoing.isOverrun) this.destroy();
  }

  /** Looks after the connection, every `sweepMs`. */
  sweep(nowMs: number): void {
    this.#incoming.sweep();
    this.#life.sweep(nowMs);
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

  get role(): SessionOptions['role'] {
    return this.options.role;
  }

  get isCrowded(): boolean {
    return this.streams.size >= this.options.maxStreams;
  }

  takesStream(streamId: number): boolean {
    return this.#life.takesStream(streamId);
  }

  isIdle(streamId: number): boolean {
    if (this.options.role === 'client') return streamId >= this.#nextStreamId || streamId % 2 === 0;
    return this.streams.isIdle(streamId);
  }

  open(streamId: number, isEnd: boolean, { fields, count, isTooLarge }: DecodedFields): void {
    const stream = this.#add(streamId);
    stream.isRemoteEnded = isEnd;
    this.options.onRequest?.(stream, fields, count, isTooLarge);
    countDeclared(stream, 0, isEnd);
    if (isEnd) stream.user?.onEnd();
  }

  onAnswer(stream: Stream, { fields, count }: DecodedFields): void {
    stream.user?.onHeaders(fields, count);
  }

  onData(stream: Stream, bytes: Buffer, { start, end, frameBytes }: DataPlace): void {
    const overheadBytes = frameBytes - (end - start);
    if (overheadBytes > 0) this.streams.consume(stream, overheadBytes);
    if (end > start) stream.user?.onData(bytes.subarray(start, end));
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

  onSettings(): void {
    this.options.onSettings?.();
  }

  onPing(): void {
    // The budget of nuisances bounds them.
  }

  onPingAnswered(payload: Buffer): void {
    this.#life.onPingAnswered(payload);
  }

  /** The other side takes no streams above `lastStreamId`. */
  onGoAway(lastStreamId: number): void {
    if (this.options.role === 'server') return;
    this.options.onGoAway?.();
    for (const stream of [...this.streams.values()]) {
      if (stream.id > lastStreamId) this.drop(stream, ErrorCode.REFUSED_STREAM);
    }
    this.#life.onGoAway(lastStreamId);
  }

  drop(stream: Stream, code: ErrorCode): void {
    const { user } = stream;
    stream.user = undefined;
    this.outgoing.drop(stream);
    this.streams.remove(stream);
    user?.onGone(code);
    this.#life.onStreamGone();
  }

  // What its life asks for and tells.

  get streamCount(): number {
    return this.streams.size;
  }

  get lastStreamId(): number {
    return this.streams.lastId;
  }

  get isUnfinished(): boolean {
    return this.#incoming.isUnfinished;
  }

  control(typeAndFlags: number, streamId: number, payload: Uint8Array): void {
    this.outgoing.control(typeAndFlags, streamId, payload);
  }

  endSocket(): void {
    this.outgoing.end();
  }

  dropAll(): void {
    for (const stream of [...this.streams.values()]) this.drop(stream, ErrorCode.INTERNAL_ERROR);
  }

  onClosed(): void {
    this.options.onClosed();
  }

  onDefect(error: unknown): void {
    this.options.onDefect(error);
  }

  #add(id: number): Stream {
    const windows = { send: this.outgoing.initialWindow, receive: this.options.streamWindowBytes };
    const stream = new Stream(id, windows, this.#incoming.sweeps);
    this.streams.add(stream);
    return stream;
  }

  #preface(): void {
    // The frame writer knows frames alone; nothing was written before this.
    this.#socket.write(CLIENT_PREFACE);
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
