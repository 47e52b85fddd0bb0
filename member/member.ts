import { type Index, type MemberId, NO_MEMBER } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import { type CommandBody, type CommandOptions, sealCommand } from '../proto/command.ts';
import { AlarmType, type HashKVResponse, type Member as MemberRecord, type ResponseHeader } from '../proto/gen/etcd.ts';
import { encodeConfChange } from '../raft/conf-change.ts';
import { RAFT_DEFAULTS } from '../raft/limits.ts';
import { createRaft } from '../raft/node.ts';
import type { ConfChange, Entry, RaftNode, RaftStatus, SoftState } from '../raft/types.ts';
import type { ActiveAlarm, Applied, Machine } from '../storage/machine/machine.ts';
import { costOf } from '../storage/machine/quota.ts';
import { WatchHub } from '../watch/hub.ts';
import { WATCH_LIMITS } from '../watch/limits.ts';
import { atLeader, type LeaderWork } from './at-leader.ts';
import { AuthGate } from './auth/auth-gate.ts';
import { PasswordCheck } from './auth/password-check.ts';
import { SignedTokens } from './auth/signed-tokens.ts';
import { SimpleTokens } from './auth/simple-tokens.ts';
import type { TokenProvider } from './auth/token-provider.ts';
import {
  DEFAULT_AUTH,
  type MemberConfig,
  type MemberLimits,
  type MemberTimes,
  peerAddressOf,
  type TokenConfig,
  timesOf,
} from './config.ts';
import { type Deadline, deadlineOf, pause } from './deadline.ts';
import type { MemberDoors } from './doors.ts';
import { Driver } from './driver.ts';
import { failureOf } from './failure.ts';
import { hashKv } from './hash-kv.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { MEMBER_LIMITS } from './limits.ts';
import { LinearizableReads } from './linearizable-reads.ts';
import { LogCompactor } from './log-compactor.ts';
import { MemberMetrics } from './metrics.ts';
import type { MemberFact, MetricSample } from './observer.ts';
import { answerPeer } from './peer-calls.ts';
import type { PeerQuestion, PeerResult } from './peers/calls.ts';
import { Peers, resultOf } from './peers/peers.ts';
import { Proposals } from './proposals.ts';
import { publishAttributes } from './publish.ts';
import type { ClusterView } from './reconfiguration.ts';
import { markRemoved } from './removed.ts';
import { Replica } from './replica.ts';
import { SnapshotTransfer } from './snapshot-transfer.ts';
import { type OpenedMember, openMember } from './startup.ts';
import { alarmFacts, Upkeep } from './upkeep.ts';
import { WatchService } from './watch-service.ts';

/**
 * Starts one member of a cluster on its data directory: founds or joins a cluster when the directory is empty, otherwise goes on
 * where it stopped. Resolves when it takes part; it may not know a leader yet.
 * Errors: DiskError LOCKED when another process has the directory; CORRUPT and WalError with a text for the operator; NetworkError.
 */
