import { type RunReport, runSeed } from './run-seed.ts';

const USAGE = 'usage: npm run sim -- --seed N [--trace] | --seeds A..B';

/** `--seed N` runs one seed, with `--trace` line by line; `--seeds A..B` runs all of them. Exit code 1 when a check failed. */
async function main(args: readonly string[]): Promise<number> {
  const seeds = seedsOf(args);
  if (seeds === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const tell = args.includes('--trace') ? (line: string): void => void process.stdout.write(`${line}\n`) : undefined;
  let failed = 0;
  for (let seed = seeds.first; seed <= seeds.last; seed++) {
    const startMs = performance.now();
    const report = await runSeed(seed, tell === undefined ? {} : { tell });
    process.stdout.write(`${lineOf(report, performance.now() - startMs)}\n`);
    if (report.violations.length > 0) failed++;
  }
  if (failed > 0) process.stdout.write(`${failed} of ${seeds.last - seeds.first + 1} seeds failed\n`);
  return failed > 0 ? 1 : 0;
}

function lineOf(report: RunReport, tookMs: number): string {
  const { seed, members, trace, operations, acknowledged, revision, violations } = report;
  const figures = `${members} members, ${acknowledged}/${operations} acknowledged, revision ${revision}, trace ${trace}, ${Math.round(tookMs)} ms`;
  if (violations.length === 0) return `seed ${seed}: ok (${figures})`;
  const shown = violations.slice(0, 10).map((violation) => `  ${violation}`);
  return [`seed ${seed}: FAILED (${figures})`, ...shown, `  replay: npm run sim -- --seed ${seed} --trace`].join('\n');
}

function seedsOf(args: readonly string[]): { readonly first: number; readonly last: number } | undefined {
  const one = /^\d+$/.exec(flagValue(args, '--seed') ?? '');
  if (one !== null) return { first: Number(one[0]), last: Number(one[0]) };
  const many = /^(\d+)\.\.(\d+)$/.exec(flagValue(args, '--seeds') ?? '');
  return many === null ? undefined : { first: Number(many[1]), last: Number(many[2]) };
}

function flagValue(args: readonly string[], flag: string): string | undefined {
  const at = args.indexOf(flag);
  return at < 0 ? undefined : args[at + 1];
}

process.exitCode = await main(process.argv.slice(2));
