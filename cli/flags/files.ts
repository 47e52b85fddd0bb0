import { readFileSync } from 'node:fs';
import { UsageError } from '../usage-error.ts';
import type { FlagReader } from './flag.ts';

/** The PEM text of the file that a flag names. Errors: UsageError. */
export function readPem(flags: FlagReader, name: string): string {
  const path = flags.text(name);
  const text = readText(path, `--${name}`);
  if (!text.includes('-----BEGIN ')) throw new UsageError(`--${name}: ${path} is not a PEM file`);
  return text;
}

/** The text of a file. Errors: UsageError that names the flag. */
export function readText(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${flag}: cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
}
