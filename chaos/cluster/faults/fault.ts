import type { Prng } from '../../../base/prng.ts';
import type { ChaosCluster, ChaosMember } from '../harness/cluster.ts';
import type { ChaosProcess } from '../harness/process.ts';

/** What a fault is done to. */
export interface FaultScene {
  readonly cluster: ChaosCluster;
  /** One beside each member, in their order; empty when the run has none. */
  readonly apiServers: readonly ChaosProcess[];
  readonly prng: Prng;
  /** Who leads now, as far as anybody can say. */
  readonly leader: ChaosMember | undefined;
}

/** A fault that was done. */
export interface Injury {
  /** What was done, in a line. */
  readonly text: string;
  /** To whom; undefined: to several. */
  readonly member: string | undefined;
  /** How long it lasts, in milliseconds, before it is healed. */
  readonly lastsMs: number;
  /** Makes it good again; done exactly once. */
  heal(): Promise<void> | void;
}

/**
 * `proxies`: between members; `test build`: members with doors that obey; `small disks`: a file system of its own for each data directory; `api
 * servers`: one beside each member.
 */
export type Need = 'proxies' | 'test build' | 'small disks' | 'api servers';

/** One kind of faults. A new one is a file like its siblings and a line in catalogue.ts. */
export interface ClusterFault {
  /** As `--fault` calls it. */
  readonly name: string;
  /** In a line, for people. */
  readonly summary: string;
  /** What the cluster must be started with for it. */
  readonly needs?: readonly Need[];
  /** Does it; undefined when it does not fit just now. */
  inject(scene: FaultScene): Promise<Injury | undefined>;
}

/** The leader with the given probability, somebody otherwise; only members that run. */
export function victim({ cluster, prng, leader }: FaultScene, leaderShare: number): ChaosMember | undefined {
  const running = cluster.members.filter(({ process }) => !process.isDown && !process.isPaused);
  if (running.length === 0) return undefined;
  const isLeaderWanted = prng.chance(leaderShare);
  const other = prng.pick(running);
  return isLeaderWanted && leader !== undefined && running.includes(leader) ? leader : other;
}

/** A name and whether it leads, for texts. */
export function described(member: ChaosMember, leader: ChaosMember | undefined): string {
  return member === leader ? `the leader ${member.name}` : member.name;
}
