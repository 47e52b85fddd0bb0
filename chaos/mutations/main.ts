import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chosen } from './catalogue.ts';
import type { Mutation } from './mutation.ts';
import { mutationPage } from './page.ts';
import { hunt, isSound, type Limits, type MutationResult } from './run.ts';
import { MutableTree } from './tree.ts';

const PAGE = 'docs/internals/mutations.md';

/** `npm run mutations [-- NAME…] [--max-seeds N] [--max-seconds S] [--jobs J]`: without names all, and the page is written. */
async function main(args: readonly string[]): Promise<number> {
  const limits = { maxSeeds: numberOf(args, '--max-seeds') ?? 500, maxSeconds: numberOf(args, '--max-seconds') ?? 600 };
  const names = args.filter((arg, i) => !arg.startsWith('--') && !(args[i - 1] ?? '').startsWith('--'));
  const command = ['npm run mutations', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const queue = [...chosen(names).entries()];
  const results: MutationResult[] = [];
  const workers = Array.from({ length: numberOf(args, '--jobs') ?? 1 }, () =>
    work(queue, limits, (i, result) => {
      results[i] = result;
      process.stdout.write(`${lineOf(result)}\n`);
    }),
  );
  await Promise.all(workers);
  if (names.length === 0) writeFileSync(PAGE, mutationPage(results, { command, maxSeeds: limits.maxSeeds }));
  return results.every(({ checker }) => checker !== undefined) ? 0 : 1;
}

/** Hunts one after the other in a tree of its own, until the queue is empty. */
async function work(
  queue: (readonly [number, Mutation])[],
  limits: Limits,
  done: (i: number, result: MutationResult) => void,
): Promise<void> {
  const tree = new MutableTree(join(import.meta.dirname, '..', '..'));
  try {
    if (!(await isSound(tree, 1, 'mixed'))) throw new Error('seed 1 fails without any bug planted');
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [i, mutation] = next;
      done(i, await hunt(tree, mutation, limits));
    }
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
