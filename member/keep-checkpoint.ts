import { writeCheckpoint } from './checkpoint.ts';
import { pause } from './deadline.ts';
import { MEMBER_LIMITS } from './limits.ts';
import type { Member } from './member.ts';
import type { MemberMetadata } from './metadata.ts';

/** Lets the backend of a member that stops come to where its machine is, if a checkpoint is worth it: false when not. `isDriven`: nothing more is applied. */
export async function settleForCheckpoint(member: Member, isDriven: Promise<void>): Promise<boolean> {
  const { keys, liveBytes } = member.machine.size();
  const isWorth = keys >= member.limits.checkpointKeys && liveBytes <= MEMBER_LIMITS.maxCheckpointBytes;
  if (!isWorth || member.fenced !== undefined) return false;
  await isDriven;
  await Promise.race([
    member.replica.writer.reached(member.machine.applied).catch(() => undefined),
    pause(member.doors.clock, MEMBER_LIMITS.checkpointWaitMs),
  ]);
  return true;
}

/**
 * Writes the checkpoint of a member in which nothing changes any more. The next start is as fast as this file is read; without it, it reads all
 * rows. Errors: DiskError.
 */
export async function keepCheckpoint(member: Member, identity: MemberMetadata): Promise<void> {
  const { machine, replica, doors, config } = member;
  const { writtenIndex, isDeleting } = replica.writer;
  const checkpoint = writtenIndex === machine.applied && !isDeleting ? machine.checkpoint() : undefined;
  if (checkpoint === undefined) return;
  const freeBytes = (await doors.freeDiskBytes?.(config.dataDir)) ?? Number.POSITIVE_INFINITY;
  const { keys, liveBytes } = machine.size();
  if (freeBytes < 2 * (liveBytes + keys * MEMBER_LIMITS.checkpointKeyBytes) + MEMBER_LIMITS.minFreeDiskBytes) return;
  const untilMs = doors.clock.nowMs() + MEMBER_LIMITS.checkpointWriteMs;
  const isLate = (): boolean => doors.clock.nowMs() > untilMs;
  await writeCheckpoint(doors.disk, config.dataDir, identity, { checkpoint, isLate });
}
