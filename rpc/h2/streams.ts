import { FrameType } from '../../http2/protocol.ts';
import { type NumberSender, StreamTable } from '../../http2/stream-table.ts';
import { H2_LIMITS } from './limits.ts';
import type { Stream } from './stream.ts';

/**
 * The streams of one connection of gRPC. What the connection's window lets in is bounded by `isOverfull`; a stream's window is credited when its
 * call has taken what came.
 */
export class Streams extends StreamTable<Stream> {
  #heldBytes = 0;

  constructor(sender: NumberSender) {
    super(sender, H2_LIMITS.connectionWindowBytes);
  }

  /** More bytes of requests have come than may wait for their calls. */
  get isOverfull(): boolean {
    return this.#heldBytes > H2_LIMITS.maxHeldRequestBytes;
  }

  override remove(stream: Stream): void {
    super.remove(stream);
    this.#heldBytes -= stream.heldBytes + stream.reader.gatheredBytes;
    stream.heldBytes = 0;
    stream.reader.stop();
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
    this.sender.number(FrameType.WINDOW_UPDATE, stream.id, bytes);
  }
}
