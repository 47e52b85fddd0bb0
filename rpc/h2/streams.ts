import { ConnectionError, DEFAULT_WINDOW_BYTES, ErrorCode, FrameType } from '../../http2/protocol.ts';
import { H2_LIMITS } from './limits.ts';
import type { Sender } from './sender.ts';
import type { Stream } from './stream.ts';

/**
 * The streams of one connection and what may be received on them. The connection's window is credited as soon as bytes come, so
 * that no call waits for another; what that lets in is bounded by `isOverfull`. A stream's window is credited when its call has
 * taken what came.
 */
export class Streams {
  /** The highest id that the client has used. */
  lastId = 0;
  readonly #sender: Sender;
  readonly #open = new Map<number, Stream>();
  /** Streams that we ended while the client's half was open, oldest first: their frames may still be under way. */
  readonly #reset = new Set<number>();
  #receiveWindow = DEFAULT_WINDOW_BYTES;
  #heldBytes = 0;

  constructor(sender: Sender) {
    this.#sender = sender;
    this.#creditConnection();
  }

  get size(): number {
    return this.#open.size;
  }

  /** More bytes of requests have come than may wait for their calls. */
  get isOverfull(): boolean {
    return this.#heldBytes > H2_LIMITS.maxHeldRequestBytes;
  }

  get(id: number): Stream | undefined {
    return this.#open.get(id);
  }

  values(): IterableIterator<Stream> {
    return this.#open.values();
  }

  /** True for an id that no stream of the client has had. */
  isIdle(id: number): boolean {
    return id > this.lastId || id % 2 === 0;
  }

  /** True for a stream that the client may not know to be over. */
  wasReset(id: number): boolean {
    return this.#reset.has(id);
  }

  add(stream: Stream): void {
    this.#open.set(stream.id, stream);
  }

  remove(stream: Stream): void {
    this.#open.delete(stream.id);
    this.#heldBytes -= stream.heldBytes + stream.reader.gatheredBytes;
    stream.heldBytes = 0;
    stream.reader.stop();
  }

  /** Tells the client that a stream is over. */
  reset(id: number, code: ErrorCode): void {
    this.#sender.number(FrameType.RST_STREAM, id, code);
    this.#reset.add(id);
    if (this.#reset.size <= H2_LIMITS.maxResetRemembered) return;
    for (const oldest of this.#reset) {
      this.#reset.delete(oldest);
      return;
    }
  }

  /** Counts a DATA frame, whatever its stream. Errors: ConnectionError FLOW_CONTROL_ERROR. */
  receive(frameBytes: number): void {
    this.#receiveWindow -= frameBytes;
    if (this.#receiveWindow < 0) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'beyond the window');
    if (this.#receiveWindow < H2_LIMITS.connectionWindowBytes / 2) this.#creditConnection();
  }

  /** Counts what a stream has gathered of a message that is not complete: more than before, or less. */
  gathered(changeBytes: number): void {
    this.#heldBytes += changeBytes;
  }

  /** Counts a message that waits for its call. */
  hold(stream: Stream, sizeBytes: number): void {
    if (stream.isGone) return;
    stream.heldBytes += sizeBytes + H2_LIMITS.heldMessageOverheadBytes;
    this.#heldBytes += sizeBytes + H2_LIMITS.heldMessageOverheadBytes;
  }

  /** Its call has taken the message. */
  release(stream: Stream, sizeBytes: number): void {
    if (stream.isGone) return;
    stream.heldBytes -= sizeBytes + H2_LIMITS.heldMessageOverheadBytes;
    this.#heldBytes -= sizeBytes + H2_LIMITS.heldMessageOverheadBytes;
    this.credit(stream);
  }

  /** Gives back what was taken, and lets a message that is longer than the window come whole. */
  credit(stream: Stream): void {
    if (stream.isRemoteEnded || stream.isGone || stream.ending !== undefined) return;
    const waiting = stream.heldBytes + stream.reader.gatheredBytes;
    const back = H2_LIMITS.streamWindowBytes - waiting - stream.receiveWindow;
    const needed = stream.reader.missingBytes - stream.receiveWindow;
    const bytes = Math.max(back >= H2_LIMITS.streamWindowBytes / 4 ? back : 0, needed);
    if (bytes <= 0) return;
    stream.receiveWindow += bytes;
    this.#sender.number(FrameType.WINDOW_UPDATE, stream.id, bytes);
  }

  #creditConnection(): void {
    const bytes = H2_LIMITS.connectionWindowBytes - this.#receiveWindow;
    this.#receiveWindow += bytes;
    this.#sender.number(FrameType.WINDOW_UPDATE, 0, bytes);
  }
}
