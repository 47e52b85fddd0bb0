import { setTimeout as pause } from 'node:timers/promises';
import type { Controller } from './controller.ts';
import { CONTROLLER_LIMITS } from './limits.ts';

/** Starts controllers one beside the other; what it returns stops all of them. One that cannot start stops the others. */
export async function startControllers(controllers: readonly Controller[]): Promise<() => Promise<void>> {
  const started = await Promise.allSettled(controllers.map((controller) => controller.start()));
  const stops = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(stops.map((each) => each()));
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed === undefined) return stop;
  await stop();
  throw failed.reason;
}

/** Does `work` again and again, with growing pauses, until it succeeds or `signal` aborts: a store that is away when a server starts comes back. */
export async function untilDone(
  work: () => Promise<unknown>,
  options: { readonly signal: AbortSignal; readonly onFailure: (error: unknown) => void },
): Promise<void> {
  for (let delayMs: number = CONTROLLER_LIMITS.firstRetryMs; !options.signal.aborted; ) {
    try {
      await work();
      return;
    } catch (error) {
      options.onFailure(error);
    }
    await pause(delayMs, undefined, { signal: options.signal }).catch(() => undefined);
    delayMs = Math.min(2 * delayMs, CONTROLLER_LIMITS.longestRetryMs);
  }
}
