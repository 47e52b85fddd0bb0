import type { Prng } from '../../base/prng.ts';
import type { WatchStream } from '../../client/kv-client.ts';
import {
  EMPTY_WATCH_CREATE_REQUEST,
  type Event,
  type WatchCreateRequest,
  WatchFilter,
  type WatchResponse,
} from '../../proto/gen/etcd.ts';
import { throughOf } from '../checkers/watches.ts';
import { type OpenWatch, watchEventOf } from '../sim/records.ts';
import type { RunningLife } from '../sim/sim-member.ts';
import type { World } from '../sim/world.ts';

/** What a client watches, and how. */
export interface WatchKind {
  readonly prefix: string;
  readonly prevKv?: boolean;
  readonly noPut?: boolean;
  readonly noDelete?: boolean;
  readonly fragment?: boolean;
  /** Wants to be told by itself how far it is. */
  readonly notified?: boolean;
  /** Begins anew each time, at a revision that is not there yet. */
  readonly fromTheFuture?: boolean;
  /** Begins anew each time, where history begins. */
  readonly fromTheCompacted?: boolean;
}

/** Watchers of a run, in the order in which they are added. The first sees everything. */
export const WATCH_KINDS: readonly WatchKind[] = [
  { prefix: '', prevKv: true },
  { prefix: 'r/', prevKv: true, notified: true },
  { prefix: 'r/', fromTheCompacted: true },
  { prefix: 't/', fragment: true, prevKv: true },
  { prefix: 'r/', fromTheFuture: true, notified: true },
  { prefix: 't/', noPut: true, prevKv: true },
  { prefix: 'p/', prevKv: true },
  { prefix: 'r/', noDelete: true, notified: true },
  { prefix: 'l/' },
  { prefix: 'r/a' },
  { prefix: '', fromTheFuture: true, prevKv: true, notified: true },
];

/** One client's watch, that goes on elsewhere when its member dies or the client has had enough of it. */
export async function runWatcher(
  world: World,
  client: number,
  of: { readonly kind: WatchKind; readonly prng: Prng },
): Promise<void> {
  const { kind, prng } = of;
  let watch: OpenWatch | undefined;
  while (!world.isStopped) {
    await world.clock.sleep(prng.unit() * 300);
    const target = world.someMember(prng);
    if (target === undefined) continue;
    const { life, at } = target;
    await Promise.race([at.awake(), life.died]);
    if (life.isOver) continue;
    const isFresh = (kind.fromTheFuture === true || kind.fromTheCompacted === true) && !world.isOver;
    if (watch === undefined || watch.compactedTo !== undefined || isFresh)
      watch = begin(world, client, { kind, prng, compacted: watch?.compactedTo ?? compactedAt(kind, life) });
    const stream = life.client.watch();
    stream.create(requestOf(kind, throughOf(watch) + 1));
    const untilMs = world.clock.nowMs() + 2000 + prng.unit() * world.plan.watchMs;
    await follow(world, watch, { stream, life, prng, untilMs });
    stream.close();
  }
}

/** A new record: as a client that lists again, it goes on where history begins, with the compact revision itself. */
function begin(
  world: World,
  client: number,
  of: { readonly kind: WatchKind; readonly prng: Prng; readonly compacted: number },
): OpenWatch {
  const { prefix, prevKv = false, noPut = false, noDelete = false, fromTheFuture } = of.kind;
  const from = fromTheFuture === true ? world.log.last + of.prng.between(1, 12) : Math.max(2, of.compacted);
  const watch: OpenWatch = { client, prefix, prevKv, noPut, noDelete, from, told: [], compactedTo: undefined };
  world.records.watches.push(watch);
  return watch;
}

/** Where a watch that needs no more than what is there may begin. */
function compactedAt({ fromTheCompacted }: WatchKind, { member }: RunningLife): number {
  return fromTheCompacted === true ? member.machine.compactRevision : 0;
}

function requestOf(kind: WatchKind, startRevision: number): WatchCreateRequest {
  const { prefix, prevKv = false, noPut, noDelete, fragment = false, notified = false } = kind;
  const end = prefix.endsWith('/') ? `${prefix.slice(0, -1)}0` : '';
  return {
    ...EMPTY_WATCH_CREATE_REQUEST,
    key: prefix === '' ? '\0' : prefix,
    rangeEnd: prefix === '' ? '\0' : end,
    filters: [...(noPut === true ? [WatchFilter.NOPUT] : []), ...(noDelete === true ? [WatchFilter.NODELETE] : [])],
    startRevision,
    prevKv,
    fragment,
    progressNotify: notified,
  };
}

async function follow(
  world: World,
  watch: OpenWatch,
  on: { readonly stream: WatchStream; readonly life: RunningLife; readonly prng: Prng; readonly untilMs: number },
): Promise<void> {
  const enough = world.clock.sleep(on.untilMs - world.clock.nowMs()).then(() => undefined);
  const isSlow = on.prng.chance(0.3);
  const fragments: Event[] = [];
  while (world.clock.nowMs() < on.untilMs || world.isOver) {
    if (on.prng.chance(0.1)) on.stream.requestProgress();
    // A slow consumer: responses pile up behind it.
    if (isSlow && !world.isOver) await world.clock.sleep(on.prng.unit() * 2000);
    const next = on.stream.next().catch(() => undefined);
    const batch = await Promise.race([next, on.life.died, world.isOver ? world.stopped : enough]);
    if (batch === undefined) return;
    for (const response of batch) if (!take(watch, response, fragments)) return;
  }
}

/** False when the watch has ended. `fragments`: what came of a response that is not whole yet. */
function take(watch: OpenWatch, response: WatchResponse, fragments: Event[]): boolean {
  if (response.canceled) {
    if (response.compactRevision > 0) watch.compactedTo = response.compactRevision;
    return false;
  }
  if (response.created) return true;
  fragments.push(...response.events);
  if (response.fragment) return true;
  const events = fragments.splice(0).map(watchEventOf);
  watch.told.push({ events, revision: response.header?.revision ?? 0, isProgress: events.length === 0 });
  return true;
}
