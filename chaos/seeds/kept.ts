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
export const KEPT_SEEDS: readonly KeptSeed[] = [];
