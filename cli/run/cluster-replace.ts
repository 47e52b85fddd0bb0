import { setTimeout as pause } from 'node:timers/promises';
import { StoreError } from '../../base/store-error.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { statusOf } from '../../client/status.ts';
import type { Member } from '../../proto/gen/etcd.ts';
import { EXIT, ExitError } from '../usage-error.ts';

export interface ReplaceOptions {
  /** The cluster, through any of its members. */
  readonly cluster: KvClient;
  /** One member, by one of its client URLs. */
  readonly connect: (url: string) => KvClient;
  /** Id (hexadecimal) or name of the member that goes. */
  readonly dead: string;
  readonly name: string;
  readonly peerUrl: string;
  /** For the new member to start and to catch up. */
  readonly timeoutMs: number;
  readonly say: (line: string) => void;
}

const CALL = { timeoutMs: 10_000 };
const STATUS = { timeoutMs: 3_000 };
const ASK_MS = 500;

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
  await started(options, successor);
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

/** Every step counts on all others. */
async function assertWell(options: ReplaceOptions, others: readonly Member[]): Promise<void> {
  const views = await Promise.all(others.map((member) => leaderAsSeenBy(options, member)));
  const silent = others.filter((_, i) => views[i] === undefined);
  if (silent.length > 0) throw refused(`${silent.map(shown).join(' and ')} must be well, and does not answer`);
  const without = others.filter((_, i) => views[i] === 0n);
  if (without.length > 0) throw refused(`${without.map(shown).join(' and ')} knows no leader`);
}

/** The leader that a member knows (0: none); undefined when it does not answer. */
async function leaderAsSeenBy({ connect }: ReplaceOptions, member: Member): Promise<bigint | undefined> {
  for (const url of member.clientURLs) {
    const client = connect(url);
    try {
      const { header, leader } = await client.status(STATUS);
      if (header?.memberId === member.ID) return leader;
    } catch {
      // the next URL may do
    } finally {
      await client.close();
    }
  }
  return undefined;
}

async function remove({ cluster, say }: ReplaceOptions, old: Member): Promise<void> {
  say(`removing ${shown(old)} ...`);
  await retried('UNHEALTHY', () => cluster.memberRemove({ ID: old.ID }, CALL), `cannot remove ${shown(old)}`);
}

async function add({ cluster, name, peerUrl, say }: ReplaceOptions): Promise<Member> {
  say(`adding ${name} as a learner ...`);
  const request = { peerURLs: [peerUrl], isLearner: true };
  // Connections must have lasted for a while before members change.
  const added = await retried('UNHEALTHY', () => cluster.memberAdd(request, CALL), `cannot add ${name}`);
  if (added.member === undefined) throw refused(`the cluster did not say under which id it added ${name}`);
  return added.member;
}

async function started({ cluster, name, peerUrl, say, timeoutMs }: ReplaceOptions, { ID }: Member): Promise<void> {
  let isTold = false;
  for (const untilMs = Date.now() + timeoutMs; ; await pause(ASK_MS)) {
    const { members } = await inWords(cluster.memberList({ linearizable: true }, CALL), 'cannot list the members');
    const own = members.find((member) => member.ID === ID);
    if (own === undefined) throw refused(`${ID.toString(16)} was removed meanwhile`);
    if (own.name !== '') {
      if (isTold) say(`${shown(own)} has started`);
      return;
    }
    if (!isTold) {
      const others = members.filter((member) => member.ID !== ID);
      const all = [...others.flatMap((m) => m.peerURLs.map((url) => `${m.name}=${url}`)), `${name}=${peerUrl}`];
      say(
        `start it now, on an empty data directory, with its client URLs added:\n  keelson member --name ${name} --initial-cluster-state existing --initial-cluster ${all.join(',')} --listen-peer-urls ${peerUrl} --initial-advertise-peer-urls ${peerUrl}`,
      );
      isTold = true;
    }
    if (Date.now() > untilMs) throw refused(`${name} did not start in time; start it and run this command again`);
  }
}

async function promoted({ cluster, name, say, timeoutMs }: ReplaceOptions, ID: bigint): Promise<void> {
  say(`waiting until ${name} has caught up ...`);
  for (const untilMs = Date.now() + timeoutMs; ; await pause(ASK_MS)) {
    try {
      await cluster.memberPromote({ ID }, CALL);
      say(`${name} votes`);
      return;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.code === 'NOT_LEARNER') return; // of an earlier run, or of a try whose answer was lost
      const isLate = Date.now() > untilMs;
      if (error.code !== 'LEARNER_NOT_READY' && !error.code.startsWith('TIMEOUT'))
        throw refused(`cannot promote ${name}: ${statusOf(error).text}`);
      if (isLate) throw refused(`${name} did not catch up in time; it goes on learning: run this command again`);
    }
  }
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

/** Tries again, for twenty seconds, while the refusal is one that passes by itself. */
async function retried<T>(code: StoreError['code'], call: () => Promise<T>, what: string): Promise<T> {
  for (const untilMs = Date.now() + 20_000; ; await pause(ASK_MS)) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof StoreError && error.code === code && Date.now() < untilMs) continue;
      throw wrapped(error, what);
    }
  }
}

async function inWords<T>(work: Promise<T>, what: string): Promise<T> {
  return work.catch((error: unknown) => {
    throw wrapped(error, what);
  });
}

function wrapped(error: unknown, what: string): unknown {
  return error instanceof StoreError ? refused(`${what}: ${statusOf(error).text}`) : error;
}

function refused(text: string): ExitError {
  return new ExitError(EXIT.failure, text);
}

function shown({ ID, name }: Member): string {
  return name === '' ? ID.toString(16) : `${name} (${ID.toString(16)})`;
}
