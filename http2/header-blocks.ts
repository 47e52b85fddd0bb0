import { HTTP2_LIMITS } from './limits.ts';
import { ConnectionError, ErrorCode } from './protocol.ts';

/** Puts together the header block that comes in several frames. Between them nothing else may come (RFC 9113 §6.10). */
export class HeaderBlocks {
  /** The stream whose block is open; 0 when none is. */
  streamId = 0;
  isEndOfStream = false;
  #parts: Buffer[] = [];
  #sizeBytes = 0;

  begin(streamId: number, isEndOfStream: boolean): void {
    this.streamId = streamId;
    this.isEndOfStream = isEndOfStream;
    this.#parts = [];
    this.#sizeBytes = 0;
  }

  /** Errors: ConnectionError ENHANCE_YOUR_CALM when the block is too long or in too many pieces. */
  add(fragment: Buffer): void {
    this.#parts.push(fragment);
    this.#sizeBytes += fragment.length;
    const isTooMuch =
      this.#sizeBytes > HTTP2_LIMITS.maxHeaderBlockBytes || this.#parts.length > HTTP2_LIMITS.maxContinuationFrames;
    if (isTooMuch) throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'a header block too long');
  }

  finish(): Buffer {
    const block = Buffer.concat(this.#parts, this.#sizeBytes);
    this.begin(0, false);
    return block;
  }
}
