import { ConnectionError, DEFAULT_WINDOW_BYTES, ErrorCode, MAX_WINDOW_BYTES, StreamError } from './protocol.ts';

/** What the sending half of a connection keeps of each stream. */
export interface SendingStream {
  readonly id: number;
  /** How much we may still send: below zero when the other side shrank its window. */
  sendWindow: number;
  /** Of DATA that waits. */
  queuedBytes: number;
}

/** The other side's windows, and the streams that wait for them (RFC 9113 §5.2). What a frame is made of is the heir's. */
export abstract class Sending<S extends SendingStream> {
  /** What may still be sent on the connection. */
  protected window = DEFAULT_WINDOW_BYTES;
  /** Streams that have something queued and room in their own window: they wait for the connection's window or the socket. */
  protected readonly ready = new Set<S>();
  #initialWindow = DEFAULT_WINDOW_BYTES;

  /** The socket holds enough. */
  protected abstract get isBlocked(): boolean;
  /** Sends one frame of what is queued, within the windows. */
  protected abstract putQueuedFrame(stream: S): void;
  /** Something of the queue was sent, or nothing could be. */
  protected abstract afterQueued(stream: S): void;

  get initialWindow(): number {
    return this.#initialWindow;
  }

  /** Sends what waited for the connection's window or the socket, a frame of each stream in turn. */
  pump(): void {
    for (const stream of this.ready) {
      if (this.window <= 0 || this.isBlocked) return;
      this.ready.delete(stream);
      this.putQueuedFrame(stream);
      this.afterQueued(stream); // Puts it at the end of the turn if there is more.
    }
  }

  /** The other side's WINDOW_UPDATE. Errors: ConnectionError or StreamError FLOW_CONTROL_ERROR when the window overflows. */
  grow(stream: S | undefined, bytes: number): void {
    if (stream === undefined) {
      this.window += bytes;
      if (this.window > MAX_WINDOW_BYTES) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'window overflow');
      this.pump();
      return;
    }
    stream.sendWindow += bytes;
    if (stream.sendWindow > MAX_WINDOW_BYTES) {
      throw new StreamError(stream.id, ErrorCode.FLOW_CONTROL_ERROR, 'window overflow');
    }
    if (stream.queuedBytes > 0) this.sendQueued(stream);
  }

  /** The other side's SETTINGS_INITIAL_WINDOW_SIZE, which also moves the windows of open streams (RFC 9113 §6.9.2). */
  setInitialWindow(bytes: number, streams: Iterable<S>): void {
    const change = bytes - this.#initialWindow;
    this.#initialWindow = bytes;
    if (change === 0) return;
    for (const stream of streams) {
      stream.sendWindow += change;
      if (stream.sendWindow > MAX_WINDOW_BYTES) {
        throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'window overflow');
      }
      if (stream.queuedBytes > 0) this.sendQueued(stream);
    }
  }

  protected sendQueued(stream: S): void {
    while (stream.queuedBytes > 0 && stream.sendWindow > 0 && this.window > 0 && !this.isBlocked) {
      this.putQueuedFrame(stream);
    }
    this.afterQueued(stream);
  }
}
