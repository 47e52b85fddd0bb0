import type { Logger } from '../log.ts';

/** How long a process may take to stop before it ends anyway. */
const STOP_MS = 20_000;

/** Why a process ends, and its exit code. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/**
 * Runs until SIGTERM or SIGINT, or until `ended` says that the work cannot go on; then stops. Answers the exit code: 0 when it was asked to stop.
 * A supervised process (`keelson up` starts those) also stops when its supervisor is gone: its standard input ends.
 */
export async function runUntilStopped(
  stop: () => Promise<void>,
  options: { readonly logger: Logger; readonly ended?: Promise<Ending> },
): Promise<number> {
  const { logger } = options;
  const why = await Promise.race([asked(), options.ended ?? new Promise<never>(() => {})]);
  const log = why.code === 0 ? logger.info.bind(logger) : logger.error.bind(logger);
  log({ reason: why.reason }, 'stopping');
  const timer = setTimeout(() => {
    logger.error({ afterMs: STOP_MS }, 'could not stop in time');
    process.exit(1);
  }, STOP_MS);
  await stop();
  clearTimeout(timer);
  logger.info({}, 'stopped');
  return why.code;
}

export const SUPERVISED = 'KEELSON_SUPERVISED';

function asked(): Promise<Ending> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => resolve({ code: 0, reason: signal }));
    if (process.env[SUPERVISED] === undefined) return;
    process.stdin.on('end', () => resolve({ code: 0, reason: 'the supervisor is gone' }));
    process.stdin.on('error', () => resolve({ code: 0, reason: 'the supervisor is gone' }));
    process.stdin.resume();
  });
}
