export type WalErrorCode =
  /** No log in this directory. */
  | 'NOT_FOUND'
  /** createWal found a log. */
  | 'EXISTS'
  /** Data that was durable is damaged or missing. */
  | 'CORRUPT'
  /** Written by a version of the format that this program does not know. */
  | 'FORMAT'
  /** An append does not follow the last one: a programmer's error. */
  | 'GAP'
  | 'TOO_LARGE'
  | 'QUEUE_FULL'
  /** A write or sync failed earlier (`cause`): what is on the disk is unknown, the member must stop. */
  | 'FAILED'
  | 'CLOSED';

/** A failure of the log. With CORRUPT and FORMAT, `file` and `offset` (bytes) say where; the message says what to do. */
export class WalError extends Error {
  override readonly name = 'WalError';
  readonly code: WalErrorCode;
  readonly file: string | undefined;
  readonly offset: number | undefined;

  constructor(code: WalErrorCode, message: string, details: { file?: string; offset?: number; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.file = details.file;
    this.offset = details.offset;
  }
}

/** The log's durable part is damaged: refuse to start on it. */
export function corrupt(file: string, offset: number, what: string): WalError {
  const advice =
    'This log must not be used: rebuild this member from the others (keelson cluster rebuild), under a new id.';
  return new WalError('CORRUPT', `${file} at byte ${offset}: ${what}. ${advice}`, { file, offset });
}
