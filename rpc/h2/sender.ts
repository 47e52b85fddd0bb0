import type { Duplex } from 'node:stream';
import { EMPTY_BYTES } from '../../base/bytes.ts';
import { PREFIX_BYTES } from '../../client/message-reader.ts';
import { GrpcCode, type GrpcStatus } from '../../client/status.ts';
import {
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  MIN_MAX_FRAME_BYTES,
  putFrameHeader,
  putUint32,
} from '../../http2/protocol.ts';
import { Sending } from '../../http2/sending.ts';
import { H2_LIMITS } from './limits.ts';
import { Outbox, type Slabs } from './outbox.ts';
import { ResponseHeaders } from './response-headers.ts';
import type { Stream } from './stream.ts';

const DATA = FrameType.DATA << 8;
const HEADERS = (FrameType.HEADERS << 8) | Flag.END_HEADERS;
const TRAILERS = HEADERS | Flag.END_STREAM;
/** HEADERS, the start of DATA and trailers of a call that went well, at most. */
const AROUND_MESSAGE_BYTES = 3 * FRAME_HEADER_BYTES + PREFIX_BYTES + 2 * ResponseHeaders.maxFixedBytes;
/** A longer text is cut: its header block must fit one frame, in which a character may take nine bytes. */
const MAX_STATUS_TEXT = 1_024;

const OK: GrpcStatus = { code: GrpcCode.OK, text: '' };

/** Who wants to know what became of streams. */
export interface SenderEvents {
  /** There is something to flush. */
  onDirty(): void;
  /** A frame with END_STREAM was written. */
  onFinished(stream: Stream): void;
  /** Bytes of answers that waited are on their way. */
  onAnswerRoom(): void;
}

/** The sending half of a connection: what goes out on its streams, within the client's windows and what the socket takes. */
export class Sender extends Sending<Stream> {
  readonly #outbox: Outbox;
  readonly #headers = new ResponseHeaders();
  readonly #events: SenderEvents;
  #maxFrameBytes = MIN_MAX_FRAME_BYTES;
  #queuedAnswerBytes = 0;
  /** HEADERS or DATA were sent since somebody set this to false. */
  hasSentOnStreams = false;

  constructor(socket: Duplex, slabs: Slabs, events: SenderEvents) {
    super();
    this.#events = events;
    this.#outbox = new Outbox(socket, slabs, () => events.onDirty());
  }

  protected override get isBlocked(): boolean {
    return this.#outbox.isFull;
  }

  /** Bytes of unary answers that wait for the client. */
  get queuedAnswerBytes(): number {
    return this.#queuedAnswerBytes;
  }

  /** True when even frames that cannot wait have become too many: the client does not read. */
  get isOverrun(): boolean {
    return this.#outbox.pendingBytes > H2_LIMITS.maxOutboxBytes;
  }

  flush(): void {
    this.#outbox.flush();
    if (this.ready.size > 0) this.pump();
  }

  /** Sends the answer of a unary call: in one piece if it fits. */
  answer(stream: Stream, message: Uint8Array): void {
    if (stream.isGone) return;
    const size = PREFIX_BYTES + message.length;
    if (!this.#fits(stream, size)) {
      stream.countsAsAnswer = true;
      this.message(stream, message);
      this.end(stream, OK);
      return;
    }
    this.#outbox.reserve(AROUND_MESSAGE_BYTES + copiedBytes(message));
    this.#putHeaders(stream);
    this.#putMessage(stream, message, size);
    this.#outbox.reserve(AROUND_MESSAGE_BYTES);
    this.#putOkTrailers(stream);
    this.#finished(stream);
  }

  /** Sends one message of a stream, which ends in `tail`; false when its queue is full and `onRoom` will tell. */
  message(stream: Stream, message: Uint8Array, tail: Uint8Array = EMPTY_BYTES): boolean {
    if (stream.isGone || stream.ending !== undefined) return true;
    const size = PREFIX_BYTES + message.length + tail.length;
    this.#outbox.reserve(AROUND_MESSAGE_BYTES + copiedBytes(message) + copiedBytes(tail));
    if (!stream.areHeadersSent) this.#putHeaders(stream);
    if (this.#fits(stream, size)) {
      this.#putMessage(stream, message, size);
      if (tail.length > 0) this.#outbox.append(tail);
      return true;
    }
    const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
    prefix[0] = 0;
    putUint32(prefix, 1, size - PREFIX_BYTES);
    stream.queue.push(prefix, message);
    if (tail.length > 0) stream.queue.push(tail);
    stream.queuedBytes += size;
    if (stream.countsAsAnswer) this.#queuedAnswerBytes += size;
    this.sendQueued(stream);
    return stream.queuedBytes < H2_LIMITS.streamQueueBytes;
  }

  /** Ends a stream with a status, after what is queued on it. */
  end(stream: Stream, status: GrpcStatus): void {
    if (stream.isGone || stream.ending !== undefined) return;
    stream.ending = status;
    if (stream.queuedBytes === 0) this.#putEnd(stream);
  }

  /** Answers with nothing but a status. */
  refuse(stream: Stream, httpStatus: number, status: GrpcStatus, options: { readonly acceptEncoding: boolean }): void {
    if (stream.isGone || stream.ending !== undefined) return;
    stream.ending = status;
    this.#putBlock(stream, this.#headers.refuse(httpStatus, shortened(status), options));
    this.#finished(stream);
  }

  /** Drops what is queued; nothing more is sent on the stream. */
  drop(stream: Stream): void {
    stream.isGone = true;
    this.ready.delete(stream);
    if (stream.queuedBytes === 0) return;
    const { queuedBytes } = stream;
    stream.queue.length = 0;
    stream.queuedBytes = 0;
    if (!stream.countsAsAnswer) return;
    this.#queuedAnswerBytes -= queuedBytes;
    this.#events.onAnswerRoom();
  }

