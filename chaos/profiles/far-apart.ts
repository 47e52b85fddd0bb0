import type { Profile } from './profile.ts';

/** Members between which a message takes longer than an answer does elsewhere: everything overlaps with everything. */
export const farApart: Profile = {
  story: 'messages take up to half an election, connections break, leaders change',
  plan: {
    members: 3,
    tickMs: 20,
    durationMs: 4000,
    clients: 6,
    thinkMs: 40,
    faultPauseMs: 400,
    faults: ['process'],
    drift: 0,
  },
  aim: async (world, prng) => {
    while (!world.isOver) {
      world.network.setDelay(5, prng.between(20, 90));
      world.network.setLoss(prng.pick([0, 0.01, 0.03]));
      await world.clock.sleep(300 + prng.unit() * 1000);
    }
  },
};
