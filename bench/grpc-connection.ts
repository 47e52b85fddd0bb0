import { connect, type Socket } from 'node:net';
import { Flag, FrameType, putUint32, uint24At } from '../http2/protocol.ts';
import { FrameConnection } from './frame-connection.ts';

/** What is told of one call. */
export interface CallEvents {
  /** One message of the answer is bytes[start, end), without gRPC's five bytes; only valid during the call. */
  onMessage(bytes: Buffer, start: number, end: number): void;
  /** The call is over; `status` is gRPC's, 2 (UNKNOWN) when the connection or the stream broke. */
  onEnd(status: number): void;
}

const UNKNOWN = 2;
const GRPC_PREFIX_BYTES = 5;

interface OpenCall {
  readonly events: CallEvents;
  /** The parts of a message that earlier frames brought, and their size. */
  parts: Buffer[];
  partBytes: number;
  /** Where the message under way ends, once its five bytes are here. */
  endBytes: number;
}

/** The calls of a load generator of gRPC. */
export class GrpcConnection extends FrameConnection {
  readonly #calls = new Map<number, OpenCall>();
  readonly #blocks = new Map<string, Buffer>();
  readonly #authority: string;
  /** The five bytes before a message: not compressed, and its length. */
  readonly #prefix = Buffer.alloc(GRPC_PREFIX_BYTES);

  private constructor(socket: Socket, authority: string) {
    super(socket);
    this.#authority = authority;
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

  /** Sends one message and half-closes. */
  unary(path: string, message: Uint8Array, events: CallEvents): void {
    this.send(this.stream(path, events), message, { isLast: true });
  }

  /** Opens a call whose messages are sent with `send`; returns its stream id. */
  stream(path: string, events: CallEvents): number {
    const id = this.nextStream();
    if (this.isClosed) {
      queueMicrotask(() => events.onEnd(UNKNOWN));
      return id;
    }
    this.#calls.set(id, { events, parts: [], partBytes: 0, endBytes: GRPC_PREFIX_BYTES });
    this.frame(FrameType.HEADERS, Flag.END_HEADERS, id, this.#blockOf(path));
    return id;
  }

  send(stream: number, message: Uint8Array, { isLast = false }: { readonly isLast?: boolean } = {}): void {
    putUint32(this.#prefix, 1, message.length);
    this.data(stream, this.#prefix, message, isLast);
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

  protected override onHeaderBlock(stream: number, flags: number, bytes: Buffer, start: number, end: number): void {
    this.hpack.decode(bytes, start, end);
    if ((flags & Flag.END_STREAM) === 0) return;
    let status = UNKNOWN;
    for (let i = 0; i < this.hpack.count; i++) {
      const field = this.hpack.fields[i];
      if (field?.name === 'grpc-status') status = Number(field.value);
    }
    this.#finish(stream, status);
  }

  protected override onPayload(stream: number, _flags: number, bytes: Buffer, start: number, end: number): void {
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    const at = call.partBytes === 0 ? messagesIn(call.events, bytes, start, end) : start;
    if (at === end) return;
    call.parts.push(bytes.subarray(at, end));
    call.partBytes += end - at;
    if (call.partBytes >= call.endBytes) this.#onMessages(call);
  }

  protected override onReset(stream: number): void {
    this.#finish(stream, UNKNOWN);
  }

  protected override onClosed(): void {
    for (const stream of [...this.#calls.keys()]) this.#finish(stream, UNKNOWN);
  }

  /** Large messages come in many frames: they are put together once, when they are whole. */
  #onMessages(call: OpenCall): void {
    const bytes = call.parts.length === 1 ? (call.parts[0] as Buffer) : Buffer.concat(call.parts);
    const at = messagesIn(call.events, bytes, 0, bytes.length);
    call.partBytes = bytes.length - at;
    call.parts = call.partBytes === 0 ? [] : [bytes.subarray(at)];
    call.endBytes = call.partBytes < GRPC_PREFIX_BYTES ? GRPC_PREFIX_BYTES : messageEnd(bytes, at) - at;
  }

  #finish(stream: number, status: number): void {
    const call = this.#calls.get(stream);
    this.#calls.delete(stream);
    call?.events.onEnd(status);
  }
}

/** Tells of the messages that are whole in bytes[start, end); returns where the first that is not begins. */
function messagesIn(events: CallEvents, bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (end - at >= GRPC_PREFIX_BYTES) {
    const next = messageEnd(bytes, at);
    if (next > end) break;
    events.onMessage(bytes, at + GRPC_PREFIX_BYTES, next);
    at = next;
  }
  return at;
}

/** Where the message ends whose five bytes are at `at`. */
function messageEnd(bytes: Buffer, at: number): number {
  return at + GRPC_PREFIX_BYTES + (((bytes[at + 1] as number) << 24) | uint24At(bytes, at + 2));
}
