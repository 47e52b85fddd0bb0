import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { AuthClient } from '../../client/auth-client.ts';
import type { KvClient } from '../../client/kv-client.ts';
import type { Disk } from '../../io/doors.ts';
import { nodeClock } from '../../io/node/clock.ts';
import { nodeDisk } from '../../io/node/disk.ts';
import { nodeNetwork } from '../../io/node/network.ts';
import { createNodePasswords } from '../../io/node/passwords.ts';
import { nodeRandom } from '../../io/node/random.ts';
import { localAuth } from '../../member/auth/local-auth.ts';
import type { InitialMember, MemberConfig } from '../../member/config.ts';
import type { MemberDoors } from '../../member/doors.ts';
import { localClient, publicClient } from '../../member/local-client.ts';
import { type Member, startMember } from '../../member/member.ts';
import type { MemberFact } from '../../member/observer.ts';
import { COMMAND_FORMAT } from '../../proto/command.ts';
import type { BackendStore } from '../../storage/backend/backend.ts';
import { rocksStore } from '../../storage/backend/rocks.ts';

const passwords = createNodePasswords();

/** The real world's doors; facts go to `facts`. */
export function realDoors(facts: MemberFact[] = []): MemberDoors {
  return {
    clock: nodeClock,
    random: nodeRandom,
    disk: nodeDisk,
    network: nodeNetwork,
    backends: rocksStore(nodeDisk),
    passwords,
    observer: { fact: (fact) => facts.push(fact) },
    soon: setImmediate,
  };
}

/** Every cluster is gone when the tests of the file are over. */
const created: RealCluster[] = [];
after(() => Promise.all(created.map((cluster) => cluster.destroy())));

/** Members in this process, on real files and real sockets, with short elections. */
export class RealCluster {
  readonly members = new Map<string, Member>();
  readonly facts = new Map<string, MemberFact[]>();
  /** Members that run as an older version would: its format of data directories, and the one of commands that came with it. */
  readonly formats = new Map<string, number>();
  /** Members with a disk of their own kind; `nodeDisk` unless given. */
  readonly disks = new Map<string, Disk>();
  /** Members with backends of their own kind; RocksDB unless given. */
  readonly backends = new Map<string, BackendStore>();
  readonly #dir: string;
  readonly #joined = new Set<string>();
  readonly initial: InitialMember[];
  readonly #config: Partial<MemberConfig>;

  private constructor(dir: string, initial: readonly InitialMember[], config: Partial<MemberConfig>) {
    this.#dir = dir;
    this.initial = [...initial];
    this.#config = config;
  }

  static async create(size: number, config: Partial<MemberConfig> = {}): Promise<RealCluster> {
    const dir = await mkdtemp(join(tmpdir(), 'keelson-member-'));
    const ports = await freePorts(size);
    const initial = ports.map((port, i) => ({ name: `m${i + 1}`, peerUrls: [`http://127.0.0.1:${port}`] }));
    const cluster = new RealCluster(dir, initial, config);
    created.push(cluster);
    return cluster;
  }

  get names(): readonly string[] {
    return this.initial.map((member) => member.name);
  }

  /** A member that joins the running cluster when it is started. */
  add(member: InitialMember): void {
    this.initial.push(member);
    this.#joined.add(member.name);
  }

  config(name: string): MemberConfig {
    const own = this.initial.find((member) => member.name === name);
    const advertisePeerUrls = own?.peerUrls ?? [];
    const format = this.formats.get(name);
    return {
      name,
      dataDir: join(this.#dir, name),
      listenPeerAddresses: advertisePeerUrls.map((url) => new URL(url).host),
      advertisePeerUrls,
      advertiseClientUrls: [`http://${name}.invalid:2379`],
      initialCluster: this.initial,
      initialClusterState: this.#joined.has(name) ? 'existing' : 'new',
      initialClusterToken: 'test',
      serverVersion: '3.6.0',
      tickMs: 20,
      ...(format !== undefined && { format: Math.min(format, COMMAND_FORMAT), directoryFormat: format }),
      ...this.#config,
    };
  }

  async start(...names: readonly string[]): Promise<void> {
    for (const name of names.length > 0 ? names : this.names) {
      const facts = this.facts.get(name) ?? [];
      this.facts.set(name, facts);
      const disk = this.disks.get(name);
      const backends = this.backends.get(name);
      const own = { ...(disk !== undefined && { disk }), ...(backends !== undefined && { backends }) };
      const doors = { ...realDoors(facts), ...own };
      this.members.set(name, await startMember(this.config(name), doors));
    }
  }

  member(name: string): Member {
    const member = this.members.get(name);
    if (member === undefined) throw new TypeError(`${name} does not run`);
    return member;
  }

  client(name: string): KvClient {
    return localClient(this.member(name));
  }

  /** The member as clients from outside reach it. */
  public(name: string): KvClient {
    return publicClient(this.member(name));
  }

  auth(name: string): AuthClient {
    return localAuth(this.member(name));
  }

  /** Ends a member without warning: what it had not written is lost, nobody is told. */
  async kill(name: string): Promise<void> {
    const member = this.member(name);
    this.members.delete(name);
    await member.abandon();
  }

  /** The name of the leader that a majority agrees on. */
  async leader(): Promise<string> {
    return until(() => {
      const running = [...this.members];
      const leading = running.find(([, member]) => member.isLeader);
      const followers = running.filter(([, member]) => member.leader === leading?.[1].id).length;
      return leading !== undefined && followers > this.names.length / 2 ? leading[0] : undefined;
    });
  }

  async destroy(): Promise<void> {
    const members = [...this.members.values()];
    this.members.clear();
    await Promise.all(members.map((member) => member.abandon()));
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** A cluster that runs and has a leader. */
export async function runningCluster(size: number, config: Partial<MemberConfig> = {}): Promise<RealCluster> {
  const cluster = await RealCluster.create(size, config);
  await cluster.start();
  await cluster.leader();
  return cluster;
}

/** Asks again and again until there is an answer, for 15 seconds. */
export async function until<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 1500; i++) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('waited too long');
}

/** A port of the loopback interface that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  return (await freePorts(1))[0] ?? 0;
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
