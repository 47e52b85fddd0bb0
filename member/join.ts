import type { MemberId } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import type { Connection } from '../io/doors.ts';
import type { Member, MemberListResponse } from '../proto/gen/etcd.ts';
import { decodePeerFrame, encodePeerFrame } from '../proto/gen/peer.ts';
import { type MemberConfig, peerAddressOf } from './config.ts';
import type { MemberDoors } from './doors.ts';
import { PEER_LIMITS } from './limits.ts';
import { FrameReader, framed } from './peers/frames.ts';
import { helloTo } from './peers/hello.ts';

/** What a member that joins learns from those who are there. */
export interface DiscoveredCluster {
  readonly clusterId: bigint;
  readonly memberId: MemberId;
  readonly members: readonly Member[];
}

/**
 * Asks the other members of the initial cluster, one after the other, who the members are, and finds this one among them by its
 * peer URLs. Errors: MEMBER_NOT_FOUND with a text for the operator when nobody knows it or nobody answers.
 */
export async function discoverCluster(config: MemberConfig, doors: MemberDoors): Promise<DiscoveredCluster> {
  const own = sorted(config.advertisePeerUrls);
  const others = config.initialCluster.filter((member) => sorted(member.peerUrls) !== own);
  const reasons: string[] = [];
  for (const url of others.flatMap((member) => member.peerUrls)) {
    try {
      const { header, members } = await askForMembers(peerAddressOf(url), config, doors);
      const found = members.find((member) => sorted(member.peerURLs) === own);
      if (found !== undefined && header !== undefined) {
        return { clusterId: header.clusterId, memberId: found.ID as MemberId, members };
      }
      reasons.push(`${url}: the cluster does not know this member, add it first`);
    } catch (error) {
      reasons.push(`${url}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new StoreError(
    'MEMBER_NOT_FOUND',
    `cannot join the cluster: ${reasons.join('; ') || 'no other member is configured'}`,
  );
}

/** One connection for one question. Errors: StoreError, NetworkError, FrameError, WireError. */
async function askForMembers(address: string, config: MemberConfig, doors: MemberDoors): Promise<MemberListResponse> {
  const connection = await doors.network.connect(address, { timeoutMs: PEER_LIMITS.connectTimeoutMs });
  try {
    return await answerOn(connection, config, doors);
  } finally {
    connection.close();
  }
}

function answerOn(connection: Connection, config: MemberConfig, doors: MemberDoors): Promise<MemberListResponse> {
  const reader = new FrameReader(PEER_LIMITS.maxFrameBytes);
  return new Promise((resolve, reject) => {
    const cancelTimer = doors.clock.after(PEER_LIMITS.helloTimeoutMs, () =>
      reject(new StoreError('TIMEOUT', 'no answer')),
    );
    connection.onClose((reason) => reject(new StoreError('TIMEOUT_CONNECTION_LOST', reason)));
    connection.onData((chunk) => {
      try {
        for (const payload of reader.read(chunk)) {
          const { frame } = decodePeerFrame(payload);
          if (frame?.case !== 'answer') continue;
          const { result } = frame.answer;
          cancelTimer();
          if (result?.case === 'memberList') resolve(result.memberList);
          else
            reject(new StoreError('MEMBER_NOT_FOUND', result?.case === 'error' ? result.error.text : 'no member list'));
        }
      } catch (error) {
        reject(error);
      }
    });
    const stranger = { clusterId: 0n, memberId: 0n, serverVersion: config.serverVersion };
    const question = { id: 1, call: { case: 'memberList', memberList: { linearizable: false } } } as const;
    connection.write(framed(encodePeerFrame({ frame: { case: 'hello', hello: helloTo(stranger, 0n) } })));
    connection.write(framed(encodePeerFrame({ frame: { case: 'call', call: question } })));
  });
}

function sorted(urls: readonly string[]): string {
  return [...urls].sort().join();
}
