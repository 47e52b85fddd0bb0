import type { MemberId, Term } from '../base/brand.ts';
import { NO_MEMBER } from '../base/brand.ts';
import type { Core } from './core.ts';
import { becomeLeader } from './leader.ts';
import { isVoter, membersOf } from './membership.ts';
import { voteResult } from './quorum.ts';
import type { Message } from './types.ts';

/**
 * Stands for election, unless this member may not: as a non-voter, or while a committed membership change is not applied (it
 * would count by a configuration that is out of date). A transfer skips the pre-vote: the leader itself has asked for it.
 */
export function campaign(core: Core, { transfer }: { readonly transfer: boolean }): void {
  if (core.role === 'leader' || !core.isPromotable()) return;
  if (core.log.hasConfEntry(core.log.applied, core.log.commit)) return;
  if (core.options.preVote && !transfer) startPreVote(core);
  else startElection(core, transfer);
}

/** Votes as they come in, of the kind that the present campaign asked for. */
export function onVoteResponse(
  core: Core,
  message: Extract<Message, { type: 'pre-vote-response' | 'vote-response' }>,
): void {
  const expected = core.role === 'pre-candidate' ? 'pre-vote-response' : 'vote-response';
  if (message.type !== expected || (core.role !== 'pre-candidate' && core.role !== 'candidate')) return;
  recordVote(core, message.from, message.granted);
}

/** This member's own vote is on disk: from here on it counts. */
export function onOwnVotePersisted(core: Core, term: Term): void {
  if (core.role === 'candidate' && core.term === term) recordVote(core, core.id, true);
}

/** Asks whether an election could be won, without a new term: who cannot win must not unseat a leader (Raft thesis §9.6). */
function startPreVote(core: Core): void {
  core.enterTerm(core.term);
  core.role = 'pre-candidate';
  core.setLeader(NO_MEMBER);
  const { id, log } = core;
  const term = (core.term + 1) as Term;
  for (const to of otherVoters(core)) {
    const last = { lastIndex: log.lastIndex, lastTerm: log.lastTerm };
    core.outbox.messages.push({ type: 'pre-vote', from: id, to, term, ...last, transfer: false });
  }
  recordVote(core, id, true);
}

/**
 * The requests wait until term and vote are on disk, like the answers to them: a member that forgot them in a crash could stand
 * again in this term with a shorter log, and be elected by votes for the longer one.
 */
function startElection(core: Core, transfer: boolean): void {
  core.enterTerm((core.term + 1) as Term);
  core.role = 'candidate';
  core.vote = core.id;
  core.setLeader(NO_MEMBER);
  const { lastIndex, lastTerm } = core.log;
  for (const to of otherVoters(core)) core.sendAfterPersist({ type: 'vote', to, lastIndex, lastTerm, transfer });
}

function recordVote(core: Core, from: MemberId, granted: boolean): void {
  if (!core.votes.has(from)) core.votes.set(from, granted);
  const result = voteResult(core.configuration, core.votes);
  if (result === 'lost') core.becomeFollower(core.term, NO_MEMBER);
  else if (result === 'won' && core.role === 'pre-candidate') startElection(core, false);
  else if (result === 'won') becomeLeader(core);
}

function otherVoters(core: Core): readonly MemberId[] {
  return membersOf(core.configuration).filter((member) => member !== core.id && isVoter(core.configuration, member));
}
