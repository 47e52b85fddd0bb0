import { unreachable } from '../base/assert.ts';
import { NO_MEMBER } from '../base/brand.ts';
import { onVoteResponse } from './candidate.ts';
import type { Core } from './core.ts';
import { answerStaleLeader, onAppend, onHeartbeat, onSnapshotChunk, onTimeoutNow, onVoteRequest } from './follower.ts';
import { appendProposals, startTransfer, stepLeader } from './leader.ts';
import { attendAt } from './thrift.ts';
import type { Message } from './types.ts';

type Request = Extract<Message, { type: 'propose' | 'read-index' | 'transfer-leader' }>;
type InTerm = Exclude<Message, Request>;

/** Takes one message: its term is settled first, then it goes to whoever handles it. */
export function step(core: Core, message: Message): void {
  if (message.to !== core.id) return;
  if (message.type === 'propose' || message.type === 'read-index' || message.type === 'transfer-leader') {
    stepRequest(core, message); // bound to no term
    return;
  }
  if (message.term > core.term && !enterHigherTerm(core, message)) return;
  if (message.term < core.term) stepStale(core, message);
  else stepInTerm(core, message);
}

/** What members ask of a leader. Whoever is not it refuses: passing it on could go round in circles. */
function stepRequest(core: Core, message: Request): void {
  const { leadership } = core;
  switch (message.type) {
    case 'propose':
      if (leadership !== undefined && appendProposals(core, leadership, message.entries)) return;
      core.send({ type: 'propose-response', to: message.from, dropped: true });
      return;
    case 'read-index': {
      const read = { from: message.from, context: message.context };
      attendAt(core, message.from);
      if (leadership === undefined || !core.reads.add(read)) core.refuseRead(read.from, read.context);
      return;
    }
    case 'transfer-leader':
      if (leadership !== undefined) startTransfer(core, leadership, message.transferee);
      return;
    default:
      unreachable(message);
      return;
  }
}

/** Follows into a higher term. False if the message is to be ignored. */
function enterHigherTerm(core: Core, message: InTerm): boolean {
  if (message.type === 'pre-vote' || message.type === 'vote') {
    if (!message.transfer && core.hasLeaderLease()) return false;
    if (message.type === 'pre-vote') return true; // asks about a term, is not in it
  }
  // Granted: the answer is in the term that this member asked about, not one that anybody has entered.
  if (message.type === 'pre-vote-response' && message.granted) return true;
  const isLeaders = message.type === 'append' || message.type === 'heartbeat' || message.type === 'snapshot-chunk';
  core.becomeFollower(message.term, isLeaders ? message.from : NO_MEMBER);
  return true;
}

/**
 * A message of an older term is void, but its sender may be stuck: a leader whom a member with a higher term ignores, while
 * that member is ignored as a candidate by the leader's followers; or a pre-candidate that has fallen behind.
 */
function stepStale(core: Core, message: InTerm): void {
  const { preVote, checkQuorum } = core.options;
  const isLeaders = message.type === 'append' || message.type === 'heartbeat' || message.type === 'snapshot-chunk';
  if (isLeaders && (preVote || checkQuorum)) answerStaleLeader(core, message.from);
  else if (message.type === 'pre-vote') core.send({ type: 'pre-vote-response', to: message.from, granted: false });
}

function stepInTerm(core: Core, message: InTerm): void {
  switch (message.type) {
    case 'pre-vote':
    case 'vote':
      onVoteRequest(core, message);
      return;
    case 'pre-vote-response':
    case 'vote-response':
      onVoteResponse(core, message);
      return;
    case 'append':
    case 'heartbeat':
    case 'snapshot-chunk':
      // There is one leader in a term: a second one is lying or lost, and not obeyed.
      if (core.role !== 'leader') stepFollower(core, message);
      return;
    case 'timeout-now':
      onTimeoutNow(core);
      return;
    case 'append-response':
    case 'heartbeat-response':
    case 'snapshot-chunk-response':
      if (core.leadership !== undefined) stepLeader(core, core.leadership, message);
      return;
    case 'read-index-response':
      onReadAnswer(core, message);
      return;
    case 'propose-response':
      return; // a note for the driver: proposals carry no identity here
    default:
      unreachable(message);
      return;
  }
}

function stepFollower(
  core: Core,
  message: Extract<Message, { type: 'append' | 'heartbeat' | 'snapshot-chunk' }>,
): void {
  switch (message.type) {
    case 'append':
      onAppend(core, message);
      return;
    case 'heartbeat':
      onHeartbeat(core, message);
      return;
    case 'snapshot-chunk':
      onSnapshotChunk(core, message);
      return;
    default:
      unreachable(message);
      return;
  }
}

function onReadAnswer(
  core: Core,
  { context, index, rejected }: Extract<Message, { type: 'read-index-response' }>,
): void {
  if (!core.forwardedReads.settle(context)) return;
  if (rejected) core.outbox.readsDropped.push(context);
  else core.outbox.reads.push({ context, index });
}
