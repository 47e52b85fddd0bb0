import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const HELP = `keelson bench: the same loads against Keelson and Debian's etcd, three members each, in turn on this machine

  npm run bench                                        all loads at their sizes, then growth; the loads alone take some ten minutes
  npm run bench -- put --clients 1000 --against etcd   one load at one size (10 clients a connection)
  npm run bench -- put range --rounds 3                some loads; their rows of the results are replaced
  npm run bench -- growth                              how cost grows with the number of keys, up to a million
  npm run bench -- growth-puts --keys 10000000         one part of that, up to ten million
  npm run bench -- range --against none --save none    Keelson alone, nothing written
  npm run bench -- kube                                the API servers: see npm run bench -- kube --help
  npm run bench -- put --profile profiles              leaves a profile and a flame graph of each member in that folder

  --rounds N      alternations (5)                 --seconds S   of each run (4)
  --warm-up S     the most that each side runs before its first run of a load that counts (60)
  --connections C, --clients C                     --against etcd or none (etcd)
  --save FOLDER   results.json, results.md and results.svg there (docs/benchmarks); none: nowhere
  --json FILE     these runs alone, as JSON        --profile FOLDER   profiles and flame graphs
  --keys N        up to which growth goes (1000000)

`;

/** What may be named, of which nothing named means all. */
export interface Names {
  readonly loads: readonly string[];
  /** The parts of `growth`. */
  readonly growth: readonly string[];
}

const GROWTH = 'growth';

/** What the command line says. */
export interface Options {
  /** Loads and parts of growth. */
  readonly names: readonly string[];
  readonly connections: number | undefined;
  readonly clients: number | undefined;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly against: 'etcd' | 'none';
  readonly saveFolder: string | undefined;
  readonly jsonFile: string | undefined;
  readonly profileFolder: string | undefined;
  readonly keys: number;
}

/** A mistake in the command line, in words for the one who typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Undefined: help was asked for. Throws UsageError. */
export function optionsOf(args: readonly string[], known: Names): Options | undefined {
  const { values, positionals } = parsed(args);
  if (values.help) return undefined;
  const all = [...known.loads, ...known.growth];
  const unknown = positionals.find((name) => name !== GROWTH && !all.includes(name));
  if (unknown !== undefined) throw new UsageError(`no load "${unknown}" (there are: ${[...all, GROWTH].join(', ')})`);
  if (values.against !== 'etcd' && values.against !== 'none') throw new UsageError('--against is etcd or none');
  return {
    names: namesOf(positionals, known),
    connections: values.connections === undefined ? undefined : positive('connections', values.connections),
    clients: values.clients === undefined ? undefined : positive('clients', values.clients),
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    warmUpSeconds: notNegative('warm-up', values['warm-up']),
    against: values.against,
    // Without the other side there is nothing to put beside the results that are there.
    saveFolder: values.save === 'none' || values.against === 'none' ? undefined : values.save,
    jsonFile: values.json,
    profileFolder: values.profile === undefined ? undefined : resolve(values.profile),
    keys: positive('keys', values.keys),
  };
}

function namesOf(named: readonly string[], { loads, growth }: Names): readonly string[] {
  const all = [...loads, ...growth];
  if (named.length === 0) return all;
  return all.filter((name) => named.includes(name) || (named.includes(GROWTH) && growth.includes(name)));
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        connections: { type: 'string' },
        clients: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '4' },
        'warm-up': { type: 'string', default: '60' },
        against: { type: 'string', default: 'etcd' },
        save: { type: 'string', default: 'docs/benchmarks' },
        json: { type: 'string' },
        profile: { type: 'string' },
        keys: { type: 'string', default: '1000000' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`--${name} takes a number above 0, not "${text}"`);
  return value;
}

function notNegative(name: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new UsageError(`--${name} takes a number from 0 on, not "${text}"`);
  return value;
}

export function help({ loads, growth }: Names): string {
  return `${HELP}Loads: ${loads.join(', ')}\nParts of growth: ${growth.join(', ')}\n`;
}
