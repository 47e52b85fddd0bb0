import {
  EMPTY_PUT_REQUEST,
  EMPTY_WATCH_CREATE_REQUEST,
  encodePutRequest,
  encodeWatchRequest,
} from '../proto/gen/etcd.ts';
import type { GrpcConnection } from './grpc-connection.ts';
import { LatencyHistogram } from './histogram.ts';
import { cpuSecondsSince, type LoadResult, openAll } from './load.ts';

/** Watchers of one key, `streams` x `watchersPerStream`, each of which is to see every put. */
export interface FanOut {
  readonly urls: readonly string[];
  readonly streams: number;
  readonly watchersPerStream: number;
  readonly puts: number;
  /** Puts under way at one time. */
  readonly window: number;
  readonly valueBytes: number;
}

const KEY = 'fan-out/key';
/** Everything must have come by then. */
const LIMIT_MS = 60_000;

/**
 * Puts one key again and again and counts what the watchers are told; an operation is one event that has come to one watcher. The time goes
 * from the first put to the last event; a latency is that of a put to the event of a watcher on the same stream.
 */
export async function runFanOut(load: FanOut): Promise<LoadResult> {
  const [writer, ...watching] = await openAll(load.urls, 1 + load.streams);
  if (writer === undefined) throw new RangeError('a fan-out needs at least one URL');
  const wanted = load.puts * load.streams * load.watchersPerStream;
  const latencies = new LatencyHistogram();
  const progress = { events: 0, isDone: (): void => undefined };
  const done = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${progress.events} of ${wanted} events came`)), LIMIT_MS);
    progress.isDone = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  done.catch(() => undefined); // told below, whatever happens before
  const told = (response: Uint8Array): void => {
    progress.events += eventsIn(response);
    if (progress.events >= wanted) progress.isDone();
  };
  await Promise.all(watching.map((connection) => watch(connection, load.watchersPerStream, told)));
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const errors = await putAll(writer, load, latencies);
  await done;
  const seconds = (performance.now() - startedMs) / 1000;
  const generatorCpuSeconds = cpuSecondsSince(cpuBefore);
  for (const connection of [writer, ...watching]) connection.close();
  return {
    operations: wanted,
    errors,
    perSecond: wanted / seconds,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    seconds,
    generatorCpuSeconds,
  };
}

/** Opens `count` watchers on one stream; resolves when all are created. Hands each response that follows to `told`. */
function watch(connection: GrpcConnection, count: number, told: (response: Uint8Array) => void): Promise<void> {
  const create = encodeWatchRequest({
    requestUnion: { case: 'createRequest', createRequest: { ...EMPTY_WATCH_CREATE_REQUEST, key: KEY } },
  });
  return new Promise((resolve, reject) => {
    let created = 0;
    const stream = connection.stream('/etcdserverpb.Watch/Watch', {
      onMessage: (response) => {
        if (created >= count) told(response);
        else if (++created === count) resolve();
      },
      onEnd: (status) => reject(new Error(`the watch stream ended with status ${status}`)),
    });
    for (let i = 0; i < count; i++) connection.send(stream, create);
  });
}

/** Returns how many failed. */
function putAll(connection: GrpcConnection, load: FanOut, latencies: LatencyHistogram): Promise<number> {
  const put = encodePutRequest({ ...EMPTY_PUT_REQUEST, key: KEY, value: new Uint8Array(load.valueBytes).fill(0x61) });
  return new Promise((resolve) => {
    let sent = 0;
    let answered = 0;
    let errors = 0;
    const next = (): void => {
      if (sent === load.puts) return;
      sent++;
      const sentMs = performance.now();
      connection.unary('/etcdserverpb.KV/Put', put, {
        onMessage: () => undefined,
        onEnd: (status) => {
          if (status === 0) latencies.add(performance.now() - sentMs);
          else errors++;
          if (++answered === load.puts) resolve(errors);
          else next();
        },
      });
    };
    for (let i = 0; i < load.window; i++) next();
  });
}

/** How many events a WatchResponse carries: a slow watcher gets several at once. Decoding them all would cost more than the server does. */
function eventsIn(response: Uint8Array): number {
  const EVENTS = (11 << 3) | 2;
  let events = 0;
  for (let at = 0; at < response.length; ) {
    const tag = response[at++] as number;
    if (tag === EVENTS) events++;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = response[at++] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if ((tag & 7) === 2) at += value;
  }
  return events;
}
