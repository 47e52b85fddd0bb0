import type { ChaosProcess } from '../harness/process.ts';
import { CLUSTER_LIMITS } from '../limits.ts';
import { type ClusterFault, described, type FaultScene } from './fault.ts';

/** SIGKILL of one API server: its clients find their connections closed, and must go on with another one. */
export const killApi: ClusterFault = {
  name: 'kill-api',
  summary: 'SIGKILL of an API server; started again after a second',
  needs: ['api servers'],
  async inject(scene) {
    const apiServer = apiVictim(scene);
    if (apiServer === undefined) return undefined;
    await apiServer.kill();
    return {
      text: `SIGKILL of ${apiServer.name}`,
      member: undefined,
      lastsMs: CLUSTER_LIMITS.restartMs,
      heal: () => apiServer.start(),
    };
  },
};

/** SIGSTOP of one API server: connections to it look well, and nothing comes. */
export const pauseApi: ClusterFault = {
  name: 'pause-api',
  summary: 'SIGSTOP of an API server for 1 to 8 seconds, then SIGCONT',
  needs: ['api servers'],
  async inject(scene) {
    const apiServer = apiVictim(scene);
    if (apiServer === undefined) return undefined;
    const lastsMs = scene.prng.between(1_000, 8_000);
    apiServer.pause();
    return {
      text: `SIGSTOP of ${apiServer.name} for ${(lastsMs / 1000).toFixed(1)} s`,
      member: undefined,
      lastsMs,
      heal: () => apiServer.resume(),
    };
  },
};

/** SIGKILL of a member and of the API server beside it, as a machine that loses power. */
export const killMaster: ClusterFault = {
  name: 'kill-master',
  summary: 'SIGKILL of a member and the API server beside it; started again after a second',
  needs: ['api servers'],
  async inject({ cluster, apiServers, prng, leader }) {
    const place = prng.between(0, cluster.members.length - 1);
    const [member, apiServer] = [cluster.members[place], apiServers[place]];
    if (member === undefined || apiServer === undefined) return undefined;
    if (member.process.isDown || member.process.isPaused || apiServer.isDown) return undefined;
    const text = `SIGKILL of ${described(member, leader)} and ${apiServer.name}`;
    await Promise.all([member.process.kill(), apiServer.kill()]);
    return {
      text,
      member: member.name,
      lastsMs: CLUSTER_LIMITS.restartMs,
      heal: () => {
        member.process.start();
        apiServer.start();
      },
    };
  },
};

/** Somebody who runs. */
function apiVictim({ apiServers, prng }: FaultScene): ChaosProcess | undefined {
  const running = apiServers.filter(({ isDown, isPaused }) => !isDown && !isPaused);
  return running.length === 0 ? undefined : prng.pick(running);
}
