/** What the harness tells a member of the test build, over the channel between a process and its parent. What is left out stays. */
export interface DoorOrders {
  readonly disk?: DiskTrouble;
  readonly clock?: ClockTrouble;
}

/** Operations that fail with an I/O error, and how much longer every sync takes, in milliseconds. */
export interface DiskTrouble {
  readonly failing: readonly ('read' | 'write' | 'sync')[];
  readonly slowSyncMs: number;
}

/** The calendar is off by `wallOffsetMs`; the monotonic clock runs `rate` times as fast as it should. */
export interface ClockTrouble {
  readonly wallOffsetMs: number;
  readonly rate: number;
}

export const GOOD_DISK: DiskTrouble = { failing: [], slowSyncMs: 0 };
export const GOOD_CLOCK: ClockTrouble = { wallOffsetMs: 0, rate: 1 };
