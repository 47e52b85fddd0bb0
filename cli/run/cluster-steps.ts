import { setTimeout as pause } from 'node:timers/promises';
import { StoreError } from '../../base/store-error.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { statusOf } from '../../client/status.ts';
import { DiskError } from '../../io/doors.ts';
import type { Member } from '../../proto/gen/etcd.ts';
import { EXIT, ExitError } from '../usage-error.ts';

/** What the steps of changing a cluster's members need. */
export interface StepOptions {
  /** The cluster, through any of its members. */
  readonly cluster: KvClient;
  /** One member, by one of its client URLs. */
  readonly connect: (url: string) => KvClient;
  /** Of the member that comes. */
  readonly name: string;
  readonly peerUrl: string;
  /** For it to start and to catch up. */
  readonly timeoutMs: number;
  readonly say: (line: string) => void;
}

/** For one call that changes or lists members. */
export const CALL = { timeoutMs: 10_000 };
const STATUS = { timeoutMs: 3_000 };
const ASK_MS = 500;

/** Every step counts on all others. Errors: ExitError when one does not answer or knows no leader. */
export async function assertWell(options: StepOptions, others: readonly Member[]): Promise<void> {
  const views = await Promise.all(others.map((member) => leaderAsSeenBy(options, member)));
  const silent = others.filter((_, i) => views[i] === undefined);
  if (silent.length > 0) throw refused(`${silent.map(shown).join(' and ')} must be well, and does not answer`);
  const without = others.filter((_, i) => views[i] === 0n);
  if (without.length > 0) throw refused(`${without.map(shown).join(' and ')} knows no leader`);
}

/** The leader that a member knows (0: none); undefined when it does not answer. */
export async function leaderAsSeenBy({ connect }: StepOptions, member: Member): Promise<bigint | undefined> {
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

/** Takes a member out. Errors: ExitError. */
export async function remove({ cluster, say }: StepOptions, old: Member): Promise<void> {
  say(`removing ${shown(old)} ...`);
  await retried('UNHEALTHY', () => cluster.memberRemove({ ID: old.ID }, CALL), `cannot remove ${shown(old)}`);
}

/** Adds a member as a learner, with its new id. Errors: ExitError. */
export async function add({ cluster, name, peerUrl, say }: StepOptions): Promise<Member> {
  say(`adding ${name} as a learner ...`);
  const request = { peerURLs: [peerUrl], isLearner: true };
  // Connections must have lasted for a while before members change.
  const added = await retried('UNHEALTHY', () => cluster.memberAdd(request, CALL), `cannot add ${name}`);
  if (added.member === undefined) throw refused(`the cluster did not say under which id it added ${name}`);
  return added.member;
}

/** Waits until the member runs; `how` is said once when it does not yet. Errors: ExitError. */
export async function started(
  { cluster, name, say, timeoutMs }: StepOptions,
  { ID }: Member,
  how: (members: readonly Member[]) => string,
): Promise<void> {
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
      say(how(members));
      isTold = true;
    }
    if (Date.now() > untilMs) throw refused(`${name} did not start in time; start it and run this command again`);
  }
}

/** Waits until the learner has caught up, and lets it vote. Errors: ExitError. */
export async function promoted({ cluster, name, say, timeoutMs }: StepOptions, ID: bigint): Promise<void> {
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

/** The work, with an error of the cluster in words. */
export async function inWords<T>(work: Promise<T>, what: string): Promise<T> {
  return work.catch((error: unknown) => {
    throw wrapped(error, what);
  });
}

function wrapped(error: unknown, what: string): unknown {
  if (error instanceof DiskError) return refused(`${what}: ${error.message}`);
  return error instanceof StoreError ? refused(`${what}: ${statusOf(error).text}`) : error;
}

/** Ends the command with this line. */
export function refused(text: string): ExitError {
  return new ExitError(EXIT.failure, text);
}

/** A member in words. */
export function shown({ ID, name }: Member): string {
  return name === '' ? ID.toString(16) : `${name} (${ID.toString(16)})`;
}
