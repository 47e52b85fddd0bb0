export type SnapshotErrorCode =
  /** A checksum, a count or the structure is wrong: take the snapshot again. */
  | 'CORRUPT'
  /** Written by a version of the format that this program does not know. */
  | 'FORMAT'
  /** It belongs to another cluster. */
  | 'WRONG_CLUSTER'
  /** A chunk that does not continue what has arrived: start again at offset 0. */
  | 'OUT_OF_ORDER';

/** A snapshot that must not be used, and why. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
  readonly code: SnapshotErrorCode;
  constructor(code: SnapshotErrorCode, path: string, detail: string) {
    super(`${path}: ${detail}`);
    this.code = code;
  }
}
