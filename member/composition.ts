import type { Index, MemberId } from '../base/brand.ts';
import { sealCommand } from '../proto/command.ts';
import { RAFT_DEFAULTS } from '../raft/limits.ts';
import { createRaft } from '../raft/node.ts';
import type { RaftNode, SnapshotMeta } from '../raft/types.ts';
import { WatchHub } from '../watch/hub.ts';
import { FRAGMENT_OVERHEAD_BYTES, WATCH_LIMITS } from '../watch/limits.ts';
import { Attendance } from './attendance.ts';
import { AuthGate } from './auth/auth-gate.ts';
import { PasswordCheck } from './auth/password-check.ts';
import { SignedTokens } from './auth/signed-tokens.ts';
import { SimpleTokens } from './auth/simple-tokens.ts';
import type { TokenProvider } from './auth/token-provider.ts';
import { DEFAULT_AUTH, peerAddressOf, type TokenConfig } from './config.ts';
import { type DiskWatch, SlowDisk } from './disk-watch.ts';
import { Driver } from './driver.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { LinearizableReads } from './linearizable-reads.ts';
import { LogCompactor } from './log-compactor.ts';
import type { Member } from './member.ts';
import type { MemberEvents } from './member-events.ts';
import type { MemberMetrics } from './metrics.ts';
import { answerPeer, answerPropose, positionsOf, proposeCall } from './peer-calls.ts';
import { Peers } from './peers/peers.ts';
import { Proposals } from './proposals.ts';
import { Replica } from './replica.ts';
import { SnapshotTransfer } from './snapshot-transfer.ts';
import { SpaceReclaimer } from './space-reclaimer.ts';
import { StartElection } from './start-election.ts';
import type { OpenedMember } from './startup.ts';
import { Upkeep } from './upkeep.ts';
import { WatchService } from './watch-service.ts';

/** The parts of a member, and how they hang together; what happens to it is in member-events.ts. */
export class Composition {
  readonly raft: RaftNode;
  readonly driver: Driver;
  readonly replica: Replica;
  readonly proposals: Proposals;
  readonly reads: LinearizableReads;
  readonly peers: Peers;
  readonly compactor: LogCompactor;
  readonly reclaimer: SpaceReclaimer;
  readonly snapshots: SnapshotTransfer;
  readonly watches: WatchService;
  readonly attendance: Attendance;
  readonly leases: LeaseKeeper;
  readonly tokens: TokenProvider;
  readonly passwords: PasswordCheck;
  readonly gate: AuthGate;
  readonly upkeep: Upkeep;
  readonly disk: DiskWatch;
  readonly slowDisk: SlowDisk;
  /** Undefined for a member that lets the timeout pass. */
  readonly startElection: StartElection | undefined;
  readonly #member: Member;
  readonly #opened: OpenedMember;
  readonly #metrics: MemberMetrics;
  readonly #events: MemberEvents;

  /** Nothing runs yet. `member` may be used only once this has returned, beyond what it is configured with. */
  constructor(
    member: Member,
    from: {
      readonly opened: OpenedMember;
      readonly metrics: MemberMetrics;
      readonly events: MemberEvents;
      readonly disk: DiskWatch;
    },
  ) {
    const { config, doors } = member;
    this.#member = member;
    this.#opened = from.opened;
    this.#metrics = from.metrics;
    this.#events = from.events;
    this.raft = createRaft(this.#raftOptions(), from.opened.raftState);
    this.replica = this.#makeReplica(from.opened);
    this.watches = this.#makeWatches();
    this.attendance = new Attendance({
      watchers: () => this.watches.hub.watcherCount,
      patientWatchers: member.limits.patientWatchers,
    });
    this.reads = new LinearizableReads({
      clock: doors.clock,
      applied: this.replica.applied,
      ask: (context) => {
        this.attendance.asked();
        this.driver.readIndex(context);
      },
      maxWaiting: member.limits.maxWaitingReads,
      firstContext: this.#freshId(),
    });
    this.peers = this.#makePeers();
    this.proposals = this.#makeProposals();
    this.leases = this.#makeLeases();
    const { tokens, bcryptCost } = config.auth ?? DEFAULT_AUTH;
    this.tokens = this.#makeTokens(tokens);
    this.passwords = new PasswordCheck(doors.passwords, bcryptCost);
    this.gate = new AuthGate({
      auth: () => member.machine.auth,
      tokens: this.tokens,
      barrier: (deadline) => member.readBarrier(deadline),
    });
    this.snapshots = this.#makeSnapshots();
    this.compactor = this.#makeCompactor();
    this.reclaimer = this.#makeReclaimer();
    this.driver = this.#makeDriver();
    this.disk = from.disk;
    this.slowDisk = new SlowDisk({
      clock: doors.clock,
      watch: this.disk,
      self: member.id,
      electionMs: member.times.electionMs,
      status: () => this.raft.status(),
      giveUp: (waitedMs) => this.#events.giveUp('slow-disk', waitedMs),
    });
    this.startElection = this.#makeStartElection();
    this.upkeep = new Upkeep(member, {
      onRoundTrip: (to, durationMs) => from.metrics.roundTrip(to, durationMs),
      onFact: (fact) => this.#events.fact(fact),
      onOutvoted: (reason) => this.#events.fence(reason),
    });
  }

  #raftOptions(): Parameters<typeof createRaft>[0] {
    const { electionTicks, heartbeatTicks, preVote } = this.#member.config;
    return {
      ...RAFT_DEFAULTS,
      ...this.#member.config.raftLimits,
      id: this.#member.id,
      seed: this.#member.doors.random.uint32(),
      ...(electionTicks !== undefined && { electionTicks }),
      ...(heartbeatTicks !== undefined && { heartbeatTicks }),
      ...(preVote !== undefined && { preVote }),
    };
  }

