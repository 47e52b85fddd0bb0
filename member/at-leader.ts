import { type MemberId, NO_MEMBER } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import type { Clock } from '../io/doors.ts';
import { type Deadline, pause, withDeadline } from './deadline.ts';
import { MEMBER_LIMITS } from './limits.ts';

export interface LeaderView {
  readonly clock: Clock;
  readonly leader: () => MemberId;
  readonly isLeader: () => boolean;
}

/** What only the leader can do: as the leader, and by asking it. */
export interface LeaderWork<T> {
  readonly here: () => Promise<T>;
  readonly there: (leader: MemberId, timeoutMs: number) => Promise<T>;
}

/**
 * Finds the leader and has it do the work, again and again while there is none or it changes: so it must do no harm when it is done
 * twice. Errors: those of the work, TIMEOUT, those of the deadline.
 */
export async function atLeader<T>(view: LeaderView, deadline: Deadline, work: LeaderWork<T>): Promise<T> {
  const { clock, leader, isLeader } = view;
  // The server's own limit is kept by the work itself: only who may give up before needs a timer.
  const mayGiveUp = deadline.signal !== undefined || deadline.code !== 'TIMEOUT';
  const inTime = (work: Promise<T>): Promise<T> => (mayGiveUp ? withDeadline(clock, deadline, work) : work);
  for (;;) {
    const leftMs = deadline.atMs - clock.nowMs();
    const id = leader();
    try {
      if (isLeader()) return await inTime(work.here());
      if (id !== NO_MEMBER) return await inTime(work.there(id, leftMs));
    } catch (error) {
      if (!(error instanceof StoreError) || !RETRIED.has(error.code)) throw error;
    }
    await withDeadline(clock, deadline, pause(clock, MEMBER_LIMITS.proposeRetryMs));
  }
}

/** What another moment, or another leader, may answer differently. */
const RETRIED: ReadonlySet<StoreError['code']> = new Set([
  'NOT_LEADER',
  'NO_LEADER',
  'LEADER_CHANGED',
  'TIMEOUT_CONNECTION_LOST',
  'STOPPED',
]);
