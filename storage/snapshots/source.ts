import { dirname } from 'node:path';
import type { Disk, DiskFile } from '../../io/doors.ts';
import type { SnapshotMeta } from '../../raft/types.ts';
import type { BackendOp, BackendView } from '../backend/backend.ts';
import { KEYSPACES } from '../backend/keyspaces.ts';
import { snapshotPath } from './files.ts';
import { encodeBlock, encodeHeader, encodeTrailer, type SnapshotHeader, sizeOfRow } from './format.ts';
import { SNAPSHOT_LIMITS } from './limits.ts';

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
 * The snapshot at `header.meta`, from its file in `dir` if it has been made before, otherwise from `view`, which must have been
 * taken when exactly `header.meta.index` was applied. The file makes any offset readable again, for as many followers as ask. The view
 * stays the caller's to close. Errors: DiskError (NO_SPACE: the unfinished file is removed).
 */
export async function openSnapshotSource(
  disk: Disk,
  dir: string,
  view: BackendView,
  header: SnapshotHeader,
): Promise<SnapshotSource> {
  const path = snapshotPath(dir, header.meta);
  if (!(await disk.exists(path))) await spool(disk, path, view, header);
  const file = await disk.open(path, 'read');
  return new FileSource(header.meta, file, await file.size());
}

class FileSource implements SnapshotSource {
  readonly meta: SnapshotMeta;
  readonly sizeBytes: number;
  readonly #file: DiskFile;

  constructor(meta: SnapshotMeta, file: DiskFile, sizeBytes: number) {
    this.meta = meta;
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  async read(offset: number, maxBytes: number): Promise<{ readonly data: Uint8Array; readonly done: boolean }> {
    const data = await this.#file.read(offset, maxBytes);
    return { data, done: offset + data.length >= this.sizeBytes };
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

async function spool(disk: Disk, path: string, view: BackendView, header: SnapshotHeader): Promise<void> {
  const part = `${path}.part`;
  await disk.makeDirectory(dirname(path));
  if (await disk.exists(part)) await disk.remove(part);
  const file = await disk.open(part, 'create');
  try {
    await writeSnapshot(file, view, header);
    await file.sync();
  } catch (error) {
    await file.close();
    await disk.remove(part);
    throw error;
  }
  await file.close();
  await disk.rename(part, path);
  await disk.syncDirectory(dirname(path));
}

async function writeSnapshot(file: DiskFile, view: BackendView, header: SnapshotHeader): Promise<void> {
  const head = encodeHeader(header);
  await file.write(0, [head.bytes]);
  let at = head.bytes.length;
  let { checksum } = head;
  let rows = 0;
  for await (const block of blocksOf(view)) {
    const encoded = encodeBlock(block, checksum);
    await file.write(at, [encoded.bytes]);
    at += encoded.bytes.length;
    checksum = encoded.checksum;
    rows += block.length;
  }
  await file.write(at, [encodeTrailer(rows, checksum)]);
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
      from = successor(last.key);
    }
  }
  if (block.length > 0) yield block;
}

/** The smallest key behind `key`. */
function successor(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}
