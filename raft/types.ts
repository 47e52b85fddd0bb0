import type { Index, MemberId, Term } from '../base/brand.ts';

/** One position of the replicated log. `data` is opaque to consensus, except that `conf` carries an encoded ConfChange. */
export interface Entry {
  readonly index: Index;
  readonly term: Term;
  readonly type: 'normal' | 'conf';
  readonly data: Uint8Array;
}

/** What must be on disk before any message that depends on it leaves. */
export interface HardState {
  readonly term: Term;
  readonly vote: MemberId;
  readonly commit: Index;
}

/** Who takes part. During joint consensus `votersOutgoing` is the configuration being left (Raft thesis §4.3). */
export interface ConfState {
  readonly voters: readonly MemberId[];
  readonly votersOutgoing: readonly MemberId[];
  readonly learners: readonly MemberId[];
  readonly learnersNext: readonly MemberId[];
  readonly autoLeave: boolean;
}

/** The state machine's whole state after `index`. */
export interface SnapshotMeta {
  readonly index: Index;
  readonly term: Term;
  readonly conf: ConfState;
}

/** One step of a membership change; several together go through joint consensus. `context` is opaque (member record bytes). */
export interface ConfChange {
  readonly transition: 'auto' | 'joint-implicit' | 'joint-explicit';
  readonly changes: readonly { readonly type: 'add-voter' | 'add-learner' | 'remove'; readonly member: MemberId }[];
  readonly context: Uint8Array;
}

interface Addressed {
  readonly from: MemberId;
  readonly to: MemberId;
  /** The sender's term; for pre-votes (and granted answers to them) the term to campaign at. 0 on requests to a leader, which are bound to no term. */
  readonly term: Term;
}

/** Everything members say to each other (the wire form is in `proto/`). */
export type Message =
  | (Addressed & {
      readonly type: 'pre-vote' | 'vote';
      readonly lastIndex: Index;
      readonly lastTerm: Term;
      readonly transfer: boolean;
    })
  | (Addressed & { readonly type: 'pre-vote-response' | 'vote-response'; readonly granted: boolean })
  | (Addressed & {
      readonly type: 'append';
      readonly prevIndex: Index;
      readonly prevTerm: Term;
      readonly entries: readonly Entry[];
      readonly commit: Index;
      /** Without entries, for the commit alone: nobody waits for an answer, and it is answered only when it does not fit. */
      readonly quiet: boolean;
    })
  | (Addressed & {
      readonly type: 'append-response';
      /** Accepted: the last index known to match. Rejected: the index that was refused. */
      readonly index: Index;
      readonly rejected: boolean;
      /** With a rejection: where the follower's log may still agree (raft paper §5.3, fast backtracking by term). */
      readonly hintIndex: Index;
      readonly hintTerm: Term;
    })
  | (Addressed & { readonly type: 'heartbeat'; readonly commit: Index; readonly context: bigint })
  | (Addressed & {
      readonly type: 'heartbeat-response';
      readonly context: bigint;
      /** Nobody waits at the sender for what is replicated: it may come a little later, much at a time. */
      readonly unattended: boolean;
    })
  | (Addressed & {
      readonly type: 'snapshot-chunk';
      readonly meta: SnapshotMeta;
      readonly offset: number;
      readonly data: Uint8Array;
      readonly done: boolean;
    })
  | (Addressed & {
      readonly type: 'snapshot-chunk-response';
      readonly index: Index;
      readonly nextOffset: number;
      readonly rejected: boolean;
    })
  | (Addressed & {
      readonly type: 'propose';
      readonly entries: readonly { readonly type: Entry['type']; readonly data: Uint8Array }[];
    })
  | (Addressed & { readonly type: 'propose-response'; readonly dropped: boolean })
  | (Addressed & { readonly type: 'read-index'; readonly context: bigint })
  | (Addressed & {
      readonly type: 'read-index-response';
      readonly context: bigint;
      readonly index: Index;
      readonly rejected: boolean;
    })
  | (Addressed & { readonly type: 'transfer-leader'; readonly transferee: MemberId })
  | (Addressed & { readonly type: 'timeout-now' });

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** What may be lost: for logs, metrics and status. */
export interface SoftState {
  readonly role: Role;
  readonly leader: MemberId;
  readonly term: Term;
}

