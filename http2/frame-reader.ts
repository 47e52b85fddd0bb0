import { HTTP2_LIMITS } from './limits.ts';
import { CLIENT_PREFACE, ConnectionError, ErrorCode, FRAME_HEADER_BYTES, uint24At } from './protocol.ts';

/** Who takes the frames. */
export interface FrameSink {
  /** Nothing more is wanted. */
  readonly isClosed: boolean;
  /** One frame at `bytes[at, end)`, its header included. Views of `bytes` may be kept. */
  onFrame(bytes: Buffer, at: number, end: number): void;
}

/**
 * Finds the frames in what a socket reads. A frame that is whole in one chunk is looked at where it is; one that is split is put
 * together in memory of its own. Errors: ConnectionError for a wrong preface or a frame that is too long.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  #prefaceBytes: number;
  /** The frame that the last chunk ended in: its header, and room for the whole once its length is known. */
  #split: Buffer = NOTHING;
  #have = 0;

  /** `from`: who sends the frames; a server's start without a preface. */
  constructor(sink: FrameSink, from: 'client' | 'server' = 'client') {
    this.#sink = sink;
    this.#prefaceBytes = from === 'client' ? 0 : CLIENT_PREFACE.length;
  }

  /** The client's preface is complete. */
  get isOpen(): boolean {
    return this.#prefaceBytes === CLIENT_PREFACE.length;
  }

  push(chunk: Buffer): void {
    let at = this.isOpen ? 0 : this.#readPreface(chunk);
    if (this.#have > 0) at = this.#complete(chunk, at);
    while (chunk.length - at >= FRAME_HEADER_BYTES && !this.#sink.isClosed) {
      const end = at + FRAME_HEADER_BYTES + payloadLength(chunk, at);
      if (end > chunk.length) break;
      this.#sink.onFrame(chunk, at, end);
      at = end;
    }
    if (at < chunk.length && !this.#sink.isClosed) this.#keep(chunk, at);
  }

  #readPreface(chunk: Buffer): number {
    const taken = Math.min(CLIENT_PREFACE.length - this.#prefaceBytes, chunk.length);
    const expected = CLIENT_PREFACE.subarray(this.#prefaceBytes, this.#prefaceBytes + taken);
    if (!expected.equals(chunk.subarray(0, taken))) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'not the preface of HTTP/2');
    }
    this.#prefaceBytes += taken;
    return taken;
  }

  #keep(chunk: Buffer, at: number): void {
    const isHeaderWhole = chunk.length - at >= FRAME_HEADER_BYTES;
    const sizeBytes = FRAME_HEADER_BYTES + (isHeaderWhole ? payloadLength(chunk, at) : 0);
    this.#split = Buffer.allocUnsafe(sizeBytes);
    this.#have = chunk.copy(this.#split, 0, at);
  }

  /** Goes on with the split frame; returns where the chunk goes on after it. */
  #complete(chunk: Buffer, start: number): number {
    let at = start;
    if (this.#have < FRAME_HEADER_BYTES) {
      at += this.#fill(chunk, at, FRAME_HEADER_BYTES);
      if (this.#have < FRAME_HEADER_BYTES) return at;
      const header = this.#split;
      this.#split = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payloadLength(header, 0));
      header.copy(this.#split, 0, 0, FRAME_HEADER_BYTES);
    }
    at += this.#fill(chunk, at, this.#split.length);
    if (this.#have < this.#split.length) return at;
    const frame = this.#split;
    this.#split = NOTHING;
    this.#have = 0;
    this.#sink.onFrame(frame, 0, frame.length);
    return at;
  }

  #fill(chunk: Buffer, at: number, upTo: number): number {
    const copied = chunk.copy(this.#split, this.#have, at, at + upTo - this.#have);
    this.#have += copied;
    return copied;
  }
}

const NOTHING = Buffer.alloc(0);

function payloadLength(bytes: Buffer, at: number): number {
  const length = uint24At(bytes, at);
  if (length > HTTP2_LIMITS.maxFrameBytes) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'a frame too long');
  return length;
}
