import { crc32c } from '../../base/crc32c.ts';
import { SNAPSHOT_LIMITS } from './limits.ts';

const { pieceBytes } = SNAPSHOT_LIMITS;

/** CRC-32C of every piece of a file, taken while it is written, so that any part of it can be checked when it is read. */
export class PieceChecksums {
  readonly #checksums: number[] = [];
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The next bytes of the file. */
  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const piece = Math.floor(this.#sizeBytes / pieceBytes);
      const end = Math.min(bytes.length, at + pieceBytes - (this.#sizeBytes % pieceBytes));
      this.#checksums[piece] = crc32c(bytes.subarray(at, end), this.#checksums[piece] ?? 0);
      this.#sizeBytes += end - at;
      at = end;
    }
  }

  /** The whole pieces that hold [from, to). */
  around(from: number, to: number): { readonly start: number; readonly end: number } {
    const start = Math.floor(from / pieceBytes) * pieceBytes;
    return { start, end: Math.max(start, Math.min(this.#sizeBytes, Math.ceil(to / pieceBytes) * pieceBytes)) };
  }

  /** Whether these are the bytes that were written from `start` on; `start` and their end are those of pieces. */
  fits(start: number, bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes);
      if (crc32c(piece) !== this.#checksums[(start + at) / pieceBytes]) return false;
    }
    return true;
  }
}
