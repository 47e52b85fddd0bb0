import { NO_MEMBER } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import { pause } from './deadline.ts';
import type { Member } from './member.ts';

/** Tells the cluster a member's name and client URLs, again and again until it has heard them (true) or the member stops. */
export async function publishAttributes(member: Member): Promise<boolean> {
  const { name, advertiseClientUrls: clientURLs } = member.config;
  while (member.isRunning) {
    const own = member.machine.members().find((record) => record.ID === member.id);
    const isKnown = own?.name === name && own.clientURLs.join() === clientURLs.join();
    if (isKnown && member.leader !== NO_MEMBER) return true;
    try {
      const body = { case: 'memberAttributes', memberAttributes: { ID: member.id, name, clientURLs } } as const;
      const { outcome } = await member.propose(body, member.deadline());
      if (outcome.type === 'member') return true;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'STOPPED') return false;
    }
    await pause(member.doors.clock, member.times.electionMs);
  }
  return false;
}
