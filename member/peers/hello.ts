import type { PeerHello } from '../../proto/gen/peer.ts';

/** Version of the protocol between members; members of different versions refuse each other. */
export const PEER_PROTOCOL_VERSION = 1;

/** Who this member is to others. */
export interface PeerIdentity {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly serverVersion: string;
}

/** The first frame that is sent on a connection; `to` is 0 when the receiver's id is not known yet. */
export function helloTo(self: PeerIdentity, to: bigint): PeerHello {
  const { clusterId, memberId: from, serverVersion } = self;
  return { clusterId, from, to, protocolVersion: PEER_PROTOCOL_VERSION, serverVersion, removed: false };
}

/** A member that is about to join: it knows neither its cluster nor itself, and may only ask who the members are. */
export function isJoining(hello: PeerHello): boolean {
  return hello.clusterId === 0n && hello.from === 0n;
}

/** Why a hello that came in is not accepted; undefined when it is. */
export function refusalOf(self: PeerIdentity, hello: PeerHello): string | undefined {
  if (hello.protocolVersion !== PEER_PROTOCOL_VERSION) {
    return `peer protocol version ${hello.protocolVersion}, this member speaks ${PEER_PROTOCOL_VERSION}`;
  }
  if (isJoining(hello)) return undefined;
  if (hello.clusterId !== self.clusterId)
    return `cluster id ${hex(hello.clusterId)}, this member is of ${hex(self.clusterId)}`;
  if (hello.to !== self.memberId) return `meant for member ${hex(hello.to)}, this is ${hex(self.memberId)}`;
  if (hello.from === self.memberId) return 'another member uses the id of this one';
  return undefined;
}

/** An id as etcd prints it. */
export function hex(id: bigint): string {
  return id.toString(16);
}
