import { SESSION_LIMITS } from './limits.ts';
import type { Outgoing } from './outgoing.ts';
import { ConnectionError, DEFAULT_WINDOW_BYTES, ErrorCode, FrameType } from './protocol.ts';
import { Stream } from './stream.ts';

/**
 * The streams of one connection and what may be received on them. The connection's window is credited as soon as bytes come, so that no
 * stream waits for another; a stream's is credited when its user has consumed what came.
 */
export class Streams {
  /** The highest id that was opened by the other side. */
  lastId = 0;
  readonly #outgoing: Outgoing;
  readonly #windowBytes: number;
  readonly #open = new Map<number, Stream>();
  /** Streams that we ended while the other half was open, oldest first: their frames may still be under way. */
  readonly #reset = new Set<number>();
  #receiveWindow = DEFAULT_WINDOW_BYTES;

  constructor(outgoing: Outgoing, streamWindowBytes: number) {
    this.#outgoing = outgoing;
    this.#windowBytes = streamWindowBytes;
    this.#creditConnection();
  }

  get size(): number {
    return this.#open.size;
  }

  get(id: number): Stream | undefined {
    return this.#open.get(id);
  }

  values(): IterableIterator<Stream> {
    return this.#open.values();
  }

  /** True for an id that no stream of the other side has had. */
  isIdle(id: number): boolean {
    return id > this.lastId || id % 2 === 0;
  }

  /** True for a stream that the other side may not know to be over. */
  wasReset(id: number): boolean {
    return this.#reset.has(id);
  }

  add(id: number, sendWindow: number, openedAt: number): Stream {
    const stream = new Stream(id, { send: sendWindow, receive: this.#windowBytes }, openedAt);
    this.#open.set(id, stream);
    return stream;
  }

  remove(stream: Stream): void {
    this.#open.delete(stream.id);
  }

  /** Tells the other side that a stream is over. */
  reset(id: number, code: ErrorCode): void {
    this.#outgoing.number(FrameType.RST_STREAM, id, code);
    this.#reset.add(id);
    if (this.#reset.size <= SESSION_LIMITS.maxResetRemembered) return;
    for (const oldest of this.#reset) {
      this.#reset.delete(oldest);
      return;
    }
  }

  /** Counts a DATA frame, whatever its stream. Errors: ConnectionError FLOW_CONTROL_ERROR. */
  receive(frameBytes: number): void {
    this.#receiveWindow -= frameBytes;
    if (this.#receiveWindow < 0) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'beyond the window');
    if (this.#receiveWindow < SESSION_LIMITS.connectionWindowBytes / 2) this.#creditConnection();
  }

  /** Its user has taken so many bytes. */
  consume(stream: Stream, sizeBytes: number): void {
    if (stream.isRemoteEnded || stream.isGone) return;
    stream.consumedBytes += sizeBytes;
    if (stream.consumedBytes < this.#windowBytes / 4) return;
    stream.receiveWindow += stream.consumedBytes;
    this.#outgoing.number(FrameType.WINDOW_UPDATE, stream.id, stream.consumedBytes);
    stream.consumedBytes = 0;
  }

  #creditConnection(): void {
    const bytes = SESSION_LIMITS.connectionWindowBytes - this.#receiveWindow;
    this.#receiveWindow += bytes;
    this.#outgoing.number(FrameType.WINDOW_UPDATE, 0, bytes);
  }
}
