/** What the person at the command line did wrong; `message` is one line. The process ends with exit code 2 before anything is written. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit codes of the binary. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  /** This member was removed from its cluster: starting it again does not help. */
  removed: 3,
  /** The disk is full. */
  diskFull: 4,
  /** The log is damaged: this member must be rebuilt (`keelson cluster rebuild`). */
  corrupt: 5,
} as const;

/** Why the process ends, in one line, and with which code. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
