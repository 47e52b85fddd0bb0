import type { Profile } from './profile.ts';

/** Outboxes, memory and steps so small that every watcher falls behind, again and again, while history is compacted. */
export const slowWatchers: Profile = {
  story: 'many watchers that read late, little memory for them, and compactions',
  plan: {
    members: 3,
    tickMs: 20,
    durationMs: 2000,
    clients: 4,
    workers: { transactions: 3, leases: 1, locks: 1, watches: 11 },
    compactions: 0.1,
    thinkMs: 30,
    faultPauseMs: 800,
    faults: ['network', 'process'],
    watchLimits: { recentRevisions: 4, outboxResponses: 2, catchUpRevisions: 3, catchUpBytes: 200 },
  },
};