/**
 * Everything consensus asks of the world since the last call, in the order the world must do it:
 * 1. send `messages` (they do not depend on this Ready being durable: a leader's appends and heartbeats, requests, refusals);
 * 2. persist `snapshotChunks`, `hardState` and `entries` (with a sync when `mustSync`), then call `persisted(sequence)`;
 * 3. only then send `messagesAfterPersist` (votes, requests for votes, append-responses);
 * 4. install `snapshot` if present, then apply `committed` in order, then call `applied(index)`. Committed entries are always
 *    already durable *here*, not just on a majority: the applied index is stored without a sync of its own, and a member
 *    must never be found with a state that is ahead of its log. So applying them need not wait for step 2 of their own
 *    Ready, but for the installation of every snapshot before them;
 * 5. answer `reads`: a read with that context may be served once `index` is applied.
 * The next Ready may be taken before the previous one is persisted (pipelining); persisted() comes in sequence order.
 */
export interface Ready {
  readonly sequence: number;
  readonly softState: SoftState | undefined;
  readonly hardState: HardState | undefined;
  /** New entries to append. The first may lie at or below what was appended before: it then replaces that tail. */
  readonly entries: readonly Entry[];
  readonly mustSync: boolean;
  readonly messages: readonly Message[];
  readonly messagesAfterPersist: readonly Message[];
  readonly committed: readonly Entry[];
  readonly reads: readonly { readonly context: bigint; readonly index: Index }[];
  /** Reads that will never be answered (leadership lost, no leader): retry or fail them. */
  readonly readsDropped: readonly bigint[];
  /**
   * Chunks of an incoming snapshot, in order, to append to the file that collects it (offset 0 starts it anew). When one that says
   * `done` is durable, look at the whole and call snapshotChecked.
   */
  readonly snapshotChunks: readonly {
    readonly meta: SnapshotMeta;
    readonly offset: number;
    readonly data: Uint8Array;
    readonly done: boolean;
  }[];
  /**
   * A whole snapshot has arrived and was checked (its chunks are all in earlier Readys): replace the state machine by it, then call
   * applied(meta.index). It also replaces the whole log: step 2 makes its marker durable, before `entries`, so that
   * a crash before step 4 can finish the installation from the collected file.
   */
  readonly snapshot: SnapshotMeta | undefined;
  /**
   * Outgoing snapshot data wanted: answer each with provideSnapshotChunk. offset 0 with no `meta`: pick the newest snapshot, of
   * an applied index >= firstIndex - 1. With `meta`: that one again, the same bytes as before. All chunks are `maxBytes`
   * long but the last, which says `done`; a read at the very end gives an empty one that is `done`.
   */
  readonly snapshotReads: readonly {
    readonly to: MemberId;
    readonly meta: SnapshotMeta | undefined;
    readonly offset: number;
    readonly maxBytes: number;
  }[];
}

export type ProposeResult = 'accepted' | 'forwarded' | 'dropped';

/** How far a member is, as its leader sees it. */
export interface ProgressStatus {
  readonly member: MemberId;
  readonly match: Index;
  readonly next: Index;
  readonly state: 'probe' | 'replicate' | 'snapshot';
  readonly recentActive: boolean;
  readonly learner: boolean;
  /** What is new for it may be held back. */
  readonly deferred: boolean;
}

export interface RaftStatus {
  readonly id: MemberId;
  readonly role: Role;
  readonly term: Term;
  readonly leader: MemberId;
  readonly commit: Index;
  readonly applied: Index;
  readonly lastIndex: Index;
  readonly firstIndex: Index;
  readonly conf: ConfState;
  readonly transferee: MemberId;
  /** Only on the leader. */
  readonly progress: readonly ProgressStatus[];
}

