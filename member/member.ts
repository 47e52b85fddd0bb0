import type { Index, MemberId } from '../base/brand.ts';
import type { CancelSignal } from '../base/cancel.ts';
import { StoreError } from '../base/store-error.ts';
import { COMMAND_FORMAT, type CommandBody, type CommandOptions } from '../proto/command.ts';
import type { HashKVResponse, ResponseHeader } from '../proto/gen/etcd.ts';
import { encodeConfChange } from '../raft/conf-change.ts';
import type { ConfChange, RaftStatus } from '../raft/types.ts';
import type { BackendView } from '../storage/backend/backend.ts';
import type { Applied, Machine } from '../storage/machine/machine.ts';
import { costOf } from '../storage/machine/quota.ts';
import { atLeader, type LeaderWork } from './at-leader.ts';
import type { AuthGate } from './auth/auth-gate.ts';
import type { PasswordCheck } from './auth/password-check.ts';
import type { TokenProvider } from './auth/token-provider.ts';
import { Composition } from './composition.ts';
import { type MemberConfig, type MemberLimits, type MemberTimes, timesOf } from './config.ts';
import { type Deadline, deadlineOf, pause } from './deadline.ts';
import { DiskWatch } from './disk-watch.ts';
import type { MemberDoors } from './doors.ts';
import { hashKv } from './hash-kv.ts';
import { keepCheckpoint, settleForCheckpoint } from './keep-checkpoint.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { MEMBER_LIMITS } from './limits.ts';
import { MemberEvents } from './member-events.ts';
import { MemberMetrics } from './metrics.ts';
import type { MemberFact, MetricSample } from './observer.ts';
import type { PeerQuestion, PeerResult } from './peers/calls.ts';
import { politeView } from './polite-view.ts';
import { publishAttributes } from './publish.ts';
import type { ClusterView } from './reconfiguration.ts';
import type { Replica } from './replica.ts';
import type { SnapshotPart, SnapshotRead } from './snapshot-transfer.ts';
import { type OpenedMember, openMember } from './startup.ts';
import type { WatchService } from './watch-service.ts';

/**
 * Starts one member of a cluster on its data directory: founds or joins a cluster when the directory is empty, otherwise goes on
 * where it stopped. Resolves when it takes part; it may not know a leader yet.
 * Errors: DiskError LOCKED when another process has the directory; CORRUPT and WalError with a text for the operator; NetworkError.
 */
