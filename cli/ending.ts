import { EXIT, ExitError, UsageError } from './usage-error.ts';

/** One line on standard error and the exit code: 2 for what the caller did wrong, 1 for what went wrong. */
export function failed(error: unknown): number {
  if (error instanceof UsageError) return complain(error.message, EXIT.usage);
  if (error instanceof ExitError) return complain(error.message, error.code);
  return complain(error instanceof Error ? error.message : String(error), EXIT.failure);
}

export function complain(message: string, code: number): number {
  process.stderr.write(`keelson: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  return code;
}
