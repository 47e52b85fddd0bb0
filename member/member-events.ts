import { type Index, type MemberId, NO_MEMBER } from '../base/brand.ts';
import { AlarmType, type Member as MemberRecord } from '../proto/gen/etcd.ts';
import type { Entry, SoftState } from '../raft/types.ts';
import type { ActiveAlarm, Applied, Divergence } from '../storage/machine/machine.ts';
import type { Composition } from './composition.ts';
import { peerAddressOf } from './config.ts';
import { pause } from './deadline.ts';
import { failureOf } from './failure.ts';
import type { Member } from './member.ts';
import type { MemberMetrics } from './metrics.ts';
import type { GiveUpReason, MemberFact } from './observer.ts';
import { markRemoved } from './removed.ts';
import type { OpenedMember } from './startup.ts';
import { alarmFacts } from './upkeep.ts';

/** What happens to a member, and what follows from it: the order in which its parts hear of what is applied, its facts, its end. */
export class MemberEvents {
  readonly #member: Member;
  readonly #metrics: MemberMetrics;
  readonly #opened: OpenedMember;
  readonly #composition: () => Composition;
  readonly #end: (fact: MemberFact) => void;
  #alarms: readonly ActiveAlarm[] = [];
  #isLearner = false;
  #isRemoved = false;
  #fenced: string | undefined;

  constructor(
    member: Member,
    from: {
      readonly opened: OpenedMember;
      readonly metrics: MemberMetrics;
      readonly composition: () => Composition;
      /** It has stopped by itself. */
      readonly onEnd: (fact: MemberFact) => void;
    },
  ) {
    this.#member = member;
    this.#opened = from.opened;
    this.#metrics = from.metrics;
    this.#composition = from.composition;
    this.#end = from.onEnd;
  }

  /** Active alarms as they were last told. */
  get alarms(): readonly ActiveAlarm[] {
    return this.#alarms;
  }

  /** Why this member does not trust its own state. */
  get fenced(): string | undefined {
    return this.#fenced;
  }

  get isLearner(): boolean {
    return this.#isLearner;
  }

  get #parts(): Composition {
    return this.#composition();
  }

  fact(fact: MemberFact): void {
    this.#metrics.fact(fact);
    this.#member.doors.observer?.fact(fact);
  }

  /** A member whose disk failed, or that was removed, must not serve any more. */
  fail(fact: MemberFact): void {
    if (this.#member.isStopping) return;
    this.fact(fact);
    void this.#member.abandon().then(() => this.#end(fact));
  }

  /** What this member holds is not what it should be: it tells the cluster, serves nobody and leads nobody from now on. */
  fence(reason: string): void {
    if (this.#fenced !== undefined || this.#member.isStopping) return;
    this.#fenced = reason;
    this.fact({ type: 'fenced', reason });
    this.#parts.watches.stop();
    void this.#raiseCorrupt();
  }

  /** Leaves office to the best follower. Called on a tick: never in the middle of a Ready. */
  giveUp(reason: GiveUpReason, waitedMs: number): void {
    this.#parts.driver.giveUp();
    this.fact({ type: 'gaveUpLeadership', reason, waitedMs });
  }

  onFailure(error: unknown): void {
    this.fail(failureOf(error));
  }

  /** Apply comes before publish, publish before answer. */
  onApplied(applied: Applied, entry: Entry): void {
    this.#parts.compactor.applied(entry.data.length);
    this.#metrics.applied(applied);
    if (this.#member.isLeader && entry.term === this.#parts.driver.role.term) this.#parts.leases.promote();
    this.#parts.leases.applied(applied.leases);
    if (applied.auth !== undefined) this.#parts.tokens.applied(applied.auth, applied.index);
    this.#parts.watches.applied(applied, this.#member.machine.compactRevision);
    this.#parts.proposals.applied(applied);
    if (applied.outcome.type === 'member') this.#onMembers(applied.outcome.members);
    if (applied.outcome.type === 'alarm') this.onAlarms();
    if (applied.diverged !== undefined) this.fence(divergenceText(applied.diverged));
  }

  /**
   * Again and again: the cluster may have no leader now, and a hash that this member voted for before it knew better may clear the
   * alarm. Without it the next start would take its state for good.
   */
  async #raiseCorrupt(): Promise<void> {
    const member = this.#member;
    const change = { memberID: member.id, alarm: AlarmType.CORRUPT, active: true, automatic: true };
    while (member.isRunning) {
      const isKnown = member.machine.alarms(AlarmType.CORRUPT).some(({ memberID }) => memberID === member.id);
      if (!isKnown) await member.propose({ case: 'alarm', alarm: change }, member.deadline()).catch(() => undefined);
      await pause(member.doors.clock, member.times.electionMs);
    }
  }

  /** Who does not trust its own state must not be the one that others ask. Done on a tick: never in the middle of a Ready. */
  #leaveLeadership(): void {
    if (this.#fenced === undefined || !this.#member.isLeader) return;
    this.giveUp('corrupt', 0);
  }

  #onMembers(members: readonly MemberRecord[]): void {
    this.setPeers();
    this.fact({ type: 'membersChanged', members: members.length });
    if (this.#member.machine.isMemberRemoved(this.#member.id)) this.onRemoved();
  }

  /** It goes a little later, so that who asked for it gets an answer and the others hear what this one has committed. */
  onRemoved(): void {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    const { clock, disk } = this.#member.doors;
    void Promise.all([
      markRemoved(disk, this.#member.config.dataDir).catch(() => undefined),
      pause(clock, this.#member.times.electionMs),
    ]).then(() => this.fail({ type: 'removed' }));
  }

  onAlarms(): void {
    const before = this.#alarms;
    this.#alarms = this.#member.machine.alarms(AlarmType.NONE);
    for (const fact of alarmFacts(before, this.#alarms)) this.fact(fact);
  }

  onBatch(index: Index): void {
    this.#parts.watches.flush();
    this.#parts.driver.applied(index);
  }

  onRole(state: SoftState): void {
    const { leader, term, role } = state;
    this.#parts.watches.hub.setRaftTerm(term);
    if (role !== 'leader') this.#parts.leases.demote();
    this.fact({ type: 'leaderChanged', leader, term, isSelf: role === 'leader' });
    if (leader !== NO_MEMBER) this.#parts.proposals.leaderChanged();
  }

  onTick(): void {
    this.#parts.watches.tick();
    this.#parts.raft.setUnattended(this.#parts.attendance.tick());
    const count = this.#parts.leases.tick();
    if (count > 0) this.fact({ type: 'leasesExpired', count });
    this.#parts.upkeep.tick();
    this.#leaveLeadership();
    this.#parts.slowDisk.tick();
    this.#parts.startElection?.tick();
  }

  setPeers(): void {
    const known = this.#member.machine.members();
    const members = known.length > 0 ? known : this.#opened.knownMembers;
    this.#isLearner = members.some((member) => member.ID === this.#member.id && member.isLearner);
    this.#parts.peers.setMembers(
      members.map(({ ID, peerURLs }) => ({ id: ID as MemberId, addresses: peerURLs.map((url) => peerAddressOf(url)) })),
    );
  }
}

function divergenceText({ mark, own, majority }: Divergence): string {
  const hex = (hash: number): string => hash.toString(16).padStart(8, '0');
  return `its state differs from that of the majority: at index ${mark} its hash was ${hex(own)}, theirs ${hex(majority)}. Start it again: it then takes the state of another member`;
}
