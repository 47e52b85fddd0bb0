import type { Prng } from '../../base/prng.ts';
import { COMMAND_FORMAT, FIRST_COMMAND_FORMAT } from '../../proto/command.ts';
import type { SimMember } from '../sim/sim-member.ts';
import type { World } from '../sim/world.ts';
import type { FaultKind } from './fault.ts';

/**
 * Two versions side by side: members are upgraded one at a time, or all at once, in any order, and put back to the older version while the cluster still writes
 * its format. Who was put back in the very moment in which the cluster went on must stop, and be upgraded.
 */
export const upgrade: FaultKind = {
  faults: [
    (world, prng) => upgradeOne(world, prng),
    (world, prng) => putBack(world, prng.pick(world.present), prng),
    (world, prng) => world.leader && putBack(world, world.leader, prng),
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

/** Refused once somebody knows that the cluster has gone on: whoever looks before he does it is told so. */
function putBack(world: World, member: SimMember, prng: Prng): string | undefined {
  const formats = world.present.map(({ running }) => running?.member.machine.clusterFormat ?? FIRST_COMMAND_FORMAT);
  if (member.format === FIRST_COMMAND_FORMAT || Math.max(...formats) > FIRST_COMMAND_FORMAT) return undefined;
  restart(member, FIRST_COMMAND_FORMAT, prng);
  return `${member.name} is put back to the older version`;
}

function restart(member: SimMember, format: number, prng: Prng): void {
  member.format = format;
  if (prng.chance(0.3)) {
    member.crash('process');
    member.start();
  } else void member.stop().then(() => member.start());
}
