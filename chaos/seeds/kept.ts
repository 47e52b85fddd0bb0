import type { PlanOptions } from '../sim/plan.ts';

/** A seed that found a bug once, and what it was: docs/bugs.md has the story. */
export interface KeptSeed {
  readonly seed: number;
  readonly options: PlanOptions;
  readonly story: string;
}

/**
 * Run by `npm test`. A change of the simulator's own draws makes a seed another run: the entry stays, as one more seed; the bug itself has a
 * test in its room.
 */
export const KEPT_SEEDS: readonly KeptSeed[] = [
  {
    seed: 108,
    options: {},
    story:
      'a leader that had been paused revoked leases by its old deadlines, and the revokes were offered again to its successor',
  },
  {
    seed: 4,
    options: { profile: 'deposed' },
    story: 'a client was told an error of the disk: a snapshot had closed the backend while the store was hashed',
  },
  {
    seed: 2705,
    options: {},
    story: 'a leader that joined while a member was cut off could not be answered by it, which knew no address of it',
  },
  {
    seed: 3383,
    options: {},
    story:
      'a member that had removed the only other one lost its power before the commit was on disk, and asked it for its vote',
  },
  {
    seed: 741,
    options: {},
    story: 'a process believed a name that the process before it had not made durable, and a power cut took it back',
  },
  {
    seed: 120,
    options: { faults: ['upgrade', 'network', 'process'] },
    story: 'a watcher that came while history was read without previous values was served from that reading',
  },
  {
    seed: 3576778360,
    options: {},
    story:
      'the timer for all waits was set again for a rest that its clock could not show, for ever at the same moment',
  },
];
