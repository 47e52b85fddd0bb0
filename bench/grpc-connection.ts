import { connect, type Socket } from 'node:net';
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
  uint24At,
  uint31At,
} from '../http2/protocol.ts';

/** What is told of one call. */
export interface CallEvents {
  /** One message of the answer, without gRPC's five bytes; a view that is only valid during the call. */
  onMessage(message: Uint8Array): void;
  /** The call is over; `status` is gRPC's, 2 (UNKNOWN) when the connection or the stream broke. */
  onEnd(status: number): void;
}

const UNKNOWN = 2;
const GRPC_PREFIX_BYTES = 5;
/** Requests are gathered in pieces of this size. */
const SLAB_BYTES = 64 * 1024;
/** Credit is given back to the server when it has used this much. */
const CREDIT_BYTES = 1024 * 1024;
const HEADERS = FrameType.HEADERS << 8;
const DATA = FrameType.DATA << 8;
const NOTHING = Buffer.alloc(0);

interface OpenCall {
  readonly events: CallEvents;
  /** The parts of a message that earlier frames brought, and their size. */
  parts: Buffer[];
  partBytes: number;
  /** Where the message under way ends, once its five bytes are here. */
  endBytes: number;
}

/**
 * One HTTP/2 connection of a load generator: frames are written and read by hand and everything that is sent within one turn leaves in one
 * write, so that the generator costs a small part of what a server costs. It trusts the server: no limits, receive windows that never
 * end; requests must fit the server's windows.
 */
export class GrpcConnection implements FrameSink {
  readonly #socket: Socket;
  readonly #reader = new FrameReader(this, 'server');
  readonly #hpack = new HpackDecoder();
  readonly #calls = new Map<number, OpenCall>();
  readonly #blocks = new Map<string, Buffer>();
  readonly #authority: string;
  #nextStream = 1;
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** What waits to be written is slab[start, at). */
  #start = 0;
  #at = 0;
  #isFlushDue = false;
  #uncreditedBytes = 0;
  isClosed = false;

