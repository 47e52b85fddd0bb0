import type { Fault, FaultKind } from './fault.ts';

const restartAll: Fault = (world) => {
  for (const member of world.present) member.start();
  return 'restart all';
};

/** Power cuts: what was not synced is lost, torn or reordered, of one machine or of all, also in the middle of an operation of the disk. */
export const power: FaultKind = {
  faults: [
    (world, prng) => {
      const member = prng.pick(world.present);
      member.crash('power');
      return `cut the power of ${member.name}`;
    },
    (world) => {
      const { leader } = world;
      leader?.crash('power');
      return leader && `cut the power of the leader ${leader.name}`;
    },
    (world) => {
      for (const member of world.present) member.crash('power');
      return 'all power lost';
    },
    (world, prng) => {
      for (const member of world.present) member.crash('power');
      world.clock.after(prng.unit() * 2000, () => {
        if (world.isOver) return;
        for (const member of world.present) member.start();
      });
      return 'all power lost for a moment';
    },
    (world, prng) => {
      const member = prng.pick(world.present);
      member.disk.tripIn(prng.between(1, 60), () => {
        world.noteFault(`power of ${member.name} lost within an operation of its disk`);
        member.crash('power');
      });
      return undefined;
    },
  ],
  repairs: [
    restartAll,
    restartAll,
    (world, prng) => {
      const member = prng.pick(world.present);
      member.start();
      return `restart ${member.name}`;
    },
  ],
};
