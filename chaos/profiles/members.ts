import type { Profile } from './profile.ts';

/** Members come and go, and restart while they do. */
export const members: Profile = {
  story: 'members are added, promoted and removed, while others are killed and lose power',
  plan: {
    members: 3,
    tickMs: 20,
    durationMs: 20_000,
    clients: 3,
    thinkMs: 300,
    faultPauseMs: 1500,
    faults: ['members', 'process', 'power'],
    limits: {
      compactEveryEntries: 50,
      catchUpEntries: 10,
      walSegmentBytes: 32 * 1024,
      walAllocateStepBytes: 8 * 1024,
      checkpointKeys: 1,
    },
  },
};
