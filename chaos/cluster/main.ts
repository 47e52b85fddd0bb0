import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SmallDiskError } from './harness/small-disk.ts';
import { CLUSTER_LIMITS } from './limits.ts';
import { optionsOf, USAGE } from './options.ts';
import { figuresOf, type Gap } from './probe.ts';
import { type RunReport, runChaos } from './run.ts';
import { timelineHtml } from './timeline.ts';

/** Runs chaos as the arguments say. Exit code 1 when something was found, 2 when the arguments are wrong. */
async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (typeof options === 'string') {
    process.stderr.write(`keelson chaos: ${options} (--help tells more)\n`);
    return 2;
  }
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const directory = await mkdtemp(join(tmpdir(), 'keelson-chaos-'));
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
  let isKept = false;
  const tell = (line: string): void => void process.stdout.write(`${line}\n`);
  tell(`keelson chaos: ${options.replay}`);
  try {
    const report = await runChaos({ ...options, directory, tell, signal: stopped.signal });
    tell(summaryOf(report));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(jsonOf(report), undefined, 2)}\n`);
    const file = options.timeline ?? (report.findings.length > 0 ? `chaos-${options.seed}.html` : undefined);
    if (file !== undefined) {
      await writeFile(file, timelineHtml(report, options.replay));
      tell(`timeline: ${file}`);
    }
    if (report.findings.length === 0) return 0;
    isKept = options.keep;
    if (isKept) tell(`the cluster's directory: ${directory}`);
    tell(`again: ${options.replay}`);
    return 1;
  } catch (error) {
    if (!(error instanceof SmallDiskError)) throw error;
    tell(`disk-full cannot be done on this machine, which does not let us mount a file system: ${error.message}`);
    return 2;
  } finally {
    if (!isKept) await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

function summaryOf(report: RunReport): string {
  const { findings, faults, gaps, apiGaps, workloads, revision, durationMs, checkMs } = report;
  const lines = workloads.map(
    ({ name, operations, acknowledged, unknown }) =>
      `  ${name}: ${operations} calls, ${acknowledged} answered, ${unknown} of unknown outcome`,
  );
  lines.push(...linesOf(gaps, 'nobody could write'));
  lines.push(...linesOf(apiGaps, 'nobody could write through an API server'));
  const verdict = findings.length === 0 ? 'nothing was found' : `${findings.length} findings`;
  return [
    `${verdict}: ${faults.length} faults in ${(durationMs / 1000).toFixed(0)} s, revision ${revision}, checked in ${(checkMs / 1000).toFixed(1)} s`,
    ...lines,
    ...findings.slice(0, CLUSTER_LIMITS.toldFindings).map(({ checker, text }) => `  FOUND ${checker}: ${text}`),
    ...(findings.length > CLUSTER_LIMITS.toldFindings ? ['  … the others are in the JSON and the timeline'] : []),
  ].join('\n');
}

function linesOf(gaps: readonly Gap[], what: string): readonly string[] {
  return [...new Set(gaps.map(({ fault }) => fault))].map((name) => {
    const { count, p50, p99, max } = figuresOf(gaps.filter(({ fault }) => fault === name));
    return `  ${name}: ${count} times; ${what} for p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, max ${max.toFixed(0)} ms`;
  });
}

function jsonOf({ journal, ...report }: RunReport): object {
  return { ...report, startMs: journal.startMs, journal: journal.lines };
}

process.exitCode = await main(process.argv.slice(2));
