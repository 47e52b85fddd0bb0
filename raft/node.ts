import { assert } from '../base/assert.ts';
import type { Index, MemberId, Term } from '../base/brand.ts';
import { NO_MEMBER } from '../base/brand.ts';
import { campaign, onOwnVotePersisted } from './candidate.ts';
import { decodeConfChange, encodeConfChange } from './conf-change.ts';
import { Core } from './core.ts';
import { step } from './dispatch.ts';
import { onSnapshotChecked } from './follower.ts';
import {
  appendProposals,
  onConfigurationChanged,
  onOwnPersisted,
  prepareReady,
  startTransfer,
  stepDown,
  tickLeader,
} from './leader.ts';
import { assertOptions, MAX_APPLYING_BYTES, MAX_COMMITTED_BYTES_PER_READY } from './limits.ts';
import { changeConfiguration, confStateOf } from './membership.ts';
import { compactionLimit, sendSnapshotChunk } from './replication.ts';
import type { SnapshotChunk } from './snapshot.ts';
import { attendAt, holdsBack, sendDeferred } from './thrift.ts';
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
  Role,
  SnapshotMeta,
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

  get role(): Role {
    return this.#core.role;
  }

  get term(): Term {
    return this.#core.term;
  }

  get lastIndex(): Index {
    return this.#core.log.lastIndex;
  }

  get commit(): Index {
    return this.#core.log.commit;
  }

  get holdsBack(): boolean {
    const core = this.#core;
    return core.leadership !== undefined && holdsBack(core, core.leadership);
  }

  tick(): void {
    const core = this.#core;
    core.outbox.readsDropped.push(...core.forwardedReads.tick());
    if (core.leadership !== undefined) {
      tickLeader(core, core.leadership);
      return;
    }
    core.electionElapsed++;
    if (core.electionElapsed < core.electionTimeout || !core.isPromotable()) return;
    core.electionElapsed = 0;
    campaign(core, { transfer: false });
  }

  step(message: Message): void {
    step(this.#core, message);
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

  setUnattended(unattended: boolean): void {
    this.#core.unattended = unattended;
  }

  attend(member: MemberId): void {
    attendAt(this.#core, member);
  }

  sendDeferred(): void {
    const core = this.#core;
    if (core.leadership !== undefined) sendDeferred(core, core.leadership);
  }

  transferLeader(to: MemberId): void {
    const core = this.#core;
    if (core.leadership !== undefined) startTransfer(core, core.leadership, to);
    else if (core.leader !== NO_MEMBER)
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
    // Field by field: this is asked for with every message, and spreading costs as much as all the rest.
    return {
      sequence,
      softState,
      hardState,
      entries,
      mustSync: entries.length > 0 || votes || outgoing.snapshotChunks.length > 0,
      committed: hasRoom ? core.log.takeCommitted(MAX_COMMITTED_BYTES_PER_READY) : [],
      messages: outgoing.messages,
      messagesAfterPersist: outgoing.messagesAfterPersist,
      reads: outgoing.reads,
      readsDropped: outgoing.readsDropped,
      snapshotChunks: outgoing.snapshotChunks,
      snapshotReads: outgoing.snapshotReads,
      snapshot: outgoing.snapshot,
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

  snapshotChecked(meta: SnapshotMeta, options: { readonly isWhole: boolean }): void {
    onSnapshotChecked(this.#core, meta, options.isWhole);
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
      progress: [...(leadership?.progress ?? [])].map(
        ([member, { match, next, state, recentActive, learner, deferred }]) => ({
          member,
          match,
          next,
          state,
          recentActive: recentActive || member === id,
          learner,
          deferred,
        }),
      ),
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

function softStateOf({ role, leader, term }: Core): SoftState {
  return { role, leader, term };
}
