import { type ClusterFault, described, victim } from './fault.ts';

/** SIGSTOP for a while that may be longer than an election or than a lease, then SIGCONT: the member wakes up in another time. */
export const pause: ClusterFault = {
  name: 'pause',
  summary: 'SIGSTOP of a member, often the leader, for 1 to 8 seconds, then SIGCONT',
  async inject(scene) {
    const member = victim(scene, 0.6);
    if (member === undefined) return undefined;
    const lastsMs = scene.prng.between(1_000, 8_000);
    member.process.pause();
    return {
      text: `SIGSTOP of ${described(member, scene.leader)} for ${(lastsMs / 1000).toFixed(1)} s`,
      member: member.name,
      lastsMs,
      heal: () => member.process.resume(),
    };
  },
};
