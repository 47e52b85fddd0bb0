import type { MemberId } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import { COMMAND_FORMAT, FIRST_COMMAND_FORMAT } from '../proto/command.ts';
import type { Member, MemberListResponse } from '../proto/gen/etcd.ts';
import { type MemberConfig, peerAddressOf } from './config.ts';
import { pause } from './deadline.ts';
import type { MemberDoors } from './doors.ts';
import { MEMBER_LIMITS, PEER_LIMITS } from './limits.ts';
import { PeerDialog } from './peers/dialog.ts';
import { hex } from './peers/hello.ts';
import { resultOf } from './peers/peers.ts';

/** What a member that joins learns from those who are there. */
export interface DiscoveredCluster {
  readonly clusterId: bigint;
  readonly memberId: MemberId;
  readonly members: readonly Member[];
}

/**
 * Asks the other members of the initial cluster, one after the other and for a while again, who the members are, and finds this one
 * among them by its peer URLs. Errors: MEMBER_NOT_FOUND with a text for the operator when nobody knows it or nobody answers; INTERNAL
 * with one when the initial cluster is not the cluster that runs, or this member has run before and lost what it had promised; both only
 * asked when it `isNew`: it may stop and start again before it has got its first snapshot.
 */
export async function discoverCluster(
  config: MemberConfig,
  doors: MemberDoors,
  { isNew }: { readonly isNew: boolean },
): Promise<DiscoveredCluster> {
  let reasons: readonly string[] = [];
  for (let attempt = 1; ; attempt++) {
    const asked = await askOthers(config, doors);
    for (const { clusterId, members } of asked.lists) {
      const self = members.find((member) => sorted(member.peerURLs) === sorted(config.advertisePeerUrls));
      if (self === undefined) continue;
      if (isNew) {
        assertSameCluster(config, members);
        assertFresh(self);
      }
      return { clusterId, memberId: self.ID as MemberId, members };
    }
    const strangers = asked.lists.map(({ url }) => `${url}: the cluster does not know this member, add it first`);
    reasons = [...strangers, ...asked.reasons];
    if (attempt >= MEMBER_LIMITS.joinAttempts || reasons.length === 0) break;
    await pause(doors.clock, MEMBER_LIMITS.joinPauseMs);
  }
  throw new StoreError(
    'MEMBER_NOT_FOUND',
    `cannot join the cluster: ${reasons.join('; ') || 'no other member is configured'}`,
  );
}

/**
 * Refuses to found a cluster that runs already with this member in it: its data directory is gone, and with it every vote and entry
 * that it has acknowledged. Nobody there to ask, as when a cluster is founded, is fine. Source: etcd, isMemberBootstrapped. Errors:
 * INTERNAL with a text for the operator.
 */
export async function assertNotFounded(
  config: MemberConfig,
  doors: MemberDoors,
  { clusterId, memberId }: { readonly clusterId: bigint; readonly memberId: MemberId },
): Promise<void> {
  const { lists } = await askOthers(config, doors);
  for (const list of lists) {
    const self = list.members.find(({ ID }) => ID === memberId);
    if (list.clusterId === clusterId && self !== undefined && self.clientURLs.length > 0) assertFresh(self);
  }
}

/** Client URLs of the other members, as far as one of them can be asked; none otherwise. */
export async function otherClientUrls(config: MemberConfig, doors: MemberDoors): Promise<readonly string[]> {
  const { lists } = await askOthers(config, doors);
  const own = sorted(config.advertisePeerUrls);
  const others = (lists[0]?.members ?? []).filter(({ peerURLs }) => sorted(peerURLs) !== own);
  return others.flatMap(({ clientURLs }) => clientURLs);
}

interface Asked {
  readonly lists: readonly { readonly url: string; readonly clusterId: bigint; readonly members: readonly Member[] }[];
  readonly reasons: readonly string[];
}

/** What each of the other members of the initial cluster says, all asked at once; why there is nothing from the rest. */
async function askOthers(config: MemberConfig, doors: MemberDoors): Promise<Asked> {
  const own = sorted(config.advertisePeerUrls);
  const urls = config.initialCluster
    .filter((member) => sorted(member.peerUrls) !== own)
    .flatMap((each) => each.peerUrls);
  const answers = await Promise.all(
    urls.map(async (url) => {
      try {
        const { header, members } = await askForMembers(peerAddressOf(url), config, doors);
        return { list: { url, clusterId: header?.clusterId ?? 0n, members } };
      } catch (error) {
        return { reason: `${url}: ${error instanceof Error ? error.message : String(error)}` };
      }
    }),
  );
  return {
    // Who has not joined itself knows nobody.
    lists: answers.flatMap(({ list }) => (list === undefined || list.members.length === 0 ? [] : [list])),
    reasons: answers.flatMap(({ reason }) => (reason === undefined ? [] : [reason])),
  };
}

/** Source: etcd membership.ValidateClusterAndAssignIDs. */
function assertSameCluster({ initialCluster }: MemberConfig, members: readonly Member[]): void {
  const configured = new Set(initialCluster.map(({ peerUrls }) => sorted(peerUrls)));
  const running = new Set(members.map(({ peerURLs }) => sorted(peerURLs)));
  const surplus = [...configured].filter((urls) => !running.has(urls));
  const missing = [...running].filter((urls) => !configured.has(urls));
  if (surplus.length + missing.length === 0) return;
  const parts = [
    ...(surplus.length === 0
      ? []
      : [`--initial-cluster names ${surplus.join(' and ')}, which the cluster does not have`]),
    ...(missing.length === 0
      ? []
      : [`the cluster has ${missing.join(' and ')}, which --initial-cluster does not name`]),
  ];
  throw new StoreError('INTERNAL', `cannot join the cluster: ${parts.join('; ')}`);
}

/** A member that comes back with nothing would break promises that others count on. */
function assertFresh({ ID, name }: Member): void {
  if (name === '') return;
  throw new StoreError(
    'INTERNAL',
    `member ${hex(ID)} ("${name}") has already been bootstrapped, and its data directory is empty: put the data back, or remove the member from the cluster and add it again`,
  );
}

/** One connection for one question. Errors: StoreError, NetworkError. */
async function askForMembers(address: string, config: MemberConfig, doors: MemberDoors): Promise<MemberListResponse> {
  const self = {
    clusterId: 0n,
    memberId: 0n,
    serverVersion: config.serverVersion,
    addresses: [],
    commandFormat: config.format ?? COMMAND_FORMAT,
    clusterFormat: () => FIRST_COMMAND_FORMAT,
  };
  const dialog = await PeerDialog.open(address, doors, { self, to: 0n });
  try {
    const question = { case: 'memberList', memberList: { linearizable: false } } as const;
    return resultOf(await dialog.ask(question, PEER_LIMITS.helloTimeoutMs), 'memberList').memberList;
  } finally {
    dialog.close();
  }
}

function sorted(urls: readonly string[]): string {
  return [...urls].sort().join();
}
