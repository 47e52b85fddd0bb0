import { crc32 } from 'node:zlib';
import { allocateBytes } from '../base/bytes.ts';
import { type Clock, DiskError, type DiskFile } from '../io/doors.ts';
import type { StoredBytes } from '../storage/machine/machine.ts';
import { pause } from './deadline.ts';
import { MEMBER_LIMITS } from './limits.ts';

/**
 * The values of a checkpoint while they are in its file only, which has no name any more. Who asks for one has its piece read at once; the
 * others follow one after the other, and then the file is closed. They were whole when the member started: one that is not any more, or cannot be
 * read, is a failure of the disk, as one of the log is.
 */
export class StoredValues {
  readonly #file: DiskFile;
  readonly #path: string;
  #pieces: StoredPiece[] = [];
  #onFailure: (error: unknown) => void = () => undefined;
  #reading: Promise<void> | undefined;
  #isClosed = false;

  constructor(file: DiskFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** `checksum`: the CRC-32 of the bytes. */
  piece(offset: number, sizeBytes: number, checksum: number): StoredBytes {
    const piece = new StoredPiece(sizeBytes, {
      readNow: (into) => this.#checked(offset, into, checksum, this.#file.readIntoNow(offset, into)),
      read: async (into) => this.#checked(offset, into, checksum, await this.#file.readInto(offset, into)),
      onFailure: (error) => this.#onFailure(error),
    });
    if (sizeBytes > 0) this.#pieces.push(piece);
    return piece;
  }

  /** Reads what nobody has asked for yet, slowly, and closes the file. `onFailure` hears of everything that could not be read, by then or before. */
  readAll(clock: Clock, onFailure: (error: unknown) => void): void {
    this.#onFailure = onFailure;
    this.#reading ??= this.#readAll(clock).catch((error: unknown) => {
      if (!this.#isClosed) onFailure(error);
    });
  }

  /** Nobody may ask for a value afterwards that is not in memory. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#reading;
    await this.#file.close();
  }

  async #readAll(clock: Clock): Promise<void> {
    for (const piece of this.#pieces) {
      if (this.#isClosed) return;
      if (!piece.isWanted) continue;
      await piece.read();
      await pause(clock, MEMBER_LIMITS.storedValuesPauseMs);
    }
    this.#pieces = [];
    if (!this.#isClosed) await this.#file.close();
  }

  #checked(offset: number, bytes: Uint8Array, checksum: number, length: number): void {
    if (length !== bytes.length || crc32(bytes) !== checksum)
      throw new DiskError(
        'CORRUPT',
        this.#path,
        `the values at ${offset} were whole at the start, and are not any more`,
      );
  }
}

/** Fill `into`. Errors: DiskError. */
interface PieceReader {
  readonly readNow: (into: Uint8Array) => void;
  readonly read: (into: Uint8Array) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

class StoredPiece implements StoredBytes {
  readonly sizeBytes: number;
  readonly #reader: PieceReader;
  #bytes: Uint8Array | undefined;
  #isDropped = false;

  constructor(sizeBytes: number, reader: PieceReader) {
    this.sizeBytes = sizeBytes;
    this.#reader = reader;
  }

  /** Errors: DiskError, of which who is responsible has been told. */
  get bytes(): Uint8Array {
    return this.#bytes ?? this.#readNow();
  }

  get isWanted(): boolean {
    return this.#bytes === undefined && !this.#isDropped;
  }

  drop(): void {
    this.#isDropped = true;
    this.#bytes = undefined;
  }

  async read(): Promise<void> {
    const bytes = allocateBytes(this.sizeBytes);
    await this.#reader.read(bytes);
    if (this.isWanted) this.#bytes = bytes;
  }

  #readNow(): Uint8Array {
    const bytes = allocateBytes(this.sizeBytes);
    try {
      this.#reader.readNow(bytes);
    } catch (error) {
      this.#reader.onFailure(error);
      throw error;
    }
    if (!this.#isDropped) this.#bytes = bytes;
    return bytes;
  }
}
