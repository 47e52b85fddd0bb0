import { setTimeout as delay } from 'node:timers/promises';
import { turns } from '../compare.ts';
import { runFanOut } from '../fan-out.ts';
import { runLoad } from '../load.ts';
import { median } from '../report.ts';
import type { Side } from '../servers.ts';
import { fill, putsOver, VALUE_BYTES } from './fill.ts';
import { MAINTENANCE } from './maintenance.ts';
import { pacedP99 } from './paced.ts';
import { countMs, pagingUsPerKey } from './reads.ts';
import type { GrowthRow } from './row.ts';

export interface GrowthOptions {
  /** The greatest number of keys. */
  readonly keys: number;
  readonly rounds: number;
  readonly log: (line: string) => void;
}

/** Calls `use` with both sides of one member each, new ones. */
export type WithPair = <T>(use: (sides: readonly Side[]) => Promise<T>) => Promise<T>;

const STAGES = [10_000, 100_000, 1_000_000, 10_000_000];
const PUT_SECONDS = 2;
const MANY = { connections: 10, clients: 100 };
const PAGES = [500, 10_000];
/** For flushes and collections that a fill leaves behind. */
const SETTLE_MS = 3000;
/** A quarter or less of what either side can do: what is late then was held up. */
const PACED_PER_SECOND = 2000;
const PACED_SECONDS = 2;
const MB = 1024 * 1024;

/** Takes the same measures at ten times as many keys, again and again up to `keys`; each time of members that hold nothing else. */
export async function measureGrowth(withPair: WithPair, options: GrowthOptions): Promise<readonly GrowthRow[]> {
  const rows: GrowthRow[] = [];
  const stages = STAGES.filter((keys) => keys <= options.keys);
  for (const keys of stages) {
    const stage = await withPair((sides) => atStage(sides, keys, { ...options, isLast: keys === stages.at(-1) }));
    rows.push(...stage);
  }
  const names = [...new Set(rows.map(({ name }) => name))];
  return names.flatMap((name) => rows.filter((row) => row.name === name));
}

async function atStage(
  sides: readonly Side[],
  keys: number,
  options: GrowthOptions & { readonly isLast: boolean },
): Promise<readonly GrowthRow[]> {
  const take = taker(sides, keys, options);
  for (const side of sides) await fill(side.urls, keys);
  await delay(SETTLE_MS);
  const rows: GrowthRow[] = [
    await take('memory', { unit: 'MB', rounds: 1, target: 1 }, async (side) => side.usage().residentBytes / MB),
    await take('count of all keys', { unit: 'ms' }, ({ urls }) => countMs(urls, keys)),
  ];
  for (const page of PAGES.filter((size) => size * 10 <= keys)) {
    const name = `paging by ${page}, one key`;
    rows.push(await take(name, { unit: 'us' }, ({ urls }) => pagingUsPerKey(urls, keys, page)));
  }
  rows.push(await take('start after a stop', { unit: 's', rounds: 3, target: 0.5 }, (side) => startSeconds(side)));
  rows.push(...(await putRows(sides, keys, options)));
  if (options.isLast) rows.push(...(await maintenanceRows(sides, keys, options)));
  else if (keys === STAGES[0]) rows.push(...(await watchRows(sides, options)));
  return rows;
}

/** A clean stop, then from the start of the process until it is healthy. */
async function startSeconds(side: Side): Promise<number> {
  await side.store.processes[0]?.stop();
  const startedMs = performance.now();
  await side.store.restart(0);
  return (performance.now() - startedMs) / 1000;
}

