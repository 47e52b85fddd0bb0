import { createHash } from 'node:crypto';
import type { MemberId } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import type { Member } from '../proto/gen/etcd.ts';
import type { InitialMember, MemberConfig } from './config.ts';

/**
 * The id of a founding member: the first 8 bytes of SHA-1 over its sorted peer URLs and the cluster's token.
 * Source: etcd server/etcdserver/api/membership/member.go, computeMemberID.
 */
export function foundingMemberId(peerUrls: readonly string[], token: string): MemberId {
  return idOf(Buffer.from([...peerUrls].sort().join('') + token, 'utf8')) as MemberId;
}

/** The id of a member that is added to a running cluster: the same, and the wall-clock second it was added in. */
export function addedMemberId(peerUrls: readonly string[], token: string, wallMs: number): MemberId {
  const seconds = String(Math.floor(wallMs / 1000));
  return idOf(Buffer.from([...peerUrls].sort().join('') + token + seconds, 'utf8')) as MemberId;
}

/** The id of a cluster: the first 8 bytes of SHA-1 over its founding members' ids, ascending, 8 bytes each. Source: cluster.go, genID. */
export function clusterIdOf(members: readonly MemberId[]): bigint {
  const bytes = Buffer.alloc(8 * members.length);
  const sorted = [...members].sort((a, b) => (a < b ? -1 : 1));
  for (const [i, id] of sorted.entries()) bytes.writeBigUInt64BE(id, 8 * i);
  return idOf(bytes);
}

/** A founding cluster, as each of its members works it out for itself. */
export interface FoundingCluster {
  readonly clusterId: bigint;
  readonly self: MemberId;
  /** Ascending by id. */
  readonly members: readonly Member[];
}

/** Errors: INTERNAL with a text for the operator when the configuration does not name this member, or names one twice. */
export function foundingCluster(config: MemberConfig): FoundingCluster {
  const token = config.initialClusterToken;
  const members = config.initialCluster.map((member) => founder(member, token)).sort((a, b) => (a.ID < b.ID ? -1 : 1));
  const own = config.initialCluster.find((member) => member.name === config.name);
  if (own === undefined)
    throw new StoreError('INTERNAL', `the initial cluster does not name this member, "${config.name}"`);
  if ([...own.peerUrls].sort().join() !== [...config.advertisePeerUrls].sort().join()) {
    throw new StoreError('INTERNAL', `the initial cluster gives "${config.name}" other peer URLs than it advertises`);
  }
  if (new Set(members.map((member) => member.ID)).size !== members.length) {
    throw new StoreError('INTERNAL', 'the initial cluster names the same peer URLs twice');
  }
  const clusterId = clusterIdOf(members.map((member) => member.ID as MemberId));
  return { clusterId, self: foundingMemberId(own.peerUrls, token), members };
}

function founder({ name, peerUrls }: InitialMember, token: string): Member {
  return { ID: foundingMemberId(peerUrls, token), name, peerURLs: peerUrls, clientURLs: [], isLearner: false };
}

function idOf(bytes: Buffer): bigint {
  return createHash('sha1').update(bytes).digest().readBigUInt64BE(0);
}
