import { assert, unreachable } from '../base/assert.ts';
import type { Index, MemberId, Term } from '../base/brand.ts';
import { NO_MEMBER } from '../base/brand.ts';
import { campaign, onOwnVotePersisted, onVoteResponse } from './candidate.ts';
import { decodeConfChange, encodeConfChange } from './conf-change.ts';
import { Core } from './core.ts';
import { answerStaleLeader, onAppend, onHeartbeat, onSnapshotChunk, onTimeoutNow, onVoteRequest } from './follower.ts';
import {
  appendProposals,
  onConfigurationChanged,
  onOwnPersisted,
  prepareReady,
  startTransfer,
  stepDown,
  stepLeader,
  tickLeader,
} from './leader.ts';
import { assertOptions, MAX_APPLYING_BYTES, MAX_COMMITTED_BYTES_PER_READY } from './limits.ts';
import { changeConfiguration, confStateOf } from './membership.ts';
import { compactionLimit, sendSnapshotChunk } from './replication.ts';
import type { SnapshotChunk } from './snapshot.ts';
import type {
  ConfChange,
  ConfState,
  Entry,
  HardState,
  Message,
  ProposeResult,
  RaftNode,
  RaftOptions,
  RaftState,
  RaftStatus,
  Ready,
  SoftState,
} from './types.ts';

/** A member's consensus core, as a follower of the state found on disk. */
export function createRaft(options: RaftOptions, state: RaftState): RaftNode {
  assertOptions(options);
  return new Node(new Core(options, state), state);
}

class Node implements RaftNode {
  readonly #core: Core;
  #sequence = 0;
  #hardState: HardState;
  #softState: SoftState;
  /** The Ready that carries this member's vote for itself; the vote counts when that is on disk. */
  #ballot: { readonly sequence: number; readonly term: Term } | undefined;

  constructor(core: Core, state: RaftState) {
    this.#core = core;
    this.#hardState = core.hardState();
    this.#softState = softStateOf(core);
    if (state.conf === undefined) this.#replayConfiguration(state);
  }

  tick(): void {
    const core = this.#core;
    core.outbox.readsDropped.push(...core.forwardedReads.tick());
    if (core.leadership !== undefined) return tickLeader(core, core.leadership);
    core.electionElapsed++;
    if (core.electionElapsed < core.electionTimeout || !core.isPromotable()) return;
    core.electionElapsed = 0;
    campaign(core, { transfer: false });
  }

  step(message: Message): void {
    const core = this.#core;
    if (message.to !== core.id) return;
    if (message.type === 'propose' || message.type === 'read-index' || message.type === 'transfer-leader') {
      return stepRequest(core, message); // bound to no term
    }
    if (message.term > core.term && !enterHigherTerm(core, message)) return;
    if (message.term < core.term) return stepStale(core, message);
    stepInTerm(core, message);
  }

  propose(data: Uint8Array): ProposeResult {
    return this.#proposeEntry({ type: 'normal', data });
  }

  proposeConfChange(change: ConfChange): ProposeResult {
    return this.#proposeEntry({ type: 'conf', data: encodeConfChange(change) });
  }

  applyConfChange(change: ConfChange): ConfState {
    const core = this.#core;
    const result = changeConfiguration(core.configuration, change);
    // A change that does not fit is passed over, by every member alike.
    if (result.type === 'changed') {
      core.configuration = result.configuration;
      if (core.leadership !== undefined) onConfigurationChanged(core, core.leadership);
    }
    return confStateOf(core.configuration);
  }

  readIndex(context: bigint): void {
    const core = this.#core;
    if (core.role === 'leader') {
      if (!core.reads.add({ from: core.id, context })) core.outbox.readsDropped.push(context);
    } else if (core.leader !== NO_MEMBER && core.forwardedReads.add(context)) {
      core.outbox.messages.push({ type: 'read-index', from: core.id, to: core.leader, term: 0 as Term, context });
    } else {
      core.outbox.readsDropped.push(context);
    }
  }

  transferLeader(to: MemberId): void {
    const core = this.#core;
    if (core.leadership !== undefined) return startTransfer(core, core.leadership, to);
    if (core.leader === NO_MEMBER) return;
    core.outbox.messages.push({
      type: 'transfer-leader',
      from: core.id,
      to: core.leader,
      term: 0 as Term,
      transferee: to,
    });
  }

