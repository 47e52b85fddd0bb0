import type { Clock } from '../doors.ts';

/** Node's timers overflow above 2^31 - 1 ms and would fire at once; longer waits are made of several. */
const MAX_TIMER_MS = 2_147_483_647;

/** The machine's clock. Timers keep the process alive until they fire or are cancelled. */
export const nodeClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, fire) {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      timer =
        leftMs > MAX_TIMER_MS ? setTimeout(() => arm(leftMs - MAX_TIMER_MS), MAX_TIMER_MS) : setTimeout(fire, leftMs);
    };
    arm(Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};
