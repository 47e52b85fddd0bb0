import type { FaultKind } from './fault.ts';

/** Calendars that jump, also back over a restart; that clocks run at different speeds is drawn with the plan. */
export const clock: FaultKind = {
  faults: [
    (world, prng) => {
      const member = prng.pick(world.present);
      member.wallOffsetMs = prng.pick([-86_400_000, -5000, 5000, 86_400_000]);
      return `the calendar of ${member.name} jumps by ${member.wallOffsetMs} ms`;
    },
    (world, prng) => {
      const member = prng.pick(world.present);
      member.crash('process');
      member.wallOffsetMs = -prng.between(1000, 100_000_000);
      member.clockRate = 1 + (2 * prng.unit() - 1) * world.plan.drift;
      member.start();
      return `${member.name} restarts with an old clock`;
    },
  ],
  repairs: [
    (world, prng) => {
      const member = prng.pick(world.present);
      member.wallOffsetMs = 0;
      return `the calendar of ${member.name} is right`;
    },
  ],
};