export async function startMember(config: MemberConfig, doors: MemberDoors): Promise<Member> {
  await doors.disk.makeDirectory(config.dataDir);
  const lock = await doors.disk.lock(config.dataDir);
  const metrics = new MemberMetrics();
  const disk = new DiskWatch(doors.clock);
  try {
    const opened = await openMember(config, doors, {
      clock: doors.clock,
      synced: (ms) => metrics.walFsync.observe(ms / 1000),
      began: () => disk.began(),
      ended: () => disk.ended(),
    });
    const member = new Member(config, doors, { opened, metrics, lock, disk });
    await member.begin();
    return member;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** One running member. What clients do with it is in local-client.ts. */
export class Member {
  readonly id: MemberId;
  readonly clusterId: bigint;
  readonly name: string;
  readonly times: MemberTimes;
  readonly limits: MemberLimits;
  readonly doors: MemberDoors;
  readonly config: MemberConfig;
  /** The newest format of commands that it understands. */
  readonly format: number;
  /** Settles with the reason when the member stopped by itself: its disk failed, or it was removed from the cluster. */
  readonly ended: Promise<MemberFact>;
  readonly #metrics: MemberMetrics;
  readonly #events: MemberEvents;
  readonly #parts: Composition;
  readonly #opened: OpenedMember;
  readonly #lock: { release(): Promise<void> };
  #stopping: Promise<void> | undefined;
  #state: 'running' | 'stopping' | 'stopped' = 'running';
  readonly #peerAddresses: string[] = [];

  constructor(
    config: MemberConfig,
    doors: MemberDoors,
    parts: {
      readonly opened: OpenedMember;
      readonly metrics: MemberMetrics;
      readonly lock: { release(): Promise<void> };
      readonly disk: DiskWatch;
    },
  ) {
    const { opened, metrics } = parts;
    this.config = config;
    this.format = config.format ?? COMMAND_FORMAT;
    this.doors = doors;
    this.limits = { ...MEMBER_LIMITS, ...config.limits };
    this.times = timesOf(config, this.limits);
    this.id = opened.identity.memberId;
    this.clusterId = opened.identity.clusterId;
    this.name = config.name;
    this.#opened = opened;
    this.#metrics = metrics;
    this.#lock = parts.lock;
    let end: (fact: MemberFact) => void = () => undefined;
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.#events = new MemberEvents(this, { opened, metrics, composition: () => this.#parts, onEnd: end });
    this.#parts = new Composition(this, { opened, metrics, events: this.#events, disk: parts.disk });
  }

  /** Each `host:port` on which other members are listened to. */
  get peerAddresses(): readonly string[] {
    return this.#peerAddresses;
  }

  get machine(): Machine {
    return this.#parts.replica.machine;
  }

  get replica(): Replica {
    return this.#parts.replica;
  }

  /** Resolves when what compactions have forgotten so far is gone from the backend, too. */
  async compactedPhysically(): Promise<void> {
    await this.replica.compactedPhysically();
    await this.#parts.reclaimer.swept(this.replica.compactedTo);
  }

  get watches(): WatchService {
    return this.#parts.watches;
  }

  get leases(): LeaseKeeper {
    return this.#parts.leases;
  }

  get gate(): AuthGate {
    return this.#parts.gate;
  }

  get tokens(): TokenProvider {
    return this.#parts.tokens;
  }

  get passwords(): PasswordCheck {
    return this.#parts.passwords;
  }

  get isLeader(): boolean {
    return this.#parts.driver.isLeader;
  }

  /** NO_MEMBER while none is known. */
  get leader(): MemberId {
    return this.#parts.driver.leader.id;
  }

  get isLearner(): boolean {
    return this.#events.isLearner;
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** False once it has stopped, for whatever reason. */
  get isRunning(): boolean {
    return this.#state !== 'stopped';
  }

  /** Whether it answers clients: it runs, and trusts its own state. */
  get isServing(): boolean {
    return this.isRunning && this.fenced === undefined;
  }

  /** Why it does not trust its own state; undefined while it does. It goes on voting and keeping the log, and serves nobody. */
  get fenced(): string | undefined {
    return this.#events.fenced;
  }

  /** Errors: STOPPED. */
  assertRunning(): void {
    if (!this.isRunning) throw new StoreError('STOPPED');
  }

  /** Errors: STOPPED, CORRUPT when it is fenced. */
  assertServing(): void {
    this.assertRunning();
    if (this.fenced !== undefined) throw new StoreError('CORRUPT');
  }

  /** What a change of members is judged by. */
  clusterView(): ClusterView {
    return {
      self: this.id,
      members: this.machine.members(),
      nowMs: this.doors.clock.nowMs(),
      healthMs: MEMBER_LIMITS.healthElectionTimeouts * this.times.electionMs,
      connectedSinceMs: (member) => this.#parts.peers.connectedSinceMs(member),
    };
  }

  /** Has the leader do what only it can, wherever it is. Errors: those of the work, TIMEOUT, those of the deadline. */
  async atLeader<T>(deadline: Deadline, work: LeaderWork<T>): Promise<T> {
    const { clock } = this.doors;
    return atLeader({ clock, leader: () => this.leader, isLeader: () => this.isLeader }, deadline, work);
  }

  /** Asks another member. Errors: see Peers.call. */
  async ask(member: MemberId, call: PeerQuestion, timeoutMs: number): Promise<PeerResult> {
    return this.#parts.peers.call(member, call, timeoutMs);
  }

  raftStatus(): RaftStatus {
    return this.#parts.raft.status();
  }

  /** The term of an entry of the log; undefined before its start and after its end. */
  termOf(index: Index): RaftStatus['term'] | undefined {
    return this.#parts.raft.termOf(index);
  }

  /** The header of an answer; revision 0 stands for the current one. Source: etcd v3rpc/header.go. */
  header(revision = 0): ResponseHeader {
    return {
      clusterId: this.clusterId,
      memberId: this.id,
      revision: revision === 0 ? this.machine.revision : revision,
      raftTerm: this.#parts.driver.role.term,
    };
  }

  /** The earlier of the caller's deadline and the server's own. */
  deadline(options?: { readonly signal?: CancelSignal; readonly timeoutMs?: number }): Deadline {
    return deadlineOf(this.doors.clock, options, this.times.requestTimeoutMs);
  }

  /** Brings a command through the log; resolves with what it came to here. Errors: see Proposals.propose; STOPPED, NO_SPACE, CORRUPT. */
  propose(body: CommandBody, deadline: Deadline, options?: CommandOptions): Promise<Applied> {
    try {
      this.assertRunning();
    } catch (error) {
      return Promise.reject(error);
    }
    const isRefused = this.machine.refusal(body, this.config.quotaBytes ?? 0) !== undefined;
    if (isRefused) return this.#proposeWhenAccepted(body, deadline, options);
    return this.#parts.proposals.propose(body, deadline, options).then((applied) => this.#toldIfFull(body, applied));
  }

  async #proposeWhenAccepted(body: CommandBody, deadline: Deadline, options?: CommandOptions): Promise<Applied> {
    await this.#assertAccepted(body, deadline);
    return this.#toldIfFull(body, await this.#parts.proposals.propose(body, deadline, options));
  }

  #toldIfFull(body: CommandBody, applied: Applied): Applied | Promise<Applied> {
    const isFull = applied.outcome.type === 'error' && applied.outcome.error.code === 'NO_SPACE';
    return isFull ? this.#tellIfFull(body).then(() => applied) : applied;
  }

  /** Brings a membership change through the log together with the record that describes it. Errors: as `propose`. */
  async proposeConfChange(body: CommandBody, changes: ConfChange['changes'], deadline: Deadline): Promise<Applied> {
    this.assertRunning();
    return this.#parts.proposals.propose(body, deadline, {
      wrap: (context) => encodeConfChange({ transition: 'auto', changes, context }),
    });
  }

  /** Resolves when this member's state is at least as new as the cluster's was at the call. Errors: TIMEOUT*, STOPPED. */
  async readBarrier(deadline: Deadline): Promise<void> {
    this.assertServing();
    return this.#parts.reads.barrier(deadline);
  }

  /** The hash of the store at a revision (0: current), as etcd computes it. Errors: COMPACTED, FUTURE_REVISION. */
  async hashKv(revision: number): Promise<HashKVResponse> {
    this.assertRunning();
    return hashKv(this.#parts.replica, revision, (at) => this.header(at));
  }

  /** The backend as it is now, for who reads all of it beside everything else. See LongRead. */
  longView(assertWanted: () => void): BackendView {
    const { proposals, replica } = this.#parts;
    return politeView(replica.writer.backend.view(), {
      clock: this.doors.clock,
      isBusy: () => proposals.stats.pending > 0,
      assertWanted,
    });
  }

  /** A piece of this member's state, as for a follower that is sent a snapshot. Errors: SnapshotError, DiskError. */
  readSnapshot(wanted: SnapshotRead): Promise<SnapshotPart | undefined> {
    return this.#parts.snapshots.readFor(wanted);
  }

  /** Hands leadership to another member. Errors: NOT_LEADER, BAD_LEADER_TRANSFEREE, TIMEOUT when it did not take over. */
  async moveLeader(to: MemberId, deadline: Deadline): Promise<void> {
    if (!this.isLeader) throw new StoreError('NOT_LEADER');
    if (!this.machine.conf().voters.includes(to)) throw new StoreError('BAD_LEADER_TRANSFEREE');
    this.#parts.raft.transferLeader(to);
    this.#parts.driver.schedule();
    while (this.leader !== to) {
      if (this.doors.clock.nowMs() >= deadline.atMs)
        throw new StoreError('UNKNOWN', 'etcdserver: request timed out, leader transfer took too long');
      await pause(this.doors.clock, this.times.tickMs);
    }
  }

  /** Somebody did not know the password. */
  authFailed(user: string): void {
    this.#events.fact({ type: 'authFailed', user: user.slice(0, 100) });
  }

  /** A client reads a range here. */
  countRange(): void {
    this.#metrics.ranges++;
  }

  /** Everybody in the member list but this one. */
  otherMembers(): readonly { readonly ID: MemberId }[] {
    return this.machine.members().flatMap(({ ID }) => (ID === this.id ? [] : [{ ID: ID as MemberId }]));
  }

  /** A moment's samples, named as etcd names them. Errors: DiskError. */
  async metrics(): Promise<readonly MetricSample[]> {
    const { machine, config, isLearner, id } = this;
    return this.#metrics.samples({
      raft: this.#parts.raft.status(),
      pending: this.#parts.proposals.stats,
      watch: this.watches.hub.stats,
      size: machine.size(),
      disk: await this.#parts.replica.writer.backend.size(),
      traffic: this.#parts.peers.traffic(),
      revision: machine.revision,
      compactRevision: machine.compactRevision,
      alarms: this.#events.alarms,
      reads: this.#parts.reads.stats,
      renewedLeases: this.leases.renewed,
      authRevision: machine.auth.revision,
      quotaBytes: config.quotaBytes ?? 0,
      serverVersion: config.serverVersion,
      isLearner,
      isFenced: this.fenced !== undefined,
      diskWaitedMs: this.#parts.disk.waitedMs,
      isDiskSlow: this.#parts.slowDisk.isSlow,
      id,
    });
  }

  /** Starts to listen and to take turns; called once by startMember. */
  async begin(): Promise<void> {
    await this.#listen();
    this.#events.setPeers();
    const { machine, raftState, repairedBytes } = this.#opened;
    if (repairedBytes > 0) this.#events.fact({ type: 'repaired', tornBytes: repairedBytes });
    if (this.#opened.rebuilt !== undefined) this.#events.fact({ type: 'rebuilt', ...this.#opened.rebuilt });
    const replayed = Math.max(0, raftState.hardState.commit - machine.applied);
    this.#events.fact({
      type: 'started',
      clusterId: this.clusterId,
      memberId: this.id,
      applied: machine.applied,
      replayed,
      fromCheckpoint: this.#opened.storedValues !== undefined,
    });
    const { voters } = machine.conf();
    if (voters.length === 1 && voters[0] === this.id) this.#parts.raft.campaign();
    this.#opened.damage.listen((error) => this.#events.fence(damageText(error)));
    this.#parts.driver.start();
    this.#parts.replica.compact();
    this.#opened.storedValues?.readAll(this.doors.clock, (error) => this.#events.onFailure(error));
    void publishAttributes(this).then((isKnown) => {
      if (isKnown) this.#events.fact({ type: 'published' });
    });
  }

  /** At every address or, with the error, at none. */
  async #listen(): Promise<void> {
    const { peers } = this.#parts;
    try {
      for (const address of this.config.listenPeerAddresses) this.#peerAddresses.push(await peers.listen(address));
    } catch (error) {
      await peers.close();
      throw error;
    }
  }

  /** Stops cleanly: hands leadership over if it can, finishes what is being written, frees the data directory. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop({ isClean: true });
    return this.#stopping;
  }

  /** Stops as a crash would, as far as a process that goes on can: nothing is handed over, nothing more is written. */
  abandon(): Promise<void> {
    this.#stopping ??= this.#stop({ isClean: false });
    return this.#stopping;
  }

  async #stop({ isClean }: { readonly isClean: boolean }): Promise<void> {
    if (isClean && this.#state === 'running') {
      this.#state = 'stopping';
      await this.#handOver();
    }
    this.#state = 'stopped';
    const stopped = new StoreError('STOPPED');
    const isDriven = this.#parts.driver.stop();
    this.#parts.proposals.failAll(stopped);
    this.#parts.reads.stop();
    this.watches.stop();
    const isSettled = isClean && (await settleForCheckpoint(this, isDriven));
    await Promise.all([isDriven, this.#parts.peers.close(), this.#parts.replica.stop()]);
    await this.#parts.compactor.stop();
    await this.#parts.reclaimer.stop();
    await this.#parts.snapshots.close();
    if (isSettled) await keepCheckpoint(this, this.#opened.identity).catch(() => undefined);
    await this.#opened.storedValues?.close();
    await this.#opened.wal.close().catch(() => undefined);
    await this.#opened.backends.close().catch(() => undefined);
    await this.#lock.release();
    this.#events.fact({ type: 'stopped' });
  }

  /** Nobody has to wait for an election when the leader goes on purpose. */
  async #handOver(): Promise<void> {
    const { progress } = this.#parts.raft.status();
    const heirs = progress.filter(
      ({ member, learner, recentActive }) => member !== this.id && !learner && recentActive,
    );
    const heir = heirs.sort((a, b) => b.match - a.match)[0];
    if (!this.isLeader || heir === undefined) return;
    const atMs = this.doors.clock.nowMs() + MEMBER_LIMITS.transferElectionTimeouts * this.times.electionMs;
    await this.moveLeader(heir.member, { atMs, signal: undefined, code: 'TIMEOUT' }).catch(() => undefined);
  }

  /**
   * Spares the log what would be refused anyway. This member may be behind: somebody was told elsewhere that there is room again. Without a
   * quorum it stays refused, and certainly undone. Errors: NO_SPACE, CORRUPT.
   */
  async #assertAccepted(body: CommandBody, deadline: Deadline): Promise<void> {
    await this.#parts.reads.barrier(deadline).catch(() => undefined);
    const refusal = this.machine.refusal(body, this.config.quotaBytes ?? 0);
    if (refusal === undefined) return;
    if (refusal.code === 'NO_SPACE') await this.#tellIfFull(body);
    throw refusal;
  }

  /** A write that exceeds this member's quota closes the whole cluster for what adds data, until there is room or somebody disarms the alarm. */
  async #tellIfFull(body: CommandBody): Promise<void> {
    const { quotaBytes = 0 } = this.config;
    if (quotaBytes > 0 && this.machine.size().usedBytes + costOf(body) >= quotaBytes)
      await this.#parts.upkeep.exceeded();
  }
}

function damageText(error: Error): string {
  return `${error.message}. Start this member again: it then takes its state from another one`;
}
