import { writeFileSync } from 'node:fs';
import { PROFILE_NAMES, type ProfileName, profileNamed } from '../profiles/catalogue.ts';
import { type RunReport, runSeed } from './run-seed.ts';
import { timelineHtml } from './timeline.ts';
import type { TraceLine } from './trace.ts';

const USAGE = `usage: npm run sim -- --seed N | --seeds A..B | --minutes M [--from N]
  --trace            tells the story of the run line by line
  --timeline FILE    draws it (of a failed seed it is drawn anyway, into sim-N.html)
  --hours H          long and quiet lives of H simulated hours instead of short and wild ones
  --profile NAME     of this kind only (chaos/profiles): ${PROFILE_NAMES.join(', ')}
  --until-failure    stops at the first seed that fails
  --json             one line of JSON a seed`;

interface Request {
  readonly first: number;
  readonly last: number;
  readonly untilMs: number;
  readonly options: { readonly hours?: number; readonly profile?: ProfileName };
}

/** Runs seeds, says how it goes, and of one that fails how to replay it and where its story is drawn. Exit code 1 when one failed. */
async function main(args: readonly string[]): Promise<number> {
  const request = requestOf(args);
  if (request === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const { options } = request;
  const isOne = request.first === request.last;
  const isJson = args.includes('--json');
  const startMs = performance.now();
  const sum = { seeds: 0, failed: 0, simulatedMs: 0, operations: 0 };
  let toldMs = startMs;
  for (let seed = request.first; seed <= request.last && performance.now() < request.untilMs; seed++) {
    const lines: TraceLine[] = [];
    const tell = (line: TraceLine): void => {
      lines.push(line);
      if (args.includes('--trace')) process.stdout.write(`${line.atMs.toFixed(1).padStart(10)}  ${line.text}\n`);
    };
    const seedStartMs = performance.now();
    const report = await runSeed(seed, isOne ? { ...options, tell } : options);
    const tookMs = performance.now() - seedStartMs;
    sum.seeds++;
    sum.simulatedMs += report.simulatedMs;
    sum.operations += report.operations;
    if (isJson) process.stdout.write(`${JSON.stringify({ seed, tookMs, ...report, plan: undefined })}\n`);
    const file = flagValue(args, '--timeline') ?? (report.findings.length > 0 ? `sim-${seed}.html` : undefined);
    if (file !== undefined && !isJson) {
      if (lines.length === 0) await runSeed(seed, { ...options, tell: (line) => lines.push(line) });
      writeFileSync(file, timelineHtml(report, lines));
    }
    if (report.findings.length > 0) sum.failed++;
    if (!isJson && (isOne || report.findings.length > 0)) process.stdout.write(`${textOf(report, tookMs, options)}\n`);
    if (!isJson && !isOne && performance.now() - toldMs > 5000) {
      toldMs = performance.now();
      process.stdout.write(`… seed ${seed}: ${summaryOf(sum, performance.now() - startMs)}\n`);
    }
    if (report.findings.length > 0 && args.includes('--until-failure')) break;
  }
  if (!isJson && !isOne) process.stdout.write(`${summaryOf(sum, performance.now() - startMs)}\n`);
  return sum.failed > 0 ? 1 : 0;
}

function summaryOf(
  sum: { readonly seeds: number; readonly failed: number; readonly simulatedMs: number; readonly operations: number },
  tookMs: number,
): string {
  const hours = (sum.simulatedMs / 3_600_000).toFixed(1);
  const speed = Math.round(sum.simulatedMs / tookMs);
  return `${sum.seeds} seeds, ${sum.failed} failed, ${sum.operations} operations, ${hours} simulated hours in ${(tookMs / 1000).toFixed(1)} s (${speed} times real time)`;
}

function textOf(report: RunReport, tookMs: number, options: Request['options']): string {
  const { plan, operations, acknowledged, revision, simulatedMs, findings } = report;
  const figures = `${plan.profile}: ${plan.members} members, ${plan.faults.join('+') || 'aimed faults only'}, ${acknowledged}/${operations} acknowledged, revision ${revision}, ${Math.round(simulatedMs / 1000)} s in ${Math.round(tookMs)} ms`;
  if (findings.length === 0) return `seed ${plan.seed}: ok (${figures})`;
  const shown = findings.slice(0, 10).map(({ checker, text }) => `  ${checker}: ${text}`);
  const more = findings.length > 10 ? [`  and ${findings.length - 10} more`] : [];
  const flags = Object.entries(options).map(([name, value]) => ` --${name} ${value}`);
  return [
    `seed ${plan.seed}: FAILED (${figures})`,
    ...shown,
    ...more,
    `  replay: npm run sim -- --seed ${plan.seed}${flags.join('')} --trace`,
    `  timeline: sim-${plan.seed}.html`,
  ].join('\n');
}

function requestOf(args: readonly string[]): Request | undefined {
  const hours = flagValue(args, '--hours');
  const name = flagValue(args, '--profile');
  const profile = name === undefined ? undefined : profileNamed(name);
  if (name !== undefined && profile === undefined) return undefined;
  const options = { ...(hours !== undefined && { hours: Number(hours) }), ...(profile !== undefined && { profile }) };
  const rest = { untilMs: Number.POSITIVE_INFINITY, options };
  const seed = /^\d+$/.exec(flagValue(args, '--seed') ?? '');
  if (seed !== null) return { first: Number(seed[0]), last: Number(seed[0]), ...rest };
  const minutes = Number(flagValue(args, '--minutes') ?? Number.NaN);
  const from = Number(flagValue(args, '--from') ?? Date.now() % 1_000_000_000);
  if (minutes > 0)
    return { ...rest, first: from, last: Number.POSITIVE_INFINITY, untilMs: performance.now() + minutes * 60_000 };
  const many = /^(\d+)\.\.(\d+)$/.exec(flagValue(args, '--seeds') ?? '');
  return many === null ? undefined : { first: Number(many[1]), last: Number(many[2]), ...rest };
}

function flagValue(args: readonly string[], flag: string): string | undefined {
  const at = args.indexOf(flag);
  return at < 0 ? undefined : args[at + 1];
}

process.exitCode = await main(process.argv.slice(2));
