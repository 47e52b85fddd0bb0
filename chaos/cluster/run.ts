import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Prng } from '../../base/prng.ts';
import type { Violations } from '../checkers/operation.ts';
import { clock, MAX_DRIFT } from './faults/clock.ts';
import type { ClusterFault } from './faults/fault.ts';
import { type DoneFault, Schedule } from './faults/schedule.ts';
import { ApiServers } from './harness/api-servers.ts';
import { ChaosCluster, type ChaosMember } from './harness/cluster.ts';
import { PeerNetwork } from './harness/network.ts';
import { HistoryReader } from './history.ts';
import { Journal } from './journal.ts';
import { apiKnocks } from './kubernetes/knock.ts';
import { CLUSTER_LIMITS } from './limits.ts';
import { type Gap, memberKnocks, Probe } from './probe.ts';
import { settle } from './settle.ts';
import { Watchman } from './watchman.ts';
import type { ClusterUnderTest, ClusterWorkload } from './workload.ts';
import type { StoreWorkloadOptions } from './workloads/options.ts';

/** One run of chaos. */
export interface RunOptions {
  /** Exists, is empty, and is removed by the caller. */
  readonly directory: string;
  readonly members: number;
  readonly seed: number;
  readonly durationMs: number;
  /** From one fault to the next. */
  readonly everyMs: number;
  readonly faults: readonly ClusterFault[];
  readonly workloads: readonly ((options: StoreWorkloadOptions) => ClusterWorkload)[];
  /** An API server beside each member, whether a fault needs them or not. */
  readonly hasApiServers?: boolean;
  /** Of each workload. */
  readonly clients: number;
  readonly thinkMs: number;
  readonly tell: (line: string) => void;
  /** Ends it early, in good order. */
  readonly signal?: AbortSignal;
}

/** Something that must not be, and who noticed. */
export interface Finding {
  readonly checker: string;
  readonly text: string;
}

/** What a run came to. */
export interface RunReport {
  readonly findings: readonly Finding[];
  readonly faults: readonly DoneFault[];
  readonly gaps: readonly Gap[];
  /** The same through API servers; empty when the run has none. */
  readonly apiGaps: readonly Gap[];
  readonly workloads: readonly (ReturnType<ClusterWorkload['count']> & { readonly name: string })[];
  readonly revision: number;
  readonly durationMs: number;
  readonly checkMs: number;
  readonly journal: Journal;
}

/** The compiled command line beside this compiled file. */
const KEELSON = join(import.meta.dirname, '..', '..', 'cli', 'main.js');

/** The member whose disk and clock obey. */
const TEST_BUILD = join(import.meta.dirname, 'test-build', 'main.js');

/** Starts a cluster, lets clients work on it while faults are done to it, heals it, and checks what everybody was told. */
export async function runChaos(options: RunOptions): Promise<RunReport> {
  const journal = new Journal(options.tell);
  const findings: Finding[] = [];
  const { cluster, apiServers } = await plan(options, journal, findings);
  try {
    cluster.start();
    apiServers?.start();
    await cluster.untilReady();
    journal.say(`${options.members} members are up: ${cluster.clientUrls.join(' ')}`);
    await apiServers?.untilReady();
    if (apiServers !== undefined) journal.say(`API servers are up: ${apiServers.urls.join(' ')}`);
    return await runOn({ cluster, apiServers, journal, findings }, options);
  } finally {
    await apiServers?.stop();
    await cluster.stop();
  }
}

/** What a run goes on with. */
interface Stage {
  readonly cluster: ChaosCluster;
  readonly apiServers: ApiServers | undefined;
  readonly journal: Journal;
  readonly findings: Finding[];
}

/** Lays out what the faults and the workloads need; nothing runs yet. Errors: SmallDiskError. */
async function plan(
  options: RunOptions,
  journal: Journal,
  findings: Finding[],
): Promise<Pick<Stage, 'cluster' | 'apiServers'>> {
  const { directory, members, seed } = options;
  const needs = new Set(options.faults.flatMap((fault) => fault.needs ?? []));
  const cluster = await ChaosCluster.plan({
    directory,
    members,
    script: needs.has('test build') ? TEST_BUILD : KEELSON,
    network: needs.has('proxies') ? new PeerNetwork(new Prng(seed + 1)) : undefined,
    hasSmallDisks: needs.has('small disks'),
    onDied: (member, how) => findings.push(...diedByItself(journal, member, how)),
  });
  if (options.hasApiServers !== true && !needs.has('api servers')) return { cluster, apiServers: undefined };
  const apiServers = await ApiServers.plan({
    directory,
    memberUrls: cluster.clientUrls,
    script: KEELSON,
    onDied: (apiServer, how) => {
      const text = `${apiServer.name} ended by itself (${how}): ${apiServer.logTail()}`;
      findings.push({ checker: 'API servers', text });
    },
  });
  return { cluster, apiServers };
}

