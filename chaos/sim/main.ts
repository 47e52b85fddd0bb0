import { writeFileSync } from 'node:fs';
import { type Request, replayOf, requestOf, USAGE } from './command-line.ts';
import { Progress } from './progress.ts';
import { type RunReport, runSeed } from './run-seed.ts';
import { type Swept, sweep } from './sweep.ts';
import { timelineHtml } from './timeline.ts';
import type { TraceLine } from './trace.ts';

/** Runs seeds, says how it goes, and of one that fails how to replay it and where its story is drawn. Exit code 1 when one failed. */
async function main(args: readonly string[]): Promise<number> {
  const request = requestOf(args);
  if (request === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  return request.first === request.last ? await runOne(request) : await runMany(request);
}

async function runOne(request: Request): Promise<number> {
  const startMs = performance.now();
  const lines: TraceLine[] = [];
  const tell = (line: TraceLine): void => {
    lines.push(line);
    if (request.isTraced) write(`${line.atMs.toFixed(1).padStart(10)}  ${line.text}\n`);
  };
  const isTold = request.isTraced || request.timeline !== undefined;
  const report = await runSeed(request.first, { ...request.plan, ...(isTold && { tell }) });
  const swept = { report, tookMs: performance.now() - startMs };
  write(request.isJson ? jsonOf(swept) : `${textOf(swept, request)}\n`);
  const isFailed = report.findings.length > 0;
  if (!request.isJson && (isFailed || request.timeline !== undefined))
    await draw(report, request, isTold ? lines : undefined);
  return isFailed ? 1 : 0;
}

async function runMany(request: Request): Promise<number> {
  const progress = new Progress(request, request.isJson ? () => undefined : write);
  for await (const swept of sweep({ ...request, onPassed: (ms) => progress.passed(ms) })) {
    progress.done(swept);
    const isFailed = swept.report.findings.length > 0;
    if (request.isJson) write(jsonOf(swept));
    else if (isFailed) {
      write(`${textOf(swept, request)}\n`);
      await draw(swept.report, request, undefined);
    }
    if (isFailed && request.untilFailure) break;
  }
  if (!request.isJson) write(`${progress.summary()}\n`);
  return progress.failed > 0 ? 1 : 0;
}

/** Draws a run; without its lines it is run once more, for them. */
async function draw(report: RunReport, request: Request, lines: readonly TraceLine[] | undefined): Promise<void> {
  const { seed } = report.plan;
  const file = request.timeline ?? `sim-${seed}.html`;
  const told: TraceLine[] = [...(lines ?? [])];
  if (lines === undefined) await runSeed(seed, { ...request.plan, tell: (line) => told.push(line) });
  writeFileSync(file, timelineHtml(report, told, { replay: replayOf(seed, request) }));
  write(`  timeline: ${file}\n`);
}

function jsonOf({ report, tookMs }: Swept): string {
  const { plan, ...rest } = report;
  return `${JSON.stringify({ seed: plan.seed, tookMs, ...rest })}\n`;
}

function textOf({ report, tookMs }: Swept, request: Request): string {
  const { plan, operations, acknowledged, revision, simulatedMs, findings } = report;
  const figures = `${plan.profile}: ${plan.members} members, ${plan.faults.join('+') || 'aimed faults only'}, ${acknowledged}/${operations} acknowledged, revision ${revision}, ${Math.round(simulatedMs / 1000)} s in ${Math.round(tookMs)} ms`;
  if (findings.length === 0) return `seed ${plan.seed}: ok (${figures})`;
  const shown = findings.slice(0, 10).map(({ checker, text }) => `  ${checker}: ${text}`);
  const more = findings.length > 10 ? [`  and ${findings.length - 10} more`] : [];
  return [
    `seed ${plan.seed}: FAILED (${figures})`,
    ...shown,
    ...more,
    `  replay: ${replayOf(plan.seed, request)}`,
  ].join('\n');
}

function write(text: string): void {
  process.stdout.write(text);
}

process.exitCode = await main(process.argv.slice(2));
