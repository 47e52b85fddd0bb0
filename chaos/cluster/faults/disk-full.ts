import { type ClusterFault, described, victim } from './fault.ts';

/** At 32 MiB a member raises an alarm and the cluster refuses what adds data; below it comes what the log still needs. */
const LEFT_BYTES = [0, 0, 1_000_000, 24_000_000] as const;

/** The file system of a member's data directory fills up: it may stop, or have the cluster refuse writes, but must lose nothing. */
export const diskFull: ClusterFault = {
  name: 'disk-full',
  summary: 'the disk of a member fills up (a small file system of its own; needs root), for 3 to 10 seconds',
  needs: ['small disks'],
  async inject(scene) {
    const member = victim(scene, 0.5);
    if (member?.disk === undefined) return undefined;
    const { disk } = member;
    const leftBytes = scene.prng.pick(LEFT_BYTES);
    const text = `the disk of ${described(member, scene.leader)} has ${leftBytes / 1_000_000} MB left`;
    member.excuse = text;
    await disk.fill(leftBytes);
    return {
      text,
      member: member.name,
      lastsMs: scene.prng.between(3_000, 10_000),
      heal: async () => {
        await disk.empty();
        // What was about to stop may do so; it is started again either way.
        if (!member.process.isDown) await member.process.kill();
        member.excuse = undefined;
        member.process.start();
      },
    };
  },
};