  #makeReplica(opened: OpenedMember): Replica {
    const { raftState, machine, backends } = opened;
    return new Replica(machine, backends.backend, {
      clock: this.#member.doors.clock,
      persisted: (raftState.entries.at(-1)?.index ?? raftState.snapshot.index) as Index,
      onApplied: (applied, entry) => this.#events.onApplied(applied, entry),
      onConfChange: (change) => this.raft.applyConfChange(change),
      onBatch: (index) => this.#events.onBatch(index),
      onWritten: (ms) => {
        this.#metrics.backendCommit.observe(ms / 1000);
        this.compactor.check();
      },
      onCompacted: (revision) => {
        this.#events.fact({ type: 'storeCompacted', revision });
        this.reclaimer.compacted(revision);
      },
      onDamage: (error) => this.#opened.damage.report(error),
      onFailure: (error) => this.#events.onFailure(error),
    });
  }

  #makeWatches(): WatchService {
    const { machine } = this.replica;
    const { revision, compactRevision } = machine;
    const fragmentBytes = this.#member.limits.maxRequestBytes + FRAGMENT_OVERHEAD_BYTES;
    const limits = { ...WATCH_LIMITS, fragmentBytes, ...this.#member.config.watchLimits };
    return new WatchService({
      clock: this.#member.doors.clock,
      hub: new WatchHub({
        clusterId: this.#member.clusterId,
        memberId: this.#member.id,
        revision,
        compactRevision,
        limits,
      }),
      replica: this.replica,
      progressIntervalMs: this.#member.times.progressIntervalMs,
      jitter: () => this.#member.doors.random.uint32() / 2 ** 32,
      onFailure: (error) => this.#events.onFailure(error),
    });
  }

  #makePeers(): Peers {
    const { network, clock, random } = this.#member.doors;
    return new Peers({
      network,
      clock,
      random,
      self: {
        clusterId: this.#member.clusterId,
        memberId: this.#member.id,
        serverVersion: this.#member.config.serverVersion,
        addresses: this.#member.config.advertisePeerUrls.map((url) => peerAddressOf(url)),
        commandFormat: this.#member.format,
        clusterFormat: () => this.#member.machine.clusterFormat,
      },
      isRemoved: (id) => this.#member.machine.isMemberRemoved(id as MemberId),
      onMessage: (message) => this.driver.step(message),
      onUnreachable: (id) => this.raft.reportUnreachable(id),
      onCall: (from, call) =>
        call.case === 'propose' || call.case === 'proposeAll'
          ? answerPropose(call, (proposal) => this.driver.append(proposal, from as MemberId))
          : answerPeer(this.#member, call),
      onFact: (fact) => {
        this.#events.fact(fact);
        if (fact.type === 'connected') this.startElection?.connected();
      },
      onHeard: (id) => this.startElection?.heard(id),
      onRemoved: () => this.#events.onRemoved(),
    });
  }

  #makeProposals(): Proposals {
    const { clock } = this.#member.doors;
    return new Proposals({
      clock,
      maxPending: this.#member.limits.maxPendingProposals,
      maxApplyGap: this.#member.limits.maxApplyGap,
      maxRequestBytes: this.#member.limits.maxRequestBytes,
      quotaBytes: this.#member.config.quotaBytes ?? 0,
      firstId: this.#freshId(),
      leader: () => this.driver.leader,
      isSelf: (id) => id === this.#member.id,
      connectedSinceMs: (id) => this.peers.connectedSinceMs(id),
      applyGap: () => this.raft.commit - this.replica.applied.index,
      append: (proposal) => this.driver.append(proposal),
      forward: (leader, proposals, timeoutMs) => {
        this.attendance.asked();
        return this.peers
          .call(leader, proposeCall(proposals), timeoutMs)
          .then((result) => positionsOf(result, proposals.length));
      },
      takesMany: (leader) => this.peers.revision(leader) > 0,
      soon: this.#member.doors.soon ?? queueMicrotask,
    });
  }

  #makeLeases(): LeaseKeeper {
    return new LeaseKeeper({
      clock: this.#member.doors.clock,
      machine: () => this.#member.machine,
      electionMs: this.#member.times.electionMs,
      leader: () => this.#member.leader,
      isLeader: () => this.#member.isLeader,
      confirmLeadership: (deadline) => this.reads.barrier(deadline),
      ask: (to, call, timeoutMs) => this.peers.call(to, call, timeoutMs),
      // Appended here or not at all, and never offered again: under another leader the lease has its full time, or has been renewed.
      revoke: (ID) => {
        const data = sealCommand(this.#freshId(), { case: 'leaseRevoke', leaseRevoke: { ID } });
        this.driver.append({ type: 'normal', data });
      },
      header: () => this.#member.header(),
    });
  }

  #makeTokens(config: TokenConfig): TokenProvider {
    const { clock, random } = this.#member.doors;
    if (config.type === 'jwt') return new SignedTokens(config, clock);
    return new SimpleTokens({
      clock,
      random,
      ttlMs: config.ttlMs,
      appliedIndex: () => this.#member.machine.applied,
      propose: async (body, deadline) => {
        const applied = await this.#member.propose(body, deadline);
        if (applied.outcome.type === 'error') throw applied.outcome.error;
        return applied;
      },
    });
  }

  #makeDriver(): Driver {
    return new Driver({
      raft: this.raft,
      wal: this.#opened.wal,
      clock: this.#member.doors.clock,
      tickMs: this.#member.times.tickMs,
      soon: this.#member.doors.soon ?? queueMicrotask,
      send: (messages) => this.peers.send(messages),
      apply: (entries) => this.replica.push(entries),
      onRead: (context, index) => this.reads.answered(context, index),
      onReadDropped: (context) => this.reads.dropped(context),
      onRole: (state) => this.#events.onRole(state),
      onAppending: (first) => this.replica.writer.appending(first),
      onPersisted: (index) => this.replica.writer.persisted(index),
      onTick: () => this.#events.onTick(),
      keepChunks: (chunks) => this.snapshots.keep(chunks),
      install: (meta) => this.#install(meta),
      readChunk: (wanted) =>
        this.snapshots.read(wanted).catch((error: unknown) => {
          this.#events.fact({ type: 'snapshotFailed', reason: error instanceof Error ? error.message : String(error) });
          return undefined; // asked again later
        }),
      onFailure: (error) => this.#events.onFailure(error),
    });
  }

  /** Without a pre-vote an early election could unseat a leader; where a cluster is being founded there is none. */
  #makeStartElection(): StartElection | undefined {
    const { isFounding } = this.#opened;
    const { preVote = RAFT_DEFAULTS.preVote, heartbeatTicks = RAFT_DEFAULTS.heartbeatTicks } = this.#member.config;
    if (!isFounding && !preVote) return undefined;
    return new StartElection({
      clock: this.#member.doors.clock,
      status: () => this.raft.status(),
      isConnected: (id) => this.peers.connectedSinceMs(id) !== undefined,
      campaign: () => {
        this.raft.campaign();
        this.driver.schedule();
      },
      listenTicks: isFounding ? 0 : 2 * heartbeatTicks,
    });
  }

  async #install(meta: SnapshotMeta): Promise<void> {
    const { doors } = this.#member;
    const startMs = doors.clock.nowMs();
    await this.snapshots.install(meta);
    const { revision, compactRevision } = this.replica.machine;
    this.proposals.skipped(meta.index);
    this.compactor.installed(meta.index);
    this.watches.reset(revision, compactRevision);
    this.tokens.reset();
    this.#events.setPeers();
    this.#events.onAlarms();
    this.#events.fact({ type: 'snapshotInstalled', index: meta.index, durationMs: doors.clock.nowMs() - startMs });
  }

  #makeSnapshots(): SnapshotTransfer {
    const { config, doors, clusterId } = this.#member;
    return new SnapshotTransfer({
      disk: doors.disk,
      dir: `${config.dataDir}/snapshots`,
      clusterId,
      format: this.#member.format,
      backends: this.#opened.backends,
      replica: this.replica,
      isInLog: (index) => this.raft.termOf(index) !== undefined,
      onRefused: (error) => this.#events.fact({ type: 'snapshotRefused', reason: error.message }),
    });
  }

  #makeCompactor(): LogCompactor {
    return new LogCompactor({
      raft: this.raft,
      wal: this.#opened.wal,
      replica: this.replica,
      limits: this.#member.limits,
      onCompacted: (index) => this.#events.fact({ type: 'logCompacted', index }),
      onFailure: (error) => this.#events.onFailure(error),
    });
  }

  #makeReclaimer(): SpaceReclaimer {
    return new SpaceReclaimer({
      clock: this.#member.doors.clock,
      writer: this.replica.writer,
      limits: this.#member.limits,
      onSwept: (revision, swept) => this.#events.fact({ type: 'storeSwept', revision, ...swept }),
      onReclaimed: (revision, durationMs) => this.#events.fact({ type: 'spaceReclaimed', revision, durationMs }),
      onFailure: (error) => this.#events.onFailure(error),
    });
  }

  /** Where a row of ids starts that nobody else, and no other life of this member, uses: 2^32 of them. */
  #freshId(): bigint {
    const salt = (this.#member.id ^ (BigInt(this.#member.doors.random.uint32()) << 32n)) & 0xffff_ffff_0000_0000n;
    return salt | 1n;
  }
}
