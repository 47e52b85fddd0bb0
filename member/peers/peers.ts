import type { MemberId } from '../../base/brand.ts';
import { StoreError } from '../../base/store-error.ts';
import type { Clock, Network, Random } from '../../io/doors.ts';
import { encodePeerFrame, type PeerFrame, type PeerHello } from '../../proto/gen/peer.ts';
import type { Message } from '../../raft/types.ts';
import { PEER_LIMITS } from '../limits.ts';
import { serveConnection } from './acceptor.ts';
import { AppendEncoder } from './append-encoder.ts';
import { NotSentError, PeerCalls, type PeerQuestion, type PeerResult } from './calls.ts';
import { helloTo, hex, isJoining, type PeerIdentity, refusalOf } from './hello.ts';
import { PeerLink } from './link.ts';
import { fromWire, toWire } from './message-codec.ts';

/** Where another member is reached. */
export interface PeerAddress {
  readonly id: MemberId;
  /** `host:port` of each of its peer URLs. */
  readonly addresses: readonly string[];
}

/** What happened between members, for logs and metrics. */
export type PeerFact =
  | { readonly type: 'connected'; readonly peer: bigint; readonly roundTripMs: number }
  | { readonly type: 'disconnected'; readonly peer: bigint; readonly reason: string }
  | { readonly type: 'refused'; readonly remote: string; readonly reason: string };

/** Counts of what went between this member and another. */
export interface PeerTraffic {
  readonly id: MemberId;
  readonly isConnected: boolean;
  readonly sentBytes: number;
  readonly failedSends: number;
  readonly receivedBytes: number;
}

export interface PeersOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly self: PeerIdentity;
  readonly isRemoved: (member: bigint) => boolean;
  readonly onMessage: (message: Message) => void;
  readonly onUnreachable: (member: MemberId) => void;
  /** Answers a call of another member. Errors (StoreError) travel back. */
  readonly onCall: (from: bigint, call: PeerQuestion) => PeerResult | Promise<PeerResult>;
  readonly onFact: (fact: PeerFact) => void;
  /** A member of this cluster has connected to this one. */
  readonly onHeard: (member: MemberId) => void;
  /** Another member says that this one was removed from the cluster. */
  readonly onRemoved: () => void;
}

/** Messages wait in line behind each other; snapshot chunks have a line of their own, so that they never delay a heartbeat. */
interface Peer {
  addresses: readonly string[];
  attempt: number;
  readonly calls: PeerCalls;
  readonly control: PeerLink;
  readonly bulk: PeerLink;
}

/** No name of a host is longer, its port included. */
const MAX_ADDRESS = 262;

