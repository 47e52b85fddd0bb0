import type { Prng } from '../../base/prng.ts';
import type { Plan } from '../sim/plan.ts';
import type { World } from '../sim/world.ts';

/** A kind of life that a seed may give its cluster: aimed at what chance alone seldom brings about. */
export interface Profile {
  /** What it brings about. */
  readonly story: string;
  /** What it fixes of the plan; the rest is drawn. */
  readonly plan: Partial<Omit<Plan, 'seed' | 'profile'>>;
  /** Goes wrong in this order, beside the faults that the plan names; ends when `world.isOver`. */
  readonly aim?: (world: World, prng: Prng) => Promise<void>;
}
