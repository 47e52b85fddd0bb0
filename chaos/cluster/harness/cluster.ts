import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { assert } from '../../../base/assert.ts';
import { connectKvClient } from '../../../client/grpc-client.ts';
import type { KvClient } from '../../../client/kv-client.ts';
import type { StatusResponse } from '../../../proto/gen/etcd.ts';
import { CLUSTER_LIMITS } from '../limits.ts';
import type { PeerNetwork } from './network.ts';
import { lastingPorts } from './ports.ts';
import { ChaosProcess } from './process.ts';
import { SmallDisk } from './small-disk.ts';

/** A member of the cluster under test: its process, where it is, and a connection of the harness to it. */
export interface ChaosMember {
  readonly name: string;
  readonly clientUrl: string;
  /** Under which others reach it; with proxies it listens on another one. */
  readonly peerUrl: string;
  readonly listenPeerUrl: string;
  readonly dataDir: string;
  readonly process: ChaosProcess;
  readonly kv: KvClient;
  /** The file system that is its own, where disks are to be filled. */
  readonly disk: SmallDisk | undefined;
  /** Why it may end by itself just now: what was done to its disk, say. */
  excuse: string | undefined;
  /** It was there when the cluster was founded; a later one joins. */
  isFounder: boolean;
}

export interface ChaosClusterOptions {
  /** Everything of the cluster lies in it. */
  readonly directory: string;
  readonly members: number;
  /** Undefined: members talk to each other directly, and nothing can be done to their network. */
  readonly network: PeerNetwork | undefined;
  /** Each member gets a file system of its own. */
  readonly hasSmallDisks: boolean;
  /** The compiled program that runs a member: the command line, or the test build. */
  readonly script: string;
  /** A member ended that nobody had killed. */
  readonly onDied: (member: ChaosMember, how: string) => void;
}

/** What a member says about itself; undefined when it does not answer in time. */
export interface MemberLook {
  readonly member: ChaosMember;
  readonly status: StatusResponse | undefined;
}

/** A cluster of real processes on the loopback. */
export class ChaosCluster {
  readonly members: readonly ChaosMember[];
  readonly #network: PeerNetwork | undefined;

  private constructor(members: readonly ChaosMember[], network: PeerNetwork | undefined) {
    this.members = members;
    this.#network = network;
  }

  /** Lays out a cluster; nothing runs yet. */
  static async plan(options: ChaosClusterOptions): Promise<ChaosCluster> {
    const { directory, members: count } = options;
    mkdirSync(join(directory, 'logs'), { recursive: true, mode: 0o700 });
    const ports = await lastingPorts(3 * count);
    const disks = options.hasSmallDisks ? await SmallDisk.makeAll(directory, count) : [];
    const places = Array.from({ length: count }, (_, i): Place => {
      const [client, peer, own] = ports.slice(3 * i, 3 * i + 3);
      return {
        name: `m${i + 1}`,
        clientUrl: `http://127.0.0.1:${client}`,
        peerUrl: `http://127.0.0.1:${peer}`,
        listenPeerUrl: `http://127.0.0.1:${options.network === undefined ? peer : own}`,
        disk: disks[i],
        dataDir: join(disks[i]?.path ?? directory, `m${i + 1}`),
      };
    });
    for (const { name, peerUrl, listenPeerUrl } of places)
      await options.network?.stand(name, portOf(peerUrl), portOf(listenPeerUrl));
    const initialCluster = places.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(',');
    const members = places.map((place): ChaosMember => {
      const member: ChaosMember = {
        ...place,
        kv: connectKvClient({ endpoints: [place.clientUrl] }),
        excuse: undefined,
        isFounder: true,
        process: new ChaosProcess({
          name: place.name,
          script: options.script,
          args: () => memberArgs(member, initialCluster),
          logPath: join(directory, 'logs', `${place.name}.log`),
          onDied: (how) => options.onDied(member, how),
        }),
      };
      return member;
    });
    return new ChaosCluster(members, options.network);
  }

