import type { Index, MemberId } from '../base/brand.ts';
import type { Core, Leadership } from './core.ts';
import { MAX_DEFERRED_BYTES } from './limits.ts';
import type { Progress } from './progress.ts';

/*
 * Thrifty replication: an entry leaves at once for as many followers as its quorum needs, and for those where somebody waits for it. The
 * others get it when the driver says so, with all that has come meanwhile: one message and one write to the disk for many entries.
 * Nothing that is promised depends on it: what is committed is on a majority as ever, and who is held back is only a little behind.
 */

/** With every heartbeat a race begins: the next entry goes to everybody at once, and shows whom a quorum needs. */
export function startRace(core: Core, leadership: Leadership): void {
  leadership.raceIndex = (core.log.lastIndex + 1) as Index;
  for (const progress of leadership.progress.values()) progress.deferred = false;
}

/** The commit has moved: if that decides the race, those who made the quorum stay prompt, and of the others those where somebody waits. */
export function onCommitted(core: Core, leadership: Leadership): void {
  const { raceIndex, progress: all } = leadership;
  if (raceIndex === undefined || core.log.commit < raceIndex) return;
  leadership.raceIndex = undefined;
  for (const [member, progress] of all) {
    progress.deferred = member !== core.id && progress.unattended && progress.match < raceIndex;
  }
}

/** Whether what is new for a follower waits. What it lacks of a log that was shortened meanwhile does not: it needs a snapshot. */
export function isHeldBack({ log }: Core, leadership: Leadership, to: MemberId, progress: Progress): boolean {
  if (!progress.deferred || progress.nudged || leadership.transferee === to) return false;
  if (progress.next <= log.snapshotIndex) return false;
  return log.bytesBetween((progress.next - 1) as Index, log.lastIndex) < MAX_DEFERRED_BYTES;
}

/** Whether anything waits. */
export function holdsBack(core: Core, leadership: Leadership): boolean {
  for (const progress of leadership.progress.values()) if (progress.deferred && isOwed(core, progress)) return true;
  return false;
}

/**
 * Everybody gets what he lacks. If it is still not committed, the quorum that was counted on has become slow: then nobody is held back
 * until another race is decided.
 */
export function sendDeferred(core: Core, leadership: Leadership): void {
  let isLate = false;
  for (const progress of leadership.progress.values()) {
    if (!progress.deferred || !isOwed(core, progress)) continue;
    progress.due = true;
    if (progress.next > core.log.commit) isLate = true;
  }
  if (isLate) startRace(core, leadership);
}

/** Somebody waits at this member. */
export function attendAt({ leadership }: Core, member: MemberId): void {
  const progress = leadership?.progress.get(member);
  if (progress !== undefined) attend(progress);
}

export function attend(progress: Progress): void {
  progress.unattended = false;
  progress.deferred = false;
}

function isOwed({ log }: Core, { state, next, sentCommit }: Progress): boolean {
  return state === 'replicate' && (next <= log.lastIndex || sentCommit < log.commit);
}