/** The other members, as this one reaches them and is reached by them. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #peers = new Map<MemberId, Peer>();
  /** Those of them that are no members as far as this one knows; the one met first is first. */
  readonly #strangers = new Set<MemberId>();
  readonly #listeners: { readonly address: string; close(): Promise<void> }[] = [];
  readonly #appends = new AppendEncoder();
  #closed = false;
  /** By member; those who have left are forgotten with their links. */
  readonly #received = new Map<bigint, number>();

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /** Starts to accept connections of other members, at one more address. Returns the `host:port` that was bound. Errors: NetworkError. */
  async listen(address: string): Promise<string> {
    const { network, clock, self, isRemoved, onMessage, onCall, onFact, onHeard } = this.#options;
    const listener = await network.listen(address, (connection) => {
      if (this.#closed) {
        connection.close();
        return;
      }
      serveConnection(connection, {
        clock,
        self,
        isRemoved,
        onHello: (from, addresses) => {
          this.#meet(from as MemberId, addresses);
          onHeard(from as MemberId);
        },
        onRaft: (wire) => {
          const message = fromWire(wire);
          if (message !== undefined && !this.#closed) onMessage(message);
        },
        onCall,
        onReceived: (from, sizeBytes) => this.#received.set(from, (this.#received.get(from) ?? 0) + sizeBytes),
        onRefused: (remote, reason) => onFact({ type: 'refused', remote, reason }),
      });
    });
    this.#listeners.push(listener);
    return listener.address;
  }

  /** From now on these are the others; links to members that are not among them are closed. */
  setMembers(members: readonly PeerAddress[]): void {
    if (this.#closed) return;
    const wanted = new Map(members.filter((m) => m.id !== this.#options.self.memberId).map((m) => [m.id, m.addresses]));
    for (const [id, peer] of this.#peers) {
      const stays = wanted.has(id) || (this.#strangers.has(id) && !this.#options.isRemoved(id));
      if (!stays) this.#drop(id, peer);
    }
    for (const [id, addresses] of wanted) {
      this.#strangers.delete(id);
      const peer = this.#peers.get(id);
      if (peer === undefined) this.#peers.set(id, this.#makePeer(id, addresses));
      else peer.addresses = addresses;
    }
  }

  /**
   * A member that this one does not know: it joined while this one was away, and may lead by now. It can only bring this one up to date
   * when it is answered, so it is answered where it says it is. Source: etcd rafthttp, addRemoteFromRequest.
   */
  #meet(id: MemberId, addresses: readonly string[]): void {
    if (this.#closed) return;
    const peer = this.#peers.get(id);
    if (peer !== undefined) {
      peer.control.hurry();
      peer.bulk.hurry();
      return;
    }
    const some = addresses.slice(0, PEER_LIMITS.maxStrangerAddresses).filter((address) => address.length < MAX_ADDRESS);
    if (some.length === 0) return;
    const [oldest] = this.#strangers;
    const known = oldest === undefined ? undefined : this.#peers.get(oldest);
    if (this.#strangers.size >= PEER_LIMITS.maxStrangers && oldest !== undefined && known !== undefined)
      this.#drop(oldest, known);
    this.#strangers.add(id);
    this.#peers.set(id, this.#makePeer(id, some));
  }

  /** Sends each message or drops it; of one that was dropped `onUnreachable` tells. */
  send(messages: readonly Message[]): void {
    for (const message of messages) {
      const peer = this.#peers.get(message.to);
      const link = message.type === 'snapshot-chunk' ? peer?.bulk : peer?.control;
      const sent = link?.send(...this.#encode(message));
      if (sent !== true) this.#options.onUnreachable(message.to);
    }
    this.#appends.forget();
  }

  #encode(message: Message): readonly Uint8Array[] {
    if (message.type === 'append') return this.#appends.encode(message);
    return [encodePeerFrame({ frame: { case: 'raft', raft: toWire(message) } })];
  }

  /** Asks another member. Errors: its answer; NotSentError when it certainly was not asked; TIMEOUT, TIMEOUT_CONNECTION_LOST. */
  async call(to: MemberId, call: PeerQuestion, timeoutMs: number): Promise<PeerResult> {
    const peer = this.#peers.get(to);
    if (peer === undefined) throw new NotSentError();
    return peer.calls.start(call, timeoutMs, (numbered) =>
      peer.control.send(encodePeerFrame({ frame: { case: 'call', call: numbered } })),
    );
  }

  /** The revision of the protocol that this member and another both understand; 0 while they are not connected. */
  revision(member: MemberId): number {
    return this.#peers.get(member)?.control.revision ?? 0;
  }

  /** Since when the member has been connected without a break; undefined when it is not. */
  connectedSinceMs(member: MemberId): number | undefined {
    return this.#peers.get(member)?.control.openSinceMs;
  }

  /** What went to and came from each other member since they were made known. */
  traffic(): readonly PeerTraffic[] {
    return [...this.#peers].map(([id, { control, bulk }]) => ({
      id,
      isConnected: control.openSinceMs !== undefined,
      sentBytes: control.traffic.sentBytes + bulk.traffic.sentBytes,
      failedSends: control.traffic.failedSends + bulk.traffic.failedSends,
      receivedBytes: this.#received.get(id) ?? 0,
    }));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const [id, peer] of this.#peers) this.#drop(id, peer);
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  #makePeer(id: MemberId, addresses: readonly string[]): Peer {
    const calls = new PeerCalls(this.#options.clock);
    const control = this.#makeLink(id, {
      onAnswer: (frame) => {
        if (frame?.case === 'answer') calls.answer(frame.answer);
        else if (frame?.case === 'hello') this.#heard(frame.hello);
      },
      onDown: () => calls.failAll(),
      isTold: true,
    });
    const bulk = this.#makeLink(id, { onAnswer: () => undefined, onDown: () => undefined, isTold: false });
    return { addresses, attempt: 0, calls, control, bulk };
  }

  #makeLink(
    id: MemberId,
    handlers: {
      readonly onAnswer: (frame: PeerFrame['frame']) => void;
      readonly onDown: () => void;
      readonly isTold: boolean;
    },
  ): PeerLink {
    const { network, clock, random, self, onUnreachable, onFact } = this.#options;
    let down = false;
    return new PeerLink({
      network,
      clock,
      random,
      address: () => this.#nextAddress(id),
      hello: () => helloTo(self, id),
      refusal: (hello) => this.#refusal(id, hello),
      onFrame: handlers.onAnswer,
      onOpen: ({ roundTripMs }) => {
        down = false;
        if (handlers.isTold) onFact({ type: 'connected', peer: id, roundTripMs });
      },
      onDown: (reason, wasOpen) => {
        handlers.onDown();
        if (wasOpen) onUnreachable(id);
        if (handlers.isTold && !down) onFact({ type: 'disconnected', peer: id, reason });
        down = true;
      },
    });
  }

  #refusal(id: MemberId, hello: PeerHello): string | undefined {
    this.#heard(hello);
    if (hello.from !== id) return `member ${hex(id)} was expected there, found ${hex(hello.from)}`;
    return isJoining(hello) ? 'a member that has not joined yet' : refusalOf(this.#options.self, hello);
  }

  /** Only who is of the same cluster can know. */
  #heard(hello: PeerHello): void {
    const { self, onRemoved } = this.#options;
    if (hello.removed && hello.clusterId === self.clusterId && hello.to === self.memberId) onRemoved();
  }

  #nextAddress(id: MemberId): string | undefined {
    const peer = this.#peers.get(id);
    if (peer === undefined || peer.addresses.length === 0) return undefined;
    return peer.addresses[peer.attempt++ % peer.addresses.length];
  }

  #drop(id: MemberId, peer: Peer): void {
    this.#strangers.delete(id);
    this.#peers.delete(id);
    this.#received.delete(id);
    peer.control.close();
    peer.bulk.close();
    peer.calls.failAll();
  }
}

/** The answer that was asked for. Errors: INTERNAL when the other member answered something else. */
export function resultOf<C extends PeerResult['case']>(
  result: PeerResult,
  expected: C,
): Extract<PeerResult, { case: C }> {
  if (result.case !== expected) throw new StoreError('INTERNAL', `a ${result.case} answer to another question`);
  return result as Extract<PeerResult, { case: C }>;
}
