import { join } from 'node:path';
import { assert } from '../../base/assert.ts';
import { crc32c } from '../../base/crc32c.ts';
import type { Disk, DiskFile } from '../../io/doors.ts';
import { encodeFrame, sizeOfFrame } from './frame.ts';
import { encodePrologue, PROLOGUE_BYTES, type Prologue, segmentName } from './prologue.ts';
import type { WalRecords } from './records.ts';

/** The file that will be the next segment; never read, so a crash may leave anything in it. */
export const NEXT_SEGMENT_NAME = 'next.tmp';

/** Kept free in every segment for the seal. */
export const SEAL_BYTES = sizeOfFrame({ seal: true });

/** Sizes of a log's files, in bytes, and what its segments share. */
export interface SegmentOptions {
  readonly segmentBytes: number;
  readonly allocateStepBytes: number;
  /** Of the segments that are made. */
  readonly version: number;
  readonly scratch: Scratch;
}

/** Batches up to this size are assembled in a buffer that is used again. */
const MAX_SCRATCH_BYTES = 1024 * 1024;

/** The buffer in which a log assembles what it writes; its content is done with when the write is. */
export class Scratch {
  #buffer = Buffer.alloc(0);

  take(sizeBytes: number): Buffer {
    if (sizeBytes > MAX_SCRATCH_BYTES) return Buffer.allocUnsafeSlow(sizeBytes);
    if (sizeBytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(sizeBytes)));
    return this.#buffer;
  }
}

/** A file with its space reserved, not yet part of the log. */
export async function prepareSegmentFile(disk: Disk, directory: string, options: SegmentOptions): Promise<DiskFile> {
  const path = join(directory, NEXT_SEGMENT_NAME);
  if (await disk.exists(path)) await disk.remove(path);
  const file = await disk.open(path, 'create', { durableWrites: true });
  await file.allocate(Math.min(options.allocateStepBytes, options.segmentBytes));
  await file.sync();
  return file;
}

/** The prologue after this segment. Its salt follows from the whole history, so that no segment ever had the same in its place. */
export function successorOf(
  prologue: Prologue,
  end: { readonly version: number; readonly endBytes: number; readonly lastIndex: number },
): Prologue {
  const history = Buffer.alloc(24);
  history.writeUInt32LE(prologue.salt, 0);
  history.writeUInt32LE(end.endBytes, 4);
  history.writeBigUInt64LE(BigInt(prologue.sequence), 8);
  history.writeBigUInt64LE(BigInt(end.lastIndex), 16);
  return { version: end.version, sequence: prologue.sequence + 1, salt: crc32c(history), lastIndex: end.lastIndex };
}

/**
 * Makes the prepared file the log's newest segment. `head` repeats what older segments say and must outlive them. When this
 * resolves the segment is durable under its name: a segment that is there is whole up to the end of its head.
 */
export async function startSegment(
  disk: Disk,
  directory: string,
  file: DiskFile,
  segment: { prologue: Prologue; head: WalRecords; options: SegmentOptions },
): Promise<Segment> {
  const { prologue, head, options } = segment;
  const start = Buffer.allocUnsafe(PROLOGUE_BYTES + sizeOfFrame(head));
  encodePrologue(start, prologue);
  encodeFrame(start, PROLOGUE_BYTES, { records: head, prologue, offset: PROLOGUE_BYTES, durableBytes: 0 });
  await file.write(0, [start]);
  await file.sync();
  const path = join(directory, segmentName(prologue.sequence));
  await disk.rename(join(directory, NEXT_SEGMENT_NAME), path);
  await disk.syncDirectory(directory);
  const allocatedBytes = await file.size();
  return new Segment(file, { path, prologue, endBytes: start.length, maxIndex: 0, allocatedBytes, options });
}

/**
 * The segment that is written to. Invariants: `durableBytes` <= `endBytes` <= what is allocated; everything behind `endBytes` is
 * zero; one write or sync at a time (the group commit sees to it), while space is reserved beside them.
 */
