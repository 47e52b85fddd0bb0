import { COMMAND_FORMAT, FIRST_COMMAND_FORMAT } from '../../proto/command.ts';
import type { PeerHello } from '../../proto/gen/peer.ts';

/** Version of the protocol between members; members of different versions refuse each other. */
export const PEER_PROTOCOL_VERSION = 1;

/** What this program understands beyond it; members go by what both understand (proto/peer.proto, protocol_revision). */
export const PEER_PROTOCOL_REVISION = 1;

/** Who this member is to others. */
export interface PeerIdentity {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly serverVersion: string;
  /** `host:port` at which it is reached. */
  readonly addresses: readonly string[];
  /** The newest format of commands that this member understands. */
  readonly commandFormat: number;
  /** The one that all members of the cluster must understand. */
  readonly clusterFormat: () => number;
}

/** The first frame that is sent on a connection; `to` is 0 when the receiver's id is not known yet. */
export function helloTo(self: PeerIdentity, to: bigint): PeerHello {
  const { clusterId, memberId: from, serverVersion, commandFormat, addresses } = self;
  const protocolVersion = PEER_PROTOCOL_VERSION;
  const protocolRevision = revisionOf(self);
  return {
    ...{ clusterId, from, to, protocolVersion, serverVersion, removed: false, commandFormat, addresses },
    protocolRevision,
  };
}

/** Who runs as an older version does, by its format of commands, speaks as one. */
function revisionOf({ commandFormat }: { readonly commandFormat: number }): number {
  return commandFormat < COMMAND_FORMAT ? 0 : PEER_PROTOCOL_REVISION;
}

/** What both sides understand, by their hellos. */
export function sharedRevision(own: PeerHello, other: PeerHello): number {
  return Math.min(own.protocolRevision, other.protocolRevision);
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
  const commandFormat = commandFormatOf(hello);
  if (commandFormat < self.clusterFormat()) {
    return `it understands commands of format ${commandFormat}, the cluster writes format ${self.clusterFormat()}: upgrade it`;
  }
  if (isJoining(hello)) return undefined;
  if (hello.clusterId !== self.clusterId)
    return `cluster id ${hex(hello.clusterId)}, this member is of ${hex(self.clusterId)}`;
  if (hello.to !== self.memberId) return `meant for member ${hex(hello.to)}, this is ${hex(self.memberId)}`;
  if (hello.from === self.memberId) return 'another member uses the id of this one';
  return undefined;
}

/** The newest format of commands that the sender understands; versions before the field was made understand the first. */
export function commandFormatOf({ commandFormat }: { readonly commandFormat: number }): number {
  return Math.max(FIRST_COMMAND_FORMAT, commandFormat);
}

/** An id as etcd prints it. */
export function hex(id: bigint): string {
  return id.toString(16);
}
