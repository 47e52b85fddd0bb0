import { type ClusterFault, described, type FaultScene } from './fault.ts';

/** Keeps members apart: the leader from all others, or the cluster in two halves. What was under way arrives when it is over. */
export const partition: ClusterFault = {
  name: 'partition',
  summary: 'the leader or another group of members is cut off from the rest, for 2 to 10 seconds',
  needs: ['proxies'],
  async inject(scene) {
    const { cluster, prng, leader } = scene;
    const names = cluster.members.map(({ name }) => name);
    const group = leader !== undefined && prng.chance(0.5) ? [leader.name] : names.filter(() => prng.chance(0.4));
    const others = names.filter((name) => !group.includes(name));
    if (group.length === 0 || others.length === 0) return undefined;
    const lastsMs = prng.between(2_000, 10_000);
    const mend = cluster.network.part(group, others);
    const text = `partition ${group.join(' ')} | ${others.join(' ')} for ${(lastsMs / 1000).toFixed(1)} s`;
    return { text, member: group.length === 1 ? group[0] : undefined, lastsMs, heal: mend };
  },
};

/** One direction only: a leader that is not heard, or hears nobody. */
export const oneWay: ClusterFault = {
  name: 'one-way',
  summary: 'what one member sends, or is sent, does not arrive, for 2 to 10 seconds',
  needs: ['proxies'],
  async inject(scene) {
    const { cluster, prng, leader } = scene;
    const member = oneOf(scene);
    const others = cluster.members.map(({ name }) => name).filter((name) => name !== member.name);
    if (others.length === 0) return undefined;
    const isDeaf = prng.chance(0.5);
    const [from, to] = isDeaf ? [others, [member.name]] : [[member.name], others];
    const lastsMs = prng.between(2_000, 10_000);
    const mend = cluster.network.impair({ from, to, isCut: true });
    const what = isDeaf ? 'nothing reaches' : 'nothing is heard of';
    const text = `${what} ${described(member, leader)} for ${(lastsMs / 1000).toFixed(1)} s`;
    return { text, member: member.name, lastsMs, heal: mend };
  },
};

function oneOf({ cluster, prng, leader }: FaultScene): FaultScene['cluster']['members'][number] {
  const other = prng.pick(cluster.members);
  return prng.chance(0.6) ? (leader ?? other) : other;
}
