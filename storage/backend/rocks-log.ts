import { join } from 'node:path';
import { crc32c } from '../../base/crc32c.ts';
import type { Disk } from '../../io/doors.ts';

/** RocksDB's log: blocks of 32 KiB with records of checksum (4 B), length (2 B), type (1 B) and data; none crosses a block. */
const BLOCK_BYTES = 32 * 1024;
const HEADER_BYTES = 7;
const FULL = 1;
const FIRST = 2;
const LAST = 4;
/** What a batch begins with: the sequence number of its first operation (8 B), and how many there are (4 B). */
const BATCH_HEADER_BYTES = 12;

/**
 * Cuts RocksDB's own log at its first damaged record, before the database is opened: what is there afterwards is what was written up to
 * some point. RocksDB would do so itself, but for `paranoid_checks`, which the binding turns off: then it skips what is left of the damaged
 * block and takes what comes behind it, and rows are missing in the middle of the history without a word. The database in `path` must not be
 * open. A log holds about as much as a memtable. Errors: DiskError. Source: RocksDB wiki, "Write Ahead Log File Format".
 */
export async function cutDamagedLog(disk: Disk, path: string): Promise<void> {
  if (!(await disk.exists(path))) return;
  const logs = (await disk.list(path)).filter((name) => /^\d+\.log$/.test(name));
  logs.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  let next: bigint | undefined;
  for (const [i, name] of logs.entries()) {
    const bytes = await disk.readFile(join(path, name));
    const whole = wholeBatches(bytes, next);
    // Space that was reserved is no damage; what is missing there shows in the sequence numbers of the log that follows.
    if (bytes.subarray(whole.endBytes).every((byte) => byte === 0)) {
      next = whole.next;
      continue;
    }
    await removeAll(disk, path, logs.slice(i + 1));
    await truncate(disk, join(path, name), whole.endBytes);
    return;
  }
}

/** The newest first, so that a crash in between leaves no hole. */
async function removeAll(disk: Disk, path: string, names: readonly string[]): Promise<void> {
  for (const name of names.toReversed()) {
    await disk.remove(join(path, name));
    await disk.syncDirectory(path);
  }
}

async function truncate(disk: Disk, path: string, sizeBytes: number): Promise<void> {
  const file = await disk.open(path, 'write');
  try {
    await file.truncate(sizeBytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Where the last whole batch ends before anything that is none, and the sequence number that must follow it. */
function wholeBatches(
  bytes: Uint8Array,
  expected: bigint | undefined,
): { readonly endBytes: number; readonly next: bigint | undefined } {
  let endBytes = 0;
  let next = expected;
  let head: number[] = [];
  let isInside = false;
  for (let at = 0; ; ) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (left < HEADER_BYTES) {
      at += left;
      continue;
    }
    const record = recordAt(bytes, at, left);
    if (record === undefined) return { endBytes, next };
    const { type, data } = record;
    if (isInside === (type === FULL || type === FIRST)) return { endBytes, next };
    head = [...(isInside ? head : []), ...data.subarray(0, BATCH_HEADER_BYTES)].slice(0, BATCH_HEADER_BYTES);
    isInside = type !== FULL && type !== LAST;
    at += HEADER_BYTES + data.length;
    if (isInside) continue;
    const batch = batchOf(head);
    if (batch === undefined || (next !== undefined && batch.sequence !== next)) return { endBytes, next };
    endBytes = at;
    next = batch.sequence + BigInt(batch.count);
  }
}

function recordAt(
  bytes: Uint8Array,
  at: number,
  leftBytes: number,
): { readonly type: number; readonly data: Uint8Array } | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_BYTES);
  const sizeBytes = HEADER_BYTES + view.getUint16(4, true);
  const type = view.getUint8(6);
  if (sizeBytes > leftBytes || at + sizeBytes > bytes.length || type < FULL || type > LAST) return undefined;
  if (view.getUint32(0, true) !== masked(crc32c(bytes.subarray(at + 6, at + sizeBytes)))) return undefined;
  return { type, data: bytes.subarray(at + HEADER_BYTES, at + sizeBytes) };
}

function batchOf(head: readonly number[]): { readonly sequence: bigint; readonly count: number } | undefined {
  if (head.length < BATCH_HEADER_BYTES) return undefined;
  const view = new DataView(Uint8Array.from(head).buffer);
  return { sequence: view.getBigUint64(0, true), count: view.getUint32(8, true) };
}

/** RocksDB stores the checksum of data that may hold checksums in another form. Source: RocksDB util/crc32c.h. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
