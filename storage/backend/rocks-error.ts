import { DiskError, type DiskErrorCode } from '../../io/doors.ts';

/** RocksDB says what happened only in words (Status::ToString). */
const CODE_OF: readonly (readonly [RegExp, DiskErrorCode])[] = [
  [/No space left|NoSpace/i, 'NO_SPACE'],
  [/corruption|checksum mismatch/i, 'CORRUPT'],
  [/lock hold by current process|While lock file|Resource temporarily unavailable/i, 'LOCKED'],
  [/Permission denied|Read-only file system/i, 'PERMISSION'],
  [/No such file or directory/i, 'NOT_FOUND'],
  [/not open|closed/i, 'CLOSED'],
];

/** A DiskError for what RocksDB failed with at `path`. */
export function toBackendError(error: unknown, path: string): DiskError {
  if (error instanceof DiskError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const code = CODE_OF.find(([pattern]) => pattern.test(text))?.[1] ?? 'IO';
  return new DiskError(code, path, `RocksDB: ${text}`);
}
