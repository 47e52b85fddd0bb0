import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chosen } from './catalogue.ts';
import { keepHunts } from './findings.ts';
import type { Mutation } from './mutation.ts';
import { mutationPage } from './page.ts';
import { hunt, isSound, type Limits, type MutationResult } from './run.ts';
import { MutableTree } from './tree.ts';

const PAGE = 'docs/internals/mutations.md';
/** What the page is made of. */
const HUNTS = 'docs/internals/mutations.json';

/**
 * `npm run mutations [-- NAME…] [--max-seeds N] [--max-seconds S] [--jobs J]`: hunts those whose name contains a NAME, or all, and writes the
 * page anew with what came of it. Exit code 1 when one was not found.
 */
async function main(args: readonly string[]): Promise<number> {
  const limits = { maxSeeds: numberOf(args, '--max-seeds') ?? 500, maxSeconds: numberOf(args, '--max-seconds') ?? 600 };
  const names = args.filter((arg, i) => !arg.startsWith('--') && !(args[i - 1] ?? '').startsWith('--'));
  const queue = [...chosen(names)];
  const results: MutationResult[] = [];
  const workers = Array.from({ length: numberOf(args, '--jobs') ?? 1 }, () =>
    work(queue, limits, (result) => {
      results.push(result);
      process.stdout.write(`${lineOf(result)}\n`);
      writeFileSync(PAGE, mutationPage(keepHunts(HUNTS, [result]), limits.maxSeeds));
    }),
  );
  await Promise.all(workers);
  return results.every(({ checker }) => checker !== undefined) ? 0 : 1;
}

/** Hunts one after the other in a tree of its own, until the queue is empty. */
async function work(queue: Mutation[], limits: Limits, done: (result: MutationResult) => void): Promise<void> {
  const tree = new MutableTree(join(import.meta.dirname, '..', '..'));
  try {
    if (!(await isSound(tree, 1, 'mixed'))) throw new Error('seed 1 fails without any bug planted');
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) done(await hunt(tree, next, limits));
  } finally {
    tree.remove();
  }
}

function lineOf({ mutation, checker, finding, seeds, seconds }: MutationResult): string {
  const by = checker === undefined ? 'NOT FOUND' : `found by ${checker}`;
  const figures = `${seeds} seeds, ${seconds.toFixed(1)} s`;
  return `${mutation.name.padEnd(36)} ${by} (${figures})  ${finding.split('\n')[0]?.slice(0, 140)}`;
}

function numberOf(args: readonly string[], flag: string): number | undefined {
  const at = args.indexOf(flag);
  const value = Number(args[at + 1]);
  return at < 0 || !Number.isFinite(value) ? undefined : value;
}

process.exitCode = await main(process.argv.slice(2));
