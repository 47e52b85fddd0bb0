import { destination, multistream, type Logger as Pino, pino } from 'pino';
import type { LogOptions } from './flags/log-options.ts';
import type { Notice } from './flags/member-sources.ts';
import { UsageError } from './usage-error.ts';

export type Logger = Pino;

/** Parts of a record that never reach a log, wherever they lie in it. */
const SECRET = ['token', 'password', 'authorization', 'cookie', 'keyPem', 'key', 'secret'];

/**
 * A logger whose lines have the shape of etcd's (zap): `level` as a word, `ts`, `msg`. Errors: UsageError when a file cannot be written.
 */
export function createLogger({ level, format, outputs }: LogOptions, base: Readonly<Record<string, string>>): Logger {
  const paths = SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const streams = outputs.map((output) => {
    const stream = streamOf(output);
    return { level, stream: format === 'json' ? stream : { write: (line: string) => stream.write(consoleLine(line)) } };
  });
  return pino(
    {
      level,
      base,
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths, censor: '[redacted]' },
    },
    multistream(streams),
  );
}

/** Writes what there is to know about the settings. */
export function logNotices(logger: Logger, notices: readonly Notice[]): void {
  for (const { level, message, fields } of notices) logger[level](fields, message);
}

function streamOf(output: LogOptions['outputs'][number]): { write(text: string): unknown } {
  if (output === 'stderr' || output === 'stdout') return destination({ fd: output === 'stderr' ? 2 : 1, sync: true });
  try {
    return destination({ dest: output.path, append: true, sync: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new UsageError(`--log-outputs: cannot write ${output.path}: ${code}`);
  }
}

/** Time, level and message in columns, and the rest as JSON. */
function consoleLine(line: string): string {
  const { ts, level, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
  return `${ts}\t${level}\t${msg}\t${JSON.stringify(rest)}\n`;
}
