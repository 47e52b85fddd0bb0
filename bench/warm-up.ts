const RUN_SECONDS = 1;
/** A run that is cheaper by less than this share shows nothing but chance. */
const STILL_WARMING = 0.05;
/** So many runs in a row that were not cheaper than the cheapest end a warm-up: compiled code arrives in steps, and a shared machine has dear seconds. */
const PATIENCE = 5;

/**
 * Short runs until the servers' CPU for one operation gets no less: a young process still compiles its code. The CPU tells it better than the
 * rate, which other things move, too. `run` drives a load for so many seconds and returns that CPU, in whatever unit; the answer is what
 * each run cost.
 */
export async function warmUp(
  limitSeconds: number,
  run: (seconds: number) => Promise<number>,
): Promise<readonly number[]> {
  const costs: number[] = [];
  let best = Number.POSITIVE_INFINITY;
  let patience = PATIENCE;
  for (let seconds = 0; seconds < limitSeconds && patience > 0; seconds += RUN_SECONDS) {
    const cost = await run(RUN_SECONDS);
    costs.push(cost);
    patience = cost < best * (1 - STILL_WARMING) ? PATIENCE : patience - 1;
    best = Math.min(best, cost);
  }
  return costs;
}