export async function startMember(config: MemberConfig, doors: MemberDoors): Promise<Member> {
  await doors.disk.makeDirectory(config.dataDir);
  const lock = await doors.disk.lock(config.dataDir);
  const metrics = new MemberMetrics();
  try {
    const opened = await openMember(config, doors, {
      clock: doors.clock,
      synced: (ms) => metrics.walFsync.observe(ms / 1000),
    });
    const member = new Member(config, doors, { opened, metrics, lock });
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
  readonly watches: WatchService;
  readonly leases: LeaseKeeper;
  readonly gate: AuthGate;
  readonly tokens: TokenProvider;
  readonly passwords: PasswordCheck;
  /** Settles with the reason when the member stopped by itself: its disk failed, or it was removed from the cluster. */
  readonly ended: Promise<MemberFact>;
  readonly #raft: RaftNode;
  readonly #driver: Driver;
  readonly #replica: Replica;
  readonly #proposals: Proposals;
  readonly #reads: LinearizableReads;
  readonly #peers: Peers;
  readonly #compactor: LogCompactor;
  readonly #snapshots: SnapshotTransfer;
  readonly #metrics: MemberMetrics;
  readonly #upkeep: Upkeep;
  readonly #opened: OpenedMember;
  readonly #lock: { release(): Promise<void> };
  #end: (fact: MemberFact) => void = () => undefined;
  #stopping: Promise<void> | undefined;
  #state: 'running' | 'stopping' | 'stopped' = 'running';
  #peerAddress = '';
  #isLearner = false;
  #isRemoved = false;
  #alarms: readonly ActiveAlarm[] = [];

  constructor(
    config: MemberConfig,
    doors: MemberDoors,
    parts: {
      readonly opened: OpenedMember;
      readonly metrics: MemberMetrics;
      readonly lock: { release(): Promise<void> };
    },
  ) {
    const { opened, metrics } = parts;
    this.config = config;
    this.doors = doors;
    this.limits = { ...MEMBER_LIMITS, ...config.limits };
    this.times = timesOf(config, this.limits);
    this.id = opened.identity.memberId;
    this.clusterId = opened.identity.clusterId;
    this.name = config.name;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#opened = opened;
    this.#metrics = metrics;
    this.#lock = parts.lock;
    this.#raft = createRaft(this.#raftOptions(), opened.raftState);
    this.#replica = this.#makeReplica(opened);
    this.watches = this.#makeWatches();
    this.#reads = new LinearizableReads({
      clock: doors.clock,
      applied: this.#replica.applied,
      ask: (context) => this.#driver.readIndex(context),
      firstContext: this.#freshId(),
    });
    this.#peers = this.#makePeers();
    this.#proposals = this.#makeProposals();
    this.leases = this.#makeLeases();
    const { tokens, bcryptCost } = config.auth ?? DEFAULT_AUTH;
    this.tokens = this.#makeTokens(tokens);
    this.passwords = new PasswordCheck(doors.passwords, bcryptCost);
    this.gate = new AuthGate({
      auth: () => this.machine.auth,
      tokens: this.tokens,
      barrier: (deadline) => this.readBarrier(deadline),
    });
    this.#snapshots = new SnapshotTransfer({
      disk: doors.disk,
      dir: `${config.dataDir}/snapshots`,
      clusterId: this.clusterId,
      backends: opened.backends,
      replica: this.#replica,
      isInLog: (index) => this.#raft.termOf(index) !== undefined,
    });
    this.#compactor = new LogCompactor({
      raft: this.#raft,
      wal: opened.wal,
      replica: this.#replica,
      limits: this.limits,
      onCompacted: (index) => this.#fact({ type: 'logCompacted', index }),
      onFailure: (error) => this.#onFailure(error),
    });
    this.#driver = this.#makeDriver();
    this.#upkeep = new Upkeep(this, (to, durationMs) => metrics.roundTrip(to, durationMs));
  }

  /** `host:port` on which other members are listened to. */
  get peerAddress(): string {
    return this.#peerAddress;
  }

  get machine(): Machine {
    return this.#replica.machine;
  }

  get replica(): Replica {
    return this.#replica;
  }

  get isLeader(): boolean {
    return this.#driver.isLeader;
  }

  /** NO_MEMBER while none is known. */
  get leader(): MemberId {
    return this.#driver.leader.id;
  }

  get isLearner(): boolean {
    return this.#isLearner;
  }

  /** False once it has stopped, for whatever reason. */
  get isServing(): boolean {
    return this.#state !== 'stopped';
  }

  /** Errors: STOPPED. */
  assertServing(): void {
    if (this.#state === 'stopped') throw new StoreError('STOPPED');
  }

  /** What a change of members is judged by. */
  clusterView(): ClusterView {
    return {
      self: this.id,
      members: this.machine.members(),
      nowMs: this.doors.clock.nowMs(),
      healthMs: MEMBER_LIMITS.healthElectionTimeouts * this.times.electionMs,
      connectedSinceMs: (member) => this.#peers.connectedSinceMs(member),
    };
  }

  /** Has the leader do what only it can, wherever it is. Errors: those of the work, TIMEOUT, those of the deadline. */
  async atLeader<T>(deadline: Deadline, work: LeaderWork<T>): Promise<T> {
    const { clock } = this.doors;
    return atLeader({ clock, leader: () => this.leader, isLeader: () => this.isLeader }, deadline, work);
  }

  /** Asks another member. Errors: see Peers.call. */
  async ask(member: MemberId, call: PeerQuestion, timeoutMs: number): Promise<PeerResult> {
    return this.#peers.call(member, call, timeoutMs);
  }

  raftStatus(): RaftStatus {
    return this.#raft.status();
  }

  /** The term of an entry of the log; undefined before its start and after its end. */
  termOf(index: Index): RaftStatus['term'] | undefined {
    return this.#raft.termOf(index);
  }

  /** The header of an answer; revision 0 stands for the current one. Source: etcd v3rpc/header.go. */
  header(revision = 0): ResponseHeader {
    return {
      clusterId: this.clusterId,
      memberId: this.id,
      revision: revision === 0 ? this.machine.revision : revision,
      raftTerm: this.#driver.role.term,
    };
  }

  /** The earlier of the caller's deadline and the server's own. */
  deadline(options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number }): Deadline {
    return deadlineOf(this.doors.clock, options, this.times.requestTimeoutMs);
  }

  /** Brings a command through the log; resolves with what it came to here. Errors: see Proposals.propose; STOPPED, NO_SPACE, CORRUPT. */
  async propose(body: CommandBody, deadline: Deadline, options?: CommandOptions): Promise<Applied> {
    this.assertServing();
    await this.#assertAccepted(body);
    const applied = await this.#proposals.propose(body, deadline, options);
    if (applied.outcome.type === 'error' && applied.outcome.error.code === 'NO_SPACE') await this.#tellIfFull(body);
    return applied;
  }

  /** Brings a membership change through the log together with the record that describes it. Errors: as `propose`. */
  async proposeConfChange(body: CommandBody, changes: ConfChange['changes'], deadline: Deadline): Promise<Applied> {
    this.assertServing();
    return this.#proposals.propose(body, deadline, {
      wrap: (context) => encodeConfChange({ transition: 'auto', changes, context }),
    });
  }

  /** Resolves when this member's state is at least as new as the cluster's was at the call. Errors: TIMEOUT*, STOPPED. */
  async readBarrier(deadline: Deadline): Promise<void> {
    this.assertServing();
    await this.#reads.barrier(deadline);
  }

  /** The hash of the store at a revision (0: current), as etcd computes it. Errors: COMPACTED, FUTURE_REVISION. */
  async hashKv(revision: number): Promise<HashKVResponse> {
    this.assertServing();
    return hashKv(this.#replica, revision, (at) => this.header(at));
  }

  /** Hands leadership to another member. Errors: NOT_LEADER, BAD_LEADER_TRANSFEREE, TIMEOUT when it did not take over. */
  async moveLeader(to: MemberId, deadline: Deadline): Promise<void> {
    if (!this.isLeader) throw new StoreError('NOT_LEADER');
    if (!this.machine.conf().voters.includes(to)) throw new StoreError('BAD_LEADER_TRANSFEREE');
    this.#raft.transferLeader(to);
    this.#driver.schedule();
    while (this.leader !== to) {
      if (this.doors.clock.nowMs() >= deadline.atMs)
        throw new StoreError('UNKNOWN', 'etcdserver: request timed out, leader transfer took too long');
      await pause(this.doors.clock, this.times.tickMs);
    }
  }

  /** Somebody did not know the password. */
  authFailed(user: string): void {
    this.#fact({ type: 'authFailed', user: user.slice(0, 100) });
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
      raft: this.#raft.status(),
      pending: this.#proposals.stats,
      watch: this.watches.hub.stats,
      size: machine.size(),
      disk: await this.#replica.writer.backend.size(),
      traffic: this.#peers.traffic(),
      revision: machine.revision,
      compactRevision: machine.compactRevision,
      alarms: this.#alarms,
      quotaBytes: config.quotaBytes ?? 0,
      serverVersion: config.serverVersion,
      isLearner,
      id,
    });
  }

  /** Starts to listen and to take turns; called once by startMember. */
  async begin(): Promise<void> {
    this.#peerAddress = await this.#peers.listen(this.config.listenPeerAddress);
    this.#setPeers();
    const { machine, raftState, repairedBytes } = this.#opened;
    if (repairedBytes > 0) this.#fact({ type: 'repaired', tornBytes: repairedBytes });
    const replayed = Math.max(0, raftState.hardState.commit - machine.applied);
    this.#fact({ type: 'started', clusterId: this.clusterId, memberId: this.id, applied: machine.applied, replayed });
    const { voters } = machine.conf();
    if (voters.length === 1 && voters[0] === this.id) this.#raft.campaign();
    this.#driver.start();
    this.#replica.compact();
    void publishAttributes(this);
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
    const isDriven = this.#driver.stop();
    this.#proposals.failAll(stopped);
    this.#reads.stop();
    this.watches.stop();
    await Promise.all([isDriven, this.#peers.close(), this.#replica.stop()]);
    await this.#compactor.stop();
    await this.#snapshots.close();
    await this.#opened.wal.close().catch(() => undefined);
    await this.#opened.backends.close().catch(() => undefined);
    await this.#lock.release();
    this.#fact({ type: 'stopped' });
  }

  /** Nobody has to wait for an election when the leader goes on purpose. */
  async #handOver(): Promise<void> {
    const { progress } = this.#raft.status();
    const heirs = progress.filter(
      ({ member, learner, recentActive }) => member !== this.id && !learner && recentActive,
    );
    const heir = heirs.sort((a, b) => b.match - a.match)[0];
    if (!this.isLeader || heir === undefined) return;
    const atMs = this.doors.clock.nowMs() + MEMBER_LIMITS.transferElectionTimeouts * this.times.electionMs;
    await this.moveLeader(heir.member, { atMs, signal: undefined, code: 'TIMEOUT' }).catch(() => undefined);
  }

  #fact(fact: MemberFact): void {
    this.#metrics.fact(fact);
    this.doors.observer?.fact(fact);
  }

  /** A member whose disk failed, or that was removed, must not serve any more. */
  #fail(fact: MemberFact): void {
    if (this.#stopping !== undefined) return;
    this.#fact(fact);
    void this.abandon().then(() => this.#end(fact));
  }

  #onFailure(error: unknown): void {
    this.#fail(failureOf(error));
  }

  /** Spares the log what would be refused anyway. Errors: NO_SPACE, CORRUPT. */
  async #assertAccepted(body: CommandBody): Promise<void> {
    const refusal = this.machine.refusal(body, this.config.quotaBytes ?? 0);
    if (refusal === undefined) return;
    if (refusal.code === 'NO_SPACE') await this.#tellIfFull(body);
    throw refusal;
  }

  /** A write that exceeds this member's quota closes the whole cluster for what adds data, until there is room or somebody disarms the alarm. */
  async #tellIfFull(body: CommandBody): Promise<void> {
    const { quotaBytes = 0 } = this.config;
    if (quotaBytes > 0 && this.machine.size().usedBytes + costOf(body) >= quotaBytes) await this.#upkeep.exceeded();
  }

  #raftOptions(): Parameters<typeof createRaft>[0] {
    const { electionTicks, heartbeatTicks } = this.config;
    return {
      ...RAFT_DEFAULTS,
      ...this.config.raftLimits,
      id: this.id,
      seed: this.doors.random.uint32(),
      ...(electionTicks !== undefined && { electionTicks }),
      ...(heartbeatTicks !== undefined && { heartbeatTicks }),
    };
  }

  /** Where a row of ids starts that nobody else, and no other life of this member, uses: 2^32 of them. */
  #freshId(): bigint {
    const salt = (this.id ^ (BigInt(this.doors.random.uint32()) << 32n)) & 0xffff_ffff_0000_0000n;
    return salt | 1n;
  }

  #makeReplica(opened: OpenedMember): Replica {
    const { raftState, machine, backends } = opened;
    return new Replica(machine, backends.backend, {
      clock: this.doors.clock,
      persisted: (raftState.entries.at(-1)?.index ?? raftState.snapshot.index) as Index,
      onApplied: (applied, entry) => this.#onApplied(applied, entry),
      onConfChange: (change) => this.#raft.applyConfChange(change),
      onBatch: (index) => this.#onBatch(index),
      onWritten: (ms) => {
        this.#metrics.backendCommit.observe(ms / 1000);
        this.#compactor.check();
      },
      onCompacted: (revision) => this.#fact({ type: 'storeCompacted', revision }),
      onFailure: (error) => this.#onFailure(error),
    });
  }

  #makeWatches(): WatchService {
    const { machine } = this.#replica;
    const { revision, compactRevision } = machine;
    const limits = { ...WATCH_LIMITS, ...this.config.watchLimits };
    return new WatchService({
      clock: this.doors.clock,
      hub: new WatchHub({ clusterId: this.clusterId, memberId: this.id, revision, compactRevision, limits }),
      replica: this.#replica,
      progressIntervalMs: this.times.progressIntervalMs,
      jitter: () => this.doors.random.uint32() / 2 ** 32,
      onFailure: (error) => this.#onFailure(error),
    });
  }

  #makePeers(): Peers {
    const { network, clock, random } = this.doors;
    return new Peers({
      network,
      clock,
      random,
      self: { clusterId: this.clusterId, memberId: this.id, serverVersion: this.config.serverVersion },
      isRemoved: (id) => this.machine.isMemberRemoved(id as MemberId),
      onMessage: (message) => this.#driver.step(message),
      onUnreachable: (id) => this.#raft.reportUnreachable(id),
      onCall: (_from, call) => answerPeer(this, call, (proposal) => this.#driver.append(proposal)),
      onFact: (fact) => this.#fact(fact),
      onRemoved: () => this.#onRemoved(),
    });
  }

  #makeProposals(): Proposals {
    const { clock } = this.doors;
    return new Proposals({
      clock,
      maxPending: this.limits.maxPendingProposals,
      maxRequestBytes: this.limits.maxRequestBytes,
      quotaBytes: this.config.quotaBytes ?? 0,
      firstId: this.#freshId(),
      leader: () => this.#driver.leader,
      isSelf: (id) => id === this.id,
      connectedSinceMs: (id) => this.#peers.connectedSinceMs(id),
      applyGap: () => this.#raft.status().commit - this.#replica.applied.index,
      append: (proposal) => this.#driver.append(proposal),
      forward: async (leader, { type, data }, timeoutMs) => {
        const call = { case: 'propose', propose: { type: type === 'conf' ? 1 : 0, data } } as const;
        const { propose } = resultOf(await this.#peers.call(leader, call, timeoutMs), 'propose');
        return propose.dropped
          ? undefined
          : { index: propose.index as Index, term: propose.term as RaftStatus['term'] };
      },
    });
  }

  #makeLeases(): LeaseKeeper {
    return new LeaseKeeper({
      clock: this.doors.clock,
      machine: () => this.machine,
      electionMs: this.times.electionMs,
      leader: () => this.leader,
      isLeader: () => this.isLeader,
      confirmLeadership: (deadline) => this.#reads.barrier(deadline),
      ask: (to, call, timeoutMs) => this.#peers.call(to, call, timeoutMs),
      // Appended here or not at all, and never offered again: under another leader the lease has its full time, or has been renewed.
      revoke: (ID) => {
        const data = sealCommand(this.#freshId(), { case: 'leaseRevoke', leaseRevoke: { ID } });
        this.#driver.append({ type: 'normal', data });
      },
      header: () => this.header(),
    });
  }

  #makeTokens(config: TokenConfig): TokenProvider {
    const { clock, random } = this.doors;
    if (config.type === 'jwt') return new SignedTokens(config, clock);
    return new SimpleTokens({
      clock,
      random,
      ttlMs: config.ttlMs,
      appliedIndex: () => this.machine.applied,
      propose: async (body, deadline) => {
        const applied = await this.propose(body, deadline);
        if (applied.outcome.type === 'error') throw applied.outcome.error;
        return applied;
      },
    });
  }

  #makeDriver(): Driver {
    return new Driver({
      raft: this.#raft,
      wal: this.#opened.wal,
      clock: this.doors.clock,
      tickMs: this.times.tickMs,
      soon: this.doors.soon ?? queueMicrotask,
      send: (messages) => this.#peers.send(messages),
      apply: (entries) => this.#replica.push(entries),
      onRead: (context, index) => this.#reads.answered(context, index),
      onReadDropped: (context) => this.#reads.dropped(context),
      onRole: (state) => this.#onRole(state),
      onAppending: (first) => this.#replica.writer.appending(first),
      onPersisted: (index) => this.#replica.writer.persisted(index),
      onTick: () => this.#onTick(),
      keepChunks: (chunks) => this.#snapshots.keep(chunks),
      install: async (meta) => {
        const startMs = this.doors.clock.nowMs();
        await this.#snapshots.install(meta);
        const { revision, compactRevision } = this.machine;
        this.#proposals.skipped(meta.index);
        this.#compactor.installed(meta.index);
        this.watches.reset(revision, compactRevision);
        this.tokens.reset();
        this.#setPeers();
        this.#onAlarms();
        this.#fact({ type: 'snapshotInstalled', index: meta.index, durationMs: this.doors.clock.nowMs() - startMs });
      },
      readChunk: (wanted) =>
        this.#snapshots.read(wanted).catch((error: unknown) => {
          this.#fact({ type: 'snapshotFailed', reason: error instanceof Error ? error.message : String(error) });
          return undefined; // asked again later
        }),
      onFailure: (error) => this.#onFailure(error),
    });
  }

  /** Apply comes before publish, publish before answer. */
  #onApplied(applied: Applied, entry: Entry): void {
    this.#compactor.applied(entry.data.length);
    this.#metrics.applied(applied);
    if (this.isLeader && entry.term === this.#driver.role.term) this.leases.promote();
    this.leases.applied(applied.leases);
    if (applied.auth !== undefined) this.tokens.applied(applied.auth, applied.index);
    this.watches.applied(applied, this.machine.compactRevision);
    this.#proposals.applied(applied);
    if (applied.outcome.type === 'member') this.#onMembers(applied.outcome.members);
    if (applied.outcome.type === 'alarm') this.#onAlarms();
  }

  #onMembers(members: readonly MemberRecord[]): void {
    this.#setPeers();
    this.#fact({ type: 'membersChanged', members: members.length });
    if (this.machine.isMemberRemoved(this.id)) this.#onRemoved();
  }

  /** It goes a little later, so that who asked for it gets an answer and the others hear what this one has committed. */
  #onRemoved(): void {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    const { clock, disk } = this.doors;
    void Promise.all([
      markRemoved(disk, this.config.dataDir).catch(() => undefined),
      pause(clock, this.times.electionMs),
    ]).then(() => this.#fail({ type: 'removed' }));
  }

  #onAlarms(): void {
    const before = this.#alarms;
    this.#alarms = this.machine.alarms(AlarmType.NONE);
    for (const fact of alarmFacts(before, this.#alarms)) this.#fact(fact);
  }

  #onBatch(index: Index): void {
    this.watches.flush();
    this.#driver.applied(index);
  }

  #onRole(state: SoftState): void {
    const { leader, term, role } = state;
    this.watches.hub.setRaftTerm(term);
    if (role !== 'leader') this.leases.demote();
    this.#fact({ type: 'leaderChanged', leader, term, isSelf: role === 'leader' });
    if (leader !== NO_MEMBER) this.#proposals.leaderChanged();
  }

  #onTick(): void {
    this.watches.tick();
    const count = this.leases.tick();
    if (count > 0) this.#fact({ type: 'leasesExpired', count });
    this.#upkeep.tick();
  }

  #setPeers(): void {
    const known = this.machine.members();
    const members = known.length > 0 ? known : this.#opened.knownMembers;
    this.#isLearner = members.some((member) => member.ID === this.id && member.isLearner);
    this.#peers.setMembers(
      members.map(({ ID, peerURLs }) => ({ id: ID as MemberId, addresses: peerURLs.map((url) => peerAddressOf(url)) })),
    );
  }
}
