import { EMPTY_BYTES } from '../../base/bytes.ts';
import { GATEWAY_LIMITS } from '../gateway/limits.ts';

/** What a frame carries. Source: RFC 6455 §5.2. */
export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

/** Why a connection is closed. Source: RFC 6455 §7.4.1. */
export const CloseCode = { NORMAL: 1000, PROTOCOL_ERROR: 1002, TOO_BIG: 1009 } as const;

/** A client that breaks the protocol, and what it is told. */
export class WebSocketError extends Error {
  override readonly name = 'WebSocketError';
  readonly closeCode: number;

  constructor(closeCode: number, text: string) {
    super(text);
    this.closeCode = closeCode;
  }
}

/** A message put together from its fragments, or a control frame. */
export interface Received {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** What a control frame may carry, in bytes (RFC 6455 §5.5). */
const MAX_CONTROL_BYTES = 125;

const IS_LAST = 0x80;
const RESERVED = 0x70;
const IS_MASKED = 0x80;

/**
 * Reads what a client sends: bytes in, messages and control frames out. A message is bounded by GATEWAY_LIMITS.maxValueBytes, fragments
 * together. Errors: WebSocketError.
 */
export class FrameReader {
  #unread: Buffer = Buffer.from(EMPTY_BYTES);
  #fragments: Buffer[] = [];
  #fragmentBytes = 0;
  /** Of the message whose fragments come; undefined between messages. */
  #opcode: number | undefined;

  push(bytes: Buffer): Received[] {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    const received: Received[] = [];
    for (let frame = this.#frame(); frame !== undefined; frame = this.#frame()) {
      const whole = this.#put(frame);
      if (whole !== undefined) received.push(whole);
    }
    return received;
  }

  #frame(): { readonly opcode: number; readonly isLast: boolean; readonly payload: Buffer } | undefined {
    const bytes = this.#unread;
    if (bytes.length < 2) return undefined;
    const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)];
    if ((first & RESERVED) !== 0) throw new WebSocketError(CloseCode.PROTOCOL_ERROR, 'reserved bits are set');
    if ((second & IS_MASKED) === 0) throw new WebSocketError(CloseCode.PROTOCOL_ERROR, 'a client must mask its frames');
    const short = second & ~IS_MASKED;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const headBytes = 2 + lengthBytes + 4;
    if (bytes.length < headBytes) return undefined;
    const length = lengthOf(bytes, short);
    const opcode = first & 0x0f;
    this.#check(opcode, length, (first & IS_LAST) !== 0);
    if (bytes.length < headBytes + length) return undefined;
    const payload = unmasked(bytes.subarray(headBytes, headBytes + length), bytes.subarray(headBytes - 4, headBytes));
    this.#unread = bytes.subarray(headBytes + length);
    return { opcode, isLast: (first & IS_LAST) !== 0, payload };
  }

  /** Before the payload is waited for. */
  #check(opcode: number, length: number, isLast: boolean): void {
    if (opcode >= Opcode.CLOSE) {
      if (opcode > Opcode.PONG || !isLast || length > MAX_CONTROL_BYTES) {
        throw new WebSocketError(CloseCode.PROTOCOL_ERROR, 'a malformed control frame');
      }
      return;
    }
    const continues = opcode === Opcode.CONTINUATION;
    if (opcode > Opcode.BINARY || continues !== (this.#opcode !== undefined)) {
      throw new WebSocketError(CloseCode.PROTOCOL_ERROR, 'a fragment out of order');
    }
    if (this.#fragmentBytes + length > GATEWAY_LIMITS.maxValueBytes) {
      throw new WebSocketError(CloseCode.TOO_BIG, 'the message is too large');
    }
  }

  #put(frame: { readonly opcode: number; readonly isLast: boolean; readonly payload: Buffer }): Received | undefined {
    if (frame.opcode >= Opcode.CLOSE) return frame;
    this.#opcode ??= frame.opcode;
    this.#fragments.push(frame.payload);
    this.#fragmentBytes += frame.payload.length;
    if (!frame.isLast) return undefined;
    const message = { opcode: this.#opcode, payload: Buffer.concat(this.#fragments) };
    this.#opcode = undefined;
    this.#fragments = [];
    this.#fragmentBytes = 0;
    return message;
  }
}

/** One whole frame of a server, which masks nothing. */
export function frame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 0x10000 ? 4 : 10);
  head.writeUInt8(IS_LAST | opcode, 0);
  if (length < 126) head.writeUInt8(length, 1);
  else if (length < 0x10000) {
    head.writeUInt8(126, 1);
    head.writeUInt16BE(length, 2);
  } else {
    head.writeUInt8(127, 1);
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

/** The payload of a close frame. */
export function closePayload(code: number, text = ''): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(text));
  payload.writeUInt16BE(code, 0);
  payload.write(text, 2);
  return payload;
}

function lengthOf(bytes: Buffer, short: number): number {
  if (short === 126) return bytes.readUInt16BE(2);
  if (short !== 127) return short;
  const length = bytes.readBigUInt64BE(2);
  return length > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(length);
}

function unmasked(masked: Buffer, key: Buffer): Buffer {
  const payload = Buffer.allocUnsafe(masked.length);
  for (let i = 0; i < masked.length; i++) payload[i] = (masked[i] as number) ^ (key[i & 3] as number);
  return payload;
}