  get network(): PeerNetwork {
    assert(this.#network !== undefined, 'a fault of the network needs proxies');
    return this.#network;
  }

  get clientUrls(): readonly string[] {
    return this.members.map(({ clientUrl }) => clientUrl);
  }

  /** Starts whoever is down. */
  start(): void {
    for (const { process } of this.members) process.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(({ process }) => process.stop()));
    await Promise.all(this.members.map(({ kv }) => kv.close()));
    this.#network?.close();
    for (const { disk } of this.members) await disk?.unmount();
  }

  /** Asks everybody at once how they are. */
  async look(): Promise<readonly MemberLook[]> {
    const looks = await Promise.all(this.members.map(async (member) => ({ member, status: await statusOf(member) })));
    this.#learn(looks);
    return looks;
  }

  /** Who leads as far as anybody can say now: of several who think so the one of the latest term. */
  async leader(): Promise<ChaosMember | undefined> {
    return leaderAmong(await this.look());
  }

  /** Resolves when every member answers and all agree on who leads. Errors: what is missing, when the time is over. */
  async untilReady(): Promise<void> {
    const untilMs = performance.now() + CLUSTER_LIMITS.readyMs;
    for (;;) {
      const looks = await this.look();
      const leaders = new Set(looks.map(({ status }) => status?.leader ?? 0n));
      if (leaders.size === 1 && !leaders.has(0n)) return;
      if (performance.now() > untilMs) throw new NotReady(looks);
      await pause(CLUSTER_LIMITS.pollMs);
    }
  }

  #learn(looks: readonly MemberLook[]): void {
    for (const { member, status } of looks) this.#network?.learn(status?.header?.memberId ?? 0n, member.name);
  }
}

/** Where a member is. */
type Place = Pick<ChaosMember, 'name' | 'clientUrl' | 'peerUrl' | 'listenPeerUrl' | 'dataDir' | 'disk'>;

const portOf = (url: string): number => Number(new URL(url).port);

/** Not everybody serves. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
  constructor(looks: readonly MemberLook[]) {
    const lines = looks.map(({ member, status }) => {
      if (status !== undefined) return `${member.name} thinks that ${status.leader.toString(16)} leads`;
      return `${member.name} (${member.process.isDown ? 'down' : `pid ${member.process.pid}`}) does not answer`;
    });
    super(`the cluster is not whole after ${CLUSTER_LIMITS.readyMs} ms: ${lines.join(', ')}`);
  }
}

/** Of those who think that they lead the one of the latest term. */
export function leaderAmong(looks: readonly MemberLook[]): ChaosMember | undefined {
  let best: MemberLook | undefined;
  for (const look of looks) {
    const { status } = look;
    if (status === undefined || status.leader === 0n || status.header?.memberId !== status.leader) continue;
    if (best?.status === undefined || status.raftTerm > best.status.raftTerm) best = look;
  }
  return best?.member;
}

async function statusOf({ kv, process }: ChaosMember): Promise<StatusResponse | undefined> {
  if (process.isDown || process.isPaused) return undefined;
  return kv.status({ timeoutMs: CLUSTER_LIMITS.lookTimeoutMs }).catch(() => undefined);
}

function memberArgs(member: ChaosMember, initialCluster: string): readonly string[] {
  const { name, clientUrl, peerUrl, listenPeerUrl, dataDir, isFounder } = member;
  return [
    ...['member', '--name', name, '--data-dir', dataDir],
    ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
    ...['--listen-peer-urls', listenPeerUrl, '--initial-advertise-peer-urls', peerUrl],
    ...['--initial-cluster-state', isFounder ? 'new' : 'existing'],
    ...['--initial-cluster', initialCluster, '--initial-cluster-token', 'chaos', '--log-level', 'info'],
  ];
}
