import { setTimeout as delay } from 'node:timers/promises';
import type { Side } from '../servers.ts';
import { fill } from './fill.ts';
import { maintenanceRows } from './maintenance.ts';
import { memoryRows } from './memory.ts';
import { putRows } from './puts.ts';
import { readRows } from './reads.ts';
import type { GrowthRow, Stage } from './row.ts';
import { watchRows } from './watchers.ts';

/** At which numbers of keys a part is measured: what needs one size only is. */
type Where = 'every' | 'first' | 'last';

/** What grows, in the order in which it is measured: reads and memory before anything is written a second time. */
const PARTS: Readonly<
  Record<string, { readonly where: Where; readonly measure: (stage: Stage) => Promise<readonly GrowthRow[]> }>
> = {
  'growth-memory': { where: 'every', measure: memoryRows },
  'growth-reads': { where: 'every', measure: readRows },
  'growth-puts': { where: 'every', measure: putRows },
  'growth-maintenance': { where: 'last', measure: maintenanceRows },
  'growth-watchers': { where: 'first', measure: watchRows },
};
export const GROWTH_PARTS: readonly string[] = Object.keys(PARTS);

const STAGES = [10_000, 100_000, 1_000_000, 10_000_000];
/** For flushes and collections that a fill leaves behind. */
const SETTLE_MS = 3000;

export interface GrowthOptions {
  /** Names of GROWTH_PARTS. */
  readonly parts: readonly string[];
  /** The greatest number of keys. */
  readonly keys: number;
  readonly rounds: number;
  readonly log: (line: string) => void;
  /** Is told rows as they are there. */
  readonly onRows: (rows: readonly GrowthRow[]) => void;
}

/** Calls `use` with both sides of one member each, new ones. */
export type WithPair = (use: (sides: readonly Side[]) => Promise<void>) => Promise<void>;

/** Takes the same measures at ten times as many keys, again and again up to `keys`; each time of new members. */
export async function measureGrowth(withPair: WithPair, options: GrowthOptions): Promise<void> {
  const stages = STAGES.filter((keys) => keys <= options.keys);
  for (const keys of stages) {
    const places: readonly Where[] = [
      'every',
      ...(keys === stages[0] ? (['first'] as const) : []),
      ...(keys === stages.at(-1) ? (['last'] as const) : []),
    ];
    const parts = options.parts.flatMap((name) => PARTS[name] ?? []).filter(({ where }) => places.includes(where));
    if (parts.length === 0) continue;
    await withPair(async (sides) => {
      for (const side of sides) {
        const startedMs = performance.now();
        await fill(side.urls, keys);
        const seconds = (performance.now() - startedMs) / 1000;
        options.log(`${keys} keys put, ${side.name}: ${seconds.toFixed(1)} s`);
      }
      await delay(SETTLE_MS);
      for (const { measure } of parts) options.onRows(await measure({ ...options, sides, keys }));
    });
  }
}
