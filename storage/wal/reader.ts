import { FRAME_ALIGNMENT, frameBodyAt, frameBytes, frameHeaderAt } from './frame.ts';
import { decodePrologue, PROLOGUE_BYTES, type Prologue } from './prologue.ts';
import { decodeRecords, type WalRecord } from './records.ts';
import { corrupt } from './wal-error.ts';

/** What a segment's bytes say. */
export interface SegmentContent {
  readonly prologue: Prologue;
  readonly records: readonly WalRecord[];
  /** Where the next frame goes. */
  readonly endBytes: number;
  /** The segment's head is its only frame. */
  readonly isFresh: boolean;
  /** The segment is complete and has, or is about to get, a successor. */
  readonly isSealed: boolean;
  /** Where the last byte behind `endBytes` that is not zero ends: a torn tail to be zeroed; 0 = none. */
  readonly tornEndBytes: number;
}

/**
 * Reads a segment. `isLast`: it may end in a write that a crash has torn; every other one is complete, or it is refused.
 *
 * A damaged frame at the end is a torn write unless something proves that it was durable once: a later frame whose header says
 * so. (Frames that were written together may reach the disk in any order, so a valid frame behind a damaged one proves nothing by
 * itself.) Errors: CORRUPT, FORMAT.
 */
export function readSegment(bytes: Buffer, file: string, place: { sequence: number; isLast: boolean }): SegmentContent {
  const prologue = decodePrologue(bytes, file, place.sequence);
  const { records, endBytes, isSealed, isFresh } = readFrames(bytes, file, prologue);
  if (endBytes === PROLOGUE_BYTES) throw corrupt(file, endBytes, 'the first record of the segment is damaged');
  if (isSealed) return { prologue, records, endBytes, isSealed, isFresh, tornEndBytes: 0 };
  if (!place.isLast)
    throw corrupt(file, endBytes, 'a record is damaged, and a later segment proves that it was durable');
  const tornEndBytes = endOfContent(bytes, endBytes);
  const proof = proofOfDurability(bytes, { from: endBytes, to: tornEndBytes, prologue });
  if (proof !== undefined) {
    throw corrupt(file, endBytes, `a record is damaged, and the one at byte ${proof} proves that it was durable`);
  }
  return { prologue, records, endBytes, isSealed, isFresh, tornEndBytes };
}

function readFrames(
  bytes: Buffer,
  file: string,
  prologue: Prologue,
): Pick<SegmentContent, 'records' | 'endBytes' | 'isSealed' | 'isFresh'> {
  const records: WalRecord[] = [];
  let at = PROLOGUE_BYTES;
  for (let frames = 0; ; frames++) {
    const header = frameHeaderAt(bytes, at, prologue);
    const body = header && frameBodyAt(bytes, at, prologue, header);
    if (header === undefined || body === undefined)
      return { records, endBytes: at, isSealed: false, isFresh: frames === 1 };
    const decoded = decodeRecords(body);
    if (decoded === undefined) throw corrupt(file, at, 'a record with a good checksum has no known meaning');
    for (const record of decoded) records.push(record);
    at += frameBytes(header);
    if (decoded.at(-1)?.type === 'seal') return { records, endBytes: at, isSealed: true, isFresh: false };
  }
}

const ZEROS = Buffer.alloc(64 * 1024);

/** Where the last byte that is not zero ends, 0 when there is none from `from` on. */
function endOfContent(bytes: Buffer, from: number): number {
  let end = bytes.length;
  while (end > from) {
    const start = Math.max(from, end - ZEROS.length);
    if (bytes.compare(ZEROS, 0, end - start, start, end) !== 0) break;
    end = start;
  }
  while (end > from && bytes[end - 1] === 0) end--;
  return end > from ? end : 0;
}

/** The offset of a frame that says that more than `from` bytes were durable; undefined when there is none. */
function proofOfDurability(bytes: Buffer, range: { from: number; to: number; prologue: Prologue }): number | undefined {
  for (let at = range.from; at < range.to; at += FRAME_ALIGNMENT) {
    const header = frameHeaderAt(bytes, at, range.prologue);
    if (header !== undefined && header.durableBytes > range.from) return at;
  }
  return undefined;
}
