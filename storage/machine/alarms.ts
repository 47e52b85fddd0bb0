import { AlarmType } from '../../proto/gen/etcd.ts';

/** A member in distress. Numbers of `alarm` are etcd's AlarmType, never NONE. */
export interface ActiveAlarm {
  readonly memberID: bigint;
  readonly alarm: number;
  /** Raised by a member that watches its own bounds, and cleared by one when they are kept again. */
  readonly automatic: boolean;
}

/** The alarms of all members: while one is active, commands that could make things worse are refused everywhere. */
export class Alarms {
  readonly #byKey = new Map<string, ActiveAlarm>();
  #isFull = false;
  #isCorrupt = false;

  /** Some member is out of space: what adds data is refused. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Data is not what it should be, and it is not known to be that of one member, which then fences itself: nothing is written. */
  get isCorrupt(): boolean {
    return this.#isCorrupt;
  }

  /** Of this type, or all (NONE); by type, then by member. */
  list(type: number): readonly ActiveAlarm[] {
    return [...this.#byKey.values()]
      .filter(({ alarm }) => type === AlarmType.NONE || alarm === type)
      .sort((a, b) => a.alarm - b.alarm || (a.memberID < b.memberID ? -1 : 1));
  }

  get(memberID: bigint, alarm: number): ActiveAlarm | undefined {
    return this.#byKey.get(keyOf(memberID, alarm));
  }

  set(active: ActiveAlarm): void {
    this.#byKey.set(keyOf(active.memberID, active.alarm), active);
    this.#count();
  }

  delete({ memberID, alarm }: Pick<ActiveAlarm, 'memberID' | 'alarm'>): void {
    this.#byKey.delete(keyOf(memberID, alarm));
    this.#count();
  }

  #count(): void {
    this.#isFull = this.list(AlarmType.NOSPACE).length > 0;
    this.#isCorrupt = this.list(AlarmType.CORRUPT).some((active) => !isFenced(active));
  }
}

/** A member that found out itself, or that a majority found out: it serves nobody, and the others go on. */
export function isFenced({ memberID, alarm, automatic }: ActiveAlarm): boolean {
  return alarm === AlarmType.CORRUPT && automatic && memberID !== 0n;
}

function keyOf(memberID: bigint, alarm: number): string {
  return `${alarm}/${memberID}`;
}
