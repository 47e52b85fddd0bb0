import { utf8Bytes } from '../base/bytes.ts';
import { StoreError } from '../base/store-error.ts';
import type { Disk } from '../io/doors.ts';

/** This member was removed from its cluster: it stays out, also after a restart. */
export class MemberRemovedError extends StoreError {
  constructor(dataDir: string) {
    super(
      'MEMBER_NOT_FOUND',
      `this member has been removed from its cluster for good; to join again, add it anew (member add) and start it with an empty data directory, ${dataDir} is of the member that was`,
    );
  }
}

/** Notes in the data directory that its member was removed: it may have heard so from others and have no entry that says it. */
export async function markRemoved(disk: Disk, dataDir: string): Promise<void> {
  await disk.writeFileAtomically(pathOf(dataDir), utf8Bytes('removed\n'));
}

/** Errors: MemberRemovedError. */
export async function assertNotRemoved(disk: Disk, dataDir: string): Promise<void> {
  if (await disk.exists(pathOf(dataDir))) throw new MemberRemovedError(dataDir);
}

function pathOf(dataDir: string): string {
  return `${dataDir}/REMOVED`;
}
