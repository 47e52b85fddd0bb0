import { type WatchCreateRequest, WatchFilter } from '../proto/gen/etcd.ts';
import type { HubStream } from './hub-stream.ts';
import { END_OF_KEYS } from './range-index.ts';

/** One watcher of one stream. */
export interface Watcher {
  readonly id: number;
  readonly stream: HubStream;
  /** It watches [start, end) of byte strings. */
  readonly start: string;
  readonly end: string;
  readonly shape: Shape;
  readonly progressNotify: boolean;
  /** As it was asked for; 0: from now on. Before the store has come so far, it is not told how far it is. */
  readonly startRevision: number;
  /**
   * The first revision that it has not been offered. Behind: where catching up continues. Synced: nothing older than this
   * is delivered (a start in the future waits among the synced).
   */
  next: number;
  synced: boolean;
  /** Something was queued for it since the last progress notification was considered. */
  spokenTo: boolean;
}

/** How a watcher wants its events; watchers of one range and one shape share the very same array of events. */
export interface Shape {
  readonly noPut: boolean;
  readonly noDelete: boolean;
  readonly prevKv: boolean;
  readonly fragment: boolean;
}

/** The 16 shapes, so that equal ones are one object and can key a Map. */
const SHAPES: readonly Shape[] = Array.from({ length: 16 }, (_, bits) => ({
  noPut: (bits & 1) !== 0,
  noDelete: (bits & 2) !== 0,
  prevKv: (bits & 4) !== 0,
  fragment: (bits & 8) !== 0,
}));

/** The shape a request asks for; filters that are not known are ignored, as etcd does. */
export function shapeOf(request: WatchCreateRequest): Shape {
  let bits = 0;
  if (request.filters.includes(WatchFilter.NOPUT)) bits |= 1;
  if (request.filters.includes(WatchFilter.NODELETE)) bits |= 2;
  if (request.prevKv) bits |= 4;
  if (request.fragment) bits |= 8;
  return SHAPES[bits] as Shape;
}

/**
 * The half-open range of a request: no key means the first possible one, no end that one key, a single zero byte everything
 * from the key on. Undefined when the range is empty. Source: etcd v3rpc/watch.go.
 */
export function watchedRange(request: {
  readonly key: string;
  readonly rangeEnd: string;
}): { readonly start: string; readonly end: string } | undefined {
  const start = request.key === '' ? '\0' : request.key;
  if (request.rangeEnd === '') return { start, end: `${start}\0` };
  if (request.rangeEnd === '\0') return { start, end: END_OF_KEYS };
  return start < request.rangeEnd ? { start, end: request.rangeEnd } : undefined;
}

/** etcd's texts for watchers that cannot be created (mvcc/watcher.go, v3rpc/watch.go). */
const REFUSAL = {
  COMPACTED: 'etcdserver: mvcc: required revision has been compacted',
  DUPLICATE_ID: 'mvcc: duplicate watch ID provided on the WatchStream',
  EMPTY_RANGE: 'mvcc: watcher range is empty',
} as const;

/** The watcher that a request asks for, not yet known to its stream; or why there can be none. `revision`: the store's. */
export function newWatcher(
  stream: HubStream,
  request: WatchCreateRequest,
  revision: number,
): Watcher | { readonly refused: string } {
  const range = watchedRange(request);
  if (request.startRevision < 0) return { refused: REFUSAL.COMPACTED };
  if (range === undefined) return { refused: REFUSAL.EMPTY_RANGE };
  if (request.watchId !== 0 && stream.watchers.has(request.watchId)) return { refused: REFUSAL.DUPLICATE_ID };
  return {
    id: request.watchId !== 0 ? request.watchId : freeId(stream),
    stream,
    ...range,
    shape: shapeOf(request),
    progressNotify: request.progressNotify,
    startRevision: request.startRevision,
    next: request.startRevision === 0 ? revision + 1 : request.startRevision,
    synced: false,
    spokenTo: false,
  };
}

/** The next id of the stream's counter that no watcher has; 0 is the first. */
function freeId(stream: HubStream): number {
  while (stream.watchers.has(stream.nextAutoId)) stream.nextAutoId++;
  return stream.nextAutoId++;
}
