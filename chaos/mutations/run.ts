import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ProfileName } from '../profiles/catalogue.ts';
import type { Mutation } from './mutation.ts';
import type { MutableTree } from './tree.ts';

/** How one mutation was found, or not. */
export interface MutationResult {
  readonly mutation: Mutation;
  readonly checker: string | undefined;
  readonly finding: string;
  /** Seeds that were run: the last one found it. */
  readonly seeds: number;
  readonly seconds: number;
}

interface SeedReport {
  readonly seed: number;
  readonly findings: readonly { readonly checker: string; readonly text: string }[];
}

export interface Limits {
  readonly maxSeeds: number;
  readonly maxSeconds: number;
}

/**
 * Runs seeds 1.. of the mutation's profile in the mutated tree until one fails that does not fail without the bug, at most `maxSeeds` and
 * about `maxSeconds`. One process runs them all. Throws when the simulator itself does not run: a tree that cannot even start would
 * seem to find everything.
 */
export async function hunt(tree: MutableTree, mutation: Mutation, limits: Limits): Promise<MutationResult> {
  const { profile } = mutation;
  const startMs = performance.now();
  const secondsSoFar = (): number => (performance.now() - startMs) / 1000;
  let first = 1;
  while (first <= limits.maxSeeds && secondsSoFar() < limits.maxSeconds) {
    const maxSeconds = limits.maxSeconds - secondsSoFar();
    const seeds = { first, last: limits.maxSeeds, maxSeconds, profile };
    const reports = await tree.with(mutation, (root) => simulate(root, seeds));
    const last = reports.at(-1);
    const found = last?.findings.find(({ checker }) => checker !== 'members') ?? last?.findings[0];
    if (last === undefined || found === undefined) return notFound(mutation, last?.seed ?? first - 1, secondsSoFar());
    if (await isSound(tree, last.seed, profile))
      return { mutation, checker: found.checker, finding: found.text, seeds: last.seed, seconds: secondsSoFar() };
    first = last.seed + 1;
  }
  return notFound(mutation, first - 1, secondsSoFar());
}

/** Whether a seed passes without any bug planted: the control of every find. */
export async function isSound(tree: MutableTree, seed: number, profile: ProfileName): Promise<boolean> {
  const [report] = await simulate(tree.root, { first: seed, last: seed, maxSeconds: 120, profile });
  if (report === undefined) throw new Error(`seed ${seed} did not finish without any bug planted`);
  return report.findings.length === 0;
}

function notFound(mutation: Mutation, seeds: number, seconds: number): MutationResult {
  return { mutation, checker: undefined, finding: '', seeds, seconds };
}

async function simulate(
  root: string,
  of: { readonly first: number; readonly last: number; readonly maxSeconds: number; readonly profile: ProfileName },
): Promise<readonly SeedReport[]> {
  const args = ['--seeds', `${of.first}..${of.last}`, '--profile', of.profile, '--until-failure', '--json'];
  const child = spawn(process.execPath, [join(root, 'chaos', 'sim', 'main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), of.maxSeconds * 1000);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearTimeout(timer);
  const lines = Buffer.concat(chunks).toString().split('\n');
  const reports = lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as SeedReport);
  const isExplained = status === 0 || status === null || (reports.at(-1)?.findings.length ?? 0) > 0;
  if (!isExplained)
    throw new Error(
      `the simulator ended with ${status} and no finding:\n${Buffer.concat(errors).toString().slice(0, 1000)}`,
    );
  return reports;
}
