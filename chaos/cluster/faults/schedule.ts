import { setTimeout as sleep } from 'node:timers/promises';
import type { Prng } from '../../../base/prng.ts';
import type { ChaosCluster } from '../harness/cluster.ts';
import type { ChaosProcess } from '../harness/process.ts';
import type { Journal } from '../journal.ts';
import type { ClusterFault, Injury } from './fault.ts';

/** A fault, when it was done and when it was over; `performance.now()` of this process. */
export interface DoneFault {
  readonly name: string;
  readonly text: string;
  readonly atMs: number;
  healedMs: number;
}

export interface ScheduleOptions {
  readonly cluster: ChaosCluster;
  readonly apiServers: readonly ChaosProcess[];
  readonly journal: Journal;
  readonly faults: readonly ClusterFault[];
  readonly everyMs: number;
  readonly prng: Prng;
}

/** Does one fault after the other, each of them drawn from the seed, and heals each when its time is over. They may overlap. */
export class Schedule {
  readonly done: DoneFault[] = [];
  readonly #options: ScheduleOptions;
  readonly #open = new Set<() => Promise<void>>();

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  /** Goes on until `until` aborts; then everything that is still broken is healed. */
  async run(until: AbortSignal): Promise<void> {
    const { everyMs, faults, prng } = this.#options;
    let nextMs = performance.now() + everyMs;
    while (faults.length > 0) {
      await sleep(Math.max(0, nextMs - performance.now()), undefined, { signal: until }).catch(() => undefined);
      if (until.aborted) break;
      nextMs += everyMs;
      await this.#injure(prng.pick(faults));
    }
    await Promise.all([...this.#open].map((heal) => heal()));
  }

  async #injure(fault: ClusterFault): Promise<void> {
    const { cluster, apiServers, journal, prng } = this.#options;
    const leader = await cluster.leader();
    const atMs = performance.now();
    const injury = await fault.inject({ cluster, apiServers, prng, leader });
    if (injury === undefined) return;
    journal.note('fault', injury.text, injury.member);
    const done = { name: fault.name, text: injury.text, atMs, healedMs: Number.POSITIVE_INFINITY };
    this.done.push(done);
    this.#healLater(injury, done);
  }

  #healLater(injury: Injury, done: DoneFault): void {
    let isHealed = false;
    const heal = async (): Promise<void> => {
      clearTimeout(timer);
      this.#open.delete(heal);
      if (isHealed) return;
      isHealed = true;
      await injury.heal();
      done.healedMs = performance.now();
      this.#options.journal.note('healed', `over: ${injury.text}`, injury.member);
    };
    const timer = setTimeout(() => void heal(), injury.lastsMs);
    this.#open.add(heal);
  }
}
