import type { Index, MemberId } from '../base/brand.ts';
import { NO_MEMBER } from '../base/brand.ts';
import type { Clock } from '../io/doors.ts';
import { decodeConfChange } from '../raft/conf-change.ts';
import type { Entry, Message, RaftNode, Ready, SnapshotMeta, SoftState } from '../raft/types.ts';
import type { Wal } from '../storage/wal/wal.ts';
import { CommitNotices } from './commit-notices.ts';
import { MEMBER_LIMITS } from './limits.ts';
import type { ProposalData } from './pending.ts';
import type { Position } from './proposals.ts';

export interface DriverOptions {
  readonly raft: RaftNode;
  readonly wal: Wal;
  readonly clock: Clock;
  readonly tickMs: number;
  /** Calls back when the inputs that are at hand have been taken in. */
  readonly soon: (run: () => void) => void;
  readonly send: (messages: readonly Message[]) => void;
  /** Committed entries, to be applied in order. */
  readonly apply: (entries: readonly Entry[]) => void;
  /** A linearizable read may be served once `index` is applied. */
  readonly onRead: (context: bigint, index: Index) => void;
  readonly onReadDropped: (context: bigint) => void;
  readonly onRole: (state: SoftState) => void;
  /** Entries from `first` on are being written, maybe in place of others. */
  readonly onAppending: (first: Index) => void;
  /** The log is on disk up to `index`. */
  readonly onPersisted: (index: Index) => void;
  readonly onTick: () => void;
  /** Resolves when they are durable; says of a snapshot that is complete now whether it is whole. */
  readonly keepChunks: (chunks: Ready['snapshotChunks']) => Promise<CheckedSnapshot | undefined>;
  /** Puts the snapshot that was received in place of machine and backend; synced when it resolves. */
  readonly install: (meta: SnapshotMeta) => Promise<void>;
  readonly readChunk: (
    wanted: Ready['snapshotReads'][number],
  ) => Promise<Parameters<RaftNode['provideSnapshotChunk']>[1]>;
  /** The log or the snapshot could not be written: the member must stop. */
  readonly onFailure: (error: unknown) => void;
}

/** A snapshot that has come to its end. */
export interface CheckedSnapshot {
  readonly meta: SnapshotMeta;
  readonly isWhole: boolean;
}

/**
 * The loop of a member: hands inputs to consensus, and does what every Ready asks, in the order that is its contract: what may
 * leave at once leaves while the log is written; what depends on the log leaves once it is on disk.
 */
