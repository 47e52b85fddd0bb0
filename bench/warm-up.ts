import { median } from './report.ts';

const RUN_SECONDS = 1;
/** Runs are compared so many at a time, by their median: compiled code arrives in steps, and a shared machine has dear seconds. */
const WINDOW = 6;
/** A window that is cheaper than the one before by less than this share shows nothing but chance. */
const STILL_WARMING = 0.03;

/**
 * Short runs until the servers' CPU for one operation gets no less: a young process still compiles its code, and what runs once for many
 * operations is compiled late. The CPU tells it better than the rate, which other things move, too. `run` drives a load for so many seconds and
 * returns that CPU, in whatever unit; the answer is what each run cost.
 */
export async function warmUp(
  limitSeconds: number,
  run: (seconds: number) => Promise<number>,
): Promise<readonly number[]> {
  const costs: number[] = [];
  for (let seconds = 0; seconds < limitSeconds && isWarming(costs); seconds += RUN_SECONDS)
    costs.push(await run(RUN_SECONDS));
  return costs;
}

function isWarming(costs: readonly number[]): boolean {
  if (costs.length < 2 * WINDOW) return true;
  const latest = median(costs.slice(-WINDOW));
  return latest < median(costs.slice(-2 * WINDOW, -WINDOW)) * (1 - STILL_WARMING);
}
