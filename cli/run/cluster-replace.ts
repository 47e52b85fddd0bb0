import { StoreError } from '../../base/store-error.ts';
import { statusOf } from '../../client/status.ts';
import type { Member } from '../../proto/gen/etcd.ts';
import {
  add,
  assertWell,
  CALL,
  inWords,
  leaderAsSeenBy,
  promoted,
  refused,
  remove,
  type StepOptions,
  shown,
  started,
} from './cluster-steps.ts';

export interface ReplaceOptions extends StepOptions {
  /** Id (hexadecimal) or name of the member that goes. */
  readonly dead: string;
}

interface Plan {
  /** Undefined when it is gone already: an earlier run was stopped half way. */
  readonly old: Member | undefined;
  readonly isOldAlive: boolean;
  /** Undefined when it is still to be added. */
  readonly successor: Member | undefined;
}

/**
 * Replaces a member so that at no step fewer failures are survived than before: who is dead goes first (it counts against the quorum and
 * does nothing for it), the successor learns before it votes, and who is alive goes when the successor votes. Errors: ExitError with a
 * text that says what is wrong and that nothing, or what, was done.
 */
export async function replaceMember(options: ReplaceOptions): Promise<void> {
  const { cluster, say } = options;
  const plan = await checked(options);
  if (plan.old !== undefined && !plan.isOldAlive) await remove(options, plan.old);
  const successor = plan.successor ?? (await add(options));
  await started(options, successor, (members) => howToStart(options, members, successor));
  await promoted(options, successor.ID);
  if (plan.old !== undefined && plan.isOldAlive) {
    await leaveLeadership(options, plan.old, successor.ID);
    await remove(options, plan.old);
  }
  const { members } = await inWords(cluster.memberList({ linearizable: true }, CALL), 'cannot list the members');
  say(`done: ${members.map(shown).join(', ')}`);
}

async function checked(options: ReplaceOptions): Promise<Plan> {
  const { cluster, dead, name, peerUrl, say } = options;
  say('checking the cluster ...');
  const { members } = await inWords(
    cluster.memberList({ linearizable: true }, CALL),
    'the cluster does not answer: without a quorum nothing can be changed. Nothing was done',
  );
  const old = oldOf(members, dead);
  const successor = members.find((member) => member.peerURLs.includes(peerUrl) && member.ID !== old?.ID);
  if (old === undefined && successor === undefined)
    throw refused(`there is no member ${dead}; there are ${members.map(shown).join(', ')}`);
  if (old?.peerURLs.includes(peerUrl))
    throw refused(`${shown(old)} has the peer URL ${peerUrl} itself: give the new member one of its own`);
  if (successor !== undefined && successor.name !== '' && successor.name !== name)
    throw refused(`${shown(successor)} has the peer URL ${peerUrl} already`);
  const learner = members.find((member) => member.isLearner && member.ID !== successor?.ID && member.ID !== old?.ID);
  if (learner !== undefined) throw refused(`${shown(learner)} is learning already: promote or remove it first`);
  await assertWell(
    options,
    members.filter(({ ID }) => ID !== old?.ID && ID !== successor?.ID),
  );
  const isOldAlive = old !== undefined && (await leaderAsSeenBy(options, old)) !== undefined;
  if (old === undefined) say(`${dead} is gone already; going on with ${successor?.isLearner ? 'its successor' : name}`);
  else say(`${shown(old)} ${isOldAlive ? 'answers: it stays until its successor votes' : 'does not answer'}`);
  return { old, isOldAlive, successor };
}

function oldOf(members: readonly Member[], dead: string): Member | undefined {
  const found = members.filter(({ ID, name }) => name === dead || ID.toString(16) === dead.toLowerCase());
  if (found.length > 1) throw refused(`${found.length} members are called ${dead}: name the one by its id`);
  return found[0];
}

function howToStart({ name, peerUrl }: ReplaceOptions, members: readonly Member[], { ID }: Member): string {
  const others = members.filter((member) => member.ID !== ID);
  const all = [...others.flatMap((m) => m.peerURLs.map((url) => `${m.name}=${url}`)), `${name}=${peerUrl}`];
  return `start it now, on an empty data directory, with its client URLs added:\n  keelson member --name ${name} --initial-cluster-state existing --initial-cluster ${all.join(',')} --listen-peer-urls ${peerUrl} --initial-advertise-peer-urls ${peerUrl}`;
}

/** A leader that goes hands over first, so that nobody waits for an election. */
async function leaveLeadership(options: ReplaceOptions, old: Member, to: bigint): Promise<void> {
  if ((await leaderAsSeenBy(options, old)) !== old.ID) return;
  const [url = ''] = old.clientURLs;
  const client = options.connect(url);
  options.say(`${shown(old)} leads: handing over to ${options.name} ...`);
  try {
    await client.moveLeader({ targetID: to }, CALL);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    options.say(`it did not: ${statusOf(error).text}; the others will elect a leader`);
  } finally {
    await client.close();
  }
}
