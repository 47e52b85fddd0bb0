import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTATIONS } from './catalogue.ts';
import type { Mutation } from './mutation.ts';

/** What of the compiled tree the simulator needs. */
const ROOMS = ['base', 'io', 'proto', 'raft', 'storage', 'watch', 'client', 'member', 'chaos'];

/** How one mutation was found, or not. */
export interface MutationResult {
  readonly mutation: Mutation;
  readonly checker: string | undefined;
  readonly finding: string;
  /** Seeds that were run: the last one found it. */
  readonly seeds: number;
  readonly seconds: number;
}

/** The compiled tree again, elsewhere, where one file at a time can be changed. */
export class MutableTree {
  readonly #root = mkdtempSync(join(tmpdir(), 'keelson-mutations-'));

  constructor(compiled: string) {
    for (const room of ROOMS) cpSync(join(compiled, room), join(this.#root, room), { recursive: true });
    writeFileSync(join(this.#root, 'package.json'), '{"type":"module"}\n');
    symlinkSync(join(process.cwd(), 'node_modules'), join(this.#root, 'node_modules'));
  }

  /** The tree as it is: without any bug planted. */
  get root(): string {
    return this.#root;
  }

  /** Runs `work` with the bug planted. Throws when the mutation does not fit the code any more. */
  async with<T>(mutation: Mutation, work: (root: string) => Promise<T>): Promise<T> {
    const path = join(this.#root, mutation.file);
    const source = readFileSync(path, 'utf8');
    writeFileSync(path, mutated(source, mutation));
    try {
      return await work(this.#root);
    } finally {
      writeFileSync(path, source);
    }
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** The source with the bug in it. Throws when the place is not there exactly once. */
export function mutated(source: string, { name, file, find, replace }: Mutation): string {
  const count = source.split(find).length - 1;
  if (count !== 1) throw new Error(`${name}: the place is ${count} times in ${file}`);
  return source.replace(find, () => replace);
}

interface SeedReport {
  readonly seed: number;
  readonly findings: readonly { readonly checker: string; readonly text: string }[];
}

interface Limits {
  readonly maxSeeds: number;
  readonly maxSeconds: number;
}

/**
 * Runs seeds 1.. in the mutated tree until one fails that does not fail without the bug, at most `maxSeeds` and about `maxSeconds`.
 * Throws when the simulator itself does not run: a tree that cannot even start would seem to find everything.
 */
export async function hunt(tree: MutableTree, mutation: Mutation, limits: Limits): Promise<MutationResult> {
  const startMs = performance.now();
  const secondsSoFar = (): number => (performance.now() - startMs) / 1000;
  let first = 1;
  while (first <= limits.maxSeeds && secondsSoFar() < limits.maxSeconds) {
    const maxSeconds = limits.maxSeconds - secondsSoFar();
    const reports = await tree.with(mutation, (root) => simulate(root, { first, last: limits.maxSeeds, maxSeconds }));
    const last = reports.at(-1);
    const found = last?.findings.find(({ checker }) => checker !== 'members') ?? last?.findings[0];
    const seeds = last?.seed ?? first - 1;
    if (last === undefined || found === undefined)
      return { mutation, checker: undefined, finding: '', seeds, seconds: secondsSoFar() };
    if (await isSound(tree, last.seed))
      return { mutation, checker: found.checker, finding: found.text, seeds, seconds: secondsSoFar() };
    first = last.seed + 1;
  }
  return { mutation, checker: undefined, finding: '', seeds: first - 1, seconds: secondsSoFar() };
}

/** Whether a seed passes without any bug planted: the control of every find. */
export async function isSound(tree: MutableTree, seed: number): Promise<boolean> {
  const [report] = await simulate(tree.root, { first: seed, last: seed, maxSeconds: 120 });
  if (report === undefined) throw new Error(`seed ${seed} did not finish without any bug planted`);
  return report.findings.length === 0;
}

async function simulate(
  root: string,
  of: { readonly first: number; readonly last: number; readonly maxSeconds: number },
): Promise<readonly SeedReport[]> {
  const args = ['--seeds', `${of.first}..${of.last}`, '--until-failure', '--json'];
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

/** The table, as a page. */
export function mutationPage(results: readonly MutationResult[], command: string): string {
  const rows = results.map(({ mutation, checker, seeds, seconds }) => {
    const by = checker ?? '**not found**';
    return `| ${mutation.name} | ${mutation.story} | ${by} | ${seeds} | ${seconds.toFixed(1)} |`;
  });
  const found = results.filter(({ checker }) => checker !== undefined).length;
  return `# Known bugs, planted again

Generated by \`${command}\`. Each bug is planted alone into a copy of the compiled tree (\`chaos/mutations\`); the simulator then runs the seeds 1, 2, 3 …
until a checker notices; a find counts only if the same seed passes without the bug. ${found} of ${results.length} are found. *members*: a member stopped, could not start or made no progress, an assertion included.

| bug | story | found by | seeds | seconds |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

/** The mutations of which the name contains one of `names`; all when there are none. */
export function chosen(names: readonly string[]): readonly Mutation[] {
  return MUTATIONS.filter(({ name }) => names.length === 0 || names.some((part) => name.includes(part)));
}
