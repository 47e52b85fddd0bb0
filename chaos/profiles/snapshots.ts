import type { Profile } from './profile.ts';
import { isolate, mend } from './steps.ts';

/** Members that fall so far behind that only a snapshot helps them, also while they are killed. */
export const snapshots: Profile = {
  story: 'short logs, members that miss a lot and are brought up to date by snapshots',
  plan: {
    members: 3,
    tickMs: 20,
    durationMs: 4000,
    clients: 4,
    thinkMs: 40,
    faultPauseMs: 600,
    faults: ['process'],
    limits: {
      compactEveryEntries: 10,
      catchUpEntries: 2,
      walSegmentBytes: 32 * 1024,
      walAllocateStepBytes: 8 * 1024,
      checkpointKeys: 1,
    },
  },
  aim: async (world, prng) => {
    while (!world.isOver) {
      await world.clock.sleep(prng.unit() * 600);
      const behind = prng.pick(world.present);
      isolate(world, behind);
      world.note(() => `! ${behind.name} misses a lot`);
      await world.clock.sleep(300 + prng.unit() * 1200);
      world.network.heal();
      await world.clock.sleep(prng.unit() * 40);
      if (prng.chance(0.3)) behind.crash(prng.pick(['process', 'power'] as const));
      await world.clock.sleep(prng.unit() * 200);
      mend(world);
    }
  },
};
