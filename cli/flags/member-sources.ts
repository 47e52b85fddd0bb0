import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { UsageError } from '../usage-error.ts';
import type { Flag, Given } from './flag.ts';
import { YAML_SECTIONS } from './member-flags.ts';

/**
 * Where a member's settings come from: the command line, then ETCD_* variables; or, when a configuration file is named, that file alone (as etcd has
 * it). Errors: UsageError for a file that cannot be read or names what nobody knows.
 */
export function memberSettings(
  flags: readonly Flag[],
  given: Given,
  environment: Readonly<Record<string, string | undefined>>,
): Given {
  const file = given.get('config-file') ?? environment['ETCD_CONFIG_FILE'];
  if (file !== undefined && file !== '') return fromFile(flags, file);
  const settings = new Map<string, string>();
  for (const { name } of flags) {
    const value = given.get(name) ?? environment[variableOf(name)];
    if (value !== undefined) settings.set(name, value);
  }
  return settings;
}

/** `ETCD_LISTEN_PEER_URLS` of `listen-peer-urls`. */
export const variableOf = (flag: string): string => `ETCD_${flag.toUpperCase().replaceAll('-', '_')}`;

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
    const value: unknown = parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`--config-file: ${path} is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  throw new UsageError(`--config-file: ${path} must hold settings by name`);
}
