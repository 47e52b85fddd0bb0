import { dirname, join } from 'node:path';
import { compareBytes } from '../../base/bytes.ts';
import { crc32c } from '../../base/crc32c.ts';
import type { Disk } from '../../io/doors.ts';
import { segmentName, sequenceOf } from './prologue.ts';
import { readSegment, type SegmentContent } from './reader.ts';
import { NO_SNAPSHOT, NO_STATE, Replay } from './replay.ts';
import { prepareSegmentFile, Segment, type SegmentOptions, startSegment, successorOf } from './segment.ts';
import { type SealedSegment, SegmentedWal, segmentOptions, type WalOptions } from './segmented-wal.ts';
import type { Wal, WalContent } from './wal.ts';
import { corrupt, WalError } from './wal-error.ts';

const ZEROS = new Uint8Array(64 * 1024);

/** Whether `dir` has a log; false when the directory does not exist. */
export async function walExists(disk: Disk, dir: string): Promise<boolean> {
  return (await disk.exists(dir)) && (await sequencesIn(disk, dir)).length > 0;
}

/**
 * Makes a new log in `dir` (made if need be) for the member that `metadata` describes; openWal gives those bytes back. Durable when it
 * resolves; a crash before leaves no log. Errors: EXISTS, DiskError.
 */
export async function createWal(disk: Disk, dir: string, metadata: Uint8Array, options: WalOptions = {}): Promise<Wal> {
  if (await walExists(disk, dir)) throw new WalError('EXISTS', `${dir} has a log already`, { file: dir });
  await disk.makeDirectory(dir);
  const sizes = segmentOptions(options);
  const state = { metadata, hardState: NO_STATE, snapshot: NO_SNAPSHOT, entries: [], sealed: [], isFresh: true };
  const prologue = { version: sizes.version, sequence: 1, salt: crc32c(metadata), lastIndex: 0 };
  const file = await prepareSegmentFile(disk, dir, sizes);
  const segment = await startSegment(disk, dir, file, {
    prologue,
    head: { metadata, hardState: NO_STATE },
    options: sizes,
  });
  await disk.syncDirectory(dirname(dir));
  return new SegmentedWal(disk, dir, segment, state, options);
}

/**
 * Reads the log in `dir`, zeroes a torn tail, and goes on at its end. Errors: NOT_FOUND; CORRUPT when something that was durable
 * is damaged or missing (nothing is changed then); FORMAT; DiskError.
 */
export async function openWal(
  disk: Disk,
  dir: string,
  options: WalOptions = {},
): Promise<{ wal: Wal; content: WalContent }> {
  const sequences = (await disk.exists(dir)) ? await sequencesIn(disk, dir) : [];
  if (sequences.length === 0) throw new WalError('NOT_FOUND', `${dir} has no log`, { file: dir });
  // A process that was killed between renaming a segment and syncing the directory leaves a name that the next power cut would take back,
  // with everything that is acknowledged from that segment in between.
  await disk.syncDirectory(dir);
  const { replay, sealed, last } = await replaySegments(disk, dir, sequences);
  const { metadata, hardState, snapshot, entries } = replay;
  const segment = await reopen(disk, last, segmentOptions(options));
  const state = { metadata, hardState, snapshot, entries, sealed, isFresh: last.content.isFresh };
  const repairedBytes = Math.max(0, last.content.tornEndBytes - last.content.endBytes);
  const content = { metadata, hardState, snapshot, entries, repairedBytes };
  if (!last.content.isSealed) return { wal: new SegmentedWal(disk, dir, segment, state, options), content };
  const next = await startAfter(disk, dir, segment, { replay, options });
  sealed.push({ sequence: segment.prologue.sequence, maxIndex: segment.maxIndex });
  return { wal: new SegmentedWal(disk, dir, next, { ...state, isFresh: true }, options), content };
}

interface LastSegment {
  readonly content: SegmentContent;
  readonly path: string;
  readonly maxIndex: number;
}

async function replaySegments(
  disk: Disk,
  dir: string,
  sequences: readonly number[],
): Promise<{ replay: Replay; sealed: SealedSegment[]; last: LastSegment }> {
  const replay = new Replay();
  const sealed: SealedSegment[] = [];
  let last: LastSegment | undefined;
  let expected = sequences[0];
  for (const sequence of sequences) {
    const path = join(dir, segmentName(sequence));
    if (sequence !== expected) throw corrupt(join(dir, segmentName(expected ?? 0)), 0, 'this segment is missing');
    const bytes = asBuffer(await disk.readFile(path));
    const content = readSegment(bytes, path, { sequence, isLast: sequence === sequences.at(-1) });
    if (content.tornEndBytes > content.endBytes) await assertSame(disk, path, bytes);
    if (last !== undefined) sealed.push({ sequence: sequence - 1, maxIndex: last.maxIndex });
    last = { content, path, maxIndex: replay.add(content, path) };
    expected = sequence + 1;
  }
  if (last === undefined) throw new WalError('NOT_FOUND', `${dir} has no log`, { file: dir });
  replay.finish(last.path);
  return { replay, sealed, last };
}

/**
 * A torn tail is given up for good, with whatever was in it: only when the disk says twice that it is torn. A bit that flipped on the way
 * from the disk looks the same, and what it hides may have been acknowledged. Errors: CORRUPT, with nothing changed.
 */
async function assertSame(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const again = await disk.readFile(path);
  if (compareBytes(bytes, again) === 0) return;
  const advice = 'Nothing was changed: start again, on another disk if it stays so.';
  throw new WalError('CORRUPT', `${path}: two reads of it differ, this disk cannot be trusted. ${advice}`, {
    file: path,
  });
}

async function sequencesIn(disk: Disk, dir: string): Promise<readonly number[]> {
  const sequences = (await disk.list(dir)).map(sequenceOf).filter((sequence) => sequence !== undefined);
  return sequences.sort((a, b) => a - b);
}

/**
 * Opens the last segment for writing. It is synced first: what was read may have been written by a process that was killed before its
 * own sync, and from now on it counts as durable.
 */
async function reopen(disk: Disk, last: LastSegment, options: SegmentOptions): Promise<Segment> {
  const { content, path, maxIndex } = last;
  const { prologue, endBytes, tornEndBytes } = content;
  const file = await disk.open(path, 'write', { durableWrites: true });
  // A torn write must not come alive again once the log has grown up to it.
  for (let at = endBytes; at < tornEndBytes; at += ZEROS.length) {
    await file.write(at, [ZEROS.subarray(0, Math.min(ZEROS.length, tornEndBytes - at))]);
  }
  await file.sync();
  return new Segment(file, { path, prologue, endBytes, maxIndex, allocatedBytes: await file.size(), options });
}

/** The last segment was complete when the process ended, before its successor was there. */
async function startAfter(
  disk: Disk,
  dir: string,
  last: Segment,
  log: { readonly replay: Replay; readonly options: WalOptions },
): Promise<Segment> {
  const options = segmentOptions(log.options);
  const { metadata, snapshot, hardState, lastIndex } = log.replay;
  await last.close();
  const file = await prepareSegmentFile(disk, dir, options);
  const { version } = options;
  const prologue = successorOf(last.prologue, { version, endBytes: last.endBytes, lastIndex });
  return startSegment(disk, dir, file, { prologue, head: { metadata, snapshot, hardState }, options });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
