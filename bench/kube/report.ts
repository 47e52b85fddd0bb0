import { median, type Spread } from '../report.ts';
import type { SideName } from './servers.ts';
import type { ApiLoadResult } from './workloads.ts';

/** One run, and what it cost: CPU in seconds, the API server's memory in bytes. */
export interface ApiRun extends ApiLoadResult {
  readonly apiCpuSeconds: number;
  readonly storeCpuSeconds: number;
  /** Resident before the run, at most while it ran, and at its end. */
  readonly beforeBytes: number;
  readonly peakBytes: number;
  readonly afterBytes: number;
}

export interface ApiComparison {
  readonly workload: string;
  readonly runs: Readonly<Record<SideName, readonly ApiRun[]>>;
}

/** One start of an API server on a store that runs. */
export interface StartRun {
  readonly readyMs: number;
  readonly cpuSeconds: number;
  /** Resident, some seconds after it was ready. */
  readonly idleBytes: number;
}

const MIB = 1024 * 1024;
const mib = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`;

const perOperation = (seconds: number, run: ApiRun): number => (1e6 * seconds) / Math.max(1, run.operations);

/** Rates, CPU for each operation of the API server and of the store, in medians; ratios of pairs, ours to theirs. */
export function loadTable(comparisons: readonly ApiComparison[]): string {
  const rows = comparisons.map(({ workload, runs }) => {
    const side = (name: SideName): string[] => {
      const of = (measure: (run: ApiRun) => number): number => median(runs[name].map(measure));
      if (runs[name].length === 0) return ['', '', '', ''];
      return [
        `${rate(of((run) => run.perSecond))}/s`,
        `${of((run) => run.p50Ms).toFixed(1)} / ${of((run) => run.p99Ms).toFixed(1)} ms`,
        `${of((run) => perOperation(run.apiCpuSeconds, run)).toFixed(1)} + ${of((run) => perOperation(run.storeCpuSeconds, run)).toFixed(1)} us`,
        `${mib(of((run) => run.beforeBytes))} + ${mib(of((run) => run.peakBytes - run.beforeBytes))} -> ${mib(of((run) => run.afterBytes))}`,
      ];
    };
    const errors = (name: SideName): number => runs[name].reduce((sum, run) => sum + run.errors, 0);
    const generator = (name: SideName): string =>
      runs[name].length === 0
        ? '-'
        : `${Math.round(100 * median(runs[name].map((run) => run.generatorCpuSeconds / run.seconds)))} %`;
    return `| ${[
      workload,
      ...side('keelson'),
      ...side('kubernetes'),
      pairs(runs, (run) => run.perSecond),
      pairs(runs, (run) => perOperation(run.apiCpuSeconds, run)),
      pairs(runs, (run) => Math.max(MIB, run.peakBytes - run.beforeBytes)),
      `${generator('keelson')} / ${generator('kubernetes')}`,
      `${errors('keelson')} / ${errors('kubernetes')}`,
    ].join(' | ')} |`;
  });
  return [
    '| load | Keelson | p50 / p99 | CPU each: API + store | memory of the API server | kube-apiserver on etcd | p50 / p99 | CPU each | memory | rate ratio (min–max) | API CPU ratio | memory growth ratio | generator | errors |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

export function startTable(runs: Readonly<Record<SideName, readonly StartRun[]>>): string {
  const row = (name: SideName): string => {
    const of = (measure: (run: StartRun) => number): number => median(runs[name].map(measure));
    return `| ${name} | ${Math.round(of((run) => run.readyMs))} ms | ${of((run) => run.cpuSeconds).toFixed(2)} s | ${mib(of((run) => run.idleBytes))} |`;
  };
  const names = (['keelson', 'kubernetes'] as const).filter((name) => runs[name].length > 0);
  const ratio =
    names.length < 2
      ? []
      : [
          `| ratio | ${pairs(runs, (run) => run.readyMs)} | ${pairs(runs, (run) => run.cpuSeconds)} | ${pairs(runs, (run) => run.idleBytes)} |`,
        ];
  return [
    '| API server | start to ready | CPU until ready | memory idle |',
    '|---|---|---|---|',
    ...names.map(row),
    ...ratio,
  ].join('\n');
}

/** Ours to theirs, pair by pair; undefined without a pair. */
export function ratioOf<Run>(
  runs: Readonly<Record<SideName, readonly Run[]>>,
  measure: (run: Run) => number,
): Spread | undefined {
  const ratios = runs.keelson.flatMap((ours, i) => {
    const theirs = runs.kubernetes[i];
    return theirs === undefined ? [] : [measure(ours) / measure(theirs)];
  });
  if (ratios.length === 0) return undefined;
  return { min: Math.min(...ratios), median: median(ratios), max: Math.max(...ratios) };
}

function pairs<Run>(runs: Readonly<Record<SideName, readonly Run[]>>, measure: (run: Run) => number): string {
  const ratio = ratioOf(runs, measure);
  if (ratio === undefined) return '';
  return `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`;
}

const rate = (perSecond: number): string => (perSecond < 100 ? perSecond.toFixed(2) : String(Math.round(perSecond)));
