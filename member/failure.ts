import { DiskError } from '../io/doors.ts';
import type { MemberFact } from './observer.ts';

/** Why a member stops by itself: a full disk is told apart, since somebody can do something about it. */
export function failureOf(error: unknown): MemberFact {
  const full = diskFull(error);
  if (full !== undefined) return { type: 'diskFull', reason: full.message };
  return { type: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** The disk's own error, also when the log has wrapped it. */
export function diskFull(error: unknown): DiskError | undefined {
  if (error instanceof DiskError) return error.code === 'NO_SPACE' ? error : undefined;
  return error instanceof Error && error.cause !== undefined ? diskFull(error.cause) : undefined;
}