export interface RaftOptions {
  readonly id: MemberId;
  /** Ticks without a leader before campaigning; each timeout is drawn from [electionTicks, 2 x electionTicks). */
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  /** Bounds, see raft/limits.ts for the defaults. */
  readonly maxMessageBytes: number;
  readonly maxInflightMessages: number;
  readonly maxInflightBytes: number;
  readonly maxUncommittedBytes: number;
  readonly snapshotChunkBytes: number;
  /** Seed of the election jitter. */
  readonly seed: number;
}

/** What was found on disk. `entries` follow `snapshot.index` without a gap. For a new member see raft/bootstrap.ts. */
export interface RaftState {
  readonly hardState: HardState;
  readonly snapshot: SnapshotMeta;
  readonly entries: readonly Entry[];
  /** The state machine has applied up to here (>= snapshot.index). */
  readonly applied: Index;
  /** The configuration in force at `applied`. Without it, `snapshot.conf` and the conf entries up to `applied` give it. */
  readonly conf?: ConfState;
}

/** The consensus core: messages in, Ready out. Deterministic: no clock, no dice but `seed`, no I/O. */
export interface RaftNode {
  /** Where it stands, for what asks too often for the whole `status()`. */
  readonly role: Role;
  readonly term: Term;
  readonly lastIndex: Index;
  readonly commit: Index;
  /** Something is held back from followers that no quorum needs and where nobody waits: call sendDeferred() soon. A tick sends it too. */
  readonly holdsBack: boolean;
  tick(): void;
  step(message: Message): void;
  propose(data: Uint8Array): ProposeResult;
  /** Dropped also when it does not fit the configuration, or while an earlier one is not applied. No changes: leave a joint one. */
  proposeConfChange(change: ConfChange): ProposeResult;
  /**
   * To be called when a committed conf entry is applied (before `applied` of its index); returns the configuration now in
   * force. A change that does not fit the present one changes nothing. Read the entry with decodeConfChange.
   */
  applyConfChange(change: ConfChange): ConfState;
  /** Asks for a linearizable read; `context` must never be used twice in a member's life. */
  readIndex(context: bigint): void;
  /** Whether nobody waits here for what is replicated; the leader hears it with the answers to its heartbeats. */
  setUnattended(unattended: boolean): void;
  /** Somebody waits at this member: nothing is held back from it, until its answers to heartbeats say that nobody does. */
  attend(member: MemberId): void;
  /** What is held back leaves with the next Ready. */
  sendDeferred(): void;
  transferLeader(to: MemberId): void;
  campaign(): void;
  ready(): Ready | undefined;
  persisted(sequence: number): void;
  applied(index: Index): void;
  /** Answers one of `snapshotReads`; `undefined` data: there is none to give now (the read is asked again later). */
  provideSnapshotChunk(
    to: MemberId,
    chunk:
      | { readonly meta: SnapshotMeta; readonly offset: number; readonly data: Uint8Array; readonly done: boolean }
      | undefined,
  ): void;
  /**
   * A snapshot that has arrived was looked at. Whole: the next Ready has it as `snapshot`. Otherwise nothing of it was used, and the leader
   * is told to send a new one. To be called after persisted() of the Ready with the last chunk.
   */
  snapshotChecked(meta: SnapshotMeta, options: { readonly isWhole: boolean }): void;
  /** The transport could not reach this member lately. */
  reportUnreachable(member: MemberId): void;
  /**
   * Forgets entries up to and including `index` (<= applied); a follower that needs them gets a snapshot instead. While a
   * snapshot is on its way, what follows it may be kept a little longer: status().firstIndex tells.
   */
  compact(index: Index): void;
  /** Drops the leader's role (stalled disk, shutdown) and asks the follower that is farthest along to take over at once. */
  stepDown(): void;
  status(): RaftStatus;
  /** Term of an entry still in the log or of the snapshot; undefined when unknown. */
  termOf(index: Index): Term | undefined;
}
