import { allocateBytes, concatBytes } from '../../base/bytes.ts';
import { crc32c } from '../../base/crc32c.ts';

/** Length of the payload and its CRC-32C, 4 bytes each, little-endian. */
export const FRAME_HEADER_BYTES = 8;

/** Why bytes on a peer connection are not frames. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: 'TOO_LONG' | 'CHECKSUM';
  constructor(code: 'TOO_LONG' | 'CHECKSUM', detail: string) {
    super(detail);
    this.code = code;
  }
}

/** The parts of one frame, to be written one after the other. */
export function framed(payload: Uint8Array): readonly Uint8Array[] {
  const header = allocateBytes(FRAME_HEADER_BYTES);
  writeUint32(header, 0, payload.length);
  writeUint32(header, 4, crc32c(payload));
  return [header, payload];
}

/** Cuts a stream of bytes into the payloads of its frames. Never holds more than one frame of the greatest size and one chunk. */
export class FrameReader {
  readonly #maxPayloadBytes: number;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor(maxPayloadBytes: number) {
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  /** The payloads that `chunk` completes. Errors: FrameError, after which the connection must be closed. */
  read(chunk: Uint8Array): readonly Uint8Array[] {
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    const payloads: Uint8Array[] = [];
    for (let payload = this.#next(); payload !== undefined; payload = this.#next()) payloads.push(payload);
    return payloads;
  }

  #next(): Uint8Array | undefined {
    if (this.#waitingBytes < FRAME_HEADER_BYTES) return undefined;
    const header = this.#peek(FRAME_HEADER_BYTES);
    const length = readUint32(header, 0);
    if (length > this.#maxPayloadBytes) {
      throw new FrameError('TOO_LONG', `a frame of ${length} bytes; at most ${this.#maxPayloadBytes} are allowed`);
    }
    if (this.#waitingBytes < FRAME_HEADER_BYTES + length) return undefined;
    const frame = this.#peek(FRAME_HEADER_BYTES + length);
    const payload = frame.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + length);
    if (crc32c(payload) !== readUint32(frame, 4))
      throw new FrameError('CHECKSUM', 'a frame whose checksum does not match');
    this.#skip(FRAME_HEADER_BYTES + length);
    return payload;
  }

  /** The first chunk, after joining chunks until it holds `sizeBytes`. */
  #peek(sizeBytes: number): Uint8Array {
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= sizeBytes) return first;
    const joined = concatBytes(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }

  #skip(sizeBytes: number): void {
    const first = this.#chunks[0];
    if (first === undefined) return;
    if (first.length === sizeBytes) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(sizeBytes);
    this.#waitingBytes -= sizeBytes;
  }
}

function writeUint32(target: Uint8Array, offset: number, value: number): void {
  for (let i = 0; i < 4; i++) target[offset + i] = value >>> (8 * i);
}

function readUint32(bytes: Uint8Array, offset: number): number {
  let value = 0;
  for (let i = 3; i >= 0; i--) value = (value << 8) | (bytes[offset + i] ?? 0);
  return value >>> 0;
}
