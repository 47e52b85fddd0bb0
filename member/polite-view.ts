import type { Clock } from '../io/doors.ts';
import type { BackendView } from '../storage/backend/backend.ts';
import { pause } from './deadline.ts';
import { MEMBER_LIMITS } from './limits.ts';

/**
 * A view for who reads all of it: while somebody waits for the member, the reader works for a moment and rests for as long, so that a snapshot of
 * a large store takes longer, and not the writes beside it. `isBusy`: whether somebody waits.
 */
export function politeView(
  view: BackendView,
  { clock, isBusy }: { readonly clock: Clock; readonly isBusy: () => boolean },
): BackendView {
  let sinceMs = clock.nowMs();
  return {
    scan: async (space, range) => {
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
