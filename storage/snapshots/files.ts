import { join } from 'node:path';
import type { Disk } from '../../io/doors.ts';
import type { SnapshotMeta } from '../../raft/types.ts';

/** A snapshot that is still being written or received; never read after a restart. */
const PART = /\.part$/;
const WHOLE = /^([0-9a-f]{16})-([0-9a-f]{16})\.snap$/;

type Position = Pick<SnapshotMeta, 'index' | 'term'>;

/** The file of the whole snapshot at this position: it gets this name only when it is complete and durable. */
export function snapshotPath(dir: string, position: Position): string {
  const hex = (value: number): string => value.toString(16).padStart(16, '0');
  return join(dir, `${hex(position.index)}-${hex(position.term)}.snap`);
}

/** Deletes everything in `dir` but the snapshot at `keep`: older ones that nobody reads any more, and unfinished ones. */
export async function removeStaleSnapshots(disk: Disk, dir: string, keep: Position | undefined): Promise<void> {
  if (!(await disk.exists(dir))) return;
  const kept = keep && snapshotPath(dir, keep);
  for (const name of await disk.list(dir)) {
    const path = join(dir, name);
    if ((PART.test(name) || WHOLE.test(name)) && path !== kept) await disk.remove(path);
  }
}
