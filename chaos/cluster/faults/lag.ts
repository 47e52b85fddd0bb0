import type { ClusterFault } from './fault.ts';

/** Everything between members takes longer. */
export const delay: ClusterFault = {
  name: 'delay',
  summary: 'everything between members is late by up to 300 ms, for 2 to 8 seconds',
  needs: ['proxies'],
  async inject({ cluster, prng }) {
    const names = cluster.members.map(({ name }) => name);
    const most = prng.between(20, 300);
    const lastsMs = prng.between(2_000, 8_000);
    const mend = cluster.network.impair({ from: names, to: names, delayMs: [most / 4, most] });
    const text = `everything between members is late by up to ${most} ms for ${(lastsMs / 1000).toFixed(1)} s`;
    return { text, member: undefined, lastsMs, heal: mend };
  },
};

/** Packets get lost between members: connections stall until TCP has sent again. */
export const loss: ClusterFault = {
  name: 'loss',
  summary: 'up to a tenth of what members send is lost and sent again by TCP, for 2 to 8 seconds',
  needs: ['proxies'],
  async inject({ cluster, prng }) {
    const names = cluster.members.map(({ name }) => name);
    const share = prng.between(1, 10) / 100;
    const lastsMs = prng.between(2_000, 8_000);
    const mend = cluster.network.impair({ from: names, to: names, loss: share });
    const text = `${Math.round(share * 100)} % of what members send is lost for ${(lastsMs / 1000).toFixed(1)} s`;
    return { text, member: undefined, lastsMs, heal: mend };
  },
};
