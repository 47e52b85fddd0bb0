import type { MemberId } from '../base/brand.ts';
import type { HashKVResponse } from '../proto/gen/etcd.ts';
import { isFenced } from '../storage/machine/alarms.ts';
import type { Machine } from '../storage/machine/machine.ts';
import type { MemberFact } from './observer.ts';

/** HashKV of a member at the revision that is compared. */
export interface MemberHash {
  readonly member: MemberId;
  readonly hash: number;
  readonly compactRevision: number;
}

/** What a member's hash and those of the others come to. */
export interface HashComparison {
  readonly agreeing: readonly MemberId[];
  readonly differing: readonly MemberId[];
  /** More than half of the voters have one hash, and it is not that of this member. */
  readonly isOutvoted: boolean;
  /** Every voter has told its hash, and no hash is that of more than half of them. */
  readonly isSplit: boolean;
}

/** Compares hashes at one revision. Those that were taken over another compact revision say nothing, as in etcd. */
export function compareHashes(
  own: MemberHash,
  others: readonly MemberHash[],
  voters: readonly MemberId[],
): HashComparison {
  const comparable = others.filter(({ compactRevision }) => compactRevision === own.compactRevision);
  const counts = new Map<number, number>();
  const votes = [own, ...comparable].filter(({ member }) => voters.includes(member));
  for (const { hash } of votes) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  const majority = [...counts].find(([, count]) => count > voters.length / 2)?.[0];
  const idsOf = (hashes: readonly MemberHash[]): readonly MemberId[] => hashes.map(({ member }) => member);
  return {
    agreeing: idsOf(comparable.filter(({ hash }) => hash === own.hash)),
    differing: idsOf(comparable.filter(({ hash }) => hash !== own.hash)),
    isOutvoted: majority !== undefined && majority !== own.hash,
    // Who has not heard yet who votes can say nothing.
    isSplit: voters.length > 0 && majority === undefined && votes.length === voters.length,
  };
}

/** Asks every other voter that is not accused itself; who cannot be asked, or is not there yet, or has compacted more, says nothing. */
export async function hashesOfOthers(
  machine: Machine,
  self: MemberId,
  ask: (member: MemberId) => Promise<HashKVResponse>,
): Promise<readonly MemberHash[]> {
  const accused = new Set(machine.alarms(0).flatMap((active) => (isFenced(active) ? [active.memberID] : [])));
  const asked = machine.conf().voters.filter((voter) => voter !== self && !accused.has(voter));
  const answers = await Promise.all(
    asked.map(async (member) => {
      const answer = await ask(member).catch(() => undefined);
      return answer === undefined ? [] : [hashOf(member, answer)];
    }),
  );
  return answers.flat();
}

/** A member's hash, as it told it. */
export function hashOf(member: MemberId, { hash, compactRevision }: HashKVResponse): MemberHash {
  return { member, hash, compactRevision };
}

/** What is told of a comparison. */
export function comparisonFact(revision: number, { agreeing, differing }: HashComparison): MemberFact {
  if (differing.length === 0) return { type: 'hashesCompared', revision, agreeing: agreeing.length };
  const members = differing.map((id) => id.toString(16)).join(' ');
  return { type: 'hashesDiffer', revision, agreeing: agreeing.length, members };
}
