import { resolve } from 'node:path';
import { UsageError } from '../usage-error.ts';
import type { FlagReader } from './flag.ts';
import { type LogLevel, logLevelOf } from './log-level.ts';

/** What is logged, how and where. */
export interface LogOptions {
  readonly level: LogLevel;
  /** `console`: fields in columns, for people. */
  readonly format: 'json' | 'console';
  /** Standard streams and absolute paths of files; at least one. */
  readonly outputs: readonly ('stderr' | 'stdout' | { readonly path: string })[];
}

/** --log-level, --log-format and --log-outputs. Errors: UsageError. */
export function logOptions(flags: FlagReader): LogOptions {
  const format = flags.text('log-format');
  if (format !== 'json' && format !== 'console')
    throw new UsageError(`invalid value "${format}" for --log-format: must be json or console`);
  const outputs = [...new Set(flags.list('log-outputs'))];
  if (outputs.includes('default') && outputs.length > 1)
    throw new UsageError('--log-outputs: multi logoutput for "default" is not supported yet');
  if (outputs.length === 0) throw new UsageError('--log-outputs needs at least one output');
  return {
    level: logLevelOf(flags.text('log-level')),
    format,
    outputs: outputs.map((output) => {
      if (output === 'default' || output === 'stderr') return 'stderr';
      return output === 'stdout' ? output : { path: resolve(output) };
    }),
  };
}
