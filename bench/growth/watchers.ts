import { runFanOut } from '../fan-out.ts';
import { VALUE_BYTES } from './fill.ts';
import { type GrowthRow, type Stage, take } from './row.ts';

const STREAMS = 10;
/** About as many events each time. */
const LOADS = [
  { watchers: 100, puts: 5000 },
  { watchers: 10_000, puts: 50 },
];
const NAME = 'event to one of so many watchers of a prefix';

/** The server's CPU for one event to one watcher: when an event is encoded once, it gets less as there are more watchers. */
export async function watchRows(stage: Stage): Promise<readonly GrowthRow[]> {
  const rows: GrowthRow[] = [];
  for (const { watchers, puts } of LOADS) {
    const load = { streams: STREAMS, watchersPerStream: watchers / STREAMS, puts, window: 8, valueBytes: VALUE_BYTES };
    for (const side of stage.sides) await runFanOut({ ...load, urls: side.urls, ofPrefix: true });
    const row = await take({ ...stage, keys: watchers }, { name: NAME, unit: 'us CPU' }, async (side) => {
      const before = side.usage().cpuSeconds;
      const { operations } = await runFanOut({ ...load, urls: side.urls, ofPrefix: true });
      return (1e6 * (side.usage().cpuSeconds - before)) / operations;
    });
    rows.push(row);
  }
  return rows;
}
