import type { Prng } from '../../base/prng.ts';
import type { World } from '../sim/world.ts';
import { attempt } from './calls.ts';

/** How far back the store is hashed. */
const PAST_REVISIONS = 30;

/** One client that asks every member for the hash of its store at the same revisions, while everything goes on. */
export async function runHashClient(world: World, client: number, prng: Prng): Promise<void> {
  while (!world.isOver) {
    await world.clock.sleep(prng.unit() * 30 * world.plan.thinkMs);
    const revision = Math.max(1, world.log.last - prng.between(0, PAST_REVISIONS));
    const targets = world.present.flatMap((at) =>
      at.running === undefined ? [] : [{ name: at.name, life: at.running, at }],
    );
    await Promise.all(
      targets.map(async (target) => {
        const hashed = await attempt(world, client, target, (kv) => kv.hashKv({ revision }));
        if (hashed === undefined) return;
        const { hash, compactRevision } = hashed;
        const kind = `hash since ${compactRevision}`;
        world.records.states.push({ member: target.name, revision, kind, digest: `${hash}` });
      }),
    );
  }
}
