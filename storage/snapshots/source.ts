import { dirname } from 'node:path';
import { keyBehind } from '../../base/bytes.ts';
import type { Disk, DiskFile } from '../../io/doors.ts';
import type { SnapshotMeta } from '../../raft/types.ts';
import type { BackendOp, BackendView } from '../backend/backend.ts';
import { KEYSPACES } from '../backend/keyspaces.ts';
import { snapshotPath } from './files.ts';
import { encodeBlock, encodeHeader, encodeTrailer, type SnapshotHeader, sizeOfRow } from './format.ts';
import { SNAPSHOT_LIMITS } from './limits.ts';
import { PieceChecksums } from './piece-checksums.ts';
import { SnapshotError } from './snapshot-error.ts';

/** A whole snapshot that followers read, each at its own pace. */
export interface SnapshotSource {
  readonly meta: SnapshotMeta;
  readonly sizeBytes: number;
  /** Up to `maxBytes` from `offset`; the same bytes whenever they are asked for. `done`: they are the last. */
  read(offset: number, maxBytes: number): Promise<{ readonly data: Uint8Array; readonly done: boolean }>;
  /** Stops reading; the file stays until removeStaleSnapshots. */
  close(): Promise<void>;
}

/**
 * Makes the snapshot at `header.meta` from `view`, which must have been taken when exactly `header.meta.index` was applied, as a file in
 * `dir`, in place of one that was made before. The file makes any offset readable again, for as many followers as ask; what is read is
 * compared with the checksums of what was written. The view stays the caller's to close. Errors: DiskError (NO_SPACE: the unfinished file
 * is removed; CORRUPT: a row of the view is damaged).
 */
export async function openSnapshotSource(
  disk: Disk,
  dir: string,
  view: BackendView,
  header: SnapshotHeader,
): Promise<SnapshotSource> {
  const path = snapshotPath(dir, header.meta);
  const pieces = await spool(disk, path, view, header);
  return new FileSource(header.meta, { file: await disk.open(path, 'read'), path, pieces });
}

class FileSource implements SnapshotSource {
  readonly meta: SnapshotMeta;
  readonly sizeBytes: number;
  readonly #file: DiskFile;
  readonly #path: string;
  readonly #pieces: PieceChecksums;

  constructor(
    meta: SnapshotMeta,
    from: { readonly file: DiskFile; readonly path: string; readonly pieces: PieceChecksums },
  ) {
    this.meta = meta;
    this.#file = from.file;
    this.#path = from.path;
    this.#pieces = from.pieces;
    this.sizeBytes = from.pieces.sizeBytes;
  }

  /** Errors: SnapshotError CORRUPT when the file is not any more what was written; DiskError. */
  async read(offset: number, maxBytes: number): Promise<{ readonly data: Uint8Array; readonly done: boolean }> {
    const { start, end } = this.#pieces.around(offset, Math.min(offset + maxBytes, this.sizeBytes));
    const whole = await this.#file.read(start, end - start);
    if (!this.#pieces.fits(start, whole)) {
      throw new SnapshotError('CORRUPT', this.#path, `bytes ${start} to ${end} are not what was written`);
    }
    const data = whole.subarray(offset - start, offset - start + maxBytes);
    return { data, done: offset + data.length >= this.sizeBytes };
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

async function spool(disk: Disk, path: string, view: BackendView, header: SnapshotHeader): Promise<PieceChecksums> {
  const part = `${path}.part`;
  await disk.makeDirectory(dirname(path));
  if (await disk.exists(part)) await disk.remove(part);
  const file = await disk.open(part, 'create');
  const pieces = new PieceChecksums();
  try {
    await writeSnapshot(file, pieces, view, header);
    await file.sync();
  } catch (error) {
    await file.close();
    await disk.remove(part);
    throw error;
  }
  await file.close();
  await disk.rename(part, path);
  await disk.syncDirectory(dirname(path));
  return pieces;
}

async function writeSnapshot(
  file: DiskFile,
  pieces: PieceChecksums,
  view: BackendView,
  header: SnapshotHeader,
): Promise<void> {
  const write = async (bytes: Buffer): Promise<void> => {
    const at = pieces.sizeBytes;
    pieces.add(bytes); // before the disk has it
    await file.write(at, [bytes]);
  };
  const head = encodeHeader(header);
  await write(head.bytes);
  let { checksum } = head;
  let rows = 0;
  for await (const block of blocksOf(view)) {
    const encoded = encodeBlock(block, checksum);
    await write(encoded.bytes);
    checksum = encoded.checksum;
    rows += block.length;
  }
  await write(encodeTrailer(rows, checksum));
}

type Put = Extract<BackendOp, { op: 'put' }>;

/** Every row of the view, in blocks of about SNAPSHOT_LIMITS.blockBytes. */
async function* blocksOf(view: BackendView): AsyncGenerator<readonly Put[], void> {
  let block: Put[] = [];
  let bytes = 0;
  for (const space of KEYSPACES) {
    let from: Uint8Array = new Uint8Array(0);
    for (;;) {
      const range = { from, limit: SNAPSHOT_LIMITS.scanRows, maxBytes: SNAPSHOT_LIMITS.blockBytes };
      const rows = await view.scan(space, range);
      for (const { key, value } of rows) {
        block.push({ op: 'put', space, key, value });
        bytes += sizeOfRow({ key, value });
      }
      if (bytes >= SNAPSHOT_LIMITS.blockBytes) {
        yield block;
        block = [];
        bytes = 0;
      }
      const last = rows.at(-1);
      if (last === undefined) break;
      from = keyBehind(last.key);
    }
  }
  if (block.length > 0) yield block;
}
