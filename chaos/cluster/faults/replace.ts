import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { connectKvClient } from '../../../client/grpc-client.ts';
import type { KvClient } from '../../../client/kv-client.ts';
import type { ChaosCluster, ChaosMember } from '../harness/cluster.ts';
import { CLUSTER_LIMITS } from '../limits.ts';
import type { ClusterFault } from './fault.ts';

const CALL = { timeoutMs: 5_000 };

/** After this a removal of which nobody knows has been done, or never will be. */
const CERTAIN_MS = 10_000;

/** An operator removes a member and lets a new one join in its place: another id, an empty disk, a snapshot to fetch. */
export const replace: ClusterFault = {
  name: 'replace',
  summary: 'an operator removes a member, and a new and empty one joins in its place after a second',
  async inject({ cluster, prng, leader }) {
    const member = prng.pick(cluster.members);
    // With another one down the cluster could not spare it: a careful operator waits.
    const isAnyDown = cluster.members.some(({ process }) => process.isDown || process.isPaused);
    if (leader === undefined || member === leader || isAnyDown) return undefined;
    const id = await idOf(leader.kv, member);
    if (typeof id !== 'bigint') return undefined;
    member.excuse = 'it was removed';
    const isRemoved = await leader.kv.memberRemove({ ID: id }, CALL).then(
      () => true,
      () => false,
    );
    return {
      text: isRemoved ? `${member.name} was removed` : `${member.name} may have been removed`,
      member: member.name,
      lastsMs: isRemoved ? CLUSTER_LIMITS.restartMs : CERTAIN_MS,
      heal: () => putBack(cluster, member, id),
    };
  },
};

/** Lets it run: as it was when it is still a member, and as a new one otherwise. */
async function putBack(cluster: ChaosCluster, member: ChaosMember, oldId: bigint): Promise<void> {
  const kv = connectKvClient({ endpoints: cluster.clientUrls.filter((url) => url !== member.clientUrl) });
  try {
    await rejoin(kv, member, oldId);
  } finally {
    await kv.close();
    member.excuse = undefined;
    member.process.start();
  }
}

async function rejoin(kv: KvClient, member: ChaosMember, oldId: bigint): Promise<void> {
  const untilMs = performance.now() + CLUSTER_LIMITS.settleMs;
  for (let isWiped = false; performance.now() < untilMs; await pause(CLUSTER_LIMITS.pollMs)) {
    const id = await idOf(kv, member);
    if (id === oldId) return;
    if (id === 'unknown') continue;
    if (!isWiped) {
      await member.process.kill();
      await rm(member.dataDir, { recursive: true, force: true });
      member.isFounder = false;
      isWiped = true;
    }
    if (id !== 'none') return;
    // Refused while others are down, and asked again when nobody knows whether it was done.
    await kv.memberAdd({ peerURLs: [member.peerUrl], isLearner: false }, CALL).catch(() => undefined);
  }
}

/** The id under which the cluster knows it: by its URL, since who never started has no name yet. */
async function idOf(kv: KvClient, { peerUrl }: ChaosMember): Promise<bigint | 'none' | 'unknown'> {
  const list = await kv.memberList({ linearizable: true }, CALL).catch(() => undefined);
  if (list === undefined) return 'unknown';
  return list.members.find(({ peerURLs }) => peerURLs.includes(peerUrl))?.ID ?? 'none';
}
