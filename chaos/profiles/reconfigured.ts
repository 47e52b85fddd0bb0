import type { Prng } from '../../base/prng.ts';
import type { SimMember } from '../sim/sim-member.ts';
import type { World } from '../sim/world.ts';
import type { Profile } from './profile.ts';
import { leaderSoon, mend, othersThan } from './steps.ts';

/** Two members leave at the same time, and the cluster falls apart in the middle of it (Ongaro, 2015, on single-server changes). */
export const reconfigured: Profile = {
  story: 'two members of five are removed at once while the network is cut in two',
  plan: { members: 5, tickMs: 20, durationMs: 3000, clients: 4, thinkMs: 30, faults: [], drift: 0 },
  aim: async (world, prng) => {
    await world.clock.sleep(300 + prng.unit() * 1500);
    await removeTwo(world, prng);
    mend(world);
  },
};

async function removeTwo(world: World, prng: Prng): Promise<void> {
  const leader = await leaderSoon(world, 2000);
  if (leader?.running === undefined) return;
  world.changers.add('profile');
  const { member, client } = leader.running;
  const [near, far, one, other] = othersThan(world, [leader], prng) as [SimMember, SimMember, SimMember, SimMember];
  const idOf = (of: SimMember): bigint | undefined =>
    member.machine.members().find(({ peerURLs }) => peerURLs.includes(`http://${of.name}:2380`))?.ID;
  for (const gone of [one, other]) {
    gone.isLeaving = true;
    const ID = idOf(gone);
    gone.isLeaving = true;
    if (ID !== undefined) client.memberRemove({ ID }).catch(() => undefined);
  }
  world.note(() => `! ${one.name} and ${other.name} are removed at once by ${leader.name}`);
  await world.clock.sleep(prng.unit() * 30);
  const [left, right] = [
    [leader.name, near.name],
    [far.name, one.name, other.name],
  ];
  world.network.partition(left, right);
  world.note(() => `! partition ${left.join(' ')} | ${right.join(' ')}`);
  await world.clock.sleep(200 + prng.unit() * 1500);
  world.network.heal();
  await retireRemoved(world, [one, other]);
}

/** Whoever the newest leader no longer knows is no part of the cluster. */
async function retireRemoved(world: World, members: readonly SimMember[]): Promise<void> {
  // Until the outcome is settled: no request outlives its deadline.
  await world.clock.sleep(8000);
  const leaders = world.present.flatMap(({ running }) => (running?.member.isLeader ? [running.member] : []));
  const [newest] = leaders.sort((a, b) => b.raftStatus().term - a.raftStatus().term);
  const known = newest?.machine.members() ?? [];
  for (const member of newest === undefined ? [] : members) {
    if (known.some(({ peerURLs }) => peerURLs.includes(`http://${member.name}:2380`))) continue;
    member.isRetired = true;
    member.crash('process');
  }
  world.changers.delete('profile');
}
