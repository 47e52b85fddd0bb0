import { CLUSTER_LIMITS } from '../limits.ts';
import { type ClusterFault, described, victim } from './fault.ts';

/** Of ten kills so many hit the leader. */
const LEADER_SHARE = 0.8;

/** SIGKILL of one member, mostly the leader; it is started again after a moment. */
export const kill: ClusterFault = {
  name: 'kill',
  summary: 'SIGKILL of the leader, now and then of another member; started again after a second',
  async inject(scene) {
    const member = victim(scene, LEADER_SHARE);
    if (member === undefined) return undefined;
    await member.process.kill();
    return {
      text: `SIGKILL of ${described(member, scene.leader)}`,
      member: member.name,
      lastsMs: CLUSTER_LIMITS.restartMs,
      heal: () => member.process.start(),
    };
  },
};

/** SIGKILL of all members at once: what was acknowledged must come back from the disks alone. */
export const killAll: ClusterFault = {
  name: 'kill-all',
  summary: 'SIGKILL of all members at once; started again after a second',
  async inject({ cluster }) {
    const running = cluster.members.filter(({ process }) => !process.isDown);
    await Promise.all(running.map(({ process }) => process.kill()));
    return {
      text: 'SIGKILL of all members',
      member: undefined,
      lastsMs: CLUSTER_LIMITS.restartMs,
      heal: () => {
        for (const { process } of running) process.start();
      },
    };
  },
};
