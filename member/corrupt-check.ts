import type { MemberId } from '../base/brand.ts';
import type { Clock } from '../io/doors.ts';
import type { HashKVResponse } from '../proto/gen/etcd.ts';
import type { Machine } from '../storage/machine/machine.ts';
import type { CorruptChecks } from './config.ts';
import { compareHashes, comparisonFact, type HashComparison, hashesOfOthers, hashOf } from './hash-comparison.ts';
import type { MemberFact } from './observer.ts';

export interface CorruptCheckOptions extends CorruptChecks {
  readonly clock: Clock;
  readonly self: MemberId;
  readonly machine: () => Machine;
  readonly isFenced: () => boolean;
  /** HashKV of this member, and of another one. */
  readonly hash: (revision: number) => Promise<HashKVResponse>;
  readonly ask: (member: MemberId, revision: number) => Promise<HashKVResponse>;
  readonly onFact: (fact: MemberFact) => void;
  /** A majority of the voters has other data than this member. */
  readonly onOutvoted: (reason: string) => void;
  /** The voters differ, and none has a majority behind it. */
  readonly onSplit: () => Promise<unknown>;
}

/**
 * Compares now and then what lies in this member's backend with what lies in those of the others, so that a row which was lost or changed at
 * rest is noticed before somebody reads it. Every member does so for itself, one comparison at a time, and accuses nobody but itself.
 * Source: etcd server/etcdserver/corrupt.go, PeriodicCheck and CompactHashCheck, which only the leader does there.
 */
export class CorruptCheck {
  readonly #options: CorruptCheckOptions;
  #nextMs: number;
  #nextCompactedMs: number;
  /** The compact revision at which all voters were compared last. */
  #comparedAt = 0;
  #isBusy = false;

  constructor(options: CorruptCheckOptions) {
    const { clock, everyMs, compactedEveryMs } = options;
    this.#options = options;
    this.#nextMs = clock.nowMs() + everyMs;
    this.#nextCompactedMs = clock.nowMs() + compactedEveryMs;
  }

  tick(): void {
    const { isFenced, machine } = this.#options;
    if (this.#isBusy || isFenced()) return;
    if (this.#isDue()) void this.#compare(machine().revision);
    else if (this.#isCompactedDue()) void this.#compareCompacted(machine().compactRevision);
  }

  #isDue(): boolean {
    const { clock, everyMs } = this.#options;
    if (everyMs === 0 || clock.nowMs() < this.#nextMs) return false;
    this.#nextMs = clock.nowMs() + everyMs;
    return true;
  }

  #isCompactedDue(): boolean {
    const { clock, machine, compactedEveryMs } = this.#options;
    if (compactedEveryMs === 0 || clock.nowMs() < this.#nextCompactedMs) return false;
    this.#nextCompactedMs = clock.nowMs() + compactedEveryMs;
    return machine().compactRevision > this.#comparedAt;
  }

  /** At the compact revision no member is behind, once it has compacted: what is written meanwhile does not matter. */
  async #compareCompacted(revision: number): Promise<void> {
    const comparison = await this.#compare(revision);
    const voters = this.#options.machine().conf().voters;
    const heard = new Set([...(comparison?.agreeing ?? []), this.#options.self]);
    if (voters.every((voter) => heard.has(voter))) this.#comparedAt = revision;
  }

  /** Undefined when there is nothing to compare with, or this member's own hash could not be taken: there will be a next time. */
  async #compare(revision: number): Promise<HashComparison | undefined> {
    this.#isBusy = true;
    try {
      return await this.#compared(revision);
    } catch {
      return undefined;
    } finally {
      this.#isBusy = false;
    }
  }

  async #compared(revision: number): Promise<HashComparison> {
    const { self, machine, hash, ask, onFact, onOutvoted, onSplit } = this.#options;
    const own = hashOf(self, await hash(revision));
    const others = await hashesOfOthers(machine(), self, (member) => ask(member, revision));
    const comparison = compareHashes(own, others, machine().conf().voters);
    onFact(comparisonFact(revision, comparison));
    if (comparison.isOutvoted) onOutvoted(outvotedText(revision));
    else if (comparison.isSplit) await onSplit();
    return comparison;
  }
}

function outvotedText(revision: number): string {
  return `the rows of its backend up to revision ${revision} are not those of the majority. Start it again: it then takes the state of another member`;
}
