import type { Prng } from '../../base/prng.ts';
import type { WatchStream } from '../../client/kv-client.ts';
import { EMPTY_WATCH_CREATE_REQUEST, type WatchResponse } from '../../proto/gen/etcd.ts';
import { throughOf } from '../checkers/watches.ts';
import { changeOf, type OpenWatch, revisionOf } from '../sim/records.ts';
import type { RunningLife } from '../sim/sim-member.ts';
import type { World } from '../sim/world.ts';

/** One client's watch, that goes on elsewhere when its member dies or the client has had enough of it. */
export async function runWatcher(world: World, watch: OpenWatch, prng: Prng): Promise<void> {
  world.records.watches.push(watch);
  while (!world.isStopped) {
    await world.clock.sleep(prng.unit() * 300);
    const target = world.someMember(prng);
    if (target === undefined) continue;
    const { life, at } = target;
    await Promise.race([at.awake(), life.died]);
    if (life.isOver) continue;
    const stream = life.client.watch();
    stream.create({
      ...EMPTY_WATCH_CREATE_REQUEST,
      key: watch.prefix === '' ? '\0' : watch.prefix,
      rangeEnd: watch.prefix === '' ? '\0' : `${watch.prefix.slice(0, -1)}0`,
      startRevision: throughOf(watch) + 1,
      prevKv: watch.prevKv,
    });
    await follow(world, watch, {
      stream,
      life,
      prng,
      untilMs: world.clock.nowMs() + 2000 + prng.unit() * world.plan.watchMs,
    });
    stream.close();
  }
}

async function follow(
  world: World,
  watch: OpenWatch,
  on: { readonly stream: WatchStream; readonly life: RunningLife; readonly prng: Prng; readonly untilMs: number },
): Promise<void> {
  const enough = world.clock.sleep(on.untilMs - world.clock.nowMs()).then(() => undefined);
  const isSlow = on.prng.chance(0.3);
  while (world.clock.nowMs() < on.untilMs || world.isOver) {
    if (on.prng.chance(0.1)) on.stream.requestProgress();
    // A slow consumer: responses pile up behind it.
    if (isSlow && !world.isOver) await world.clock.sleep(on.prng.unit() * 2000);
    const next = on.stream.next().catch(() => undefined);
    const batch = await Promise.race([next, on.life.died, world.isOver ? world.stopped : enough]);
    if (batch === undefined) return;
    for (const response of batch) if (!take(watch, response)) return;
  }
}

/** False when the watch has ended. */
function take(watch: OpenWatch, response: WatchResponse): boolean {
  if (response.canceled) {
    // What it still needed was compacted: as a client that lists again, it goes on where history begins.
    if (response.compactRevision > 0) {
      watch.told = [];
      watch.from = response.compactRevision + 1;
    }
    return false;
  }
  if (response.created) return true;
  const events = response.events.map((event) => ({ revision: revisionOf(event), change: changeOf(event) }));
  watch.told.push({ events, revision: response.header?.revision ?? 0, isProgress: events.length === 0 });
  return true;
}
