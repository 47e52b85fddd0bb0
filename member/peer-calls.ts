import type { Index, Term } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import { MEMBER_LIMITS } from './limits.ts';
import { promoteHere } from './local-cluster.ts';
import type { Member } from './member.ts';
import type { PeerQuestion, PeerResult } from './peers/calls.ts';
import { keptData, typeFromWire, typeToWire } from './peers/message-codec.ts';
import { resultOf } from './peers/peers.ts';
import type { ProposalData } from './pending.ts';
import type { Position } from './proposals.ts';

type Propose = Extract<PeerQuestion, { case: 'propose' | 'proposeAll' }>;

/** Appends what another member's clients propose, when this member leads: in one turn, one behind the other, up to the first that is dropped. */
export function answerPropose(call: Propose, append: (proposal: ProposalData) => Position | undefined): PeerResult {
  const proposals = call.case === 'propose' ? [call.propose] : call.proposeAll.proposals;
  const kept = keptData(proposals);
  let first: Position | undefined;
  let taken = 0;
  for (const { type } of proposals) {
    const position = append({ type: typeFromWire(type), data: kept[taken] as Uint8Array });
    if (position === undefined) break;
    first ??= position;
    taken++;
  }
  const { index = 0, term = 0 } = first ?? {};
  return call.case === 'propose'
    ? { case: 'propose', propose: { dropped: taken === 0, index, term } }
    : { case: 'proposeAll', proposeAll: { index, term, taken } };
}

/** The call that hands proposals to the leader: one alone as members of all versions understand it. */
export function proposeCall(proposals: readonly ProposalData[]): Propose {
  const wires = proposals.map(({ type, data }) => ({ type: typeToWire(type), data }));
  const [only] = wires;
  if (only !== undefined && wires.length === 1) return { case: 'propose', propose: only };
  return { case: 'proposeAll', proposeAll: { proposals: wires } };
}

/** What the leader answered to `count` proposals, one by one; undefined: dropped. Errors: INTERNAL when it answered something else. */
export function positionsOf(result: PeerResult, count: number): readonly (Position | undefined)[] {
  if (count === 1) {
    const { dropped, index, term } = resultOf(result, 'propose').propose;
    return [dropped ? undefined : { index: index as Index, term: term as Term }];
  }
  const { taken, index, term } = resultOf(result, 'proposeAll').proposeAll;
  return Array.from({ length: count }, (_, i) =>
    i < taken ? { index: (index + i) as Index, term: term as Term } : undefined,
  );
}

/** Answers what another member asks. Errors: StoreError, which travel back. */
export async function answerPeer(member: Member, call: Exclude<PeerQuestion, Propose>): Promise<PeerResult> {
  switch (call.case) {
    case 'leaseKeepAlive':
      return {
        case: 'leaseKeepAlive',
        leaseKeepAlive: await member.leases.keepAliveHere(call.leaseKeepAlive.ID, member.deadline()),
      };
    case 'leaseTimeToLive':
      return {
        case: 'leaseTimeToLive',
        leaseTimeToLive: await member.leases.timeToLiveHere(call.leaseTimeToLive, member.deadline()),
      };
    case 'memberList':
      if (call.memberList.linearizable) await member.readBarrier(member.deadline());
      return { case: 'memberList', memberList: { header: member.header(), members: member.machine.members() } };
    case 'memberStatus':
      return { case: 'memberStatus', memberStatus: statusOf(member) };
    case 'memberPromote':
      return {
        case: 'memberPromote',
        memberPromote: {
          header: member.header(),
          members: await promoteHere(member, call.memberPromote.ID, member.deadline()),
        },
      };
    case 'hashKv':
      return { case: 'hashKv', hashKv: await member.hashKv(call.hashKv.revision) };
    case 'snapshotRead': {
      member.assertServing(); // nobody is to have a state that is not trusted here
      const { index, offset, maxBytes, minIndex } = call.snapshotRead;
      const wanted = { index: index as Index, offset, maxBytes: Math.min(maxBytes, MEMBER_LIMITS.rebuildChunkBytes) };
      const part = await member.readSnapshot({ ...wanted, minIndex: minIndex as Index });
      if (part === undefined) throw new StoreError('UNKNOWN', `the snapshot at index ${index} is not there any more`);
      return { case: 'snapshotRead', snapshotRead: part };
    }
    case 'status':
      throw new StoreError('UNIMPLEMENTED');
  }
}

function statusOf(member: Member): Extract<PeerResult, { case: 'memberStatus' }>['memberStatus'] {
  const { leader, term, commit } = member.raftStatus();
  const { applied, revision, compactRevision } = member.machine;
  return {
    memberId: member.id,
    leader,
    term,
    commitIndex: commit,
    appliedIndex: applied,
    revision,
    compactRevision,
    serverVersion: member.config.serverVersion,
    isLearner: member.isLearner,
    commandFormat: member.format,
  };
}
