import { setTimeout as delay } from 'node:timers/promises';
import type { Side } from '../servers.ts';
import { type GrowthRow, type Stage, take, takeAll } from './row.ts';

const MB = 1024 * 1024;
const MOST_ROUNDS = 3;
/** After a start the collector has not looked yet, and what was put off at the start is done. It is over when a second brings little, or no more by then. */
const SETTLE_MS = 1000;
const MOST_SETTLES = 20;
const LITTLE = 1.02;

/** Memory of a member when it has taken all keys; how long it takes to start again with them, and its memory then. */
export async function memoryRows(stage: Stage): Promise<readonly GrowthRow[]> {
  const memory = async (side: Side): Promise<number> => side.usage().residentBytes / MB;
  const filled = await take({ ...stage, rounds: 1 }, { name: 'memory after the puts', unit: 'MB', target: 1 }, memory);
  const started = await takeAll(
    { ...stage, rounds: Math.min(MOST_ROUNDS, stage.rounds) },
    {
      seconds: { name: 'start after a stop', unit: 's', target: 0.5 },
      memory: { name: 'memory after a start', unit: 'MB', target: 1 },
    },
    async (side) => {
      const seconds = await startSeconds(side);
      return { seconds, memory: await settled(() => memory(side)) };
    },
  );
  return [filled, started.seconds, started.memory];
}

/** What `measure` gives once it does not grow any more. */
async function settled(measure: () => Promise<number>): Promise<number> {
  let now = 0;
  for (let i = 0; i < MOST_SETTLES; i++) {
    const before = now;
    await delay(SETTLE_MS);
    now = await measure();
    if (now <= before * LITTLE) break;
  }
  return now;
}

/** A clean stop, then from the start of the process until it is healthy. */
async function startSeconds(side: Side): Promise<number> {
  await side.store.processes[0]?.stop();
  const startedMs = performance.now();
  await side.store.restart(0);
  return (performance.now() - startedMs) / 1000;
}
