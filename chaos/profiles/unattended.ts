import type { Prng } from '../../base/prng.ts';
import type { World } from '../sim/world.ts';
import type { Profile } from './profile.ts';
import { leaderSoon, mend, othersThan } from './steps.ts';

/** Followers where nobody waits are always a little behind: whoever a quorum needed dies, and they must take over. */
export const unattended: Profile = {
  story: 'clients keep to a few members, the others get entries late, and those in front die or are cut off',
  plan: { tickMs: 20, durationMs: 6000, clients: 6, thinkMs: 30, watchMs: 200, faults: [], drift: 0 },
  aim: async (world, prng) => {
    while (!world.isOver) {
      if (world.unvisited.size === 0 || prng.chance(0.1)) await keepAway(world, prng);
      await world.clock.sleep(300 + prng.unit() * 700);
      await strikeInFront(world, prng);
      await world.clock.sleep(prng.unit() * 400);
      mend(world);
    }
  },
};

/** Clients go to the leader, and perhaps to one more. */
async function keepAway(world: World, prng: Prng): Promise<void> {
  const leader = await leaderSoon(world, 2000);
  if (leader === undefined) return;
  const others = othersThan(world, [leader], prng).slice(prng.chance(0.3) ? 1 : 0);
  world.unvisited.clear();
  for (const { name } of others) world.unvisited.add(name);
  world.note(() => `! clients keep away from ${[...world.unvisited].join(' ')}`);
}

/** The leader, or one follower of which nobody knows whether the quorum counts on it, or both; less than what the cluster can spare. */
async function strikeInFront(world: World, prng: Prng): Promise<void> {
  const leader = await leaderSoon(world, 2000);
  if (leader === undefined || world.isOver) return;
  const [follower] = othersThan(world, [leader], prng);
  const victims = prng.pick([[leader], [follower], world.present.length > 4 ? [leader, follower] : [leader]]);
  for (const victim of victims) {
    if (victim === undefined) continue;
    const how = prng.pick(['process', 'power', 'pause'] as const);
    if (how === 'pause') victim.pause();
    else victim.crash(how);
    world.note(() => `! ${victim.name}: ${how}`);
  }
}
