import type { Index, MemberId } from '../base/brand.ts';
import { NO_MEMBER } from '../base/brand.ts';
import { EMPTY_BYTES } from '../base/bytes.ts';
import { decodeConfChange, encodeConfChange } from './conf-change.ts';
import type { Core, Leadership } from './core.ts';
import { entryBytes } from './log.ts';
import { changeConfiguration, isMember, isVoter, LEAVE_JOINT, membersOf } from './membership.ts';
import { Progress } from './progress.ts';
import { quorumValue, voteResult } from './quorum.ts';
import { acknowledge, replicate } from './replication.ts';
import { attend, onCommitted, startRace } from './thrift.ts';
import type { Entry, Message } from './types.ts';

type Proposal = { readonly type: Entry['type']; readonly data: Uint8Array };

/** A candidate with a quorum's votes takes office: it knows nothing of the others and appends an empty entry of its term. */
export function becomeLeader(core: Core): void {
  core.enterTerm(core.term);
  core.role = 'leader';
  core.setLeader(core.id);
  const leadership: Leadership = {
    progress: new Map(),
    // There may be a membership change anywhere in the tail: wait until all of it is applied.
    pendingConfIndex: core.log.lastIndex,
    transferee: NO_MEMBER,
    raceIndex: undefined,
  };
  core.leadership = leadership;
  updateMembers(core, leadership, { recentActive: false });
  startRace(core, leadership);
  // Entries of older terms are committed only through one of this term (Raft paper §5.4.2): there must be one soon.
  core.log.append(core.term, 'normal', EMPTY_BYTES);
}

export function tickLeader(core: Core, leadership: Leadership): void {
  core.electionElapsed++;
  core.heartbeatElapsed++;
  if (core.electionElapsed >= core.options.electionTicks) {
    core.electionElapsed = 0;
    leadership.transferee = NO_MEMBER; // it had an election timeout to take over
    if (core.options.checkQuorum && !checkQuorum(core, leadership)) {
      core.becomeFollower(core.term, NO_MEMBER);
      return;
    }
  }
  for (const progress of leadership.progress.values()) progress.sender?.tick();
  if (core.heartbeatElapsed < core.options.heartbeatTicks) return;
  core.heartbeatElapsed = 0;
  startRace(core, leadership);
  broadcastHeartbeat(core, leadership);
}

/** What a leader does before each Ready: everything that the state alone calls for. */
export function prepareReady(core: Core, leadership: Leadership): void {
  leaveJointWhenDue(core, leadership);
  replicate(core, leadership);
  // Before its first own commit a leader may not know what is committed (Raft thesis §6.4).
  if (core.log.termOf(core.log.commit) !== core.term || !core.reads.start(core.log.commit)) return;
  broadcastHeartbeat(core, leadership);
  confirmReads(core, leadership);
}

/** Appends proposals, all or none. False if they are dropped: leadership is being handed over, or a bound is reached. */
export function appendProposals(core: Core, leadership: Leadership, proposals: readonly Proposal[]): boolean {
  if (leadership.transferee !== NO_MEMBER || !leadership.progress.has(core.id)) return false;
  const { log } = core;
  let bytes = 0;
  let changes = 0;
  for (const proposal of proposals) {
    bytes += entryBytes(proposal);
    if (proposal.type === 'normal') continue;
    if (++changes > 1 || !mayChangeConfiguration(core, leadership, proposal.data)) return false;
  }
  const uncommitted = log.bytesBetween(log.commit, log.lastIndex);
  if (uncommitted > 0 && uncommitted + bytes > core.options.maxUncommittedBytes) return false;
  for (const { type, data } of proposals) {
    const index = log.append(core.term, type, data);
    if (type === 'conf') leadership.pendingConfIndex = index;
  }
  return true;
}

/** Messages that a leader expects in its own term. */
export function stepLeader(core: Core, leadership: Leadership, message: Message): void {
  const progress = leadership.progress.get(message.from);
  if (progress === undefined) return;
  progress.recentActive = true;
  switch (message.type) {
    case 'append-response':
      onAppendResponse(core, leadership, progress, message);
      return;
    case 'heartbeat-response':
      onHeartbeatResponse(core, leadership, progress, message);
      return;
    case 'snapshot-chunk-response':
      if (progress.sender?.meta?.index !== message.index) return;
      if (message.rejected) progress.sender.refuse(message.nextOffset);
      else progress.sender.acknowledge(message.nextOffset);
      return;
    default:
      return; // meant for another role that this member no longer has
  }
}

/** This member's own log counts like a follower's, once it is on disk (Raft thesis §10.2.1). */
export function onOwnPersisted(core: Core, leadership: Leadership): void {
  if (leadership.progress.get(core.id)?.advanceTo(core.log.stable)) advanceCommit(core, leadership);
}

/** Starts to hand leadership over to a voter; done when it has the whole log. */
export function startTransfer(core: Core, leadership: Leadership, to: MemberId): void {
  const progress = leadership.progress.get(to);
  if (progress === undefined || progress.learner || to === leadership.transferee) return;
  leadership.transferee = to === core.id ? NO_MEMBER : to;
  if (to === core.id) return;
  core.electionElapsed = 0; // it has one election timeout
  if (progress.match === core.log.lastIndex) core.send({ type: 'timeout-now', to });
  else progress.nudged = true;
}