  private constructor(socket: Socket, authority: string) {
    this.#socket = socket;
    this.#authority = authority;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#reader.push(chunk));
    socket.on('error', () => this.#end());
    socket.on('close', () => this.#end());
    this.#greet();
  }

  /** Connects to `http://host:port`. Rejects when nobody listens. */
  static open(url: string): Promise<GrpcConnection> {
    const { hostname, port, host } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new GrpcConnection(socket, host));
      });
    });
  }

  get sentBytes(): number {
    return this.#socket.bytesWritten;
  }

  get receivedBytes(): number {
    return this.#socket.bytesRead;
  }

  /** Sends one message and half-closes. */
  unary(path: string, message: Uint8Array, events: CallEvents): void {
    this.send(this.stream(path, events), message, { isLast: true });
  }

  /** Opens a call whose messages are sent with `send`; returns its stream id. */
  stream(path: string, events: CallEvents): number {
    const id = this.#nextStream;
    this.#nextStream += 2;
    if (this.isClosed) {
      queueMicrotask(() => events.onEnd(UNKNOWN));
      return id;
    }
    this.#calls.set(id, { events, parts: [], partBytes: 0, endBytes: GRPC_PREFIX_BYTES });
    const block = this.#blockOf(path);
    this.#reserve(FRAME_HEADER_BYTES + block.length);
    this.#at = putFrameHeader(this.#slab, this.#at, block.length, HEADERS | Flag.END_HEADERS, id);
    this.#at += block.copy(this.#slab, this.#at);
    return id;
  }

  send(stream: number, message: Uint8Array, { isLast = false }: { readonly isLast?: boolean } = {}): void {
    const first = Math.min(message.length, MIN_MAX_FRAME_BYTES - GRPC_PREFIX_BYTES);
    const end = isLast ? Flag.END_STREAM : 0;
    this.#reserve(FRAME_HEADER_BYTES + GRPC_PREFIX_BYTES + first);
    const isWhole = first === message.length;
    this.#at = putFrameHeader(this.#slab, this.#at, GRPC_PREFIX_BYTES + first, DATA | (isWhole ? end : 0), stream);
    this.#slab[this.#at] = 0;
    this.#at = putUint32(this.#slab, this.#at + 1, message.length);
    this.#put(isWhole ? message : message.subarray(0, first));
    for (let at = first; at < message.length; at += MIN_MAX_FRAME_BYTES) {
      const piece = message.subarray(at, at + MIN_MAX_FRAME_BYTES);
      this.#reserve(FRAME_HEADER_BYTES + piece.length);
      const flags = at + piece.length === message.length ? end : 0;
      this.#at = putFrameHeader(this.#slab, this.#at, piece.length, DATA | flags, stream);
      this.#put(piece);
    }
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
    if (type === FrameType.DATA) this.#onData(stream, bytes.subarray(start, end));
    else if (type === FrameType.HEADERS) this.#onHeaders(stream, flags, bytes.subarray(start, end));
    else if (type === FrameType.RST_STREAM) this.#finish(stream, UNKNOWN);
    else if (type === FrameType.GOAWAY) this.#socket.destroy();
    else if (type === FrameType.SETTINGS && (flags & Flag.ACK) === 0) this.#control(FrameType.SETTINGS, NOTHING);
    else if (type === FrameType.PING && (flags & Flag.ACK) === 0)
      this.#control(FrameType.PING, bytes.subarray(start, end));
  }

  #greet(): void {
    const settings = Buffer.alloc(12);
    settings.writeUInt16BE(Setting.ENABLE_PUSH, 0);
    settings.writeUInt16BE(Setting.INITIAL_WINDOW_SIZE, 6);
    settings.writeUInt32BE(MAX_WINDOW_BYTES, 8);
    this.#reserve(CLIENT_PREFACE.length + 2 * FRAME_HEADER_BYTES + settings.length + 4);
    this.#at += CLIENT_PREFACE.copy(this.#slab, this.#at);
    this.#at = putFrameHeader(this.#slab, this.#at, settings.length, FrameType.SETTINGS << 8, 0);
    this.#at += settings.copy(this.#slab, this.#at);
    this.#credit(MAX_WINDOW_BYTES - 65_535);
  }

  /** `:method POST`, `:scheme http`, path, authority, content-type and te as literals that enter no table (RFC 7541 §6.2.2). */
  #blockOf(path: string): Buffer {
    const known = this.#blocks.get(path);
    if (known !== undefined) return known;
    const literal = (head: readonly number[], text: string): Buffer =>
      Buffer.concat([Buffer.from([...head, text.length]), Buffer.from(text, 'latin1')]);
    const named = (name: string, value: string): Buffer => Buffer.concat([literal([0x00], name), literal([], value)]);
    const block = Buffer.concat([
      Buffer.from([0x83, 0x86]),
      literal([0x04], path),
      literal([0x01], this.#authority),
      literal([0x0f, 0x10], 'application/grpc'),
      named('te', 'trailers'),
    ]);
    this.#blocks.set(path, block);
    return block;
  }

  #onHeaders(stream: number, flags: number, block: Uint8Array): void {
    this.#hpack.decode(block, 0, block.length);
    if ((flags & Flag.END_STREAM) === 0) return;
    let status = UNKNOWN;
    for (let i = 0; i < this.#hpack.count; i++) {
      const field = this.#hpack.fields[i];
      if (field?.name === 'grpc-status') status = Number(field.value);
    }
    this.#finish(stream, status);
  }

  #onData(stream: number, payload: Buffer): void {
    this.#uncreditedBytes += payload.length;
    if (this.#uncreditedBytes >= CREDIT_BYTES) {
      this.#credit(this.#uncreditedBytes);
      this.#uncreditedBytes = 0;
    }
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    call.parts.push(payload);
    call.partBytes += payload.length;
    if (call.partBytes >= call.endBytes) this.#onMessages(call);
  }

  /** Large messages come in many frames: they are put together once, when they are whole. */
  #onMessages(call: OpenCall): void {
    let bytes = call.parts.length === 1 ? (call.parts[0] as Buffer) : Buffer.concat(call.parts);
    call.endBytes = GRPC_PREFIX_BYTES;
    while (bytes.length >= GRPC_PREFIX_BYTES) {
      const end = GRPC_PREFIX_BYTES + (((bytes[1] as number) << 24) | uint24At(bytes, 2));
      if (bytes.length < end) {
        call.endBytes = end;
        break;
      }
      call.events.onMessage(bytes.subarray(GRPC_PREFIX_BYTES, end));
      bytes = bytes.subarray(end);
    }
    call.parts = bytes.length === 0 ? [] : [bytes];
    call.partBytes = bytes.length;
  }

  #finish(stream: number, status: number): void {
    const call = this.#calls.get(stream);
    this.#calls.delete(stream);
    call?.events.onEnd(status);
  }

  #end(): void {
    this.isClosed = true;
    for (const stream of [...this.#calls.keys()]) this.#finish(stream, UNKNOWN);
  }

  #credit(sizeBytes: number): void {
    this.#reserve(FRAME_HEADER_BYTES + 4);
    this.#at = putFrameHeader(this.#slab, this.#at, 4, FrameType.WINDOW_UPDATE << 8, 0);
    this.#at = putUint32(this.#slab, this.#at, sizeBytes);
  }

  /** The acknowledgement of a SETTINGS or PING frame. */
  #control(type: number, payload: Buffer): void {
    this.#reserve(FRAME_HEADER_BYTES + payload.length);
    this.#at = putFrameHeader(this.#slab, this.#at, payload.length, (type << 8) | Flag.ACK, 0);
    this.#at += payload.copy(this.#slab, this.#at);
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
