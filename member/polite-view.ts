import type { Clock } from '../io/doors.ts';
import type { BackendView } from '../storage/backend/backend.ts';
import { pause } from './deadline.ts';
import { MEMBER_LIMITS } from './limits.ts';

/** For whom a view is read, and beside what. */
export interface LongRead {
  readonly clock: Clock;
  /** Whether somebody waits for the member. */
  readonly isBusy: () => boolean;
  /** Throws when nobody waits for what is read any more: the next scan fails with it. */
  readonly assertWanted: () => void;
}

/**
 * A view for who reads all of it: while somebody waits for the member, the reader works for a moment and then rests, so that a snapshot of a large
 * store takes longer, and not the writes beside it.
 */
export function politeView(view: BackendView, { clock, isBusy, assertWanted }: LongRead): BackendView {
  let sinceMs = clock.nowMs();
  return {
    scan: async (space, range) => {
      assertWanted();
      const workedMs = clock.nowMs() - sinceMs;
      if (workedMs >= MEMBER_LIMITS.longReadTurnMs) {
        if (isBusy())
          await pause(clock, Math.min(workedMs * MEMBER_LIMITS.longReadRestShare, MEMBER_LIMITS.longReadRestMs));
        sinceMs = clock.nowMs();
      }
      return view.scan(space, range);
    },
    close: () => view.close(),
  };
}
