import { Meter, type MeteredResult } from '../load.ts';
import { ApiConnection, type ApiTarget } from './api-connection.ts';
import { collectionPath, configMap, nameOf } from './objects.ts';

export interface WatchFanOut {
  readonly target: ApiTarget;
  readonly namespace: string;
  /** Spread over the connections. */
  readonly watchers: number;
  readonly connections: number;
  /** Objects that are updated in turn; they exist. */
  readonly objects: number;
  readonly updates: number;
  /** Updates under way at one time. */
  readonly window: number;
}

/** Everything must have come by then. */
const LIMIT_MS = 120_000;
/** Rounds of all runs of this process: an update must change its object. */
let round = 0;

/**
 * Updates objects of a namespace that every watcher watches; an operation is one event that has come to one watcher. The time goes from the
 * first update to the last event, a latency is that of an update.
 */
export async function runWatchFanOut(load: WatchFanOut): Promise<MeteredResult> {
  const { target, namespace, updates } = load;
  const [writer, ...watching] = await ApiConnection.openAll(target, 1 + load.connections);
  if (writer === undefined) throw new RangeError('a fan-out needs a connection');
  const path = collectionPath(namespace);
  const { body } = await writer.fetch('GET', `${path}?limit=1`);
  const revision = /"resourceVersion":"(\d+)"/.exec(body)?.[1] ?? '';
  const wanted = updates * load.watchers;
  let events = 0;
  let broken = 0;
  let isDone = (): void => undefined;
  let fail: (error: Error) => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    isDone = resolve;
    fail = reject;
  });
  done.catch(() => undefined); // told below, whatever happens before
  const onData = (piece: Buffer): void => {
    // Each event is one line.
    for (let at = piece.indexOf(0x0a); at >= 0; at = piece.indexOf(0x0a, at + 1)) events++;
    if (events >= wanted) isDone();
  };
  const onEnd = (): void => {
    broken++;
  };
  const watch = `${path}?watch=1&resourceVersion=${revision}&timeoutSeconds=3000`;
  for (let i = 0; i < load.watchers; i++) {
    (watching[i % watching.length] as ApiConnection).request('GET', watch, undefined, { onData, onEnd });
  }
  // No answer comes before an event does; a request of each connection that is answered later says that its watches are there.
  await Promise.all(watching.map((connection) => connection.fetch('GET', `${path}/${nameOf(0)}`)));
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const timer = setTimeout(
    () => fail(new Error(`${events} of ${wanted} events came, ${broken} watches broke`)),
    LIMIT_MS,
  );
  const meter = new Meter([writer, ...watching]);
  await updateAll(writer, load, meter);
  await done;
  clearTimeout(timer);
  const result = meter.result(wanted);
  for (const connection of [writer, ...watching]) connection.close();
  return result;
}

const SETTLE_MS = 500;

/** An object is updated by one at a time, without a resourceVersion. */
async function updateAll(writer: ApiConnection, load: WatchFanOut, meter: Meter): Promise<void> {
  const { namespace, objects, updates, window } = load;
  let sent = 0;
  const updater = async (first: number): Promise<void> => {
    for (let n = first; sent < updates; n = (n + window) % objects) {
      sent++;
      const name = nameOf(n);
      const sentMs = performance.now();
      const status = await new Promise<number>((onEnd) =>
        writer.request('PUT', `${collectionPath(namespace)}/${name}`, configMap(namespace, name, ++round), { onEnd }),
      );
      if (status === 200) meter.latencies.add(performance.now() - sentMs);
      else meter.errors++;
    }
  };
  await Promise.all(Array.from({ length: Math.min(window, objects) }, (_, first) => updater(first)));
}