  campaign(): void {
    campaign(this.#core, { transfer: false });
  }

  ready(): Ready | undefined {
    const core = this.#core;
    if (core.leadership !== undefined) prepareReady(core, core.leadership);
    const softState = this.#takeSoftState();
    const hardState = this.#changedHardState();
    const hasRoom = core.log.applyingBytes() < MAX_APPLYING_BYTES;
    const hasWork = core.log.hasEntriesForDisk() || (hasRoom && core.log.hasCommitted()) || !core.outbox.isEmpty();
    if (!hasWork && softState === undefined && hardState === undefined) return undefined;

    const sequence = ++this.#sequence;
    const entries = core.log.takeForDisk(sequence);
    const votes =
      hardState !== undefined && (hardState.term !== this.#hardState.term || hardState.vote !== this.#hardState.vote);
    if (votes && core.vote === core.id) this.#ballot = { sequence, term: core.term };
    this.#hardState = hardState ?? this.#hardState;
    const outgoing = core.outbox.take();
    return {
      sequence,
      softState,
      hardState,
      entries,
      mustSync: entries.length > 0 || votes || outgoing.snapshotChunks.length > 0,
      committed: hasRoom ? core.log.takeCommitted(MAX_COMMITTED_BYTES_PER_READY) : [],
      ...outgoing,
    };
  }

  persisted(sequence: number): void {
    assert(sequence <= this.#sequence, `Ready ${sequence} was never handed out`);
    const core = this.#core;
    core.log.persisted(sequence);
    if (this.#ballot !== undefined && this.#ballot.sequence <= sequence) {
      const { term } = this.#ballot;
      this.#ballot = undefined;
      onOwnVotePersisted(core, term);
    }
    if (core.leadership !== undefined) onOwnPersisted(core, core.leadership);
  }

  applied(index: Index): void {
    this.#core.log.appliedTo(index);
  }

  provideSnapshotChunk(to: MemberId, chunk: SnapshotChunk | undefined): void {
    const core = this.#core;
    const sender = core.leadership?.progress.get(to)?.sender;
    if (sender !== undefined) sendSnapshotChunk(core, to, sender, chunk);
  }

  reportUnreachable(member: MemberId): void {
    const progress = this.#core.leadership?.progress.get(member);
    // What is in flight is probably lost: stop the pipeline and ask where the follower stands.
    if (progress?.state === 'replicate') progress.becomeProbe();
  }

  compact(index: Index): void {
    const core = this.#core;
    assert(index <= core.log.applied, 'only applied entries can be compacted');
    if (index <= core.log.snapshotIndex) return;
    core.log.compact(core.leadership === undefined ? index : compactionLimit(core, core.leadership, index));
  }

  stepDown(): void {
    const core = this.#core;
    if (core.leadership !== undefined) stepDown(core, core.leadership);
    else if (core.role !== 'follower') core.becomeFollower(core.term, NO_MEMBER);
  }

  status(): RaftStatus {
    const { id, role, term, leader, log, configuration, leadership } = this.#core;
    return {
      id,
      role,
      term,
      leader,
      commit: log.commit,
      applied: log.applied,
      lastIndex: log.lastIndex,
      firstIndex: log.firstIndex,
      conf: confStateOf(configuration),
      transferee: leadership?.transferee ?? NO_MEMBER,
      progress: [...(leadership?.progress ?? [])].map(([member, { match, next, state, recentActive, learner }]) => ({
        member,
        match,
        next,
        state,
        recentActive: recentActive || member === id,
        learner,
      })),
    };
  }

  termOf(index: Index): Term | undefined {
    return this.#core.log.termOf(index);
  }

  #proposeEntry(entry: { readonly type: Entry['type']; readonly data: Uint8Array }): ProposeResult {
    const core = this.#core;
    if (core.leadership !== undefined) return appendProposals(core, core.leadership, [entry]) ? 'accepted' : 'dropped';
    if (core.leader === NO_MEMBER) return 'dropped';
    const { maxMessageBytes, maxUncommittedBytes } = core.options;
    const limits = { maxMessageBytes, maxTotalBytes: maxUncommittedBytes };
    return core.outbox.forward({ from: core.id, to: core.leader }, entry, limits) ? 'forwarded' : 'dropped';
  }

  #changedHardState(): HardState | undefined {
    const now = this.#core.hardState();
    const before = this.#hardState;
    return now.term === before.term && now.vote === before.vote && now.commit === before.commit ? undefined : now;
  }

  #takeSoftState(): SoftState | undefined {
    const now = softStateOf(this.#core);
    const before = this.#softState;
    if (now.role === before.role && now.leader === before.leader && now.term === before.term) return undefined;
    this.#softState = now;
    return now;
  }

  /** Without a configuration of its own, the state has that of its snapshot and what was applied since. */
  #replayConfiguration({ entries, applied }: RaftState): void {
    for (const { type, index, data } of entries) {
      if (type !== 'conf' || index > applied) continue;
      const change = decodeConfChange(data);
      if (change !== undefined) this.applyConfChange(change);
    }
  }
}

type Request = Extract<Message, { type: 'propose' | 'read-index' | 'transfer-leader' }>;
type InTerm = Exclude<Message, Request>;

/** What members ask of a leader. Whoever is not it refuses: passing it on could go round in circles. */
function stepRequest(core: Core, message: Request): void {
  const { leadership } = core;
  switch (message.type) {
    case 'propose':
      if (leadership !== undefined && appendProposals(core, leadership, message.entries)) return;
      return core.send({ type: 'propose-response', to: message.from, dropped: true });
    case 'read-index': {
      const read = { from: message.from, context: message.context };
      if (leadership === undefined || !core.reads.add(read)) core.refuseRead(read.from, read.context);
      return;
    }
    case 'transfer-leader':
      if (leadership !== undefined) startTransfer(core, leadership, message.transferee);
      return;
    default:
      return unreachable(message);
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
      return onVoteRequest(core, message);
    case 'pre-vote-response':
    case 'vote-response':
      return onVoteResponse(core, message);
    case 'append':
    case 'heartbeat':
    case 'snapshot-chunk':
      // There is one leader in a term: a second one is lying or lost, and not obeyed.
      return core.role === 'leader' ? undefined : stepFollower(core, message);
    case 'timeout-now':
      return onTimeoutNow(core);
    case 'append-response':
    case 'heartbeat-response':
    case 'snapshot-chunk-response':
      return core.leadership === undefined ? undefined : stepLeader(core, core.leadership, message);
    case 'read-index-response':
      return onReadAnswer(core, message);
    case 'propose-response':
      return; // a note for the driver: proposals carry no identity here
    default:
      return unreachable(message);
  }
}

function stepFollower(
  core: Core,
  message: Extract<Message, { type: 'append' | 'heartbeat' | 'snapshot-chunk' }>,
): void {
  switch (message.type) {
    case 'append':
      return onAppend(core, message);
    case 'heartbeat':
      return onHeartbeat(core, message);
    case 'snapshot-chunk':
      return onSnapshotChunk(core, message);
    default:
      return unreachable(message);
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

function softStateOf({ role, leader, term }: Core): SoftState {
  return { role, leader, term };
}
