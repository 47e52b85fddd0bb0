import type { Index, Term } from '../base/brand.ts';
import { copyOf } from '../base/bytes.ts';
import { StoreError } from '../base/store-error.ts';
import { MEMBER_LIMITS } from './limits.ts';
import { promoteHere } from './local-cluster.ts';
import type { Member } from './member.ts';
import type { PeerQuestion, PeerResult } from './peers/calls.ts';
import { typeFromWire } from './peers/message-codec.ts';
import type { Position, ProposalData } from './proposals.ts';

type Propose = Extract<PeerQuestion, { case: 'propose' }>['propose'];
type Proposed = Extract<PeerResult, { case: 'propose' }>;

/** Appends what another member's client proposes, when this member leads. */
export function answerPropose(
  { type, data }: Propose,
  append: (proposal: ProposalData) => Position | undefined,
): Proposed {
  // The frame that it came in is not kept, so neither may its bytes be.
  const position = append({ type: typeFromWire(type), data: copyOf(data) });
  const { index = 0, term = 0 } = position ?? {};
  return { case: 'propose', propose: { dropped: position === undefined, index, term } };
}

/** What the leader answered. */
export function positionOf({ dropped, index, term }: Proposed['propose']): Position | undefined {
  return dropped ? undefined : { index: index as Index, term: term as Term };
}

/** Answers what another member asks. Errors: StoreError, which travel back. */
export async function answerPeer(
  member: Member,
  call: Exclude<PeerQuestion, { case: 'propose' }>,
): Promise<PeerResult> {
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
