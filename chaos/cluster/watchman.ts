import { setTimeout as sleep } from 'node:timers/promises';
import type { Schedule } from './faults/schedule.ts';
import { type ChaosCluster, leaderAmong, type MemberLook } from './harness/cluster.ts';
import type { Journal, Sample } from './journal.ts';
import { CLUSTER_LIMITS } from './limits.ts';
import type { ClusterWorkload, WorkloadCount } from './workload.ts';

export interface WatchmanOptions {
  readonly cluster: ChaosCluster;
  readonly journal: Journal;
  readonly workloads: readonly ClusterWorkload[];
  readonly schedule: Schedule;
}

/** Looks at the cluster all the time: notes who leads, keeps samples for the timeline, and tells how it goes. */
export class Watchman {
  readonly #options: WatchmanOptions;
  #leader: string | undefined;

  constructor(options: WatchmanOptions) {
    this.#options = options;
  }

  async run(until: AbortSignal): Promise<void> {
    const { cluster, journal } = this.#options;
    let told = { atMs: performance.now(), operations: 0 };
    while (!until.aborted) {
      const fromMs = performance.now();
      const looks = await cluster.look();
      this.#noteLeader(looks);
      const sample = this.#sampleOf(looks);
      journal.samples.push(sample);
      if (sample.atMs - told.atMs >= CLUSTER_LIMITS.tellMs) {
        this.#tell(sample, (1000 * (sample.operations - told.operations)) / (sample.atMs - told.atMs));
        told = sample;
      }
      await sleep(Math.max(0, fromMs + CLUSTER_LIMITS.lookMs - performance.now()));
    }
  }

  #noteLeader(looks: readonly MemberLook[]): void {
    const leader = leaderAmong(looks)?.name;
    if (leader === undefined || leader === this.#leader) return;
    this.#leader = leader;
    this.#options.journal.note('leader', `${leader} leads`, leader);
  }

  #sampleOf(looks: readonly MemberLook[]): Sample {
    const leader = leaderAmong(looks);
    return {
      atMs: performance.now(),
      members: looks.map(({ member, status }) => {
        const { name, process } = member;
        if (process.isDown) return { name, state: 'down' };
        if (process.isPaused) return { name, state: 'paused' };
        if (status === undefined) return { name, state: 'silent' };
        return { name, state: member === leader ? 'leader' : 'up' };
      }),
      ...totalOf(this.#options.workloads),
    };
  }

  #tell({ atMs, operations, acknowledged, unknown, members }: Sample, perSecond: number): void {
    const { journal, schedule } = this.#options;
    const states = members.map(({ name, state }) => `${name} ${state}`).join(', ');
    const last = schedule.done.at(-1);
    const fault = last === undefined ? 'nothing yet' : `${last.text} ${((atMs - last.atMs) / 1000).toFixed(1)} s ago`;
    journal.say(
      `  ${Math.round(perSecond)} calls/s, ${operations} calls, ${acknowledged} answered, ${unknown} unknown; ${states}; last: ${fault}`,
    );
  }
}

/** What all workloads came to. */
export function totalOf(workloads: readonly ClusterWorkload[]): WorkloadCount {
  return workloads
    .map((workload) => workload.count())
    .reduce(
      (sum, { operations, acknowledged, unknown }) => ({
        operations: sum.operations + operations,
        acknowledged: sum.acknowledged + acknowledged,
        unknown: sum.unknown + unknown,
      }),
      { operations: 0, acknowledged: 0, unknown: 0 },
    );
}
