import type { Duplex } from 'node:stream';
import { FrameWriter, type SlabPool } from './frame-writer.ts';
import { HpackEncoder } from './hpack-encoder.ts';
import { SESSION_LIMITS } from './limits.ts';
import { Flag, FRAME_HEADER_BYTES, FrameType, MIN_MAX_FRAME_BYTES, putFrameHeader, putUint32 } from './protocol.ts';
import { Sending } from './sending.ts';
import type { Stream } from './stream.ts';

const DATA = FrameType.DATA << 8;
const NO_BYTES = new Uint8Array(0);

/** Who wants to know what became of streams. */
export interface OutgoingEvents {
  /** There is something to flush. */
  onDirty(): void;
  /** Our half of the stream has ended: its last frame is on its way. */
  onLocalEnd(stream: Stream): void;
}

/** The sending half of a connection: what goes out on its streams, within the other side's windows and what the socket takes. */
export class Outgoing extends Sending<Stream> {
  readonly encoder = new HpackEncoder();
  readonly #writer: FrameWriter;
  readonly #events: OutgoingEvents;
  /** Larger frames would only make the others wait. */
  readonly #maxFrameBytes = MIN_MAX_FRAME_BYTES;

  constructor(socket: Duplex, pool: SlabPool, events: OutgoingEvents) {
    super();
    this.#events = events;
    this.#writer = new FrameWriter(socket, pool, {
      onDirty: () => events.onDirty(),
      onTaken: () => {
        if (this.ready.size > 0) this.pump();
      },
    });
  }

  protected override get isBlocked(): boolean {
    return this.#writer.isFull;
  }

  /** True when even frames that cannot wait have become too many. */
  get isOverrun(): boolean {
    return this.#writer.pendingBytes > SESSION_LIMITS.maxSocketQueueBytes;
  }

  flush(): void {
    this.#writer.flush();
  }

  /** Sends what is on its way and ends the socket. */
  end(): void {
    this.#writer.end();
  }

  /** Sends what `encoder` holds as the headers or trailers of a stream. */
  headers(stream: Stream, isEnd: boolean): void {
    const block = this.encoder.finish();
    const end = isEnd ? Flag.END_STREAM : 0;
    const first = Math.min(block.length, this.#maxFrameBytes);
    const isWhole = first === block.length;
    this.control(
      (FrameType.HEADERS << 8) | end | (isWhole ? Flag.END_HEADERS : 0),
      stream.id,
      block.subarray(0, first),
    );
    for (let from = first; from < block.length; from += this.#maxFrameBytes) {
      const to = Math.min(from + this.#maxFrameBytes, block.length);
      const flags = to === block.length ? Flag.END_HEADERS : 0;
      this.control((FrameType.CONTINUATION << 8) | flags, stream.id, block.subarray(from, to));
    }
    if (isEnd) this.#ended(stream);
  }

  /** Sends a piece of a body; false when the stream's queue is full and `onRoom` will tell. */
  data(stream: Stream, bytes: Uint8Array, isEnd: boolean): boolean {
    if (stream.isGone || stream.isLocalEnding) return true;
    stream.isLocalEnding = isEnd;
    const { length } = bytes;
    const fits =
      stream.queuedBytes === 0 &&
      length <= stream.sendWindow &&
      length <= this.window &&
      length <= this.#maxFrameBytes &&
      !this.#writer.isFull;
    if (fits) {
      if (length > 0 || isEnd) this.#putFrame(stream, bytes, isEnd);
      return true;
    }
    if (length > 0) stream.queue.push(bytes);
    stream.queuedBytes += length;
    this.sendQueued(stream);
    stream.isWaitedFor = stream.queuedBytes >= SESSION_LIMITS.streamQueueBytes;
    return !stream.isWaitedFor;
  }

  /** The same for a piece of a body that is in parts. */
  parts(stream: Stream, parts: readonly Uint8Array[]): boolean {
    if (stream.isGone || stream.isLocalEnding) return true;
    for (const part of parts) {
      if (part.length === 0) continue;
      stream.queue.push(part);
      stream.queuedBytes += part.length;
    }
    this.sendQueued(stream);
    stream.isWaitedFor = stream.queuedBytes >= SESSION_LIMITS.streamQueueBytes;
    return !stream.isWaitedFor;
  }

  /** Drops what is queued; nothing more is sent on the stream. */
  drop(stream: Stream): void {
    stream.isGone = true;
    stream.queue = [];
    stream.queuedBytes = 0;
    this.ready.delete(stream);
  }

  /** Sends a frame that is not subject to flow control. `typeAndFlags`: the type times 256 plus the flags. */
  control(typeAndFlags: number, streamId: number, payload: Uint8Array): void {
    const writer = this.#writer;
    writer.reserve(FRAME_HEADER_BYTES + payload.length);
    writer.at = putFrameHeader(writer.bytes, writer.at, payload.length, typeAndFlags, streamId);
    writer.append(payload);
  }

  /** Sends a frame whose payload is one number: RST_STREAM or WINDOW_UPDATE. */
  number(type: number, streamId: number, value: number): void {
    const writer = this.#writer;
    writer.reserve(FRAME_HEADER_BYTES + 4);
    writer.at = putUint32(writer.bytes, putFrameHeader(writer.bytes, writer.at, 4, type << 8, streamId), value);
  }

  #putFrame(stream: Stream, bytes: Uint8Array, isEnd: boolean): void {
    this.control(DATA | (isEnd ? Flag.END_STREAM : 0), stream.id, bytes);
    stream.sendWindow -= bytes.length;
    this.window -= bytes.length;
    if (isEnd) this.#ended(stream);
  }

  /** One frame of what is queued, put together from as many parts as it takes. */
  protected override putQueuedFrame(stream: Stream): void {
    const size = Math.min(stream.queuedBytes, stream.sendWindow, this.window, this.#maxFrameBytes);
    if (size <= 0) return;
    const writer = this.#writer;
    const isEnd = stream.isLocalEnding && size === stream.queuedBytes;
    writer.reserve(FRAME_HEADER_BYTES + size);
    writer.at = putFrameHeader(writer.bytes, writer.at, size, DATA | (isEnd ? Flag.END_STREAM : 0), stream.id);
    for (let left = size; left > 0; ) left -= this.#putPart(stream, left);
    stream.queuedBytes -= size;
    stream.sendWindow -= size;
    this.window -= size;
    if (isEnd) this.#ended(stream);
  }

  /** At most `size` bytes of the first part in a queue; returns how many. */
  #putPart(stream: Stream, size: number): number {
    const part = stream.queue[stream.head] as Uint8Array;
    const end = Math.min(part.length, stream.headFrom + size);
    const isWhole = stream.headFrom === 0 && end === part.length;
    this.#writer.append(isWhole ? part : part.subarray(stream.headFrom, end));
    const taken = end - stream.headFrom;
    if (end < part.length) {
      stream.headFrom = end;
      return taken;
    }
    stream.headFrom = 0;
    stream.queue[stream.head++] = NO_BYTES;
    if (stream.head === stream.queue.length) {
      stream.queue = [];
      stream.head = 0;
    }
    return taken;
  }

  protected override afterQueued(stream: Stream): void {
    if (stream.isGone) return;
    if (stream.queuedBytes > 0) {
      if (stream.sendWindow > 0) this.ready.add(stream);
    } else if (stream.isLocalEnding && !stream.isLocalEnded) {
      this.#putFrame(stream, NO_BYTES, true);
    }
    if (stream.isWaitedFor && stream.queuedBytes < SESSION_LIMITS.streamQueueBytes / 2) {
      stream.isWaitedFor = false;
      stream.user?.onRoom();
    }
  }

  #ended(stream: Stream): void {
    stream.isLocalEnding = true;
    stream.isLocalEnded = true;
    this.#events.onLocalEnd(stream);
  }
}
