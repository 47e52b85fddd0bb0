import type { Socket } from 'node:net';
import { FrameReader, type FrameSink } from '../http2/frame-reader.ts';
import { HpackDecoder } from '../http2/hpack-decoder.ts';
import {
  CLIENT_PREFACE,
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  MAX_WINDOW_BYTES,
  MIN_MAX_FRAME_BYTES,
  putFrameHeader,
  putUint32,
  Setting,
  uint31At,
} from '../http2/protocol.ts';

/** Frames are gathered in pieces of this size. */
const SLAB_BYTES = 64 * 1024;
/** Credit is given back to the server when it has used this much. */
const CREDIT_BYTES = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/**
 * One HTTP/2 connection of a load generator: frames are written and read by hand and everything that is sent within one turn leaves in one
 * write, so that the generator costs a small part of what a server costs. It trusts the server: no limits, receive windows that never end; what
 * is sent must fit the server's windows. What the frames carry is the heir's.
 */
export abstract class FrameConnection implements FrameSink {
  protected readonly hpack = new HpackDecoder();
  readonly #socket: Socket;
  readonly #reader = new FrameReader(this, 'server');
  #nextStream = 1;
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** What waits to be written is slab[start, at). */
  #start = 0;
  #at = 0;
  #isFlushDue = false;
  #uncreditedBytes = 0;
  isClosed = false;

  /** `socket` is connected, and has agreed on HTTP/2. */
  protected constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#reader.push(chunk));
    socket.on('error', () => this.#end());
    socket.on('close', () => this.#end());
    this.#greet();
  }

  /** The header block bytes[start, end) is to be decoded by `hpack`, whatever its stream. */
  protected abstract onHeaderBlock(stream: number, flags: number, bytes: Buffer, start: number, end: number): void;
  /** The payload of a DATA frame is bytes[start, end): where it was read, so that who only counts makes no views. */
  protected abstract onPayload(stream: number, flags: number, bytes: Buffer, start: number, end: number): void;
  /** The server has reset the stream. */
  protected abstract onReset(stream: number): void;
  /** The connection is gone. */
  protected abstract onClosed(): void;

  get sentBytes(): number {
    return this.#socket.bytesWritten;
  }

  get receivedBytes(): number {
    return this.#socket.bytesRead;
  }

  close(): void {
    this.#flush();
    this.#socket.destroy();
  }

  onFrame(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at + 3] as number;
    const flags = bytes[at + 4] as number;
    const stream = uint31At(bytes, at + 5);
    const start = at + FRAME_HEADER_BYTES;
    if (type === FrameType.DATA) this.#onData(stream, flags, bytes, start, end);
    else if (type === FrameType.HEADERS)
      this.onHeaderBlock(stream, flags, bytes, start + ((flags & Flag.PRIORITY) === 0 ? 0 : 5), end);
    else if (type === FrameType.RST_STREAM) this.onReset(stream);
    else if (type === FrameType.GOAWAY) this.#socket.destroy();
    else if (type === FrameType.SETTINGS && (flags & Flag.ACK) === 0) this.frame(type, Flag.ACK, 0, NOTHING);
    else if (type === FrameType.PING && (flags & Flag.ACK) === 0)
      this.frame(type, Flag.ACK, 0, bytes.subarray(start, end));
  }

  protected nextStream(): number {
    const id = this.#nextStream;
    this.#nextStream += 2;
    return id;
  }

  /** Sends one frame, which must not be longer than every server takes. */
  protected frame(type: number, flags: number, stream: number, payload: Uint8Array): void {
    this.#reserve(FRAME_HEADER_BYTES + payload.length);
    this.#at = putFrameHeader(this.#slab, this.#at, payload.length, (type << 8) | flags, stream);
    this.#put(payload);
  }

  /** Sends DATA, with `prefix` before it, in as many frames as it takes. */
  protected data(stream: number, prefix: Uint8Array, body: Uint8Array, isEnd: boolean): void {
    const end = isEnd ? Flag.END_STREAM : 0;
    const first = Math.min(body.length, MIN_MAX_FRAME_BYTES - prefix.length);
    const size = prefix.length + first;
    this.#reserve(FRAME_HEADER_BYTES + size);
    const isWhole = first === body.length;
    const flags = isWhole ? end : 0;
    this.#at = putFrameHeader(this.#slab, this.#at, size, (FrameType.DATA << 8) | flags, stream);
    this.#put(prefix);
    this.#put(isWhole ? body : body.subarray(0, first));
    for (let at = first; at < body.length; at += MIN_MAX_FRAME_BYTES) {
      const piece = body.subarray(at, at + MIN_MAX_FRAME_BYTES);
      this.frame(FrameType.DATA, at + piece.length === body.length ? end : 0, stream, piece);
    }
  }

  #greet(): void {
    const settings = Buffer.alloc(12);
    settings.writeUInt16BE(Setting.ENABLE_PUSH, 0);
    settings.writeUInt16BE(Setting.INITIAL_WINDOW_SIZE, 6);
    settings.writeUInt32BE(MAX_WINDOW_BYTES, 8);
    this.#reserve(CLIENT_PREFACE.length);
    this.#put(CLIENT_PREFACE);
    this.frame(FrameType.SETTINGS, 0, 0, settings);
    this.#credit(MAX_WINDOW_BYTES - 65_535);
  }

  #onData(stream: number, flags: number, bytes: Buffer, start: number, end: number): void {
    this.#uncreditedBytes += end - start;
    if (this.#uncreditedBytes >= CREDIT_BYTES) {
      this.#credit(this.#uncreditedBytes);
      this.#uncreditedBytes = 0;
    }
    this.onPayload(stream, flags, bytes, start, end);
  }

  #credit(sizeBytes: number): void {
    const payload = Buffer.allocUnsafe(4);
    putUint32(payload, 0, sizeBytes);
    this.frame(FrameType.WINDOW_UPDATE, 0, 0, payload);
  }

  #end(): void {
    this.isClosed = true;
    this.onClosed();
  }

  #put(bytes: Uint8Array): void {
    this.#slab.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #reserve(sizeBytes: number): void {
    if (this.#at + sizeBytes > this.#slab.length) {
      this.#flush();
      this.#slab = Buffer.allocUnsafeSlow(Math.max(sizeBytes, SLAB_BYTES));
      this.#start = 0;
      this.#at = 0;
    }
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#at === this.#start) return;
    this.#socket.write(this.#slab.subarray(this.#start, this.#at));
    this.#start = this.#at;
  }
}
