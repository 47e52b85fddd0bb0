import type { Profile } from './profile.ts';

/** What is not on a disk is lost, of one machine or of all, again and again. */
export const blackouts: Profile = {
  story: 'the power fails every few moments, also within an operation of a disk',
  plan: { members: 3, tickMs: 20, durationMs: 3000, thinkMs: 40, faultPauseMs: 200, faults: ['power'] },
};
