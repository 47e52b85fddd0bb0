import type { Prng } from '../../base/prng.ts';
import { COMMAND_FORMAT, FIRST_COMMAND_FORMAT } from '../../proto/command.ts';
import type { SimMember } from '../sim/sim-member.ts';
import type { World } from '../sim/world.ts';
import type { FaultKind } from './fault.ts';

/**
 * Two versions side by side: members are upgraded one at a time, or all at once, in any order, and replaced by members of the older
 * version while the cluster still writes its format.
 */
export const upgrade: FaultKind = {
  faults: [
    (world, prng) => upgradeOne(world, prng),
    (world, prng) => putBack(world, prng.pick(world.present)),
    (world) => world.leader && putBack(world, world.leader),
  ],
  repairs: [
    (world, prng) => upgradeOne(world, prng),
    (world, prng) => {
      const old = world.present.filter(({ format }) => format < COMMAND_FORMAT);
      if (old.length === 0) return undefined;
      for (const member of old) restart(member, COMMAND_FORMAT, prng);
      return 'all are upgraded at once';
    },
    (world) => {
      for (const member of world.present) member.start();
      return 'restart all';
    },
  ],
};

function upgradeOne(world: World, prng: Prng): string | undefined {
  const old = world.present.filter(({ format }) => format < COMMAND_FORMAT);
  if (old.length === 0) return undefined;
  const member = prng.pick(old);
  restart(member, COMMAND_FORMAT, prng);
  return `${member.name} is upgraded`;
}

/**
 * The older version does not read what the newer one has written: it must refuse, and the way back is to remove the member and to add another one,
 * as the older version. Nobody begins with that once somebody knows that the cluster writes the newer format.
 */
function putBack(world: World, member: SimMember): string | undefined {
  const formats = world.present.map(({ running }) => running?.member.machine.clusterFormat ?? FIRST_COMMAND_FORMAT);
  if (member.format === FIRST_COMMAND_FORMAT || Math.max(...formats) > FIRST_COMMAND_FORMAT) return undefined;
  if (!world.canSpareOne) return undefined;
  member.crash('process');
  member.isTainted = true;
  member.format = FIRST_COMMAND_FORMAT;
  member.start();
  return `${member.name} is put back to the older version`;
}

function restart(member: SimMember, format: number, prng: Prng): void {
  member.format = format;
  if (prng.chance(0.3)) {
    member.crash('process');
    member.start();
  } else void member.stop().then(() => member.start());
}
