import type { Profile } from './profile.ts';
import { leaderSoon, mend } from './steps.ts';

/** Leases over changes of leader: who counts their time, from when, and by which clock. */
export const leases: Profile = {
  story: 'many leases, leaders that are paused for longer than they last, clocks that drift',
  plan: {
    members: 3,
    tickMs: 20,
    durationMs: 10_000,
    clients: 2,
    workers: { transactions: 1, leases: 6, locks: 3, watches: 2 },
    thinkMs: 100,
    faults: [],
    drift: 0.1,
  },
  aim: async (world, prng) => {
    while (!world.isOver) {
      await world.clock.sleep(500 + prng.unit() * 2500);
      const leader = await leaderSoon(world, 2000);
      if (leader === undefined || world.isOver) continue;
      if (prng.chance(0.3)) leader.crash('process');
      else leader.pause();
      world.note(() => `! the leader ${leader.name} is ${leader.isPaused ? 'paused' : 'killed'}`);
      await world.clock.sleep(200 + prng.unit() * 4000);
      mend(world);
    }
  },
};