async function runOn(stage: Stage, options: RunOptions): Promise<RunReport> {
  const { cluster, apiServers, journal, findings } = stage;
  const { seed, clients, thinkMs } = options;
  const history = new HistoryReader();
  const drift = options.faults.includes(clock) ? MAX_DRIFT : 0;
  const workloads = options.workloads.map((make) => make({ clients, seed, thinkMs, history, drift }));
  const target: ClusterUnderTest = {
    members: cluster.clientUrls,
    apiservers: apiServers?.urls ?? [],
    credentials: apiServers?.credentials,
  };
  const [probe, apiProbe] = [new Probe(), apiServers === undefined ? undefined : new Probe()];
  const processes = apiServers?.processes ?? [];
  const schedule = new Schedule({ ...options, cluster, apiServers: processes, journal, prng: new Prng(seed) });
  const watchman = new Watchman({ cluster, journal, workloads, schedule });
  const startMs = performance.now();
  const stopped = new AbortController();
  const work = Promise.all([
    ...workloads.map((workload) => workload.run(target, stopped.signal)),
    probe.run(memberKnocks(cluster.clientUrls), stopped.signal),
    apiProbe?.run(apiKnocks(target), stopped.signal),
    watchman.run(stopped.signal),
  ]);
  await breakThings(schedule, work, options);
  const healedMs = heal(stage);
  await sleep(CLUSTER_LIMITS.calmMs);
  stopped.abort();
  await work;
  const endMs = performance.now();
  await judge(stage, { workloads, target, history });
  return {
    findings,
    faults: schedule.done,
    gaps: probe.gaps(schedule.done, healedMs + CLUSTER_LIMITS.calmMs),
    apiGaps: apiProbe?.gaps(schedule.done, healedMs + CLUSTER_LIMITS.calmMs) ?? [],
    workloads: workloads.map((workload) => ({ name: workload.name, ...workload.count() })),
    revision: await history.read(target).then(
      ({ log }) => log.last,
      () => 0,
    ),
    durationMs: endMs - startMs,
    checkMs: performance.now() - endMs,
    journal,
  };
}

/** Until the time is over, the caller has had enough, or what clients do has failed. */
async function breakThings(schedule: Schedule, work: Promise<unknown>, options: RunOptions): Promise<void> {
  const over = new AbortController();
  const faults = schedule.run(over.signal);
  const { durationMs, signal } = options;
  const time = sleep(durationMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  await Promise.race([time, work, faults]).finally(() => over.abort());
  await faults;
}

function heal({ cluster, apiServers, journal }: Stage): number {
  cluster.start();
  apiServers?.start();
  journal.note('healed', 'everything is healed');
  return performance.now();
}

/** Everything that must hold once the cluster is whole again. */
async function judge(
  { cluster, apiServers, journal, findings }: Stage,
  of: {
    readonly workloads: readonly ClusterWorkload[];
    readonly target: ClusterUnderTest;
    readonly history: HistoryReader;
  },
): Promise<void> {
  const { workloads, target, history } = of;
  const find = (checker: string, texts: Violations): void =>
    texts.forEach((text) => {
      findings.push({ checker, text });
    });
  find('cluster', await settle(cluster));
  await apiServers?.untilReady().catch(({ message }: Error) => find('API servers', [message]));
  for (const workload of workloads) find(workload.name, await workload.check(target).catch(unchecked));
  find('same history', await history.read(target).then(({ violations }) => violations, unchecked));
  for (const { checker, text } of findings.slice(0, CLUSTER_LIMITS.toldFindings))
    journal.note('finding', `${checker}: ${text}`);
}

const unchecked = (error: unknown): Violations => [`cannot be checked: ${String(error)}`];

function diedByItself(journal: Journal, member: ChaosMember, how: string): readonly Finding[] {
  journal.note('note', `${member.name} ended by itself: ${how}`, member.name);
  if (member.excuse !== undefined) return [];
  return [{ checker: 'members', text: `${member.name} ended by itself (${how}): ${member.process.logTail()}` }];
}
