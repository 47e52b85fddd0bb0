import { readFileSync } from 'node:fs';
import { yaml } from '../../apiserver/scheme/yaml-library.ts';
import { UsageError } from '../usage-error.ts';
import type { Flag, Given } from './flag.ts';
import { YAML_SECTIONS } from './member-flags.ts';

/** Something to know about the settings, for the log. */
export interface Notice {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a member is set to, by the names of today. */
export interface MemberSettings {
  readonly settings: Given;
  readonly notices: readonly Notice[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where a member's settings come from: the command line and ETCD_* variables, of which only one may say something; or, when a configuration file
 * is named, that file alone (as etcd has it). Errors: UsageError for a file that cannot be read or names what nobody knows, for a variable beside
 * its flag, and for an old and a new name together.
 */
export function memberSettings(flags: readonly Flag[], given: Given, environment: Environment): MemberSettings {
  const file = given.get('config-file') ?? environment['ETCD_CONFIG_FILE'];
  if (file === undefined || file === '') return fromCommandLine(flags, given, environment);
  return {
    settings: byNewNames(flags, fromFile(flags, file)),
    notices: [
      {
        level: 'info',
        message:
          'loaded server configuration, other configuration command line flags and environment variables will be ignored if provided',
        fields: { path: file },
      },
    ],
  };
}

/** `ETCD_LISTEN_PEER_URLS` of `listen-peer-urls`. */
export const variableOf = (flag: string): string => `ETCD_${flag.toUpperCase().replaceAll('-', '_')}`;

/** Source: etcd pkg/flags/flag.go, SetFlagsFromEnv and verifyEnv. */
function fromCommandLine(flags: readonly Flag[], given: Given, environment: Environment): MemberSettings {
  const settings = new Map(given);
  const notices: Notice[] = [];
  for (const { name } of flags) {
    const variable = variableOf(name);
    const value = environment[variable] ?? '';
    if (value === '') continue;
    if (given.has(name))
      throw new UsageError(
        `conflicting environment variable ${variable} is shadowed by corresponding command-line flag (either unset environment variable or disable flag)`,
      );
    settings.set(name, value);
    notices.push({
      level: 'info',
      message: 'recognized and used environment variable',
      fields: { 'variable-name': variable, 'variable-value': value },
    });
  }
  const known = new Set(flags.map(({ name }) => variableOf(name)));
  for (const variable of Object.keys(environment).filter((name) => name.startsWith('ETCD_') && !known.has(name)))
    notices.push({
      level: 'warn',
      message: 'unrecognized environment variable',
      fields: { 'environment-variable': variable },
    });
  return { settings: byNewNames(flags, settings), notices };
}

function byNewNames(flags: readonly Flag[], settings: Given): Given {
  const renamed = new Map(flags.flatMap(({ name, renamed: now }) => (now === undefined ? [] : [[name, now]])));
  const result = new Map<string, string>();
  for (const [name, value] of settings) {
    const now = renamed.get(name);
    if (now !== undefined && settings.has(now))
      throw new UsageError(`cannot set --${name} and --${now} at the same time, please use --${now} only`);
    result.set(now ?? name, value);
  }
  return result;
}

function fromFile(flags: readonly Flag[], path: string): Given {
  const settings = new Map<string, string>();
  const known = new Set(flags.map(({ name }) => name));
  for (const [key, value] of Object.entries(readYaml(path))) {
    const section = YAML_SECTIONS[key];
    if (section === undefined) take(key, value, key);
    else if (typeof value === 'object' && value !== null) {
      for (const [part, inner] of Object.entries(value))
        take(section[part] ?? `${key}.${part}`, inner, `${key}.${part}`);
    }
  }
  return settings;

  function take(name: string, value: unknown, shown: string): void {
    if (value === null || value === undefined || value === '') return;
    if (!known.has(name)) throw new UsageError(`--config-file: ${path}: unknown setting "${shown}"`);
    if (typeof value === 'object' && !Array.isArray(value))
      throw new UsageError(`--config-file: ${path}: "${shown}" must be one value`);
    settings.set(name, Array.isArray(value) ? value.join(',') : String(value));
  }
}

function readYaml(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `--config-file: cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
    );
  }
  try {
    const value: unknown = yaml().parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`--config-file: ${path} is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  throw new UsageError(`--config-file: ${path} must hold settings by name`);
}