  setMaxFrameBytes(bytes: number): void {
    this.#maxFrameBytes = bytes;
  }

  setHeaderTableBytes(bytes: number): void {
    this.#headers.resize(bytes);
  }

  /** Sends a frame that is not subject to flow control. `typeAndFlags`: the type times 256 plus the flags. */
  control(typeAndFlags: number, streamId: number, payload: Uint8Array): void {
    const { length } = payload;
    this.#outbox.reserve(FRAME_HEADER_BYTES + length);
    this.#outbox.at = putFrameHeader(this.#outbox.bytes, this.#outbox.at, length, typeAndFlags, streamId);
    this.#outbox.append(payload);
  }

  /** Sends a frame whose payload is one number: RST_STREAM or WINDOW_UPDATE. */
  number(type: number, streamId: number, value: number): void {
    const outbox = this.#outbox;
    outbox.reserve(FRAME_HEADER_BYTES + 4);
    outbox.at = putUint32(outbox.bytes, putFrameHeader(outbox.bytes, outbox.at, 4, type << 8, streamId), value);
  }

  #fits(stream: Stream, size: number): boolean {
    return (
      stream.queuedBytes === 0 &&
      size <= stream.sendWindow &&
      size <= this.window &&
      size <= this.#maxFrameBytes &&
      !this.#outbox.isFull
    );
  }

  #putHeaders(stream: Stream): void {
    const outbox = this.#outbox;
    const start = outbox.at + FRAME_HEADER_BYTES;
    const end = this.#headers.begin(outbox.bytes, start);
    putFrameHeader(outbox.bytes, outbox.at, end - start, HEADERS, stream.id);
    outbox.at = end;
    stream.areHeadersSent = true;
    this.hasSentOnStreams = true;
  }

  #putMessage(stream: Stream, message: Uint8Array, size: number): void {
    const outbox = this.#outbox;
    const at = putFrameHeader(outbox.bytes, outbox.at, size, DATA, stream.id);
    outbox.bytes[at] = 0;
    outbox.at = putUint32(outbox.bytes, at + 1, size - PREFIX_BYTES);
    outbox.append(message);
    stream.sendWindow -= size;
    this.window -= size;
    this.hasSentOnStreams = true;
  }

  #putOkTrailers(stream: Stream): void {
    const outbox = this.#outbox;
    const start = outbox.at + FRAME_HEADER_BYTES;
    const end = this.#headers.endOk(outbox.bytes, start);
    putFrameHeader(outbox.bytes, outbox.at, end - start, TRAILERS, stream.id);
    outbox.at = end;
    stream.ending = OK;
  }

  #putEnd(stream: Stream): void {
    const status = stream.ending ?? OK;
    if (!stream.areHeadersSent) {
      this.#putBlock(stream, this.#headers.refuse(200, shortened(status), { acceptEncoding: false }));
    } else if (status === OK) {
      this.#outbox.reserve(AROUND_MESSAGE_BYTES);
      this.#putOkTrailers(stream);
    } else {
      this.#putBlock(stream, this.#headers.end(shortened(status)));
    }
    this.#finished(stream);
  }

  #putBlock(stream: Stream, block: Uint8Array): void {
    this.control(TRAILERS, stream.id, block);
    this.hasSentOnStreams = true;
  }

  #finished(stream: Stream): void {
    this.drop(stream);
    this.#events.onFinished(stream);
  }

  protected override putQueuedFrame(stream: Stream): void {
    const size = Math.min(stream.queuedBytes, stream.sendWindow, this.window, this.#maxFrameBytes);
    if (size <= 0) return;
    this.#outbox.reserve(FRAME_HEADER_BYTES);
    this.#outbox.at = putFrameHeader(this.#outbox.bytes, this.#outbox.at, size, DATA, stream.id);
    this.hasSentOnStreams = true;
    for (let left = size; left > 0; ) left -= this.#putPart(stream, left);
    stream.queuedBytes -= size;
    stream.sendWindow -= size;
    this.window -= size;
    if (stream.countsAsAnswer) this.#queuedAnswerBytes -= size;
  }

  /** Sends at most `size` bytes of the first part in a queue; returns how many. */
  #putPart(stream: Stream, size: number): number {
    const part = stream.queue[0] as Uint8Array;
    const end = Math.min(part.length, stream.queuedFrom + size);
    const piece = part.subarray(stream.queuedFrom, end);
    this.#outbox.reserve(copiedBytes(piece));
    this.#outbox.append(piece);
    if (end === part.length) {
      stream.queue.shift();
      stream.queuedFrom = 0;
    } else {
      stream.queuedFrom = end;
    }
    return piece.length;
  }

  protected override afterQueued(stream: Stream): void {
    if (stream.queuedBytes > 0) {
      if (stream.sendWindow > 0) this.ready.add(stream);
    } else if (stream.ending !== undefined) {
      this.#putEnd(stream);
    }
    if (stream.countsAsAnswer) this.#events.onAnswerRoom();
    else if (stream.queuedBytes < H2_LIMITS.streamQueueBytes) stream.user?.onRoom();
  }
}

function copiedBytes(payload: Uint8Array): number {
  return payload.length <= H2_LIMITS.copyBelowBytes ? payload.length : 0;
}

function shortened(status: GrpcStatus): GrpcStatus {
  return status.text.length <= MAX_STATUS_TEXT ? status : { ...status, text: status.text.slice(0, MAX_STATUS_TEXT) };
}
