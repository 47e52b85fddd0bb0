import type { Index, MemberId, Term } from '../base/brand.ts';
import { NO_MEMBER } from '../base/brand.ts';
import { campaign } from './candidate.ts';
import type { Core } from './core.ts';
import { configurationOf } from './membership.ts';
import { SnapshotReceiver } from './snapshot.ts';
import type { Message, SnapshotMeta } from './types.ts';

type Append = Extract<Message, { type: 'append' }>;
type Chunk = Extract<Message, { type: 'snapshot-chunk' }>;

/** The leader of this term speaks: it is obeyed. */
export function onAppend(core: Core, message: Append): void {
  if (!isContiguous(message)) return;
  heardLeader(core, message.from);
  const { log } = core;
  // What is committed here is in every later leader's log: the append may begin before it.
  const prev = Math.max(message.prevIndex, log.commit) as Index;
  if (prev === message.prevIndex && log.termOf(prev) !== message.prevTerm) {
    refuse(core, message);
    return;
  }
  log.take(prev === message.prevIndex ? message.entries : message.entries.slice(prev - message.prevIndex));
  const last = Math.max(prev, message.prevIndex + message.entries.length) as Index;
  log.commitTo(Math.min(message.commit, last) as Index);
  if (!message.quiet || message.entries.length > 0) acknowledgeUpTo(core, message.from, last);
}

export function onHeartbeat(core: Core, message: Extract<Message, { type: 'heartbeat' }>): void {
  heardLeader(core, message.from);
  core.log.commitTo(message.commit);
  const { context, from: to } = message;
  core.send({ type: 'heartbeat-response', to, context, unattended: core.unattended });
}

export function onSnapshotChunk(core: Core, message: Chunk): void {
  heardLeader(core, message.from);
  const { log } = core;
  const { meta } = message;
  // A log that contains the snapshot's last entry contains all before it: the snapshot is not needed.
  if (log.termOf(meta.index) === meta.term) log.commitTo(meta.index);
  if (meta.index <= log.commit) {
    core.receiver = undefined;
    acknowledgeUpTo(core, message.from, log.commit);
  } else {
    collect(core, message);
  }
}

/** Answers a request for a vote or a pre-vote (Raft paper §5.2 and §5.4.1). */
export function onVoteRequest(core: Core, message: Extract<Message, { type: 'pre-vote' | 'vote' }>): void {
  const { from, term, type } = message;
  const isFree = core.vote === from || (core.vote === NO_MEMBER && core.leader === NO_MEMBER);
  const mayVote = isFree || (type === 'pre-vote' && term > core.term);
  const granted = mayVote && core.log.isUpToDate(message.lastIndex, message.lastTerm);
  if (type === 'pre-vote') {
    // Granted in the term asked about, so that the candidate takes it for an answer and not for a higher term.
    const answer = {
      type: 'pre-vote-response',
      from: core.id,
      to: from,
      term: granted ? term : core.term,
      granted,
    } as const;
    core.outbox.messages.push(answer);
    return;
  }
  if (granted) {
    core.electionElapsed = 0;
    core.vote = from;
  }
  core.sendAfterPersist({ type: 'vote-response', to: from, granted });
}

/** The leader hands over: campaign at once. */
export function onTimeoutNow(core: Core): void {
  if (core.role === 'follower') campaign(core, { transfer: true });
}

/** A leader of an older term does not know that its time is over: any answer in the present term tells it. */
export function answerStaleLeader(core: Core, to: MemberId): void {
  // Not an append-response: should it be the leader of this term by now, that would tell it something about a log.
  core.send({ type: 'heartbeat-response', to, context: 0n, unattended: core.unattended });
}

function heardLeader(core: Core, leader: MemberId): void {
  if (core.role !== 'follower') core.becomeFollower(core.term, leader);
  core.electionElapsed = 0;
  core.setLeader(leader);
}

/** A refusal promises nothing, so it does not wait for the disk. */
function refuse(core: Core, { from, prevIndex, prevTerm }: Append): void {
  const { log } = core;
  const hintIndex = log.lastIndexWithin(Math.min(prevIndex, log.lastIndex) as Index, prevTerm);
  const hintTerm = log.termOf(hintIndex) ?? (0 as Term);
  core.send({ type: 'append-response', to: from, index: prevIndex, rejected: true, hintIndex, hintTerm });
}

/** Several appends taken between two Readys are acknowledged by the last one alone. */
function acknowledgeUpTo(core: Core, to: MemberId, index: Index): void {
  const pending = core.outbox.messagesAfterPersist;
  const previous = pending.at(-1);
  if (previous?.type === 'append-response' && previous.to === to && previous.term === core.term) {
    if (previous.index >= index) return;
    pending.pop();
  }
  const hint = { hintIndex: 0 as Index, hintTerm: 0 as Term };
  core.sendAfterPersist({ type: 'append-response', to, index, rejected: false, ...hint });
}

function collect(core: Core, message: Chunk): void {
  const { from: to, meta } = message;
  if (core.receiver?.continues(message) && core.receiver.isComplete) return;
  if (!core.receiver?.continues(message)) {
    if (message.offset !== 0) {
      const beginning = { index: meta.index, nextOffset: 0, rejected: true };
      core.sendAfterPersist({ type: 'snapshot-chunk-response', to, ...beginning });
      return;
    }
    core.receiver = new SnapshotReceiver(message);
  }
  const { chunk, nextOffset, rejected } = core.receiver.receive(message);
  if (chunk !== undefined) core.outbox.snapshotChunks.push(chunk);
  if (core.receiver.isComplete) return; // answered when it has been checked
  core.sendAfterPersist({ type: 'snapshot-chunk-response', to, index: meta.index, nextOffset, rejected });
}

/** The driver has looked at a snapshot that has come: it takes the place of the log, or is refused, and nothing has changed. */
export function onSnapshotChecked(core: Core, meta: SnapshotMeta, isWhole: boolean): void {
  const { receiver, leader } = core;
  if (receiver === undefined || !receiver.isComplete || core.role !== 'follower') return;
  if (!receiver.isOf(leader, core.term, meta)) return; // a new leader sends its own
  core.receiver = undefined;
  if (!isWhole) {
    core.send({ type: 'snapshot-chunk-response', to: leader, index: meta.index, nextOffset: 0, rejected: true });
  } else if (meta.index > core.log.commit) restore(core, leader, receiver.meta);
  else acknowledgeUpTo(core, leader, core.log.commit);
}

function restore(core: Core, leader: MemberId, meta: SnapshotMeta): void {
  core.log.restore(meta.index, meta.term);
  core.configuration = configurationOf(meta.conf);
  core.outbox.snapshot = meta;
  acknowledgeUpTo(core, leader, meta.index);
}

function isContiguous({ prevIndex, entries }: Append): boolean {
  const first = entries[0];
  return first === undefined || (first.index === prevIndex + 1 && entries.at(-1)?.index === prevIndex + entries.length);
}
