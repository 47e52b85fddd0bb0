import type { Controller } from './controller.ts';

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
