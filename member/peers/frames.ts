import { allocateBytes, concatBytes } from '../../base/bytes.ts';
import { crc32 } from '../../base/crc32.ts';
import { crc32c } from '../../base/crc32c.ts';

/** Length of the payload and its checksum, 4 bytes each, little-endian. A hello's is CRC-32C, as it was when there was no other; then CRC-32. */
export const FRAME_HEADER_BYTES = 8;

type Checksum = (bytes: Uint8Array, previous?: number) => number;

/** Why bytes on a peer connection are not frames. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: 'TOO_LONG' | 'CHECKSUM';
  constructor(code: 'TOO_LONG' | 'CHECKSUM', detail: string) {
    super(detail);
    this.code = code;
  }
}

/** The parts of one frame around the parts of its payload, to be written one after the other. */
export function framed(...payload: readonly Uint8Array[]): readonly Uint8Array[] {
  return around(payload, crc32);
}

/** The same for the first frame of a side, which members of all versions understand. */
export function framedHello(payload: Uint8Array): readonly Uint8Array[] {
  return around([payload], crc32c);
}

function around(payload: readonly Uint8Array[], checksum: Checksum): readonly Uint8Array[] {
  const header = allocateBytes(FRAME_HEADER_BYTES);
  let sizeBytes = 0;
  let sum = 0;
  for (const part of payload) {
    sizeBytes += part.length;
    sum = checksum(part, sum);
  }
  writeUint32(header, 0, sizeBytes);
  writeUint32(header, 4, sum);
  return [header, ...payload];
}

/** Cuts a stream of bytes into the payloads of its frames. Never holds more than one frame of the greatest size and one chunk. */
export class FrameReader {
  readonly #maxPayloadBytes: number;
  #checksum: Checksum = crc32c;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor(maxPayloadBytes: number) {
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  /** The hello was understood: what follows is not one. */
  greeted(): void {
    this.#checksum = crc32;
  }

  /** Hands over the payloads that `chunk` completes, one after the other. Errors: FrameError, after which the connection must be closed. */
  read(chunk: Uint8Array, onPayload: (payload: Uint8Array) => void): void {
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    for (let payload = this.#next(); payload !== undefined; payload = this.#next()) onPayload(payload);
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
    if (this.#checksum(payload) !== readUint32(frame, 4))
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
