import { Prng } from '../../base/prng.ts';
import { PROFILE_NAMES, PROFILES, type ProfileName } from '../profiles/catalogue.ts';

/** Kinds of faults; a seed combines some of them. */
export const FAULT_GROUPS = ['network', 'process', 'power', 'disk', 'clock', 'members', 'upgrade'] as const;
export type FaultGroup = (typeof FAULT_GROUPS)[number];

/** What a seed stands for, before anything happens. Times in milliseconds of true time. */
export interface Plan {
  readonly seed: number;
  /** What is aimed at, beside what chance brings. */
  readonly profile: ProfileName;
  readonly members: number;
  readonly tickMs: number;
  /** How long faults happen; healing and the checks come on top. */
  readonly durationMs: number;
  /** A long life in which little happens, instead of a short and wild one. */
  readonly isQuiet: boolean;
  readonly clients: number;
  readonly workers: Workers;
  /** The share of their calls in which clients compact. */
  readonly compactions: number;
  /** Between two calls of one client, at most. */
  readonly thinkMs: number;
  /** Between two faults, at most. */
  readonly faultPauseMs: number;
  /** Between two looks of the operator, and roughly between two changes of who takes part. */
  readonly operatorLookMs: number;
  readonly operatorPauseMs: number;
  /** How long a watcher stays on one stream, at most. */
  readonly watchMs: number;
  readonly faults: readonly FaultGroup[];
  /** How far from 1 the speed of a member's clock may be. */
  readonly drift: number;
  readonly limits: {
    readonly compactEveryEntries: number;
    readonly catchUpEntries: number;
    readonly walSegmentBytes: number;
    readonly walAllocateStepBytes: number;
    readonly checkpointKeys: number;
  };
  readonly raftLimits?: { readonly maxMessageBytes: number };
  readonly watchLimits: {
    readonly recentRevisions?: number;
    readonly outboxResponses?: number;
    readonly catchUpRevisions?: number;
    readonly catchUpBytes?: number;
  };
}

/** How many clients of each kind there are beside those of registers. */
export interface Workers {
  readonly transactions: number;
  readonly leases: number;
  readonly locks: number;
  readonly watches: number;
}

/** What a caller may fix. `hours`: a long and quiet life instead of a short and wild one. */
export interface PlanOptions {
  readonly profile?: ProfileName;
  readonly members?: number;
  readonly durationMs?: number;
  readonly faults?: readonly FaultGroup[];
  readonly hours?: number;
}

/** Draws the plan of a seed, most of it by chance alone, some with an aim. */
export function planOf(seed: number, options: PlanOptions = {}): Plan {
  const { hours, members, durationMs, faults } = options;
  const profile = options.profile ?? (hours === undefined ? profileOf(seed) : 'mixed');
  return {
    ...drawnPlan(seed, hours),
    ...PROFILES[profile].plan,
    ...(members !== undefined && { members }),
    ...(durationMs !== undefined && { durationMs }),
    ...(faults !== undefined && { faults }),
    profile,
  };
}

/** Its own dice: what a profile leaves open does not depend on whether there is one. */
function profileOf(seed: number): ProfileName {
  const prng = new Prng(seed ^ 0x70f1);
  return prng.chance(0.6) ? 'mixed' : prng.pick(PROFILE_NAMES);
}

/** A seed enables some kinds of faults only: together they would hide each other. */
function drawnPlan(seed: number, hours: number | undefined): Omit<Plan, 'profile'> {
  const prng = new Prng(seed ^ 0x9e37);
  const members = prng.pick([3, 3, 3, 3, 3, 3, 5, 5, 4, 7]);
  const some = FAULT_GROUPS.filter(() => prng.chance(0.45));
  const faults = some.length > 0 ? some : [prng.pick(FAULT_GROUPS)];
  const [compactEveryEntries, catchUpEntries] = prng.pick([
    [10, 2],
    [10, 2],
    [50, 10],
    [100_000, 5000],
  ] as const);
  const isQuiet = hours !== undefined;
  // Short ticks bring more elections into a run, long ones more of everything else.
  const tickMs = prng.pick(isQuiet ? [100, 250, 500] : [20, 20, 100]);
  return {
    seed,
    members,
    tickMs,
    durationMs: isQuiet ? hours * 3_600_000 : tickMs * prng.pick([120, 200, 300]),
    isQuiet,
    clients: prng.between(3, 6),
    workers: { transactions: 2, leases: 2, locks: 2, watches: 6 },
    compactions: 0.02,
    thinkMs: isQuiet ? 60_000 : tickMs * prng.pick([2, 4, 10]),
    faultPauseMs: isQuiet ? 600_000 : tickMs * prng.pick([8, 15, 40]),
    operatorLookMs: isQuiet ? 5000 : 500,
    operatorPauseMs: isQuiet ? 1_200_000 : 10_000,
    watchMs: isQuiet ? 600_000 : 15_000,
    faults,
    drift: faults.includes('clock') ? 0.1 : 0,
    // Small segments, so that the log changes files and gives some up in nearly every run.
    limits: {
      compactEveryEntries,
      catchUpEntries,
      walSegmentBytes: 32 * 1024,
      walAllocateStepBytes: 8 * 1024,
      checkpointKeys: 1,
    },
    // And small outboxes, so that watchers fall behind and catch up from memory and from the backend.
    watchLimits: prng.pick([{}, { recentRevisions: 8, outboxResponses: 3, catchUpRevisions: 5, catchUpBytes: 300 }]),
  };
}
