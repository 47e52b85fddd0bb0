import { runLoad } from '../load.ts';
import type { Side } from '../servers.ts';
import { warmUp } from '../warm-up.ts';
import { putsOver } from './fill.ts';
import { type GrowthRow, type Stage, takeAll } from './row.ts';

const SIZE = { connections: 10, clients: 100 };
const SECONDS = 2;
const WARM_UP_SECONDS = 12;

/** Puts over keys that are there: latency, and the server's CPU for each. */
export async function putRows(stage: Stage): Promise<readonly GrowthRow[]> {
  const load = { path: '/etcdserverpb.KV/Put', message: putsOver(stage.keys), ...SIZE };
  const run = async (side: Side, seconds: number) => {
    const before = side.usage().cpuSeconds;
    const { p50Ms, p99Ms, operations } = await runLoad({ ...load, urls: side.urls, seconds });
    return { p50: p50Ms, p99: p99Ms, cpu: (1e6 * (side.usage().cpuSeconds - before)) / Math.max(1, operations) };
  };
  for (const side of stage.sides) await warmUp(WARM_UP_SECONDS, async (seconds) => (await run(side, seconds)).cpu);
  const rows = await takeAll(
    stage,
    {
      p50: { name: 'put, p50 of 100 clients', unit: 'ms' },
      p99: { name: 'put, p99 of 100 clients', unit: 'ms' },
      cpu: { name: 'put', unit: 'us CPU' },
    },
    (side) => run(side, SECONDS),
  );
  return [rows.p50, rows.p99, rows.cpu];
}
