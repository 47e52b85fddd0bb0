import type { Duplex } from 'node:stream';
import { HTTP2_LIMITS } from './limits.ts';
import { ConnectionError, ErrorCode, FrameType, MAX_STREAM_ID, putUint32 } from './protocol.ts';

/** The connection that lives: a session, or one of gRPC. */
export interface Living {
  /** Open streams. */
  readonly streamCount: number;
  /** The highest id that the other side has used. */
  readonly lastStreamId: number;
  /** The other side has begun something that it must go on with at once. */
  readonly isUnfinished: boolean;
  /** Sends a frame that is not subject to flow control. */
  control(typeAndFlags: number, streamId: number, payload: Uint8Array): void;
  /** Sends what is on its way, and ends the socket. */
  endSocket(): void;
  /** All streams are gone. */
  dropAll(): void;
  onClosed(): void;
  /** A defect of ours ended the connection. */
  onDefect(error: unknown): void;
}

export interface LifeOptions {
  /** A ping after so long without a byte read (0: never); the connection ends when nothing comes in `timeoutMs`. `onlyInUse`: not while no stream is open. */
  readonly keepalive: { readonly timeMs: number; readonly timeoutMs: number; readonly onlyInUse: boolean };
  /** What GOAWAY says when the connection ends in order. */
  readonly goodbye: string;
}

const KEEPALIVE_PING = Buffer.from('keelping', 'latin1');
const DRAIN_PING = Buffer.from('keeldrai', 'latin1');

/** open: all is well. draining: no new streams. closing: GOAWAY was the last word, the socket ends. closed: the socket is gone. */
type State = 'open' | 'draining' | 'closing' | 'closed';

/** How a connection is kept, and how it ends: pings, GOAWAY, and what must happen in time. */
export class ConnectionLife {
  readonly #socket: Duplex;
  readonly #living: Living;
  readonly #options: LifeOptions;
  #state: State = 'open';
  /** Streams above this are not served, once GOAWAY has said so. */
  #lastServedId = MAX_STREAM_ID;
  /** When something was last read, when an unanswered ping was sent, and since when something is unfinished or closing. */
  #readAtMs: number;
  #pingedAtMs: number | undefined;
  #sinceMs: number;

  constructor(socket: Duplex, living: Living, options: LifeOptions) {
    this.#socket = socket;
    this.#living = living;
    this.#options = options;
    this.#sinceMs = this.#readAtMs = Date.now();
  }

  /** Listens to the socket: `push` takes what it reads, and throws what ends the connection. To be called once, when `living` is complete. */
  begin(push: (chunk: Buffer) => void): void {
    const socket = this.#socket;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk, push));
    socket.on('error', () => undefined); // 'close' follows.
    socket.on('end', () => socket.end());
    socket.on('close', () => this.#onSocketClosed());
    socket.resume();
    // Who made the connection does not have it yet.
    if (socket.destroyed) process.nextTick(() => this.#onSocketClosed());
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get isClosed(): boolean {
    return this.#state === 'closing' || this.#state === 'closed';
  }

  takesStream(streamId: number): boolean {
    return streamId <= this.#lastServedId;
  }

  /** Lets streams finish and takes no new ones: GOAWAY twice, with a round trip between them (RFC 9113 §6.8). */
  drain(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#goAway(MAX_STREAM_ID, ErrorCode.NO_ERROR, this.#options.goodbye);
    this.#living.control(FrameType.PING << 8, 0, DRAIN_PING);
  }

  destroy(): void {
    this.#socket.destroy();
    this.#onSocketClosed();
  }

  /** Looks after the connection, every `sweepMs`. */
  sweep(nowMs: number): void {
    if (this.isClosed) {
      if (nowMs - this.#sinceMs > HTTP2_LIMITS.closeGraceMs) this.destroy();
    } else if (this.#living.isUnfinished) {
      if (nowMs - this.#sinceMs > HTTP2_LIMITS.unfinishedTimeoutMs) this.destroy();
    } else {
      this.#sinceMs = nowMs;
      this.#keepAlive(nowMs);
    }
  }

  /** When the client knows that we drain, what it opened until now is all there is. */
  onPingAnswered(payload: Buffer): void {
    if (this.#state !== 'draining' || !payload.equals(DRAIN_PING)) return;
    const { lastStreamId } = this.#living;
    this.#goAway(lastStreamId, ErrorCode.NO_ERROR, this.#options.goodbye);
    this.onGoAway(lastStreamId);
  }

  /** No stream above `lastStreamId` is served any more, by whichever side said so: the connection ends with the last one. */
  onGoAway(lastStreamId: number): void {
    if (this.#state === 'open') this.#state = 'draining';
    this.#lastServedId = lastStreamId;
    this.#closeIfDone();
  }

  /** A stream is no longer open. */
  onStreamGone(): void {
    if (this.#lastServedId !== MAX_STREAM_ID) this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#state === 'draining' && this.#living.streamCount === 0) this.#close();
  }

  #onData(chunk: Buffer, push: (chunk: Buffer) => void): void {
    if (this.isClosed) return;
    this.#readAtMs = Date.now();
    this.#pingedAtMs = undefined;
    try {
      push(chunk);
    } catch (error) {
      this.#onError(error);
    }
  }

  #onError(error: unknown): void {
    const { lastStreamId } = this.#living;
    if (error instanceof ConnectionError) this.#goAway(lastStreamId, error.code, error.message);
    else {
      this.#living.onDefect(error);
      this.#goAway(lastStreamId, ErrorCode.INTERNAL_ERROR, '');
    }
    this.#close();
    this.#living.dropAll();
  }

  /** Sends what there is to send and ends the socket. Until the other side closes too, what it sends is read and passed over. */
  #close(): void {
    this.#state = 'closing';
    this.#sinceMs = Date.now();
    this.#living.endSocket();
  }

  #onSocketClosed(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#living.dropAll();
    this.#living.onClosed();
  }

  #goAway(lastStreamId: number, code: ErrorCode, text: string): void {
    const shown = text.slice(0, HTTP2_LIMITS.maxGoAwayText);
    const payload = Buffer.allocUnsafe(8 + Buffer.byteLength(shown));
    putUint32(payload, putUint32(payload, 0, lastStreamId), code);
    payload.write(shown, 8);
    this.#living.control(FrameType.GOAWAY << 8, 0, payload);
  }

  #keepAlive(nowMs: number): void {
    const { timeMs, timeoutMs, onlyInUse } = this.#options.keepalive;
    if (this.#pingedAtMs !== undefined) {
      if (nowMs - this.#pingedAtMs > timeoutMs) this.destroy();
    } else if (timeMs > 0 && nowMs - this.#readAtMs > timeMs && (!onlyInUse || this.#living.streamCount > 0)) {
      this.#pingedAtMs = nowMs;
      this.#living.control(FrameType.PING << 8, 0, KEEPALIVE_PING);
    }
  }
}
