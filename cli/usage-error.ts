/** What the person at the command line did wrong; `message` is one line. The process ends with exit code 2 before anything is written. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit codes of the binary. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;
