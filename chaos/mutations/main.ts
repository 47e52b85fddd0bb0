import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chosen, hunt, isSound, MutableTree, type MutationResult, mutationPage } from './run.ts';

const PAGE = 'docs/internals/mutations.md';

/** `npm run mutations [-- NAME…] [--max-seeds N] [--max-seconds S]`: without names all, and the page is written. */
async function main(args: readonly string[]): Promise<number> {
  const limits = { maxSeeds: numberOf(args, '--max-seeds') ?? 200, maxSeconds: numberOf(args, '--max-seconds') ?? 120 };
  const names = args.filter((arg, i) => !arg.startsWith('--') && !(args[i - 1] ?? '').startsWith('--'));
  const command = ['npm run mutations', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const tree = new MutableTree(join(import.meta.dirname, '..', '..'));
  const results: MutationResult[] = [];
  try {
    if (!(await isSound(tree, 1))) throw new Error('seed 1 fails without any bug planted');
    for (const mutation of chosen(names)) {
      const result = await hunt(tree, mutation, limits);
      results.push(result);
      if (names.length === 0) writeFileSync(PAGE, mutationPage(results, command));
      const by = result.checker === undefined ? 'NOT FOUND' : `found by ${result.checker}`;
      const figures = `${result.seeds} seeds, ${result.seconds.toFixed(1)} s`;
      process.stdout.write(
        `${mutation.name.padEnd(34)} ${by} (${figures})  ${result.finding.split('\n')[0]?.slice(0, 120)}\n`,
      );
    }
  } finally {
    tree.remove();
  }
  return results.every(({ checker }) => checker !== undefined) ? 0 : 1;
}

function numberOf(args: readonly string[], flag: string): number | undefined {
  const at = args.indexOf(flag);
  const value = Number(args[at + 1]);
  return at < 0 || !Number.isFinite(value) ? undefined : value;
}

process.exitCode = await main(process.argv.slice(2));
