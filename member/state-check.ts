import type { MemberId } from '../base/brand.ts';
import type { Clock } from '../io/doors.ts';
import type { CommandBody } from '../proto/command.ts';
import { AlarmType } from '../proto/gen/etcd.ts';
import { STATE_HASH_FORMAT } from '../storage/machine/commands/cluster-format.ts';
import type { Machine } from '../storage/machine/machine.ts';

export interface StateCheckOptions {
  readonly clock: Clock;
  readonly self: MemberId;
  readonly machine: () => Machine;
  readonly isLeader: () => boolean;
  /** A member that knows that its state is wrong does not vote: it would only accuse itself again. */
  readonly isFenced: () => boolean;
  readonly intervalMs: number;
  readonly propose: (body: CommandBody) => Promise<unknown>;
}

/**
 * Compares the members' states through the log: the leader puts a mark there now and then, every member remembers its hash at the
 * mark, and says it in a vote. What the votes come to is decided by the machine, on every member alike (storage/machine/commands/state-hash.ts).
 * A cluster in which nothing changes writes nothing.
 */
export class StateCheck {
  readonly #options: StateCheckOptions;
  #nextMarkMs: number;
  #proposing: Promise<unknown> | undefined;

  constructor(options: StateCheckOptions) {
    this.#options = options;
    this.#nextMarkMs = options.clock.nowMs() + options.intervalMs;
  }

  tick(): void {
    const { machine } = this.#options;
    if (machine().clusterFormat < STATE_HASH_FORMAT || this.#proposing !== undefined) return;
    if (this.#owesVote()) this.#vote();
    else this.#mark();
  }

  #owesVote(): boolean {
    const { machine, self, isFenced } = this.#options;
    const { mark, votes } = machine().stateHash;
    return mark > 0 && !votes.has(self) && !isFenced();
  }

  #vote(): void {
    const { machine, self } = this.#options;
    const { mark, own } = machine().stateHash;
    this.#propose({ case: 'stateHashVote', stateHashVote: { memberID: self, mark, hash: own } });
  }

  #mark(): void {
    const { clock, machine, isLeader, intervalMs } = this.#options;
    if (clock.nowMs() < this.#nextMarkMs) return;
    this.#nextMarkMs = clock.nowMs() + intervalMs;
    // While somebody is accused it must get the chance to show that it has been repaired.
    const isAccused = machine()
      .alarms(AlarmType.CORRUPT)
      .some(({ automatic }) => automatic);
    if (isLeader() && (machine().stateHash.isChanged || isAccused))
      this.#propose({ case: 'stateHashMark', stateHashMark: {} });
  }

  #propose(body: CommandBody): void {
    this.#proposing = this.#options
      .propose(body)
      .catch(() => undefined) // a vote is given at the next tick, a mark is set after the next interval
      .finally(() => {
        this.#proposing = undefined;
      });
  }
}
