import type { Index, Term } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import { MEMBER_LIMITS } from './limits.ts';
import { promoteHere } from './local-cluster.ts';
import type { Member } from './member.ts';
import type { PeerQuestion, PeerResult } from './peers/calls.ts';
import { keptData, typeFromWire, typeToWire } from './peers/message-codec.ts';
import type { Position, ProposalData } from './proposals.ts';

type Propose = Extract<PeerQuestion, { case: 'propose' }>['propose'];
type Proposed = Extract<PeerResult, { case: 'propose' }>;

/** Appends what another member's clients propose, when this member leads: in one turn, one behind the other, up to the first that is dropped. */
export function answerPropose(
  { proposals }: Propose,
  append: (proposal: ProposalData) => Position | undefined,
): Proposed {
  let first: Position | undefined;
  let taken = 0;
  const kept = keptData(proposals);
  for (const [i, { type }] of proposals.entries()) {
    const position = append({ type: typeFromWire(type), data: kept[i] as Uint8Array });
    if (position === undefined) break;
    first ??= position;
    taken++;
  }
  return { case: 'propose', propose: { index: first?.index ?? 0, term: first?.term ?? 0, taken } };
}

/** What the leader answered to `count` proposals, one by one; undefined: dropped. */
export function positionsOf(
  { taken, index, term }: Proposed['propose'],
  count: number,
): readonly (Position | undefined)[] {
  return Array.from({ length: count }, (_, i) =>
    i < taken ? { index: (index + i) as Index, term: term as Term } : undefined,
  );
}

/** The call that hands proposals to the leader. */
export function proposeCall(proposals: readonly ProposalData[]): Extract<PeerQuestion, { case: 'propose' }> {
  return {
    case: 'propose',
    propose: { proposals: proposals.map(({ type, data }) => ({ type: typeToWire(type), data })) },
  };
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
