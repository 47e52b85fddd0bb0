import type { MemberId } from '../base/brand.ts';
import type { CommandBody } from '../proto/command.ts';
import { AlarmType } from '../proto/gen/etcd.ts';
import { NOBODY_KNOWN } from '../storage/machine/commands/state-hash.ts';
import type { ActiveAlarm } from '../storage/machine/machine.ts';
import { type AutoCompactor, autoCompactorOf } from './auto-compactor.ts';
import { ClusterFormat } from './cluster-format.ts';
import type { MemberConfig } from './config.ts';
import { CorruptCheck } from './corrupt-check.ts';
import type { MemberDoors } from './doors.ts';
import { MEMBER_LIMITS } from './limits.ts';
import type { Member } from './member.ts';
import type { MemberFact } from './observer.ts';
import { resultOf } from './peers/peers.ts';
import { SpaceGuard } from './space-guard.ts';
import { StateCheck } from './state-check.ts';
import { walPath } from './wal-place.ts';

export interface UpkeepEvents {
  /** The way to another member and back took so long. */
  readonly onRoundTrip: (to: bigint, durationMs: number) => void;
  readonly onFact: (fact: MemberFact) => void;
  /** This member's state is not to be trusted. */
  readonly onOutvoted: (reason: string) => void;
}

/** What a member does by itself, looked at on every tick: compacts history, watches its space, compares its state and measures the way to the others. */
export class Upkeep {
  readonly #member: Member;
  readonly #space: SpaceGuard;
  readonly #autoCompactor: AutoCompactor | undefined;
  readonly #format: ClusterFormat;
  readonly #stateCheck: StateCheck;
  readonly #corruptCheck: CorruptCheck | undefined;
  readonly #onRoundTrip: (to: bigint, durationMs: number) => void;
  #nextProbeMs = 0;

  constructor(member: Member, events: UpkeepEvents) {
    const { config, doors, limits, id } = member;
    const { freeDiskBytes } = doors;
    this.#member = member;
    this.#onRoundTrip = events.onRoundTrip;
    this.#autoCompactor = autoCompactorOf(config.autoCompaction);
    this.#space = new SpaceGuard({
      clock: doors.clock,
      self: id,
      quotaBytes: config.quotaBytes ?? 0,
      limits,
      machine: () => member.machine,
      isLeader: () => member.isLeader,
      raise: (alarm) => member.propose({ case: 'alarm', alarm }, member.deadline()),
      freeBytes: freeDiskBytes === undefined ? undefined : () => leastFreeBytes(config, freeDiskBytes),
    });
    const common = {
      machine: () => member.machine,
      isLeader: () => member.isLeader,
      propose: (body: CommandBody) => member.propose(body, member.deadline()),
    };
    this.#format = new ClusterFormat({ ...common, format: member.format, others: () => member.otherMembers() });
    this.#stateCheck = new StateCheck({
      ...common,
      clock: doors.clock,
      self: id,
      isFenced: () => member.fenced !== undefined,
      intervalMs: limits.stateHashMs,
    });
    this.#corruptCheck = corruptCheckOf(member, events);
  }

  tick(): void {
    this.#space.tick();
    this.#format.tick();
    this.#stateCheck.tick();
    this.#corruptCheck?.tick();
    this.#compact();
    this.#probe();
  }

  /** A write would exceed the quota. Resolves when the cluster knows, or cannot be told now. */
  async exceeded(): Promise<void> {
    await this.#space.exceeded();
  }

  #compact(): void {
    const { doors, machine, isLeader } = this.#member;
    const { clock } = doors;
    const revision = this.#autoCompactor?.tick(clock.nowMs(), { revision: machine.revision, isLeader });
    if (revision === undefined) return;
    this.#member
      .propose({ case: 'compaction', compaction: { revision, physical: false } }, this.#member.deadline())
      .then(({ outcome }) => {
        const isDone = outcome.type === 'compact' || (outcome.type === 'error' && outcome.error.code === 'COMPACTED');
        if (isDone) this.#autoCompactor?.compacted(revision, clock.nowMs());
      })
      .catch(() => undefined); // tried again at the next look
  }

  #probe(): void {
    const { clock } = this.#member.doors;
    const startMs = clock.nowMs();
    if (startMs < this.#nextProbeMs) return;
    this.#nextProbeMs = startMs + MEMBER_LIMITS.probeMs;
    for (const { ID } of this.#member.otherMembers()) {
      this.#member
        .ask(ID, { case: 'memberStatus', memberStatus: {} }, MEMBER_LIMITS.probeMs)
        .then((answer) => {
          this.#onRoundTrip(ID, clock.nowMs() - startMs);
          this.#format.heard(ID, resultOf(answer, 'memberStatus').memberStatus);
        })
        .catch(() => this.#format.lost(ID));
    }
  }
}

/** What is left where there is less: the log may lie on a disk of its own. Undefined when nobody can tell. */
async function leastFreeBytes(
  config: MemberConfig,
  freeDiskBytes: NonNullable<MemberDoors['freeDiskBytes']>,
): Promise<number | undefined> {
  const [data, log] = await Promise.all([freeDiskBytes(config.dataDir), freeDiskBytes(walPath(config))]);
  return data === undefined || log === undefined ? (data ?? log) : Math.min(data, log);
}

function corruptCheckOf(member: Member, { onFact, onOutvoted }: UpkeepEvents): CorruptCheck | undefined {
  const { config, doors, id } = member;
  if (config.corruptChecks === undefined) return undefined;
  return new CorruptCheck({
    ...config.corruptChecks,
    clock: doors.clock,
    self: id,
    machine: () => member.machine,
    isFenced: () => member.fenced !== undefined,
    hash: (revision) => member.hashKv(revision),
    ask: async (to: MemberId, revision) => {
      const answer = await member.ask(to, { case: 'hashKv', hashKv: { revision } }, MEMBER_LIMITS.hashCallTimeoutMs);
      return resultOf(answer, 'hashKv').hashKv;
    },
    onFact,
    onOutvoted,
    // Not `automatic`: the states that are compared through the log may well be equal, so only a person can say that it is over.
    onSplit: () => {
      const alarm = { memberID: NOBODY_KNOWN, alarm: AlarmType.CORRUPT, active: true, automatic: false };
      return member.propose({ case: 'alarm', alarm }, member.deadline());
    },
  });
}

/** What is told of alarms that were raised or cleared between two moments. */
export function alarmFacts(before: readonly ActiveAlarm[], after: readonly ActiveAlarm[]): readonly MemberFact[] {
  return [
    ...after.filter((each) => !has(before, each)).map((each) => alarmFact(each, { isActive: true })),
    ...before.filter((each) => !has(after, each)).map((each) => alarmFact(each, { isActive: false })),
  ];
}

/** The name of an alarm's type. */
export function alarmName({ alarm }: ActiveAlarm): 'NOSPACE' | 'CORRUPT' {
  return alarm === AlarmType.CORRUPT ? 'CORRUPT' : 'NOSPACE';
}

function has(alarms: readonly ActiveAlarm[], { memberID, alarm }: ActiveAlarm): boolean {
  return alarms.some((each) => each.memberID === memberID && each.alarm === alarm);
}

function alarmFact(active: ActiveAlarm, { isActive }: { readonly isActive: boolean }): MemberFact {
  return { type: 'alarm', memberId: active.memberID, alarm: alarmName(active), isActive };
}
