import type { MemberId } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import type { Member as MemberRecord } from '../proto/gen/etcd.ts';
import type { RaftStatus } from '../raft/types.ts';

/** What a member knows of the cluster when it is asked to change it. Times of the monotonic clock. */
export interface ClusterView {
  readonly self: bigint;
  readonly members: readonly MemberRecord[];
  readonly nowMs: number;
  /** How long a connection must have lasted to count. Source: etcd HealthInterval, five times its default election timeout. */
  readonly healthMs: number;
  readonly connectedSinceMs: (member: MemberId) => number | undefined;
}

/** A learner may vote when it has this share of the leader's log. Source: etcd readyPercentThreshold. */
const READY_SHARE = 0.9;

/**
 * Refuses to add a member that would leave the cluster without a quorum, or while some voter is away. Source: etcd server.go,
 * mayAddMember. Errors: NOT_ENOUGH_STARTED_MEMBERS, UNHEALTHY.
 */
export function checkAdd(view: ClusterView, { isLearner }: { readonly isLearner: boolean }): void {
  const voters = votersOf(view);
  if (!isLearner) assertStartedQuorum(voters, { joining: 1, isAlone: voters.length === 1 });
  if (connectedVoters(view) < voters.length) throw new StoreError('UNHEALTHY');
}

/**
 * Refuses to remove a voter that the quorum of the rest could miss. Source: etcd server.go, mayRemoveMember. Errors:
 * NOT_ENOUGH_STARTED_MEMBERS, UNHEALTHY.
 */
export function checkRemove(view: ClusterView, id: bigint): void {
  const member = view.members.find(({ ID }) => ID === id);
  if (member?.isLearner) return;
  const voters = votersOf(view);
  assertStartedQuorum(
    voters.filter(({ ID }) => ID !== id),
    { joining: 0, isAlone: false },
  );
  // Who is down is no part of the active quorum.
  if (id !== view.self && view.connectedSinceMs(id as MemberId) === undefined) return;
  if (connectedVoters(view) - 1 < 1 + Math.floor((voters.length - 1) / 2)) throw new StoreError('UNHEALTHY');
}

/** Refuses to let a learner vote when too few of the voters have started. Errors: NOT_ENOUGH_STARTED_MEMBERS. */
export function checkPromote(view: ClusterView): void {
  const voters = votersOf(view);
  const started = voters.filter(isStarted).length + 1; // it counts as started
  if (started < majorityOf(voters.length + 1)) throw new StoreError('NOT_ENOUGH_STARTED_MEMBERS');
}

/**
 * Whether a learner has caught up, which only the leader knows. Source: etcd server.go, isLearnerReady. Errors: NOT_LEADER,
 * MEMBER_NOT_FOUND, LEARNER_NOT_READY.
 */
export function checkLearnerReady({ id: leader, role, progress }: RaftStatus, id: bigint): void {
  if (role !== 'leader') throw new StoreError('NOT_LEADER');
  const match = progress.find(({ member }) => member === id)?.match;
  const own = progress.find(({ member }) => member === leader)?.match ?? 0;
  if (match === undefined) throw new StoreError('MEMBER_NOT_FOUND');
  if (match < READY_SHARE * own) throw new StoreError('LEARNER_NOT_READY');
}

/**
 * The peer URLs of a request, in byte order. Source: etcd client/pkg/types/urls.go. Errors: MEMBER_URLS_INVALID unless there is one
 * and each is http or https with host, port and nothing more.
 */
export function peerUrlsOf(urls: readonly string[]): readonly string[] {
  const trimmed = urls.map((url) => url.trim());
  if (trimmed.length === 0 || !trimmed.every(isPeerUrl)) throw new StoreError('MEMBER_URLS_INVALID');
  return trimmed.sort();
}

function isPeerUrl(url: string): boolean {
  const match = /^https?:\/\/(?:\[[0-9a-fA-F:.%]+\]|[^/:@?#\s[\]]+):(\d{1,5})$/.exec(url);
  return match !== null && Number(match[1]) <= 65_535 && URL.canParse(url);
}

/** The started voters must be a majority of what comes to be; one alone may always get a second. */
function assertStartedQuorum(
  voters: readonly MemberRecord[],
  { joining, isAlone }: { readonly joining: number; readonly isAlone: boolean },
): void {
  const started = voters.filter(isStarted).length;
  if (isAlone && started === 1) return;
  if (started < majorityOf(voters.length + joining)) throw new StoreError('NOT_ENOUGH_STARTED_MEMBERS');
}

function connectedVoters(view: ClusterView): number {
  return votersOf(view).filter(({ ID }) => {
    if (ID === view.self) return true;
    const sinceMs = view.connectedSinceMs(ID as MemberId);
    return sinceMs !== undefined && view.nowMs - sinceMs > view.healthMs;
  }).length;
}

function votersOf({ members }: ClusterView): readonly MemberRecord[] {
  return members.filter(({ isLearner }) => !isLearner);
}

/** A member says its name once it has started. */
function isStarted({ name }: MemberRecord): boolean {
  return name !== '';
}

function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}
