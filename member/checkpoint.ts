import { crc32 } from 'node:zlib';
import { allocateBytes, utf8Bytes, utf8Text } from '../base/bytes.ts';
import type { Disk, DiskFile } from '../io/doors.ts';
import type { Checkpoint, CheckpointOf, StoredBlock } from '../storage/machine/machine.ts';
import { MEMBER_LIMITS } from './limits.ts';
import type { MemberMetadata } from './metadata.ts';
import { StoredValues } from './stored-values.ts';

/**
 * The state in memory as a file, written by a member that stops and read by its next start, in place of all rows of the backend. It is
 * nothing but a shortcut: gone, damaged, of another member or of another applied index than the backend's, the rows are read.
 * The file: the blocks (head and values of each, numbers as the machine has them), a table of contents as JSON, and a foot of three words: the
 * table's length, its CRC-32, and the mark.
 */

/** Also tells machines apart that write the bytes of a number in another order. */
const MARK = 0x4b434b31;
const FOOT_BYTES = 12;
const FORMAT = 3;

interface Contents extends CheckpointOf {
  readonly format: number;
  readonly clusterId: string;
  readonly memberId: string;
  /** Bytes and CRC-32 of the head, bytes and CRC-32 of the values. */
  readonly blocks: readonly (readonly [number, number, number, number])[];
}

/** A checkpoint that was found, and is whole. It has no name on the disk any more; its values are in the file until they are wanted. */
export interface FoundCheckpoint {
  readonly of: CheckpointOf;
  readonly blocks: readonly StoredBlock[];
  /** To be closed by whoever does not use the blocks. */
  readonly values: StoredValues;
  isOf(member: MemberMetadata): boolean;
}

const pathOf = (dataDir: string): string => `${dataDir}/checkpoint`;

/** Durable when it resolves, unless it was given up because `isLate` said so before all was written. Errors: DiskError; no part of it stays. */
export async function writeCheckpoint(
  disk: Disk,
  dataDir: string,
  identity: MemberMetadata,
  { checkpoint, isLate }: { readonly checkpoint: Checkpoint; readonly isLate: () => boolean },
): Promise<void> {
  const scratch = `${pathOf(dataDir)}.new`;
  await disk.removeTree(scratch);
  let isWhole = false;
  try {
    const file = await disk.open(scratch, 'create');
    try {
      isWhole = await writeAll(file, identity, { checkpoint, isLate });
    } finally {
      await file.close();
    }
  } finally {
    if (!isWhole) await disk.removeTree(scratch);
  }
  if (!isWhole) return;
  await disk.rename(scratch, pathOf(dataDir));
  await disk.syncDirectory(dataDir);
}

async function writeAll(
  file: DiskFile,
  { clusterId, memberId }: MemberMetadata,
  { checkpoint, isLate }: { readonly checkpoint: Checkpoint; readonly isLate: () => boolean },
): Promise<boolean> {
  const { blocks, ...of } = checkpoint;
  const table: Contents['blocks'][number][] = [];
  let at = 0;
  for (const { head, values } of blocks) {
    if (isLate()) return false;
    table.push([head.length, crc32(head), values.length, crc32(values)]);
    await file.write(at, [head, values]);
    at += head.length + values.length;
  }
  const ids = { clusterId: clusterId.toString(16), memberId: memberId.toString(16) };
  const contents = utf8Bytes(JSON.stringify({ format: FORMAT, ...ids, ...of, blocks: table } satisfies Contents));
  await file.write(at, [contents, new Uint8Array(Uint32Array.of(contents.length, crc32(contents), MARK).buffer)]);
  await file.sync();
  return true;
}

/**
 * Takes the checkpoint out of the directory, for good: whatever this life does to the state, none of an earlier one is found after it.
 * Undefined when there is none that is whole. Errors: DiskError when it could not be removed.
 */
export async function takeCheckpoint(disk: Disk, dataDir: string): Promise<FoundCheckpoint | undefined> {
  const path = pathOf(dataDir);
  await disk.removeTree(`${path}.new`);
  if (!(await disk.exists(path))) return undefined;
  const file = await disk.open(path, 'read');
  let found: FoundCheckpoint | undefined;
  try {
    await disk.remove(path);
    await disk.syncDirectory(dataDir);
    found = await readAll(file, path).catch(() => undefined);
    return found;
  } finally {
    if (found === undefined) await file.close();
  }
}

async function readAll(file: DiskFile, path: string): Promise<FoundCheckpoint | undefined> {
  const contents = await readContents(file);
  if (contents === undefined) return undefined;
  const values = new StoredValues(file, path);
  const blocks = await readBlocks(file, contents, values);
  const isOf = ({ clusterId, memberId }: MemberMetadata): boolean =>
    contents.clusterId === clusterId.toString(16) && contents.memberId === memberId.toString(16);
  return blocks && { of: contents, blocks, values, isOf };
}

async function readContents(file: DiskFile): Promise<Contents | undefined> {
  const sizeBytes = await file.size();
  if (sizeBytes < FOOT_BYTES) return undefined;
  // A copy: what was read need not lie where numbers may.
  const foot = Uint8Array.from(await file.read(sizeBytes - FOOT_BYTES, FOOT_BYTES));
  const [length = 0, checksum, mark] = new Uint32Array(foot.buffer);
  if (mark !== MARK || length > sizeBytes - FOOT_BYTES) return undefined;
  const bytes = await file.read(sizeBytes - FOOT_BYTES - length, length);
  if (bytes.length !== length || crc32(bytes) !== checksum) return undefined;
  const contents = JSON.parse(utf8Text(bytes)) as Contents;
  return contents.format === FORMAT ? contents : undefined;
}

/** Undefined when something is damaged. The values are only looked at: all in the same few pieces of memory, which is what makes it quick. */
async function readBlocks(
  file: DiskFile,
  { blocks }: Contents,
  values: StoredValues,
): Promise<readonly StoredBlock[] | undefined> {
  const found: StoredBlock[] = [];
  let next = 0;
  let at = 0;
  let isWhole = true;
  const reader = async (): Promise<void> => {
    let scratch = allocateBytes(0);
    while (isWhole && next < blocks.length) {
      const i = next++;
      const [headBytes, headChecksum, valuesBytes, valuesChecksum] = blocks[i] as Contents['blocks'][number];
      const start = at;
      at += headBytes + valuesBytes;
      if (scratch.length < valuesBytes) scratch = allocateBytes(valuesBytes);
      const head = allocateBytes(headBytes);
      const seen = scratch.subarray(0, valuesBytes);
      await file.readInto(start, head);
      await file.readInto(start + headBytes, seen);
      isWhole &&= crc32(head) === headChecksum && crc32(seen) === valuesChecksum;
      found[i] = { head, values: values.piece(start + headBytes, valuesBytes, valuesChecksum) };
    }
  };
  await Promise.all(Array.from({ length: MEMBER_LIMITS.checkpointReaders }, reader));
  return isWhole ? found : undefined;
}