export class Driver {
  readonly #options: DriverOptions;
  readonly #raft: RaftNode;
  readonly #notices: CommitNotices;
  #scheduled = false;
  /** Consensus is asked at once, whatever is under way. */
  #isUrgent = false;
  /** When the Ready that is on its way to the disk was taken. */
  #writingSinceMs = 0;
  #cancelGathering: (() => void) | undefined;
  /** Set while something is held back from followers. */
  #cancelDeferring: (() => void) | undefined;
  #stopped = false;
  #installing = false;
  #unpersisted = 0;
  /** Readys that are being written, oldest first. */
  readonly #writing: WritingReady[] = [];
  /** Entries that wait to be applied until a commit is on disk, and those behind them; undefined when there are none. */
  #applyTail: Promise<void> | undefined;
  #cancelTick: () => void = () => undefined;
  #role: SoftState;
  #electedMs: number;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#raft = options.raft;
    this.#notices = new CommitNotices({ clock: options.clock, send: options.send });
    const { role, leader, term } = options.raft.status();
    this.#role = { role, leader, term };
    this.#electedMs = options.clock.nowMs();
  }

  /** The leader as far as this member knows, and since when. */
  get leader(): { readonly id: MemberId; readonly electedMs: number } {
    return { id: this.#role.leader, electedMs: this.#electedMs };
  }

  get role(): SoftState {
    return this.#role;
  }

  get isLeader(): boolean {
    return this.#role.role === 'leader';
  }

  start(): void {
    this.#tickLater();
    this.schedule();
  }

  /** Stops taking turns; resolves when what is on its way to the disk has arrived. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTick();
    this.#cancelGathering?.();
    this.#cancelDeferring?.();
    this.#notices.stop();
    await Promise.all(this.#writing.map(({ settled }) => settled));
  }

  step(message: Message): void {
    if (this.#stopped) return;
    this.#raft.step(message);
    // Entries and their answers may gather; an election or a read does not wait for the disk.
    this.schedule(message.type === 'append' || message.type === 'append-response' ? 'usual' : 'urgent');
  }

  /** Appends as the leader, for a client of `from`; undefined when it was dropped: it is in no log and never will be. */
  append(proposal: ProposalData, from?: MemberId): Position | undefined {
    if (this.#stopped) return undefined;
    const { role, lastIndex, term } = this.#raft;
    // Asked here rather than of `role`, which lags until the next Ready: as a follower, consensus would pass it on.
    if (role !== 'leader' || this.#propose(proposal) !== 'accepted') return undefined;
    this.schedule();
    const index = (lastIndex + 1) as Index;
    if (from !== undefined) {
      this.#notices.awaits(from, index);
      this.#raft.attend(from);
    }
    return { index, term };
  }

  /** Leaves office, and asks the follower that is farthest along to take over: also while the log is stuck on the disk. */
  giveUp(): void {
    if (this.#stopped || this.#installing) return;
    this.#raft.stepDown();
    this.#takeOne();
  }

  readIndex(context: bigint): void {
    if (this.#stopped) return;
    this.#raft.readIndex(context);
    this.schedule('urgent');
  }

  /** Entries up to `index` are applied. */
  applied(index: Index): void {
    if (this.#stopped) return;
    this.#raft.applied(index);
    this.schedule();
  }

  /** Takes what consensus has to do, soon. */
  schedule(urgency: 'urgent' | 'usual' = 'usual'): void {
    if (urgency === 'urgent') this.#isUrgent = true;
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    this.#options.soon(this.#takeTurn);
  }

  readonly #takeTurn = (): void => {
    this.#scheduled = false;
    if (!this.#isUrgent && this.#mayGather()) this.#turnLater();
    else this.#turn();
  };

  /** A write that has just begun will be over soon, and then everything that came meanwhile goes in one. */
  #mayGather(): boolean {
    return this.#unpersisted > 0 && this.#options.clock.nowMs() - this.#writingSinceMs < MEMBER_LIMITS.gatherMs;
  }

  #turnLater(): void {
    this.#cancelGathering ??= this.#options.clock.after(MEMBER_LIMITS.gatherMs, () => {
      this.#cancelGathering = undefined;
      this.#turn();
    });
  }

  #propose({ type, data }: ProposalData): ReturnType<RaftNode['propose']> {
    if (type === 'normal') return this.#raft.propose(data);
    const change = decodeConfChange(data);
    return change === undefined ? 'dropped' : this.#raft.proposeConfChange(change);
  }

  #tickLater(): void {
    this.#cancelTick = this.#options.clock.after(this.#options.tickMs, () => {
      if (this.#stopped) return;
      this.#tickLater();
      this.#raft.tick();
      this.#options.onTick();
      this.schedule();
    });
  }

  #turn(): void {
    this.#cancelGathering?.();
    this.#cancelGathering = undefined;
    this.#isUrgent = false;
    while (!this.#stopped && !this.#installing && this.#unpersisted < MEMBER_LIMITS.maxUnpersistedReadys) {
      if (!this.#takeOne()) break;
    }
    if (this.#cancelDeferring === undefined && this.#raft.holdsBack) this.#sendDeferredLater();
  }

  #sendDeferredLater(): void {
    this.#cancelDeferring = this.#options.clock.after(MEMBER_LIMITS.deferMs, () => {
      this.#cancelDeferring = undefined;
      if (this.#stopped) return;
      this.#raft.sendDeferred();
      this.schedule('urgent');
    });
  }

  #takeOne(): boolean {
    const ready = this.#raft.ready();
    if (ready !== undefined) this.#handle(ready);
    return ready !== undefined;
  }

  #handle(ready: Ready): void {
    const { onRead, onReadDropped } = this.#options;
    if (ready.softState !== undefined) this.#onRole(ready.softState);
    this.#notices.send(ready.messages);
    if (this.#unpersisted++ === 0) this.#writingSinceMs = this.#options.clock.nowMs();
    if (ready.snapshot !== undefined) this.#persistSnapshot(ready, ready.snapshot);
    else if (this.#unpersisted === 1 && !isForDisk(ready)) this.#onPersisted(ready, undefined);
    else this.#persist(ready);
    if (ready.committed.length > 0) this.#apply(ready.committed);
    for (const { context, index } of ready.reads) onRead(context, index);
    for (const context of ready.readsDropped) onReadDropped(context);
    for (const wanted of ready.snapshotReads) void this.#provide(wanted);
  }

  /**
   * A change of who takes part is in force only once this member's log says on disk that it is committed. Otherwise one that is alone
   * after the change, and loses its power, would come back asking those for votes who have left for good.
   */
  #apply(entries: readonly Entry[]): void {
    const { wal, apply, onFailure } = this.#options;
    if (this.#applyTail === undefined && !entries.some(({ type }) => type === 'conf')) {
      apply(entries);
      return;
    }
    // Behind what the Ready that brought the commit has asked to be written.
    const synced = wal.append({ hardState: undefined, entries: [] }, { sync: true });
    const turn: Promise<void> = Promise.all([synced, this.#applyTail]).then(
      () => {
        if (this.#applyTail === turn) this.#applyTail = undefined;
        if (!this.#stopped) apply(entries);
      },
      (error: unknown) => {
        this.#stopped = true;
        onFailure(error);
      },
    );
    this.#applyTail = turn;
  }

  #onRole(state: SoftState): void {
    if (state.leader !== this.#role.leader && state.leader !== NO_MEMBER) this.#electedMs = this.#options.clock.nowMs();
    this.#role = state;
    this.#options.onRole(state);
  }

  /** Starts writing at once, so that Readys lie in the log in their order; they are reported in order too. */
  #persist(ready: Ready): void {
    const { wal, keepChunks } = this.#options;
    const chunks = ready.snapshotChunks.length === 0 ? undefined : keepChunks(ready.snapshotChunks);
    const first = ready.entries[0];
    if (first !== undefined) this.#options.onAppending(first.index);
    const isWritten = ready.hardState !== undefined || ready.entries.length > 0;
    const append = isWritten
      ? wal.append({ hardState: ready.hardState, entries: ready.entries }, { sync: ready.mustSync })
      : undefined;
    const writing: WritingReady = { ready };
    const written =
      chunks &&
      Promise.all([chunks, append]).then(([checked]) => {
        writing.checked = checked;
      });
    writing.settled = this.#follow(writing, written ?? append);
  }

  /** The snapshot's marker must lie in the log before any entry that follows it, and the snapshot on disk before the marker. */
  #persistSnapshot(ready: Ready, snapshot: SnapshotMeta): void {
    this.#installing = true;
    const writing: WritingReady = { ready };
    const first = new Promise<void>((resolve) => {
      writing.onFirst = resolve;
    });
    void this.#follow(writing, this.#install(ready, snapshot, first));
  }

  async #install(ready: Ready, snapshot: SnapshotMeta, first: Promise<void>): Promise<void> {
    const { wal, keepChunks, install } = this.#options;
    await first;
    await this.#applyTail;
    await keepChunks(ready.snapshotChunks);
    await install(snapshot);
    await wal.append({ hardState: ready.hardState, snapshot, entries: ready.entries }, { sync: true });
    this.#installing = false;
    if (!this.#stopped) this.#raft.applied(snapshot.index);
  }

  /** Reports it when it is written and all before it are reported. Resolves when it is written, or that has failed. */
  #follow(writing: WritingReady, work: Promise<void> | undefined): Promise<void> | undefined {
    this.#writing.push(writing);
    if (this.#writing[0] === writing) writing.onFirst?.();
    if (work === undefined) {
      writing.isDone = true;
      this.#reportDone();
      return undefined;
    }
    return work.then(
      () => {
        writing.isDone = true;
        this.#reportDone();
      },
      (error: unknown) => {
        const isFirst = !this.#stopped;
        this.#stopped = true;
        writing.isDone = true;
        this.#reportDone();
        if (isFirst) this.#options.onFailure(error);
      },
    );
  }

  /** In order, whatever is done first; once it is stopped nobody is told. */
  #reportDone(): void {
    while (this.#writing[0]?.isDone === true) {
      const { ready, checked } = this.#writing.shift() as WritingReady;
      this.#onPersisted(ready, checked);
      this.#writing[0]?.onFirst?.();
    }
  }

  #onPersisted(ready: Ready, checked: CheckedSnapshot | undefined): void {
    this.#unpersisted--;
    if (this.#stopped) return;
    const last = ready.entries.at(-1)?.index ?? ready.snapshot?.index;
    if (last !== undefined) this.#options.onPersisted(last);
    this.#raft.persisted(ready.sequence);
    if (checked !== undefined) this.#raft.snapshotChecked(checked.meta, checked);
    this.#options.send(ready.messagesAfterPersist);
    this.schedule();
  }

  async #provide(wanted: Ready['snapshotReads'][number]): Promise<void> {
    const chunk = await this.#options.readChunk(wanted).catch(() => undefined);
    if (this.#stopped) return;
    this.#raft.provideSnapshotChunk(wanted.to, chunk);
    this.schedule();
  }
}

/** A Ready on its way to the disk. */
interface WritingReady {
  readonly ready: Ready;
  isDone?: boolean;
  checked?: CheckedSnapshot | undefined;
  /** Settles when it is written; an installation is not waited for. */
  settled?: Promise<void> | undefined;
  /** All before it are reported. */
  onFirst?: () => void;
}

/** Most Readys of an idle member are heartbeats: there is nothing to wait for, unless an earlier one is still on its way to the disk. */
function isForDisk({ hardState, entries, snapshotChunks }: Ready): boolean {
  return hardState !== undefined || entries.length > 0 || snapshotChunks.length > 0;
}
