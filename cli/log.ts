import { destination, type Logger as Pino, pino } from 'pino';
import type { LogLevel } from './flags/log-level.ts';

export type Logger = Pino;

/** Parts of a record that never reach a log, wherever they lie in it. */
const SECRET = ['token', 'password', 'authorization', 'cookie', 'keyPem', 'key', 'secret'];

/** JSON lines on standard error. */
export function createLogger(level: LogLevel, base: Readonly<Record<string, string>>): Logger {
  const paths = SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino(
    { level, base, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths, censor: '[redacted]' } },
    destination({ fd: 2, sync: true }),
  );
}