export class Segment {
  readonly path: string;
  readonly prologue: Prologue;
  readonly #file: DiskFile;
  readonly #options: SegmentOptions;
  #endBytes: number;
  #durableBytes: number;
  #allocatedBytes: number;
  #growing: Promise<void> | undefined;
  /** The highest index of an entry in this file. */
  maxIndex: number;

  constructor(
    file: DiskFile,
    state: {
      path: string;
      prologue: Prologue;
      endBytes: number;
      maxIndex: number;
      allocatedBytes: number;
      options: SegmentOptions;
    },
  ) {
    this.path = state.path;
    this.prologue = state.prologue;
    this.#file = file;
    this.#options = state.options;
    this.#endBytes = state.endBytes;
    this.#durableBytes = state.endBytes;
    this.#allocatedBytes = state.allocatedBytes;
    this.maxIndex = state.maxIndex;
  }

  get endBytes(): number {
    return this.#endBytes;
  }

  get isDurable(): boolean {
    return this.#durableBytes === this.#endBytes;
  }

  /** Whether a frame of this size may still be written here; a segment that has nothing but its head takes any. */
  hasRoomFor(frameBytes: number, isFirst: boolean): boolean {
    return isFirst || this.#endBytes + frameBytes + SEAL_BYTES <= this.#options.segmentBytes;
  }

  /**
   * Writes one frame for each of `appends`, in order, with a single write. Not durable before sync(), unless `durable` asks for it and
   * nothing before it waits for one: then it is when this resolves.
   */
  write(appends: readonly WalRecords[], { durable = false }: { readonly durable?: boolean } = {}): Promise<void> {
    const isSynced = durable && this.isDurable;
    const size = appends.reduce((sum, records) => sum + sizeOfFrame(records), 0);
    const buffer = this.#options.scratch.take(size);
    let at = 0;
    for (const records of appends) {
      const place = { prologue: this.prologue, offset: this.#endBytes + at, durableBytes: this.#durableBytes };
      at += encodeFrame(buffer, at, { records, ...place });
    }
    assert(at === size, 'a frame has the size that was announced');
    const start = this.#endBytes;
    const write = (): Promise<void> => this.#file.write(start, [buffer.subarray(0, size)], { durable: isSynced });
    const end = start + size;
    const written = end <= this.#allocatedBytes ? write() : this.#reserve(end).then(write);
    return written.then(() => {
      this.#endBytes = end;
      if (isSynced) this.#durableBytes = end;
      this.#growAhead();
    });
  }

  async sync(): Promise<void> {
    const end = this.#endBytes;
    await this.#file.sync();
    this.#durableBytes = end;
  }

  async close(): Promise<void> {
    await this.#growing;
    await this.#file.close();
  }

  /** The writer caught up with the reserved space: it must wait for more. */
  async #reserve(neededBytes: number): Promise<void> {
    if (neededBytes <= this.#allocatedBytes) return;
    await this.#growing;
    if (neededBytes > this.#allocatedBytes) await this.#grow(neededBytes);
  }

  /** Reserves the next step in the background before it is needed. A failure (no space) is met again by the write that needs it. */
  #growAhead(): void {
    const { segmentBytes, allocateStepBytes } = this.#options;
    const isNear = this.#endBytes + allocateStepBytes / 2 > this.#allocatedBytes;
    if (!isNear || this.#allocatedBytes >= segmentBytes || this.#growing !== undefined) return;
    this.#growing = this.#grow(this.#allocatedBytes + 1)
      .catch(() => undefined)
      .finally(() => {
        this.#growing = undefined;
      });
  }

  async #grow(neededBytes: number): Promise<void> {
    const step = this.#options.allocateStepBytes;
    const size = Math.ceil(neededBytes / step) * step;
    await this.#file.allocate(size);
    this.#allocatedBytes = size;
  }
}
