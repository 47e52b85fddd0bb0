import { UsageError } from '../usage-error.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** etcd's names of levels as pino's. Errors: UsageError. */
export function logLevelOf(text: string): LogLevel {
  switch (text) {
    case 'debug':
    case 'info':
    case 'warn':
    case 'error':
    case 'fatal':
      return text;
    case 'panic':
    case 'dpanic':
      return 'fatal';
    default:
      throw new UsageError(`invalid value "${text}" for --log-level: must be debug, info, warn, error, panic or fatal`);
  }
}
