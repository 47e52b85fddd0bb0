import type { Prng } from '../../base/prng.ts';
import type { FaultGroup } from '../sim/plan.ts';
import type { World } from '../sim/world.ts';
import { clock } from './clock.ts';
import { disk } from './disk.ts';
import type { FaultKind } from './fault.ts';
import { network } from './network.ts';
import { power } from './power.ts';
import { process } from './process.ts';
import { upgrade } from './upgrade.ts';

/** Changes of membership are a workload of their own: workloads/operator.ts. */
const KINDS: Record<Exclude<FaultGroup, 'members'>, FaultKind> = {
  network,
  process,
  power,
  disk,
  clock,
  upgrade,
};

/** Breaks and mends things of the kinds that the plan names, each a while after the other, until clients stop. */
export async function runFaults(world: World, prng: Prng): Promise<void> {
  const kinds = world.plan.faults.flatMap((group) => (group === 'members' ? [] : [KINDS[group]]));
  if (kinds.length === 0) return;
  while (!world.isOver) {
    await world.clock.sleep(world.plan.faultPauseMs * (0.1 + 0.9 * prng.unit()));
    if (world.isOver) return;
    const { faults, repairs } = prng.pick(kinds);
    const what = prng.pick(prng.chance(0.45) ? faults : repairs)(world, prng);
    if (what !== undefined) world.noteFault(what);
  }
}
