import type { FaultKind } from './fault.ts';

/** Killed and stopped processes, pauses (SIGSTOP), and a kill in the middle of any operation of the disk. */
export const process: FaultKind = {
  faults: [
    (world, prng) => {
      const member = prng.pick(world.present);
      member.crash('process');
      return `kill ${member.name}`;
    },
    (world) => {
      const { leader } = world;
      leader?.crash('process');
      return leader && `kill the leader ${leader.name}`;
    },
    (world, prng) => {
      const member = prng.pick(world.present);
      void member.stop();
      return `stop ${member.name}`;
    },
    (world, prng) => {
      const member = prng.chance(0.6) ? (world.leader ?? prng.pick(world.present)) : prng.pick(world.present);
      if (member.isDown || member.isPaused) return undefined;
      member.pause();
      return `pause ${member.name}`;
    },
    (world, prng) => {
      const member = prng.pick(world.present);
      member.disk.tripIn(prng.between(1, 60), () => {
        world.noteFault(`killed ${member.name} within an operation of its disk`);
        member.crash('process');
      });
      return undefined;
    },
  ],
  repairs: [
    (world) => {
      for (const member of world.present) member.start();
      return 'restart all';
    },
    (world, prng) => {
      const member = prng.pick(world.present);
      member.start();
      return `restart ${member.name}`;
    },
    (world) => {
      for (const member of world.present) member.resume();
      return 'resume all';
    },
    (world, prng) => {
      const member = prng.pick(world.present);
      if (!member.isPaused) return undefined;
      member.resume();
      return `resume ${member.name}`;
    },
  ],
};
