import { SESSION_LIMITS } from './limits.ts';
import { FrameType } from './protocol.ts';
import type { Stream } from './stream.ts';
import { type NumberSender, StreamTable } from './stream-table.ts';

/** The streams of a session: a stream's receive window is credited when its user has consumed what came. */
export class Streams extends StreamTable<Stream> {
  readonly #streamWindowBytes: number;

  constructor(sender: NumberSender, streamWindowBytes: number) {
    super(sender, SESSION_LIMITS.connectionWindowBytes);
    this.#streamWindowBytes = streamWindowBytes;
  }

  /** Its user has taken so many bytes. */
  consume(stream: Stream, sizeBytes: number): void {
    if (stream.isRemoteEnded || stream.isGone) return;
    stream.consumedBytes += sizeBytes;
    if (stream.consumedBytes < this.#streamWindowBytes / 4) return;
    stream.receiveWindow += stream.consumedBytes;
    this.sender.number(FrameType.WINDOW_UPDATE, stream.id, stream.consumedBytes);
    stream.consumedBytes = 0;
  }
}
