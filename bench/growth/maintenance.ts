import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  decodeRangeResponse,
  EMPTY_RANGE_REQUEST,
  encodeCompactionRequest,
  encodeDefragmentRequest,
  encodeRangeRequest,
} from '../../proto/gen/etcd.ts';
import { run } from '../../test/kit/process.ts';
import type { GrpcConnection } from '../grpc-connection.ts';
import { openAll } from '../load.ts';
import { median } from '../report.ts';
import type { Side } from '../servers.ts';
import { CallError, call, putsOver } from './fill.ts';
import { pacedP99 } from './paced.ts';
import { type GrowthRow, type Stage, take } from './row.ts';

const MOST_ROUNDS = 3;
/** A fifth or less of what either side can do: what is late then was held up. */
const PER_SECOND = 2000;
const SECONDS = 2;
const UNAVAILABLE = 14;
/** After each phase: for what goes on by itself. */
const SETTLE_MS = 5000;
const SNAPSHOT_LIMIT_MS = 300_000;
/** How much later puts may be meanwhile. */
const TARGET = 2;

/** What an operator does to a store that goes on serving. Each resolves when it is done. */
const OPERATIONS: Readonly<Record<string, (url: string) => Promise<void>>> = {
  compaction: (url) => onConnection(url, compact),
  defragment: (url) =>
    onConnection(url, (connection) =>
      call(connection, '/etcdserverpb.Maintenance/Defragment', encodeDefragmentRequest({})),
    ),
  'a snapshot': readSnapshot,
};

/** What puts wait for while an operator works on the store, and that over what they wait for otherwise. */
export async function maintenanceRows(stage: Stage): Promise<readonly GrowthRow[]> {
  const few = { ...stage, rounds: Math.min(MOST_ROUNDS, stage.rounds) };
  const load = { message: putsOver(stage.keys), perSecond: PER_SECOND };
  const p99 = ({ urls }: Side, operation: () => Promise<unknown>): Promise<number> =>
    pacedP99({ ...load, urls }, SECONDS, operation);
  const nothing = async (): Promise<void> => undefined;
  for (const side of stage.sides) await p99(side, nothing);
  const quiet = await take(few, { name: 'paced put, p99 while quiet', unit: 'ms' }, (side) => p99(side, nothing));
  const rows = [quiet];
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const during = await take(few, { name: `paced put, p99 during ${name}`, unit: 'ms' }, (side) =>
      p99(side, () => operation(side.urls[0] ?? '')),
    );
    await delay(SETTLE_MS);
    const over = (side: Side['name']): number[] => during[side].map((ms) => ms / median(quiet[side]));
    const times = { name: `${during.name} / quiet`, keys: stage.keys, unit: 'x', target: TARGET } as const;
    rows.push(during, { ...times, keelson: over('keelson'), etcd: over('etcd') });
  }
  return rows;
}

/** Up to the newest revision; done when what was superseded is gone, or when the server waits no longer for that and goes on with it. */
async function compact(connection: GrpcConnection): Promise<void> {
  let revision = 0;
  const anything = encodeRangeRequest({ ...EMPTY_RANGE_REQUEST, key: '0' });
  await call(connection, '/etcdserverpb.KV/Range', anything, (response) => {
    revision = decodeRangeResponse(response).header?.revision ?? 0;
  });
  const compaction = encodeCompactionRequest({ revision, physical: true });
  await call(connection, '/etcdserverpb.KV/Compact', compaction).catch((error: unknown) => {
    if (!(error instanceof CallError && error.status === UNAVAILABLE)) throw error;
  });
}

/** In a process of its own: whoever reads hundreds of megabytes cannot look after latencies meanwhile. */
async function readSnapshot(url: string): Promise<void> {
  const { code, stderr } = await run(process.execPath, [join(import.meta.dirname, 'snapshot-reader.js'), url], {
    timeoutMs: SNAPSHOT_LIMIT_MS,
  });
  if (code !== 0) throw new Error(`the snapshot was not read: ${stderr}`);
}

async function onConnection(url: string, use: (connection: GrpcConnection) => Promise<void>): Promise<void> {
  const [connection] = await openAll([url], 1);
  if (connection === undefined) return;
  try {
    await use(connection);
  } finally {
    connection.close();
  }
}
