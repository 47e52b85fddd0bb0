import { type Disk, DiskError } from '../../io/doors.ts';
import { rejoinId, setDirectoryAside } from '../../member/rejoin.ts';
import type { Member } from '../../proto/gen/etcd.ts';
import {
  add,
  assertWell,
  CALL,
  inWords,
  promoted,
  refused,
  remove,
  type StepOptions,
  shown,
  started,
} from './cluster-steps.ts';

export interface RebuildOptions extends StepOptions {
  readonly disk: Disk;
  /** Of the damaged member, on this machine; the member must not run. An absolute path. */
  readonly dataDir: string;
  readonly walDir?: string;
}

/**
 * Rebuilds a member whose log is damaged. It has forgotten what it voted and acknowledged, so it must not come back as who it was: its old
 * id is taken out of the cluster, the directory is moved aside, and it joins under a new id, learning before it votes. Everything that
 * was done is found again when the command was stopped half way. Errors: ExitError.
 */
export async function rebuildMember(options: RebuildOptions): Promise<void> {
  const { cluster, disk, dataDir, name, say } = options;
  await assertStopped(disk, dataDir);
  say('checking the cluster ...');
  const found = await present(options);
  const isBegun = found !== undefined && (await isNewLife(options, found));
  await assertWell(options, await others(options, found));
  if (found !== undefined && !isBegun) await remove(options, found);
  const successor = found !== undefined && isBegun ? found : await add(options);
  const dirs = { dataDir, walDir: options.walDir };
  const aside = await inWords(setDirectoryAside(disk, dirs, successor.ID), `cannot move ${dataDir} aside`);
  if (aside !== undefined) say(`the old data lies in ${aside}: delete it when you do not want to look at it any more`);
  await started(
    options,
    successor,
    () => `start ${name} now, the way you always do: it joins under its new id ${shown(successor)}`,
  );
  await promoted(options, successor.ID);
  const { members } = await inWords(cluster.memberList({ linearizable: true }, CALL), 'cannot list the members');
  say(`done: ${members.map(shown).join(', ')}`);
}

/** The member with this peer URL: the damaged one, or what an earlier run of this command has put in its place. */
async function present({ cluster, peerUrl, name }: RebuildOptions): Promise<Member | undefined> {
  const { members } = await inWords(
    cluster.memberList({ linearizable: true }, CALL),
    'the cluster does not answer: without a quorum nothing can be changed. Nothing was done',
  );
  const found = members.find(({ peerURLs }) => peerURLs.includes(peerUrl));
  if (found !== undefined && found.name !== '' && found.name !== name)
    throw refused(`${shown(found)} has the peer URL ${peerUrl}, not ${name}. Nothing was done`);
  return found;
}

/** Whether the member was added by this command and waits for its start, or has started from the directory that this command made. */
async function isNewLife({ disk, dataDir }: RebuildOptions, { ID, name }: Member): Promise<boolean> {
  return name === '' || (await rejoinId(disk, dataDir).catch(() => undefined)) === ID;
}

async function others({ cluster }: RebuildOptions, found: Member | undefined): Promise<readonly Member[]> {
  const { members } = await inWords(cluster.memberList({ linearizable: true }, CALL), 'cannot list the members');
  return members.filter(({ ID }) => ID !== found?.ID);
}

/** Once the new member has started this is expected; before, nothing may be done to a directory that is in use. */
async function assertStopped(disk: Disk, dataDir: string): Promise<void> {
  if (!(await disk.exists(dataDir)) || (await rejoinId(disk, dataDir).catch(() => undefined)) !== undefined) return;
  try {
    const lock = await disk.lock(dataDir);
    await lock.release();
  } catch (error) {
    if (error instanceof DiskError)
      throw refused(`the member still runs: ${error.message}. Stop it first; nothing was done`);
    throw error;
  }
}
