import type { MemberId } from '../base/brand.ts';
import type { Clock } from '../io/doors.ts';
import type { RaftStatus } from '../raft/types.ts';
import { MEMBER_LIMITS } from './limits.ts';

/** How long the log's writes take, the one under way included: a disk that hangs is seen while it hangs. */
export class DiskWatch {
  readonly #clock: Clock;
  #sinceMs: number | undefined;
  #averageMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The log begins to write, and to sync if need be. */
  began(): void {
    this.#sinceMs = this.#clock.nowMs();
  }

  ended(): void {
    this.#averageMs += (this.waitedMs - this.#averageMs) * MEMBER_LIMITS.diskAverageShare;
    this.#sinceMs = undefined;
  }

  /** How long the write under way has taken; 0 when there is none. */
  get waitedMs(): number {
    return this.#sinceMs === undefined ? 0 : this.#clock.nowMs() - this.#sinceMs;
  }

  /** A moving average over the last writes. */
  get averageMs(): number {
    return this.#averageMs;
  }
}

export interface SlowDiskOptions {
  readonly clock: Clock;
  readonly watch: DiskWatch;
  readonly self: MemberId;
  readonly electionMs: number;
  readonly status: () => RaftStatus;
  /** Leaves office to the best follower. */
  readonly giveUp: (waitedMs: number) => void;
}

/**
 * Has a leader whose disk hangs, or is slow, leave office: every write of the cluster waits for it, while those of the followers are fast.
 * Only when some follower has on its disk what this one has not: where all disks are slow, another leader would be no better. A
 * leader that is elected all the same keeps office for some election timeouts before it is looked at again.
 */
export class SlowDisk {
  readonly #options: SlowDiskOptions;
  #isSlow = false;
  #restUntilMs = 0;

  constructor(options: SlowDiskOptions) {
    this.#options = options;
  }

  /** Slow from the upper bounds on, until it is below the lower one. */
  get isSlow(): boolean {
    return this.#isSlow;
  }

  tick(): void {
    const { clock, watch, giveUp } = this.#options;
    this.#look();
    if (!this.#isSlow || clock.nowMs() < this.#restUntilMs || !this.#hasHeir()) return;
    this.#restUntilMs = clock.nowMs() + MEMBER_LIMITS.slowDiskRestElectionTimeouts * this.#options.electionMs;
    giveUp(Math.max(watch.waitedMs, watch.averageMs));
  }

  #look(): void {
    const { watch, electionMs } = this.#options;
    const { stalledDiskShare, slowDiskShare, goodDiskShare } = MEMBER_LIMITS;
    const { waitedMs, averageMs } = watch;
    if (waitedMs >= stalledDiskShare * electionMs || averageMs >= slowDiskShare * electionMs) this.#isSlow = true;
    else if (Math.max(waitedMs, averageMs) < goodDiskShare * electionMs) this.#isSlow = false;
  }

  #hasHeir(): boolean {
    const { self, status } = this.#options;
    const { role, progress } = status();
    if (role !== 'leader') return false;
    const own = progress.find(({ member }) => member === self)?.match ?? 0;
    return progress.some(
      ({ member, learner, recentActive, match }) => member !== self && !learner && recentActive && match > own,
    );
  }
}
