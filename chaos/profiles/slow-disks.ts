import type { Profile } from './profile.ts';
import { leaderSoon, mend } from './steps.ts';

/** What takes no time elsewhere takes an election's here: between being elected and having committed, between voting and having it on disk. */
export const slowDisks: Profile = {
  story: 'every disk takes long, and leaders die',
  plan: { members: 3, tickMs: 20, durationMs: 4000, clients: 6, thinkMs: 30, faults: [], drift: 0 },
  aim: async (world, prng) => {
    while (!world.isOver) {
      for (const member of world.present) member.diskSlowness = prng.pick([1, 20, 50, 100]);
      await world.clock.sleep(200 + prng.unit() * 600);
      const leader = await leaderSoon(world, 2000);
      if (leader === undefined || world.isOver) continue;
      const how = prng.pick(['process', 'power'] as const);
      leader.crash(how);
      world.note(() => `! the leader ${leader.name} dies (${how})`);
      await leaderSoon(world, 2000);
      await world.clock.sleep(prng.unit() * 200);
      mend(world);
    }
  },
};
