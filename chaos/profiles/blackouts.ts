import type { Profile } from './profile.ts';

/** What is not on a disk is lost, of one machine or of all, again and again; and it takes a while to be on a disk. */
export const blackouts: Profile = {
  story: 'the power fails every few moments, also within an operation of a disk, and disks are slow',
  plan: { members: 3, tickMs: 20, durationMs: 3000, thinkMs: 40, faultPauseMs: 200, faults: ['power'] },
  aim: async (world, prng) => {
    while (!world.isOver) {
      for (const member of world.present) member.diskSlowness = prng.pick([1, 10, 40]);
      await world.clock.sleep(500);
    }
  },
};
