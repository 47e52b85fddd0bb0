import { DiskError, type DiskErrorCode } from '../doors.ts';

const CODE_OF: Readonly<Record<string, DiskErrorCode>> = {
  ENOENT: 'NOT_FOUND',
  EEXIST: 'EXISTS',
  ENOTEMPTY: 'EXISTS',
  ENOSPC: 'NO_SPACE',
  EDQUOT: 'NO_SPACE',
  EFBIG: 'NO_SPACE',
  EACCES: 'PERMISSION',
  EPERM: 'PERMISSION',
  EROFS: 'PERMISSION',
  EBADF: 'CLOSED',
};

/** A DiskError for what a call of node:fs failed with; a DiskError passes unchanged. */
export function toDiskError(error: unknown, path: string): DiskError {
  if (error instanceof DiskError) return error;
  const code = errnoOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  return new DiskError((code !== undefined && CODE_OF[code]) || 'IO', path, detail);
}

/** The errno name (`ENOENT` …) of a system error; undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
