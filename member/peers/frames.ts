import { allocateBytes, concatBytes } from '../../base/bytes.ts';
import { crc32 } from '../../base/crc32.ts';
import { crc32c } from '../../base/crc32c.ts';

/**
 * Length of the payload and its checksum, 4 bytes each, little-endian. The checksum is CRC-32 where the length's highest bit is set, which members
 * know from revision 1 of the protocol on, and CRC-32C where it is not.
 */
export const FRAME_HEADER_BYTES = 8;
const IS_CRC32 = 2 ** 31;

/** Why bytes on a peer connection are not frames. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: 'TOO_LONG' | 'CHECKSUM';
  constructor(code: 'TOO_LONG' | 'CHECKSUM', detail: string) {
    super(detail);
    this.code = code;
  }
}

/** The parts of one frame around the parts of its payload, to be written one after the other. `revision`: what the other side understands; 0 is safe. */
export function framed(revision: number, ...payload: readonly Uint8Array[]): readonly Uint8Array[] {
  const checksum = revision > 0 ? crc32 : crc32c;
  const header = allocateBytes(FRAME_HEADER_BYTES);
  let sizeBytes = 0;
  let sum = 0;
  for (const part of payload) {
    sizeBytes += part.length;
    sum = checksum(part, sum);
  }
  writeUint32(header, 0, revision > 0 ? sizeBytes + IS_CRC32 : sizeBytes);
  writeUint32(header, 4, sum);
  return [header, ...payload];
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
    const first = readUint32(header, 0);
    const isCrc32 = first >= IS_CRC32;
    const length = isCrc32 ? first - IS_CRC32 : first;
    if (length > this.#maxPayloadBytes) {
      throw new FrameError('TOO_LONG', `a frame of ${length} bytes; at most ${this.#maxPayloadBytes} are allowed`);
    }
    if (this.#waitingBytes < FRAME_HEADER_BYTES + length) return undefined;
    const frame = this.#peek(FRAME_HEADER_BYTES + length);
    const payload = frame.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + length);
    if ((isCrc32 ? crc32(payload) : crc32c(payload)) !== readUint32(frame, 4))
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
