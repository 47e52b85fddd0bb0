import type { Profile } from './profile.ts';

/** Disks that fail, garble and forget, while machines lose their power. */
export const rot: Profile = {
  story: 'disks fail, fill up, garble what they hold, and lose power',
  plan: { tickMs: 20, durationMs: 5000, thinkMs: 40, faultPauseMs: 200, faults: ['disk', 'power'] },
};
