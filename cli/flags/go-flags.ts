import { UsageError } from '../usage-error.ts';
import { boolOf, type Flag, type Given } from './flag.ts';

/** What a command line said. */
export interface GoCommandLine {
  readonly given: Given;
  readonly wantsHelp: boolean;
  readonly wantsVersion: boolean;
}

/**
 * Reads a command line as Go's flag package does, which etcd's users write for: one dash or two, `--flag=value` or `--flag value`; a switch alone
 * is true and takes another value only behind `=`; the last of several counts. Errors: UsageError in the words of Go or etcd.
 */
export function parseGoFlags(flags: readonly Flag[], args: readonly string[]): GoCommandLine {
  const known = new Map(flags.map((flag) => [flag.name, flag]));
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? '';
    const [, name, equals, text = ''] = /^--?([^-=][^=]*)(=)?([\s\S]*)$/.exec(argument) ?? [];
    if (argument === '--' && at === args.length - 1) break;
    if (name === undefined) throw notAFlag(argument === '--' ? (args[at + 1] ?? '') : argument);
    if (name === 'help' || name === 'h') return { given, wantsHelp: true, wantsVersion: false };
    if (name === 'version' && (equals === undefined || boolOf(text) === true))
      return { given, wantsHelp: false, wantsVersion: true };
    const flag = known.get(name);
    if (flag === undefined) throw new UsageError(`flag provided but not defined: -${name}`);
    given.set(
      name,
      textOf(flag, equals === undefined ? undefined : text, () => args[++at]),
    );
  }
  return { given, wantsHelp: false, wantsVersion: false };
}

function notAFlag(argument: string): UsageError {
  const isMisspelt = /^--?[-=]/.test(argument);
  return new UsageError(isMisspelt ? `bad flag syntax: ${argument}` : `'${argument}' is not a valid flag`);
}

function textOf(flag: Flag, text: string | undefined, next: () => string | undefined): string {
  if (flag.value === undefined) {
    if (text !== undefined && boolOf(text) === undefined)
      throw new UsageError(`invalid boolean value "${text}" for -${flag.name}: must be true or false`);
    return text ?? 'true';
  }
  const value = text ?? next();
  if (value === undefined) throw new UsageError(`flag needs an argument: -${flag.name}`);
  return value;
}
