import { byteString } from '../../base/bytes.ts';
import { Prng } from '../../base/prng.ts';
import type { KvClient } from '../../client/kv-client.ts';
import type { InitialMember, MemberConfig } from '../../member/config.ts';
import type { MemberFact } from '../../member/observer.ts';
import { EMPTY_RANGE_REQUEST } from '../../proto/gen/etcd.ts';
import type { WatchLog } from './checks.ts';
import { SimClock } from './clock.ts';
import { History, type Operation } from './history.ts';
import { SimNetwork } from './network.ts';
import { type Life, SimMember } from './sim-member.ts';
import { Trace } from './trace.ts';
import { recordLife } from './workload.ts';

export interface WorldOptions {
  readonly members: number;
  readonly tell?: ((line: string) => void) | undefined;
}

/** A cluster of whole members in one process and one virtual time; everything that is left to chance comes from the seed. */
export class World {
  readonly clock = new SimClock();
  readonly prng: Prng;
  readonly network: SimNetwork;
  readonly members: readonly SimMember[];
  readonly trace: Trace;
  readonly violations: string[] = [];
  readonly history = new History(this.violations);
  readonly operations: Operation[] = [];
  readonly watches: WatchLog[] = [];
  /** Settles when nobody should go on. */
  readonly stopped: Promise<undefined>;
  /** Clients begin nothing new. */
  isOver = false;
  isStopped = false;
  #stop: () => void = () => undefined;
  #turn = 0;

  constructor(seed: number, options: WorldOptions) {
    this.prng = new Prng(seed);
    this.trace = new Trace(options.tell);
    this.stopped = new Promise((resolve) => {
      this.#stop = () => resolve(undefined);
    });
    this.network = new SimNetwork({ clock: this.clock, prng: new Prng(this.prng.uint32()) });
    const initial = Array.from({ length: options.members }, (_, i) => `m${i + 1}`).map((name) => ({
      name,
      peerUrls: [`http://${name}:2380`],
    }));
    const [compactEveryEntries, catchUpEntries] = this.prng.pick([
      [10, 2],
      [50, 10],
      [100_000, 5000],
    ] as const);
    // Small segments, so that the log changes files and gives some up in nearly every run.
    const limits = { compactEveryEntries, catchUpEntries, walSegmentBytes: 32 * 1024, walAllocateStepBytes: 8 * 1024 };
    // And small outboxes, so that watchers fall behind and catch up from memory and from the backend.
    const watchLimits = this.prng.pick([
      {},
      { recentRevisions: 8, outboxResponses: 3, catchUpRevisions: 5, catchUpBytes: 300 },
    ] as const);
    this.members = initial.map(({ name }) => this.#makeMember({ ...configOf(name, initial), limits, watchLimits }));
  }

  /** Where a moment stands in the order of the run. */
  nextTurn(): number {
    return ++this.#turn;
  }

  /** A member that runs, at random. */
  someMember(prng: Prng): { readonly name: string; readonly life: Life; readonly kv: KvClient } | undefined {
    const running = this.members.filter((member) => member.running !== undefined);
    if (running.length === 0) return undefined;
    const member = prng.pick(running);
    const life = member.running;
    return life === undefined ? undefined : { name: member.name, life, kv: life.client };
  }

  start(): void {
    for (const member of this.members) member.start();
  }

  /** Makes everything whole again: all members run, nothing is cut, slowed or lost. */
  heal(): void {
    this.network.heal();
    this.network.setLoss(0);
    this.network.setDelay(0.2, 3);
    for (const member of this.members) member.start();
  }

  stop(): void {
    this.isStopped = true;
    this.#stop();
  }

  /** All members have applied the same, and there is one leader. */
  isSettled(): boolean {
    const statuses = this.members.map((member) => member.running?.member.raftStatus());
    const [first] = statuses;
    if (first === undefined || first.leader === 0n) return false;
    return statuses.every(
      (s) =>
        s !== undefined &&
        s.leader === first.leader &&
        s.applied === first.applied &&
        s.commit === first.commit &&
        s.applied === s.commit,
    );
  }

  #makeMember(config: MemberConfig): SimMember {
    const { clock, network, prng } = this;
    return new SimMember({
      config,
      clock,
      network,
      prng,
      onFact: (life, fact) => this.#onFact(config.name, life, fact),
      onStarted: (life, member) => {
        const running = this.members.find(({ name }) => name === config.name)?.running;
        if (running !== undefined && life === running)
          void recordLife(this, config.name, running, member.machine.revision + 1);
      },
      onStartFailed: (error) =>
        this.violations.push(`${config.name} could not start: ${error instanceof Error ? error.stack : String(error)}`),
    });
  }

  #onFact(name: string, life: Life, fact: MemberFact): void {
    this.trace.add(
      `${this.clock.nowMs()} ${name}#${life.number} ${JSON.stringify(fact, (_, v) => (typeof v === 'bigint' ? v.toString(16) : v))}`,
    );
    if (fact.type === 'failed') this.violations.push(`${name} failed: ${fact.reason}`);
  }
}

/** Everything a client can see of a member, as text: equal on all members that have applied the same. */
export function contentOf(member: SimMember): string {
  const machine = member.running?.member.machine;
  if (machine === undefined) return 'down';
  const plan = machine.range({ ...EMPTY_RANGE_REQUEST, key: '\0', rangeEnd: '\0' });
  const kvs = plan.type === 'ready' ? plan.kvs.map((kv) => byteString(kv)) : [plan.type];
  const leases = machine
    .leaseIds()
    .map((id) => [id.toString(16), machine.lease(id)?.keys, machine.lease(id)?.grantedTtlSeconds]);
  const members = machine.members().map(({ ID, ...rest }) => ({ ...rest, ID: ID.toString(16) }));
  return JSON.stringify({ revision: machine.revision, compact: machine.compactRevision, kvs, leases, members });
}

function configOf(name: string, initial: readonly InitialMember[]): MemberConfig {
  return {
    name,
    dataDir: `/${name}`,
    listenPeerAddress: `${name}:2380`,
    advertisePeerUrls: [`http://${name}:2380`],
    advertiseClientUrls: [`http://${name}:2379`],
    initialCluster: initial,
    initialClusterState: 'new',
    initialClusterToken: 'sim',
    serverVersion: '3.6.0',
    tickMs: 20,
  };
}
