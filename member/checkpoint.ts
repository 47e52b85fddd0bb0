import { crc32 } from 'node:zlib';
import { concatBytes, utf8Bytes, utf8Text } from '../base/bytes.ts';
import { type Disk, DiskError, type DiskFile } from '../io/doors.ts';
import type { Checkpoint, CheckpointBlock, CheckpointOf } from '../storage/machine/machine.ts';
import { MEMBER_LIMITS } from './limits.ts';
import type { MemberMetadata } from './metadata.ts';

/**
 * The state in memory as a file, written by a member that stops and read by its next start, in place of all rows of the backend. It is
 * nothing but a shortcut: gone, damaged, of another member or of another applied index than the backend's, the rows are read.
 * The file: the blocks (numbers, revisions and values of each, numbers as the machine has them), a table of contents as JSON, and a foot of
 * three words: the table's length, its CRC-32, and the mark.
 */

/** Also tells machines apart that write the bytes of a number in another order. */
const MARK = 0x4b434b31;
const FOOT_BYTES = 12;
const FORMAT = 1;

interface Contents extends CheckpointOf {
  readonly format: number;
  readonly clusterId: string;
  readonly memberId: string;
  /** Is dead, keys, revisions, bytes of the values, CRC-32 of everything before the values, CRC-32 of the values. */
  readonly blocks: readonly (readonly [boolean, number, number, number, number, number])[];
}

/** A checkpoint that was found. It is not on the disk any more. */
export interface FoundCheckpoint {
  readonly of: CheckpointOf;
  /** Errors: DiskError, CORRUPT among them. */
  blocks(): AsyncIterable<CheckpointBlock>;
  close(): Promise<void>;
}

const pathOf = (dataDir: string): string => `${dataDir}/checkpoint`;
const NUMBERS = 3;

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
  for (const { kind, numbers, revisions, values } of blocks) {
    if (isLate()) return false;
    const head = concatBytes([bytesOf(numbers), bytesOf(revisions)]);
    const counts = [numbers.length / NUMBERS, revisions.length, values.length] as const;
    table.push([kind === 'dead', ...counts, crc32(head), crc32(values)]);
    await file.write(at, [head, values]);
    at += head.length + values.length;
  }
  const ids = { clusterId: clusterId.toString(16), memberId: memberId.toString(16) };
  const contents = utf8Bytes(JSON.stringify({ format: FORMAT, ...ids, ...of, blocks: table } satisfies Contents));
  await file.write(at, [contents, bytesOf(Uint32Array.of(contents.length, crc32(contents), MARK))]);
  await file.sync();
  return true;
}

/**
 * Takes the checkpoint out of the directory, for good: whatever this life does to the state, none of an earlier one is found after it.
 * Undefined when there is none that can be used. Errors: DiskError when it could not be removed.
 */
export async function takeCheckpoint(
  disk: Disk,
  dataDir: string,
  identity: MemberMetadata,
): Promise<FoundCheckpoint | undefined> {
  const path = pathOf(dataDir);
  await disk.removeTree(`${path}.new`);
  if (!(await disk.exists(path))) return undefined;
  const file = await disk.open(path, 'read');
  await disk.remove(path);
  await disk.syncDirectory(dataDir);
  const contents = await readContents(file).catch(() => undefined);
  const { clusterId, memberId } = identity;
  const isOwn = contents?.clusterId === clusterId.toString(16) && contents.memberId === memberId.toString(16);
  if (contents === undefined || !isOwn) {
    await file.close();
    return undefined;
  }
  return { of: contents, blocks: () => readBlocks(file, path, contents), close: () => file.close() };
}

async function readContents(file: DiskFile): Promise<Contents | undefined> {
  const sizeBytes = await file.size();
  if (sizeBytes < FOOT_BYTES) return undefined;
  const foot = numbersOf(await file.read(sizeBytes - FOOT_BYTES, FOOT_BYTES));
  const [length = 0, checksum, mark] = foot;
  if (mark !== MARK || length > sizeBytes - FOOT_BYTES) return undefined;
  const bytes = await file.read(sizeBytes - FOOT_BYTES - length, length);
  if (bytes.length !== length || crc32(bytes) !== checksum) return undefined;
  const contents = JSON.parse(utf8Text(bytes)) as Contents;
  return contents.format === FORMAT ? contents : undefined;
}

/** Some blocks are read ahead while the ones before them are taken in. */
async function* readBlocks(file: DiskFile, path: string, { blocks }: Contents): AsyncGenerator<CheckpointBlock> {
  const ahead: Promise<CheckpointBlock>[] = [];
  let at = 0;
  for (const block of blocks) {
    const [, keys, revisions, valuesBytes] = block;
    const read = readBlock(file, path, at, block);
    read.catch(() => undefined); // told when its turn comes
    ahead.push(read);
    at += keys * NUMBERS * Uint32Array.BYTES_PER_ELEMENT + revisions * Float64Array.BYTES_PER_ELEMENT + valuesBytes;
    if (ahead.length > MEMBER_LIMITS.checkpointReadAhead) yield await (ahead.shift() as Promise<CheckpointBlock>);
  }
  for (const read of ahead) yield await read;
}

async function readBlock(
  file: DiskFile,
  path: string,
  at: number,
  [isDead, keys, revisions, valuesBytes, headChecksum, valuesChecksum]: Contents['blocks'][number],
): Promise<CheckpointBlock> {
  const numbersBytes = keys * NUMBERS * Uint32Array.BYTES_PER_ELEMENT;
  const headBytes = numbersBytes + revisions * Float64Array.BYTES_PER_ELEMENT;
  const [head, values] = await Promise.all([file.read(at, headBytes), file.read(at + headBytes, valuesBytes)]);
  if (crc32(head) !== headChecksum || crc32(values) !== valuesChecksum)
    throw new DiskError('CORRUPT', path, `the block at ${at} is damaged`);
  return {
    kind: isDead ? 'dead' : 'live',
    numbers: numbersOf(head.subarray(0, numbersBytes)),
    revisions: new Float64Array(Uint8Array.from(head.subarray(numbersBytes)).buffer),
    values,
  };
}

/** A copy: what was read need not lie where numbers may. */
const numbersOf = (bytes: Uint8Array): Uint32Array => new Uint32Array(Uint8Array.from(bytes).buffer);

const bytesOf = (array: Uint32Array | Float64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