/** Gives up leadership, and asks the voter that is farthest along to take over at once. */
export function stepDown(core: Core, leadership: Leadership): void {
  let heir: MemberId | undefined;
  let farthest = -1;
  for (const [member, { match, recentActive, learner }] of leadership.progress) {
    if (member === core.id || learner || !recentActive || match <= farthest) continue;
    heir = member;
    farthest = match;
  }
  core.becomeFollower(core.term, NO_MEMBER);
  if (heir !== undefined) core.send({ type: 'timeout-now', to: heir });
}

/** The configuration has changed: follow it, and leave office if this member is no voter any more (Raft thesis §4.2.2). */
export function onConfigurationChanged(core: Core, leadership: Leadership): void {
  updateMembers(core, leadership, { recentActive: true });
  startRace(core, leadership);
  if (!isVoter(core.configuration, core.id)) {
    stepDown(core, leadership);
    return;
  }
  const { transferee } = leadership;
  if (transferee !== NO_MEMBER && !isVoter(core.configuration, transferee)) leadership.transferee = NO_MEMBER;
  advanceCommit(core, leadership); // the new quorum may be smaller
  confirmReads(core, leadership);
}

function onAppendResponse(
  core: Core,
  leadership: Leadership,
  progress: Progress,
  message: Extract<Message, { type: 'append-response' }>,
): void {
  if (!acknowledge(core, progress, message)) return;
  advanceCommit(core, leadership);
  if (message.from === leadership.transferee && progress.match === core.log.lastIndex) {
    core.send({ type: 'timeout-now', to: message.from });
  }
}

function onHeartbeatResponse(
  core: Core,
  leadership: Leadership,
  progress: Progress,
  message: Extract<Message, { type: 'heartbeat-response' }>,
): void {
  progress.probeSent = false;
  progress.nudged = progress.match < progress.next - 1; // what was sent may have been lost
  if (message.unattended) progress.unattended = true;
  else attend(progress);
  const round = Number(message.context);
  if (round <= progress.readRound || round > core.reads.newestContext) return;
  progress.readRound = round;
  confirmReads(core, leadership);
}

function advanceCommit(core: Core, leadership: Leadership): void {
  const { log } = core;
  const reached = quorumValue(core.configuration, (voter) => leadership.progress.get(voter)?.match ?? 0);
  // Count only entries of our own term: an older entry on a majority can still be overwritten by a future leader
  // (Raft paper §5.4.2, figure 8).
  if (reached <= log.commit || log.termOf(reached as Index) !== core.term) return;
  log.commitTo(reached as Index);
  onCommitted(core, leadership);
}

function confirmReads(core: Core, leadership: Leadership): void {
  const context = quorumValue(core.configuration, (voter) =>
    voter === core.id ? Number.POSITIVE_INFINITY : (leadership.progress.get(voter)?.readRound ?? 0),
  );
  for (const { index, reads } of core.reads.confirm(context)) {
    for (const read of reads) {
      if (read.from === core.id) core.outbox.reads.push({ context: read.context, index });
      else core.send({ type: 'read-index-response', to: read.from, context: read.context, index, rejected: false });
    }
  }
}

function broadcastHeartbeat(core: Core, leadership: Leadership): void {
  const context = BigInt(core.reads.newestContext);
  for (const [member, { match }] of leadership.progress) {
    if (member === core.id) continue;
    // A follower must not commit what it may not have.
    core.send({ type: 'heartbeat', to: member, commit: Math.min(match, core.log.commit) as Index, context });
  }
}

/** Whether a quorum was heard from since the last check. */
function checkQuorum(core: Core, leadership: Leadership): boolean {
  const heard = new Map<MemberId, boolean>();
  for (const [member, progress] of leadership.progress) {
    heard.set(member, member === core.id || progress.recentActive);
    progress.recentActive = false;
  }
  return voteResult(core.configuration, heard) === 'won';
}

function mayChangeConfiguration(core: Core, leadership: Leadership, data: Uint8Array): boolean {
  if (leadership.pendingConfIndex > core.log.applied) return false;
  const change = decodeConfChange(data);
  return change !== undefined && changeConfiguration(core.configuration, change).type === 'changed';
}

function leaveJointWhenDue(core: Core, leadership: Leadership): void {
  if (!core.configuration.autoLeave || leadership.pendingConfIndex > core.log.applied) return;
  if (leadership.transferee !== NO_MEMBER) return;
  leadership.pendingConfIndex = core.log.append(core.term, 'conf', encodeConfChange(LEAVE_JOINT));
}

/** Keeps `progress` in step with the configuration: what is known of a member stays, a new one starts from nothing. */
function updateMembers(core: Core, leadership: Leadership, fresh: { readonly recentActive: boolean }): void {
  const before = new Map(leadership.progress);
  const next = (core.log.lastIndex + 1) as Index;
  leadership.progress.clear();
  for (const member of membersOf(core.configuration)) {
    const learner = !isVoter(core.configuration, member);
    const progress = before.get(member) ?? new Progress(next, { ...core.options, ...fresh, learner });
    progress.learner = learner;
    if (member === core.id) progress.state = 'replicate'; // nothing is sent to it, and nothing is in doubt
    leadership.progress.set(member, progress);
  }
  if (isMember(core.configuration, core.id)) leadership.progress.get(core.id)?.advanceTo(core.log.stable);
}
