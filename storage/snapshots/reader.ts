import type { Disk, DiskFile } from '../../io/doors.ts';
import type { BackendOp } from '../backend/backend.ts';
import {
  BLOCK_HEADER_BYTES,
  blockChecksum,
  decodeHeader,
  decodeRows,
  HEADER_PREFIX_BYTES,
  headerBytes,
  type SnapshotHeader,
  TRAILER_BYTES,
} from './format.ts';
import { SNAPSHOT_LIMITS } from './limits.ts';
import { SnapshotError } from './snapshot-error.ts';

/** A whole snapshot in a file. */
export interface SnapshotContent {
  readonly header: SnapshotHeader;
  readonly rows: number;
  readonly sizeBytes: number;
}

/** Reads the file to its last byte and checks all of it. Errors: SnapshotError CORRUPT or FORMAT; DiskError. */
export async function verifySnapshot(disk: Disk, path: string): Promise<SnapshotContent> {
  const { header } = await readHeader(disk, path);
  let rows = 0;
  for await (const batch of readRows(disk, path)) rows += batch.length;
  const file = await disk.open(path, 'read');
  try {
    return { header, rows, sizeBytes: await file.size() };
  } finally {
    await file.close();
  }
}

/**
 * The rows of a snapshot, a block at a time, each checked before it is given out; what was given out may be used only when the last
 * block has come, for only the trailer says that nothing is missing. Errors as verifySnapshot.
 */
export async function* readRows(disk: Disk, path: string): AsyncGenerator<readonly BackendOp[], void> {
  const start = await readHeader(disk, path);
  const file = await disk.open(path, 'read');
  try {
    let at = start.endBytes;
    let checksum = start.checksum;
    let rows = 0;
    for (;;) {
      const head = await readExactly(file, path, at, BLOCK_HEADER_BYTES);
      const bodyBytes = head.readUInt32LE(0);
      const isTrailer = bodyBytes === 0;
      if (bodyBytes > SNAPSHOT_LIMITS.maxBlockBytes)
        throw new SnapshotError('CORRUPT', path, `a block of ${bodyBytes} bytes`);
      const size = isTrailer ? TRAILER_BYTES - BLOCK_HEADER_BYTES : bodyBytes;
      const body = await readExactly(file, path, at + BLOCK_HEADER_BYTES, size);
      checksum = blockChecksum(head, body, checksum);
      if (checksum !== head.readUInt32LE(8))
        throw new SnapshotError('CORRUPT', path, `the block at byte ${at} is damaged`);
      at += BLOCK_HEADER_BYTES + size;
      if (isTrailer) return await assertEnd(file, path, { at, rows, expectedRows: Number(body.readBigUInt64LE(0)) });
      const decoded = decodeRows(body, head.readUInt32LE(4));
      if (decoded === undefined) throw new SnapshotError('CORRUPT', path, `the rows at byte ${at} make no sense`);
      rows += decoded.length;
      yield decoded;
    }
  } finally {
    await file.close();
  }
}

async function assertEnd(
  file: DiskFile,
  path: string,
  end: { readonly at: number; readonly rows: number; readonly expectedRows: number },
): Promise<void> {
  const { at, rows, expectedRows } = end;
  if (rows !== expectedRows) throw new SnapshotError('CORRUPT', path, `${rows} rows instead of ${expectedRows}`);
  if ((await file.size()) !== at) throw new SnapshotError('CORRUPT', path, `something follows the end at byte ${at}`);
}

/** What the snapshot says about itself, and where its rows begin. */
export async function readHeader(
  disk: Disk,
  path: string,
): Promise<{ readonly header: SnapshotHeader; readonly checksum: number; readonly endBytes: number }> {
  const file = await disk.open(path, 'read');
  try {
    const size = headerBytes(asBuffer(await file.read(0, HEADER_PREFIX_BYTES)));
    if (typeof size !== 'number') throw new SnapshotError(size.code, path, size.detail);
    const decoded = decodeHeader(await readExactly(file, path, 0, size));
    if (decoded === undefined) throw new SnapshotError('CORRUPT', path, 'the header is damaged');
    return { ...decoded, endBytes: size };
  } finally {
    await file.close();
  }
}

async function readExactly(file: DiskFile, path: string, offset: number, sizeBytes: number): Promise<Buffer> {
  const bytes = asBuffer(await file.read(offset, sizeBytes));
  if (bytes.length < sizeBytes) throw new SnapshotError('CORRUPT', path, `it ends at byte ${offset + bytes.length}`);
  return bytes;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
