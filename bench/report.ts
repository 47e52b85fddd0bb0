import type { LoadResult } from './load.ts';

/** One run, and what it cost the servers together: CPU in seconds, memory in bytes at its end. */
export interface MeasuredRun extends LoadResult {
  readonly serverCpuSeconds: number;
  readonly serverBytes: number;
}

/** The runs of one workload at one size, in pairs that ran one after the other. */
export interface Comparison {
  readonly workload: string;
  readonly connections: number;
  readonly clients: number;
  readonly keelson: readonly MeasuredRun[];
  readonly etcd: readonly MeasuredRun[];
}

/** The middle one (of an even number the lower middle). */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** Least, median and greatest. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** What is compared of a run; the ratios are ours to etcd's, pair by pair. */
export const MEASURES = {
  rate: (run: MeasuredRun) => run.perSecond,
  p99: (run: MeasuredRun) => run.p99Ms,
  /** Microseconds of all servers' CPU for one operation. */
  cpu: (run: MeasuredRun) => (1e6 * run.serverCpuSeconds) / Math.max(1, run.operations),
} satisfies Record<string, (run: MeasuredRun) => number>;

/** Undefined when there is nothing to compare with. */
export function ratios(comparison: Comparison, measure: (run: MeasuredRun) => number): Spread | undefined {
  const pairs = comparison.keelson.flatMap((k, i) => {
    const e = comparison.etcd[i];
    return e === undefined || measure(e) === 0 ? [] : [measure(k) / measure(e)];
  });
  return pairs.length === 0 ? undefined : { min: Math.min(...pairs), median: median(pairs), max: Math.max(...pairs) };
}

/** A Markdown table: medians, and the ratios with their spread. */
export function table(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map((c) => {
    const side = (runs: readonly MeasuredRun[]): string[] =>
      runs.length === 0
        ? ['', '', '']
        : [
            `${Math.round(median(runs.map(MEASURES.rate)))}/s`,
            `${median(runs.map(MEASURES.p99)).toFixed(1)} ms`,
            `${median(runs.map(MEASURES.cpu)).toFixed(1)} us`,
          ];
    const errors = (runs: readonly MeasuredRun[]): number => runs.reduce((sum, run) => sum + run.errors, 0);
    const generator = median(c.keelson.map((run) => run.generatorCpuSeconds / run.seconds));
    const cells = [
      `${c.workload} ${c.connections}x${c.clients}`,
      ...side(c.keelson),
      ...side(c.etcd),
      spreadText(ratios(c, MEASURES.rate)),
      spreadText(ratios(c, MEASURES.cpu)),
      `${Math.round(100 * generator)} %`,
      `${errors(c.keelson)} / ${errors(c.etcd)}`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| load (connections x clients) | Keelson | p99 | CPU each | etcd | p99 | CPU each | rate ratio (min–max) | CPU ratio (min–max) | generator | errors |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return '';
  return `${spread.median.toFixed(2)} (${spread.min.toFixed(2)}–${spread.max.toFixed(2)})`;
}
