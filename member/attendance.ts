import { MEMBER_LIMITS } from './limits.ts';

export interface AttendanceOptions {
  readonly watchers: () => number;
  /** Watchers that do not mind when an event comes. */
  readonly patientWatchers: number;
}

/**
 * Whether anybody waits at this member for what is replicated: watchers, and clients whose commands or linearizable reads have lately come
 * this way. Where nobody does, the leader may send entries a little later, and many at a time (raft/thrift.ts).
 */
export class Attendance {
  readonly #options: AttendanceOptions;
  #quietTicks = 0;

  constructor(options: AttendanceOptions) {
    this.#options = options;
  }

  /** A client has asked for something that waits for an entry or the commit. */
  asked(): void {
    this.#quietTicks = 0;
  }

  /** A tick passed. True when nobody waits. */
  tick(): boolean {
    this.#quietTicks++;
    const { watchers, patientWatchers } = this.#options;
    return this.#quietTicks > MEMBER_LIMITS.attendedTicks && watchers() <= patientWatchers;
  }
}