async function putRows(sides: readonly Side[], keys: number, options: GrowthOptions): Promise<readonly GrowthRow[]> {
  const message = putsOver(keys);
  const run = ({ urls }: Side) =>
    runLoad({ urls, path: '/etcdserverpb.KV/Put', message, ...MANY, seconds: PUT_SECONDS });
  for (const side of sides) await run(side);
  const rows = { p50: row('put, p50', keys, 'ms'), p99: row('put, p99', keys, 'ms'), cpu: row('put', keys, 'us CPU') };
  for (const { side, round } of turns(sides, options.rounds)) {
    const before = side.usage().cpuSeconds;
    const result = await run(side);
    const cpuUs = (1e6 * (side.usage().cpuSeconds - before)) / Math.max(1, result.operations);
    rows.p50[side.name].push(result.p50Ms);
    rows.p99[side.name].push(result.p99Ms);
    rows.cpu[side.name].push(cpuUs);
    options.log(
      `put, ${keys} keys, round ${round} ${side.name}: ${Math.round(result.perSecond)}/s, p99 ${result.p99Ms.toFixed(1)} ms, ${cpuUs.toFixed(1)} us`,
    );
  }
  return [rows.p50, rows.p99, rows.cpu];
}

/** What puts wait for while an operator works on the store, over what they wait for otherwise. */
async function maintenanceRows(
  sides: readonly Side[],
  keys: number,
  options: GrowthOptions,
): Promise<readonly GrowthRow[]> {
  const take = taker(sides, keys, { ...options, rounds: Math.min(options.rounds, 3) });
  const load = { message: putsOver(keys), perSecond: PACED_PER_SECOND };
  const p99 = ({ urls }: Side, operation: () => Promise<unknown>): Promise<number> =>
    pacedP99({ ...load, urls }, PACED_SECONDS, operation);
  const quiet = await take('paced put, p99 while quiet', { unit: 'ms' }, (side) => p99(side, async () => undefined));
  const rows: GrowthRow[] = [quiet];
  for (const [name, operation] of Object.entries(MAINTENANCE)) {
    const during = await take(`paced put, p99 during ${name}`, { unit: 'ms' }, (side) =>
      p99(side, () => operation(side.urls)),
    );
    const over = (side: Side['name']): number[] => during[side].map((ms) => ms / median(quiet[side]));
    rows.push(during, {
      ...row(`paced put, p99 during ${name} / quiet`, keys, 'x'),
      ...{ keelson: over('keelson'), etcd: over('etcd'), target: 2 },
    });
  }
  return rows;
}

/** CPU of one event to one watcher: when an event is encoded once, it gets less as there are more watchers. */
async function watchRows(sides: readonly Side[], options: GrowthOptions): Promise<readonly GrowthRow[]> {
  const rows: GrowthRow[] = [];
  for (const { watchers, puts } of [
    { watchers: 100, puts: 3000 },
    { watchers: 10_000, puts: 100 },
  ]) {
    const streams = 10;
    const load = { streams, watchersPerStream: watchers / streams, puts, window: 8, valueBytes: VALUE_BYTES };
    const take = taker(sides, watchers, options);
    const made = await take('event to one of so many watchers of a prefix', { unit: 'us CPU' }, async (side) => {
      const before = side.usage().cpuSeconds;
      const { operations } = await runFanOut({ ...load, urls: side.urls, ofPrefix: true });
      return (1e6 * (side.usage().cpuSeconds - before)) / operations;
    });
    rows.push(made);
  }
  return rows;
}

type OpenRow = GrowthRow & { readonly keelson: number[]; readonly etcd: number[] };

function row(name: string, keys: number, unit: GrowthRow['unit']): OpenRow {
  return { name, keys, unit, keelson: [], etcd: [] };
}

/** Takes one measure of both sides in turn. */
function taker(sides: readonly Side[], keys: number, { rounds, log }: GrowthOptions) {
  return async (
    name: string,
    how: { readonly unit: GrowthRow['unit']; readonly rounds?: number; readonly target?: number },
    measure: (side: Side) => Promise<number>,
  ): Promise<OpenRow> => {
    const taken = { ...row(name, keys, how.unit), ...(how.target === undefined ? {} : { target: how.target }) };
    for (const { side, round } of turns(sides, how.rounds ?? rounds)) {
      const value = await measure(side);
      taken[side.name].push(value);
      log(`${name}, ${keys} keys, round ${round} ${side.name}: ${Number(value.toPrecision(3))} ${how.unit}`);
    }
    return taken;
  };
}
