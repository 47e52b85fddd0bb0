import type { Prng } from '../../base/prng.ts';
import type { World } from '../sim/world.ts';

/** Something that goes wrong, or is mended: does it, and returns the line about it; undefined when it did not fit just now. */
export type Fault = (world: World, prng: Prng) => string | undefined;

/** One kind of faults: what goes wrong, and what mends it. */
export interface FaultKind {
  readonly faults: readonly Fault[];
  readonly repairs: readonly Fault[];
}
