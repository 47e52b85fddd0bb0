import type { GrowthRow } from '../growth/row.ts';
import { type Comparison, MEASURES, type MeasuredRun, nameOf, pairRatios, ratios, type Spread } from '../report.ts';
import { machineText } from './machine.ts';
import type { Results } from './results.ts';
import { type Bar, chart, type Panel } from './svg.ts';

/** What growth should reach where nothing else is said: no worse than etcd. */
const TARGET = 1;
/** One client waits for the disk and for wake-ups, of which no server can spare much. */
const ONE_CLIENT_RATE_TARGET = 1.3;
const RATE_TARGET = 2;
const CPU_TARGET = 1 / 0.6;
const LATENCY_TARGET = 1;

/** results.svg: how many times better than etcd, so that further right is better in each panel. */
export function picture({ machine, loads, growth }: Results): string {
  const panels: Panel[] = [
    {
      title: 'Operations a second',
      bars: loads.flatMap((load) => bar(load, MEASURES.rate, { target: rateTarget(load) })),
    },
    {
      title: 'CPU of the servers for one operation',
      bars: loads.flatMap((load) => bar(load, MEASURES.cpu, { target: CPU_TARGET, turn: inverse })),
    },
    {
      title: 'Latency, 99th percentile',
      bars: loads.flatMap((load) => bar(load, MEASURES.p99, { target: LATENCY_TARGET, turn: inverse })),
    },
    { title: 'With many keys, one member', bars: growth.flatMap((row) => growthBar(row, growth)) },
  ];
  return chart({
    title: 'Keelson beside etcd: how many times better',
    subtitle: machineText(machine),
    panels: panels.filter(({ bars }) => bars.length > 0),
  });
}

function bar(
  load: Comparison,
  measure: (run: MeasuredRun) => number,
  { target, turn = same }: { readonly target: number; readonly turn?: (ratio: Spread) => Spread },
): readonly Bar[] {
  const spread = ratios(load, measure);
  return spread === undefined ? [] : [{ label: nameOf(load), ...turn(spread), target }];
}

function rateTarget({ clients }: Comparison): number {
  return clients === 1 ? ONE_CLIENT_RATE_TARGET : RATE_TARGET;
}

function same(ratio: Spread): Spread {
  return ratio;
}

/** Only the greatest number of keys of each thing, and only what has two sides. */
function growthBar(row: GrowthRow, rows: readonly GrowthRow[]): readonly Bar[] {
  const spread = pairRatios(row.keelson, row.etcd);
  const isLast = rows.every(({ name, keys }) => name !== row.name || keys <= row.keys);
  if (spread === undefined || !isLast || row.unit === 'x') return [];
  const label = `${row.name}, ${row.keys.toLocaleString('en')} keys`;
  return [{ label, ...inverse(spread), target: 1 / (row.target ?? TARGET) }];
}

function inverse({ min, median, max }: Spread): Spread {
  return { min: 1 / max, median: 1 / median, max: 1 / min };
}
