import { decodeRangeResponse, EMPTY_RANGE_REQUEST, encodeRangeRequest } from '../../proto/gen/etcd.ts';
import { openAll, runLoad } from '../load.ts';
import type { Side } from '../servers.ts';
import { ALL, call, keyOf, VALUE_BYTES } from './fill.ts';
import { type GrowthRow, type Stage, type Taken, take } from './row.ts';

const RANGE = '/etcdserverpb.KV/Range';
const COUNT_SECONDS = 0.5;
const PAGES = [500, 10_000];
const MOST_ROUNDS = 3;

/** Counting all keys, and reading them all in pages. */
export async function readRows(stage: Stage): Promise<readonly GrowthRow[]> {
  const { keys } = stage;
  const few = { ...stage, rounds: Math.min(MOST_ROUNDS, stage.rounds) };
  const warmed = async (what: Taken, measure: (side: Side) => Promise<number>): Promise<GrowthRow> => {
    for (const side of stage.sides) await measure(side);
    return take(few, what, measure);
  };
  const rows = [await warmed({ name: 'count of all keys', unit: 'ms' }, ({ urls }) => countMs(urls, keys))];
  for (const page of PAGES) {
    const what = { name: `paging by ${page}, one key`, unit: 'us' } as const;
    rows.push(await warmed(what, ({ urls }) => pagingUsPerKey(urls, keys, page)));
  }
  return rows;
}

/** How long it takes to count all keys, in milliseconds: the median of one client. Rejects when the count is wrong. */
async function countMs(urls: readonly string[], keys: number): Promise<number> {
  const message = encodeRangeRequest({ ...EMPTY_RANGE_REQUEST, ...ALL, countOnly: true, serializable: true });
  const [connection] = await openAll(urls, 1);
  if (connection === undefined) throw new RangeError('counting needs a URL');
  await call(connection, RANGE, message, (response) => {
    const { count } = decodeRangeResponse(response);
    if (count !== keys) throw new RangeError(`${count} keys were counted where ${keys} are`);
  });
  connection.close();
  const load = { urls, path: RANGE, message: () => message, connections: 1, clients: 1, seconds: COUNT_SECONDS };
  return (await runLoad(load)).p50Ms;
}

/** Reads all keys with their values in pages of `pageKeys`, one after the other; microseconds for one key. */
async function pagingUsPerKey(urls: readonly string[], keys: number, pageKeys: number): Promise<number> {
  const [connection] = await openAll(urls, 1);
  if (connection === undefined) throw new RangeError('paging needs a URL');
  const startedMs = performance.now();
  let bytes = 0;
  for (let from = 0; from < keys; from += pageKeys) {
    const page = { ...EMPTY_RANGE_REQUEST, key: keyOf(from), rangeEnd: ALL.rangeEnd, limit: pageKeys };
    await call(connection, RANGE, encodeRangeRequest({ ...page, serializable: true }), (response) => {
      bytes += response.length;
    });
  }
  const elapsedMs = performance.now() - startedMs;
  connection.close();
  if (bytes < keys * VALUE_BYTES) throw new RangeError(`${bytes} bytes came for ${keys} keys`);
  return (1000 * elapsedMs) / keys;
}
