import { HTTP2_LIMITS } from './limits.ts';
import { ConnectionError, DEFAULT_WINDOW_BYTES, ErrorCode, FrameType, StreamError } from './protocol.ts';

/** What the receiving half of a connection keeps of each stream. */
export interface OpenStream {
  readonly id: number;
  /** In sweeps of the connection. */
  readonly openedAt: number;
  /** How much the other side may still send. */
  receiveWindow: number;
  /** content-length less what came of it; -1 without one. */
  declaredBytes: number;
  /** The other half is closed. */
  isRemoteEnded: boolean;
  /** Nothing more may be sent. */
  isGone: boolean;
}

/** Sends frames whose payload is one number. */
export interface NumberSender {
  number(type: number, streamId: number, value: number): void;
}

/**
 * The open streams of one connection, and the connection's receive window, which is credited as soon as bytes come, so that no stream waits
 * for another. How much may come on a stream is its user's to say.
 */
export class StreamTable<S extends OpenStream> {
  /** The highest id that was opened by the other side. */
  lastId = 0;
  protected readonly sender: NumberSender;
  readonly #windowBytes: number;
  readonly #open = new Map<number, S>();
  /** Streams that we ended while the other half was open, oldest first: their frames may still be under way. */
  readonly #reset = new Set<number>();
  #receiveWindow = DEFAULT_WINDOW_BYTES;

  /** `windowBytes`: what may be under way on the connection. */
  constructor(sender: NumberSender, windowBytes: number) {
    this.sender = sender;
    this.#windowBytes = windowBytes;
    this.#credit();
  }

  get size(): number {
    return this.#open.size;
  }

  get(id: number): S | undefined {
    return this.#open.get(id);
  }

  values(): IterableIterator<S> {
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

  add(stream: S): void {
    this.#open.set(stream.id, stream);
  }

  remove(stream: S): void {
    this.#open.delete(stream.id);
  }

  /** Tells the other side that a stream is over. */
  reset(id: number, code: ErrorCode): void {
    this.sender.number(FrameType.RST_STREAM, id, code);
    this.#reset.add(id);
    if (this.#reset.size <= HTTP2_LIMITS.maxResetRemembered) return;
    for (const oldest of this.#reset) {
      this.#reset.delete(oldest);
      return;
    }
  }

  /** Counts a DATA frame, whatever its stream. Errors: ConnectionError FLOW_CONTROL_ERROR. */
  receive(frameBytes: number): void {
    this.#receiveWindow -= frameBytes;
    if (this.#receiveWindow < 0) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'beyond the window');
    if (this.#receiveWindow < this.#windowBytes / 2) this.#credit();
  }

  #credit(): void {
    const bytes = this.#windowBytes - this.#receiveWindow;
    this.#receiveWindow += bytes;
    this.sender.number(FrameType.WINDOW_UPDATE, 0, bytes);
  }
}

/** Checks what came of a body against its content-length, when there is one (RFC 9113 §8.1.1). Errors: StreamError. */
export function countDeclared(stream: OpenStream, receivedBytes: number, isEnd: boolean): void {
  if (stream.declaredBytes < 0) return;
  stream.declaredBytes -= receivedBytes;
  if (stream.declaredBytes < 0 || (isEnd && stream.declaredBytes > 0)) {
    throw new StreamError(stream.id, ErrorCode.PROTOCOL_ERROR, 'content-length is wrong');
  }
}
