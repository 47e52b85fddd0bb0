import type { MemberId } from '../base/brand.ts';
import type { Clock } from '../io/doors.ts';
import type { AlarmChange } from '../proto/gen/command.ts';
import { AlarmType } from '../proto/gen/etcd.ts';
import type { Machine } from '../storage/machine/machine.ts';
import type { MemberLimits } from './config.ts';
import { MEMBER_LIMITS } from './limits.ts';

export interface SpaceGuardOptions {
  readonly clock: Clock;
  readonly self: MemberId;
  /** Bytes of live data; 0: no bound. */
  readonly quotaBytes: number;
  readonly limits: Pick<MemberLimits, 'spaceCheckMs' | 'clearAlarmMs' | 'minFreeDiskBytes'>;
  readonly machine: () => Machine;
  readonly isLeader: () => boolean;
  readonly raise: (change: AlarmChange) => Promise<unknown>;
  /** What is left of the disk; undefined where nobody can tell. */
  readonly freeBytes: (() => Promise<number | undefined>) | undefined;
}

/**
 * Raises the NOSPACE alarm for this member when its quota is reached or its disk is about to be full: then nobody in the cluster takes
 * what adds data, and what only deletes goes on. Clears the alarms that it raised when there has been room again for a while.
 */
export class SpaceGuard {
  readonly #options: SpaceGuardOptions;
  #raising: Promise<unknown> | undefined;
  #nextCheckMs = 0;
  /** One check at a time: a second clearing that is on its way would also take an alarm that was raised after the first. */
  #isChecking = false;
  #roomSinceMs: number | undefined;
  #freeBytes: number | undefined;

  constructor(options: SpaceGuardOptions) {
    this.#options = options;
  }

  /** Resolves when the cluster knows that this member is out of space, or cannot be told now. */
  async exceeded(): Promise<void> {
    const { self, machine } = this.#options;
    const isKnown = machine()
      .alarms(AlarmType.NOSPACE)
      .some(({ memberID }) => memberID === self);
    if (isKnown) return;
    this.#raising ??= this.#change(self, { active: true }).finally(() => {
      this.#raising = undefined;
    });
    await this.#raising;
  }

  tick(): void {
    const { clock, limits } = this.#options;
    if (this.#isChecking || clock.nowMs() < this.#nextCheckMs) return;
    this.#nextCheckMs = clock.nowMs() + limits.spaceCheckMs;
    this.#isChecking = true;
    void this.#check().finally(() => {
      this.#isChecking = false;
    });
  }

  async #check(): Promise<void> {
    const { freeBytes, limits } = this.#options;
    this.#freeBytes = await freeBytes?.().catch(() => undefined);
    if (this.#freeBytes !== undefined && this.#freeBytes < limits.minFreeDiskBytes) await this.exceeded();
    await this.#clearOwn();
    await this.#clearOfStrangers();
  }

  async #clearOwn(): Promise<void> {
    const { clock, self, machine, limits } = this.#options;
    const own = machine()
      .alarms(AlarmType.NOSPACE)
      .find(({ memberID, automatic }) => memberID === self && automatic);
    if (own === undefined || !this.#hasRoom()) {
      this.#roomSinceMs = undefined;
      return;
    }
    this.#roomSinceMs ??= clock.nowMs();
    if (clock.nowMs() - this.#roomSinceMs >= limits.clearAlarmMs) await this.#change(self, { active: false });
  }

  /** Nobody else clears the alarm of a member that was removed. */
  async #clearOfStrangers(): Promise<void> {
    const { machine, isLeader } = this.#options;
    if (!isLeader()) return;
    const members = new Set(
      machine()
        .members()
        .map(({ ID }) => ID),
    );
    const orphans = machine()
      .alarms(AlarmType.NOSPACE)
      .filter(({ memberID, automatic }) => automatic && !members.has(memberID));
    for (const { memberID } of orphans) await this.#change(memberID as MemberId, { active: false });
  }

  #hasRoom(): boolean {
    const { quotaBytes, machine, limits } = this.#options;
    const isBelow = quotaBytes === 0 || machine().size().usedBytes < MEMBER_LIMITS.clearAlarmShare * quotaBytes;
    return isBelow && (this.#freeBytes ?? Number.POSITIVE_INFINITY) >= 2 * limits.minFreeDiskBytes;
  }

  async #change(memberID: MemberId, { active }: { readonly active: boolean }): Promise<void> {
    const change = { memberID, alarm: AlarmType.NOSPACE, active, automatic: true };
    await this.#options.raise(change).catch(() => undefined); // asked again at the next write, or check
  }
}
