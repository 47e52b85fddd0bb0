import {
  EMPTY_PUT_REQUEST,
  EMPTY_WATCH_CREATE_REQUEST,
  encodePutRequest,
  encodeWatchRequest,
} from '../proto/gen/etcd.ts';
import type { CallEvents, GrpcConnection } from './grpc-connection.ts';
import { Meter, type MeteredResult, openAll } from './load.ts';

/** Watchers, `streams` x `watchersPerStream`, each of which is to see every put. */
export interface FanOut {
  readonly urls: readonly string[];
  readonly streams: number;
  readonly watchersPerStream: number;
  readonly puts: number;
  /** Puts under way at one time. */
  readonly window: number;
  readonly valueBytes: number;
  /** Whether they watch all keys with the key's prefix instead of the key alone. */
  readonly ofPrefix?: boolean;
}

const KEY = 'fan-out/key';
const PREFIX = { key: 'fan-out/', rangeEnd: 'fan-out0' };
/** Everything must have come by then. */
const LIMIT_MS = 60_000;

/**
 * Puts one key again and again and counts what the watchers are told; an operation is one event that has come to one watcher. The time goes
 * from the first put to the last event; a latency is that of a put.
 */
export async function runFanOut(load: FanOut): Promise<MeteredResult> {
  const [writer, ...watching] = await openAll(load.urls, 1 + load.streams);
  if (writer === undefined) throw new RangeError('a fan-out needs at least one URL');
  const wanted = load.puts * load.streams * load.watchersPerStream;
  const progress = { events: 0, isDone: (): void => undefined };
  const done = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${progress.events} of ${wanted} events came`)), LIMIT_MS);
    progress.isDone = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  done.catch(() => undefined); // told below, whatever happens before
  const told: CallEvents['onMessage'] = (bytes, start, end) => {
    progress.events += eventsIn(bytes, start, end);
    if (progress.events >= wanted) progress.isDone();
  };
  await Promise.all(watching.map((connection) => watch(connection, load, told)));
  const meter = new Meter([writer, ...watching]);
  await putAll(writer, load, meter);
  await done;
  const result = meter.result(wanted);
  for (const connection of [writer, ...watching]) connection.close();
  return result;
}

/** Opens one stream's watchers; resolves when all are created. Hands each response that follows to `told`. */
function watch(connection: GrpcConnection, load: FanOut, told: CallEvents['onMessage']): Promise<void> {
  const count = load.watchersPerStream;
  const create = encodeWatchRequest({
    requestUnion: {
      case: 'createRequest',
      createRequest: { ...EMPTY_WATCH_CREATE_REQUEST, ...(load.ofPrefix === true ? PREFIX : { key: KEY }) },
    },
  });
  return new Promise((resolve, reject) => {
    let created = 0;
    const stream = connection.stream('/etcdserverpb.Watch/Watch', {
      onMessage: (bytes, start, end) => {
        if (created >= count) told(bytes, start, end);
        else if (++created === count) resolve();
      },
      onEnd: (status) => reject(new Error(`the watch stream ended with status ${status}`)),
    });
    for (let i = 0; i < count; i++) connection.send(stream, create);
  });
}

function putAll(connection: GrpcConnection, load: FanOut, meter: Meter): Promise<void> {
  const put = encodePutRequest({ ...EMPTY_PUT_REQUEST, key: KEY, value: new Uint8Array(load.valueBytes).fill(0x61) });
  return new Promise((resolve) => {
    let sent = 0;
    let answered = 0;
    const next = (): void => {
      if (sent === load.puts) return;
      sent++;
      const sentMs = performance.now();
      connection.unary('/etcdserverpb.KV/Put', put, {
        onMessage: () => undefined,
        onEnd: (status) => {
          if (status === 0) meter.latencies.add(performance.now() - sentMs);
          else meter.errors++;
          if (++answered === load.puts) resolve();
          else next();
        },
      });
    };
    for (let i = 0; i < load.window; i++) next();
  });
}

const EVENTS = (11 << 3) | 2;
const WIRE_TYPE = 7;
const BYTES = 2;

/**
 * How many events the WatchResponse in bytes[start, end) carries: a slow watcher gets several at once. Decoding them all would cost more than
 * the server does. No length in it takes more than 31 bits; of longer numbers only the end is looked for.
 */
function eventsIn(bytes: Buffer, start: number, end: number): number {
  let events = 0;
  for (let at = start; at < end; ) {
    const tag = bytes[at++] as number;
    if (tag === EVENTS) events++;
    let byte = bytes[at++] as number;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = bytes[at++] as number;
      value |= (byte & 0x7f) << shift;
    }
    if ((tag & WIRE_TYPE) === BYTES) at += value;
  }
  return events;
}
