import type { ChaosMember } from '../harness/cluster.ts';
import { type DiskTrouble, type DoorOrders, GOOD_DISK } from '../test-build/orders.ts';
import { type ClusterFault, described, type FaultScene, type Injury, victim } from './fault.ts';

/** Syncs of a member's disk fail, and what was written since is gone. It has to stop; it is started again on a good disk. */
export const failedSync: ClusterFault = {
  name: 'fsync',
  summary: 'every fsync of a member fails and loses what it should have kept; started again after 2 to 5 seconds',
  needs: ['test build'],
  inject: async (scene) => failing(scene, 'sync'),
};

export const failedWrite: ClusterFault = {
  name: 'disk-write',
  summary: 'every write of a member to its log and files fails; started again after 2 to 5 seconds',
  needs: ['test build'],
  inject: async (scene) => failing(scene, 'write'),
};

export const failedRead: ClusterFault = {
  name: 'disk-read',
  summary: 'every read of a member from its log and files fails; started again after 2 to 5 seconds',
  needs: ['test build'],
  inject: async (scene) => failing(scene, 'read'),
};

/** A disk that is only slow: nobody must stop, and nothing may be lost. */
export const slowDisk: ClusterFault = {
  name: 'slow-disk',
  summary: 'every fsync of a member takes 50 to 2000 ms longer, for 2 to 8 seconds',
  needs: ['test build'],
  async inject(scene) {
    const member = victim(scene, 0.6);
    if (member === undefined) return undefined;
    const slowSyncMs = scene.prng.between(50, 2_000);
    const lastsMs = scene.prng.between(2_000, 8_000);
    order(member, { failing: [], slowSyncMs });
    const text = `every fsync of ${described(member, scene.leader)} takes ${slowSyncMs} ms longer for ${(lastsMs / 1000).toFixed(1)} s`;
    return { text, member: member.name, lastsMs, heal: () => order(member, GOOD_DISK) };
  },
};

function failing(scene: FaultScene, operation: DiskTrouble['failing'][number]): Injury | undefined {
  const member = victim(scene, 0.5);
  if (member === undefined) return undefined;
  const text = `every ${operation} of ${described(member, scene.leader)} fails`;
  member.excuse = text;
  order(member, { failing: [operation], slowSyncMs: 0 });
  return {
    text,
    member: member.name,
    lastsMs: scene.prng.between(2_000, 5_000),
    heal: async () => {
      await member.process.kill(); // if it did not notice
      member.excuse = undefined;
      member.process.start();
    },
  };
}

function order(member: ChaosMember, disk: DiskTrouble): void {
  const orders: DoorOrders = { disk };
  member.process.send({ ...orders });
}
