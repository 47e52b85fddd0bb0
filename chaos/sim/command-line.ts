import { PROFILE_NAMES, type ProfileName, profileNamed } from '../profiles/catalogue.ts';

/** What `npm run sim` is asked to do. */
export interface Request {
  readonly first: number;
  readonly last: number;
  /** Real milliseconds after which no seed is begun any more. */
  readonly limitMs: number;
  readonly jobs: number;
  readonly plan: { readonly hours?: number; readonly profile?: ProfileName };
  /** Tells the story line by line. */
  readonly isTraced: boolean;
  readonly isJson: boolean;
  readonly untilFailure: boolean;
  readonly timeline: string | undefined;
}

/** How `npm run sim` is called. */
export const USAGE = `usage: npm run sim -- --seed N | --seeds A..B | --minutes M [--from N]
  --hours H          long and quiet lives of H simulated hours instead of short and wild ones
  --profile NAME     of this kind only (chaos/profiles): ${PROFILE_NAMES.join(', ')}
  --jobs N           that many processes; the findings are the same and come in the same order
  --until-failure    stops at the first seed that fails
  --trace            tells the story of one seed line by line
  --timeline FILE    draws it (of a failed seed it is drawn anyway, into sim-N.html)
  --json             one line of JSON a seed`;

/** Reads the command line; undefined when it makes no sense. */
export function requestOf(args: readonly string[]): Request | undefined {
  const seeds = seedsOf(args);
  const hours = numberOf(args, '--hours');
  const name = argumentOf(args, '--profile');
  const profile = name === undefined ? undefined : profileNamed(name);
  const jobs = numberOf(args, '--jobs') ?? 1;
  if (name !== undefined && profile === undefined) return undefined;
  if (seeds === undefined || !Number.isInteger(jobs) || jobs < 1 || (hours !== undefined && !(hours > 0)))
    return undefined;
  return {
    ...seeds,
    jobs: Math.min(jobs, seeds.last - seeds.first + 1),
    plan: { ...(hours !== undefined && { hours }), ...(profile !== undefined && { profile }) },
    isTraced: args.includes('--trace'),
    isJson: args.includes('--json'),
    untilFailure: args.includes('--until-failure'),
    timeline: argumentOf(args, '--timeline'),
  };
}

/** The line that runs one seed of this request again. */
export function replayOf(seed: number, { plan }: Pick<Request, 'plan'>): string {
  const flags = Object.entries(plan).map(([name, value]) => ` --${name} ${value}`);
  return `npm run sim -- --seed ${seed}${flags.join('')} --trace`;
}

function seedsOf(args: readonly string[]): Pick<Request, 'first' | 'last' | 'limitMs'> | undefined {
  const limitMs = Number.POSITIVE_INFINITY;
  const seed = /^\d+$/.exec(argumentOf(args, '--seed') ?? '')?.[0];
  if (seed !== undefined) return { first: Number(seed), last: Number(seed), limitMs };
  const range = /^(\d+)\.\.(\d+)$/.exec(argumentOf(args, '--seeds') ?? '');
  if (range !== null && Number(range[1]) <= Number(range[2]))
    return { first: Number(range[1]), last: Number(range[2]), limitMs };
  const minutes = numberOf(args, '--minutes');
  const first = numberOf(args, '--from') ?? Date.now() % 1_000_000_000;
  if (minutes === undefined || !(minutes > 0)) return undefined;
  return { first, last: Number.MAX_SAFE_INTEGER, limitMs: minutes * 60_000 };
}

function numberOf(args: readonly string[], flag: string): number | undefined {
  const text = argumentOf(args, flag);
  return text === undefined ? undefined : Number(text);
}

function argumentOf(args: readonly string[], flag: string): string | undefined {
  const at = args.indexOf(flag);
  return at < 0 ? undefined : args[at + 1];
}
