import type { Profile } from './profile.ts';

/** A cluster of one, whose disk is all there is: etcd #14370 needed no more than this. */
export const alone: Profile = {
  story: 'a single member, killed and cut off from power',
  plan: { members: 1, tickMs: 20, durationMs: 3000, thinkMs: 40, faultPauseMs: 160, faults: ['process', 'power'] },
};
