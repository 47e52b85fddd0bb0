import type { Limits } from './limits/limits.ts';
import type { MeteredResult } from './load.ts';
import type { DiskUse } from './metrics.ts';
import type { CpuShares } from './profile/shares.ts';

/** One run, and what it cost the servers together: CPU in seconds, memory in bytes at its end, what their logs asked of the disk. */
export interface MeasuredRun extends MeteredResult {
  readonly serverCpuSeconds: number;
  /** CPU that neither servers nor generator used: the rest of the machine. */
  readonly otherCpuSeconds: number;
  readonly serverBytes: number;
  readonly disk: DiskUse;
}

/** The runs of one workload at one size, in pairs that ran one after the other. */
export interface Comparison {
  readonly workload: string;
  readonly connections: number;
  readonly clients: number;
  readonly keelson: readonly MeasuredRun[];
  readonly etcd: readonly MeasuredRun[];
  /** CPU of one operation in microseconds, second by second before the runs that count: what compiling the code costs at first. */
  readonly warmUps?: { readonly keelson: readonly number[]; readonly etcd: readonly number[] };
  /** Where the CPU of Keelson's members went, in a run that is not among these. */
  readonly cpu?: CpuShares;
  readonly limits?: Limits;
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
  p50: (run: MeasuredRun) => run.p50Ms,
  p99: (run: MeasuredRun) => run.p99Ms,
  /** Microseconds of all servers' CPU for one operation. */
  cpu: (run: MeasuredRun) => (1e6 * run.serverCpuSeconds) / Math.max(1, run.operations),
  /** The generator's share of one core. */
  generator: (run: MeasuredRun) => run.generatorCpuSeconds / run.seconds,
} satisfies Record<string, (run: MeasuredRun) => number>;

/** Above this share of a core the generator is taken for the limit of a run, not the server. */
export const GENERATOR_BOUND = 0.85;

/** What the rest of the machine used, in cores, above which a run was disturbed. The kernel's own threads use a little. */
export const DISTURBED_CORES = 0.15;

/** Undefined when there is nothing to compare with. */
export function ratios(comparison: Comparison, measure: (run: MeasuredRun) => number): Spread | undefined {
  return pairRatios(comparison.keelson.map(measure), comparison.etcd.map(measure));
}

/** The spread of ours to theirs, pair by pair; undefined without pairs. */
export function pairRatios(ours: readonly number[], theirs: readonly number[]): Spread | undefined {
  const pairs = ours.flatMap((our, i) => {
    const their = theirs[i];
    return their === undefined || their === 0 ? [] : [our / their];
  });
  return pairs.length === 0 ? undefined : { min: Math.min(...pairs), median: median(pairs), max: Math.max(...pairs) };
}

/** What a load is called: its workload, connections and clients. */
export function nameOf({ workload, connections, clients }: Comparison): string {
  return `${workload} ${connections}x${clients}`;
}

/** A Markdown table: medians, and the ratios with their spread. */
export function table(comparisons: readonly Comparison[]): string {
  return markdown(
    [
      ...['load (connections x clients)', 'Keelson', 'p50', 'p99', 'CPU each', 'etcd', 'p50', 'p99', 'CPU each'],
      ...['rate ratio (min–max)', 'p99 ratio (min–max)', 'CPU ratio (min–max)', 'generator', 'errors'],
    ],
    comparisons.map((c) => [
      `${nameOf(c)}${isDisturbed(c) ? ' **disturbed**' : ''}`,
      ...sideCells(c.keelson),
      ...sideCells(c.etcd),
      spreadText(ratios(c, MEASURES.rate)),
      spreadText(ratios(c, MEASURES.p99)),
      spreadText(ratios(c, MEASURES.cpu)),
      [c.keelson, c.etcd].map(generatorText).join(' / '),
      `${errorsOf(c.keelson)} / ${errorsOf(c.etcd)}`,
    ]),
  );
}

function sideCells(runs: readonly MeasuredRun[]): readonly string[] {
  if (runs.length === 0) return ['', '', '', ''];
  const of = (measure: (run: MeasuredRun) => number): number => median(runs.map(measure));
  return [
    `${Math.round(of(MEASURES.rate))}/s`,
    `${of(MEASURES.p50).toFixed(2)} ms`,
    `${of(MEASURES.p99).toFixed(1)} ms`,
    `${of(MEASURES.cpu).toFixed(1)} us`,
  ];
}

/** Whether half the runs or more shared the machine with something else. */
function isDisturbed({ keelson, etcd }: Comparison): boolean {
  return median([...keelson, ...etcd].map((run) => run.otherCpuSeconds / run.seconds)) > DISTURBED_CORES;
}

function generatorText(runs: readonly MeasuredRun[]): string {
  if (runs.length === 0) return '–';
  const share = median(runs.map(MEASURES.generator));
  return `${percent(share)}${share > GENERATOR_BOUND ? ' **generator-bound**' : ''}`;
}

function errorsOf(runs: readonly MeasuredRun[]): number {
  return runs.reduce((sum, run) => sum + run.errors, 0);
}

export function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return '';
  return `${spread.median.toFixed(2)} (${spread.min.toFixed(2)}–${spread.max.toFixed(2)})`;
}

/** From the first second of a warm-up to its cheapest. */
export function warmUpText(costs: readonly number[]): string {
  if (costs.length === 0) return '–';
  return `${(costs[0] ?? 0).toFixed(1)} → ${Math.min(...costs).toFixed(1)} us`;
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** A table of Markdown. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
