import type { LoadResult } from './load.ts';

/** The runs of one workload at one size, in pairs that ran one after the other. */
export interface Comparison {
  readonly workload: string;
  readonly connections: number;
  readonly clients: number;
  readonly keelson: readonly LoadResult[];
  readonly etcd: readonly LoadResult[];
}

/** The middle one (of an even number the lower middle). */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

const rate = (results: readonly LoadResult[]): number => median(results.map((r) => r.perSecond));
const p99 = (results: readonly LoadResult[]): number => median(results.map((r) => r.p99Ms));
const errors = (results: readonly LoadResult[]): number => results.reduce((sum, r) => sum + r.errors, 0);

/** The ratios of the pairs: least, median, greatest. */
export function ratios(
  comparison: Comparison,
): { readonly min: number; readonly median: number; readonly max: number } | undefined {
  const pairs = comparison.keelson.flatMap((k, i) => {
    const e = comparison.etcd[i];
    return e === undefined || e.perSecond === 0 ? [] : [k.perSecond / e.perSecond];
  });
  return pairs.length === 0 ? undefined : { min: Math.min(...pairs), median: median(pairs), max: Math.max(...pairs) };
}

/** A Markdown table: medians, and the ratio with its spread. */
export function table(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map((c) => {
    const r = ratios(c);
    const cells = [
      `${c.workload} ${c.connections}x${c.clients}`,
      `${Math.round(rate(c.keelson))}/s`,
      `${p99(c.keelson).toFixed(1)} ms`,
      c.etcd.length === 0 ? '' : `${Math.round(rate(c.etcd))}/s`,
      c.etcd.length === 0 ? '' : `${p99(c.etcd).toFixed(1)} ms`,
      r === undefined ? '' : `${r.median.toFixed(2)} (${r.min.toFixed(2)}–${r.max.toFixed(2)})`,
      `${errors(c.keelson)} / ${errors(c.etcd)}`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| load (connections x clients) | Keelson | p99 | etcd | p99 | ratio (min–max) | errors |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
