import type { Prng } from '../../base/prng.ts';
import type { World } from '../sim/world.ts';
import type { Profile } from './profile.ts';
import { isolate, leaderSoon, mend } from './steps.ts';

/** Leaders that do not know that their time is over, and clients that ask them. */
export const deposed: Profile = {
  story: 'leaders are paused or cut off for about an election, and asked all the while',
  plan: { members: 3, tickMs: 20, durationMs: 3500, clients: 6, thinkMs: 30, faults: [], drift: 0.1 },
  aim: async (world, prng) => {
    while (!world.isOver) {
      await world.clock.sleep(100 + prng.unit() * 400);
      if (world.isOver) return;
      await depose(world, prng);
      mend(world);
    }
  },
};

async function depose(world: World, prng: Prng): Promise<void> {
  const leader = await leaderSoon(world, 2000);
  if (leader === undefined || world.isOver) return;
  const everybody = world.present.map(({ name }) => name);
  const how = prng.pick(['pause', 'pause', 'isolate', 'deaf', 'mute'] as const);
  if (how === 'pause') leader.pause();
  else if (how === 'isolate') isolate(world, leader);
  else if (how === 'deaf') world.network.cut(everybody, [leader.name]);
  else world.network.cut([leader.name], everybody);
  world.note(() => `! the leader ${leader.name}: ${how}`);
  await world.clock.sleep(world.plan.tickMs * (8 + prng.unit() * 40));
}
