import type { Prng } from '../../base/prng.ts';
import type { World } from '../sim/world.ts';
import type { Profile } from './profile.ts';
import { isolate, leaderSoon, mend, othersThan } from './steps.ts';

/**
 * The history of figure 8 in the Raft paper, over and over: entries that a leader could not commit are copied on by a later leader while
 * a third log, of a term in between, waits for its chance.
 */
export const figureEight: Profile = {
  story: 'five members, leaders that die with entries on two of them and come back (Raft paper, figure 8)',
  plan: {
    members: 5,
    tickMs: 20,
    durationMs: 12_000,
    clients: 4,
    thinkMs: 60,
    faults: [],
    drift: 0,
    // One entry a message: a leader's old entries reach a follower one by one, and its own last.
    raftLimits: { maxMessageBytes: 1 },
  },
  aim: async (world, prng) => {
    while (!world.isOver) {
      await figure(world, prng);
      mend(world);
      await world.clock.sleep(200 + prng.unit() * 400);
    }
  },
};

async function figure(world: World, prng: Prng): Promise<void> {
  const pause = (maxMs: number): Promise<void> => world.clock.sleep(prng.unit() * maxMs);
  world.network.setDelay(8, 16);
  const first = await leaderSoon(world, 2000);
  if (first === undefined) return;
  const [ally, ...rest] = othersThan(world, [first], prng);
  if (ally === undefined) return;
  isolate(world, first, ally);
  world.note(() => `! only ${ally.name} hears the leader ${first.name}`);
  await pause(200);
  first.crash('process');
  ally.crash('process');
  const second = await leaderSoon(world, 2000, rest);
  if (second === undefined) return;
  isolate(world, second);
  world.note(() => `! nobody hears the leader ${second.name}, and it dies`);
  await pause(20);
  second.crash('process');
  world.network.heal();
  first.start();
  ally.start();
  const third = await leaderSoon(world, 3000, [first, ally]);
  if (third === undefined) return;
  // A round trip to learn where the logs agree, one for the first old entry; the others follow a moment later.
  await world.clock.sleep(25 + prng.unit() * 60);
  world.look();
  world.note(() => `! ${first.name} and ${ally.name} die, ${second.name} comes back`);
  first.crash('process');
  ally.crash('process');
  second.start();
  await leaderSoon(world, 2000, rest);
  await pause(60);
  world.look();
}
