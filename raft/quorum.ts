import type { MemberId } from '../base/brand.ts';

/** The voters of a configuration; `outgoing` is empty unless the configuration is joint (Raft thesis §4.3). */
export interface Voters {
  readonly voters: ReadonlySet<MemberId>;
  readonly outgoing: ReadonlySet<MemberId>;
}

export type VoteResult = 'pending' | 'won' | 'lost';

/**
 * The greatest value that a quorum has reached: a majority, and during joint consensus a majority of both halves.
 * `reached` is asked once per voter. Infinity when there are no voters.
 */
export function quorumValue({ voters, outgoing }: Voters, reached: (member: MemberId) => number): number {
  const incoming = majorityValue(voters, reached);
  return outgoing.size === 0 ? incoming : Math.min(incoming, majorityValue(outgoing, reached));
}

/** How a vote stands, given the votes cast so far. A configuration without voters lets everything pass. */
export function voteResult({ voters, outgoing }: Voters, votes: ReadonlyMap<MemberId, boolean>): VoteResult {
  const incoming = majorityResult(voters, votes);
  const other = majorityResult(outgoing, votes);
  if (incoming === other) return incoming;
  if (incoming === 'lost' || other === 'lost') return 'lost';
  return 'pending';
}

function majorityValue(voters: ReadonlySet<MemberId>, reached: (member: MemberId) => number): number {
  if (voters.size === 0) return Number.POSITIVE_INFINITY;
  // Kept in order as they come: there are few, and this is asked with every answer of a follower.
  const falling: number[] = [];
  for (const voter of voters) {
    const value = reached(voter);
    let at = falling.length;
    for (; at > 0 && (falling[at - 1] as number) < value; at--) falling[at] = falling[at - 1] as number;
    falling[at] = value;
  }
  return falling[voters.size >> 1] as number;
}

function majorityResult(voters: ReadonlySet<MemberId>, votes: ReadonlyMap<MemberId, boolean>): VoteResult {
  if (voters.size === 0) return 'won';
  let granted = 0;
  let missing = 0;
  for (const voter of voters) {
    const vote = votes.get(voter);
    if (vote === undefined) missing++;
    else if (vote) granted++;
  }
  const majority = (voters.size >> 1) + 1;
  if (granted >= majority) return 'won';
  return granted + missing >= majority ? 'pending' : 'lost';
}
