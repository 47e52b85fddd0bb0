import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Prng } from '../../base/prng.ts';
import { clock, MAX_DRIFT } from './faults/clock.ts';
import type { ClusterFault } from './faults/fault.ts';
import { type DoneFault, Schedule } from './faults/schedule.ts';
import { ApiServers } from './harness/api-servers.ts';
import { ChaosCluster, type ChaosMember } from './harness/cluster.ts';
import { PeerNetwork } from './harness/network.ts';
import { HistoryReader } from './history.ts';
import { Journal } from './journal.ts';
import { CLUSTER_LIMITS } from './limits.ts';
import { type Gap, Probe } from './probe.ts';
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
  const needs = new Set(options.faults.flatMap((fault) => fault.needs ?? []));
  const cluster = await ChaosCluster.plan({
    directory: options.directory,
    members: options.members,
    script: needs.has('test build') ? TEST_BUILD : KEELSON,
    network: needs.has('proxies') ? new PeerNetwork(new Prng(options.seed + 1)) : undefined,
    hasSmallDisks: needs.has('small disks'),
    onDied: (member, how) => findings.push(...diedByItself(journal, member, how)),
  });
  const hasApiServers = options.hasApiServers === true || needs.has('api servers');
  const apiServers = hasApiServers
    ? await ApiServers.plan({
        directory: options.directory,
        memberUrls: cluster.clientUrls,
        script: KEELSON,
        onDied: (apiServer, how) =>
          findings.push({
            checker: 'API servers',
            text: `${apiServer.name} ended by itself (${how}): ${apiServer.logTail()}`,
          }),
      })
    : undefined;
  try {
    cluster.start();
    apiServers?.start();
    await cluster.untilReady();
    journal.say(`${options.members} members are up: ${cluster.clientUrls.join(' ')}`);
    await apiServers?.untilReady();
    if (apiServers !== undefined) journal.say(`API servers are up: ${apiServers.urls.join(' ')}`);
    return await runOn({ cluster, apiServers }, journal, { ...options, findings });
  } finally {
    await apiServers?.stop();
    await cluster.stop();
  }
}

async function runOn(
  { cluster, apiServers }: { readonly cluster: ChaosCluster; readonly apiServers: ApiServers | undefined },
  journal: Journal,
  options: RunOptions & { readonly findings: Finding[] },
): Promise<RunReport> {
  const { seed, clients, thinkMs, findings } = options;
  const history = new HistoryReader();
  const drift = options.faults.includes(clock) ? MAX_DRIFT : 0;
  const target: ClusterUnderTest = {
    members: cluster.clientUrls,
    apiservers: apiServers?.urls ?? [],
    credentials: apiServers?.credentials,
  };
  const workloads = options.workloads.map((make) => make({ clients, seed, thinkMs, history, drift }));
  const probe = new Probe();
  const processes = apiServers?.processes ?? [];
  const schedule = new Schedule({ ...options, cluster, apiServers: processes, journal, prng: new Prng(seed) });
  const watchman = new Watchman({ cluster, journal, workloads, schedule });
  const startMs = performance.now();
  const [stopClients, stopFaults] = [new AbortController(), new AbortController()];
  const work = [
    ...workloads.map((workload) => workload.run(target, stopClients.signal)),
    probe.run(cluster.clientUrls, stopClients.signal),
    watchman.run(stopClients.signal),
  ];
  const faults = schedule.run(stopFaults.signal);
  await Promise.race([
    sleep(options.durationMs, undefined, options.signal === undefined ? {} : { signal: options.signal }).catch(
      () => {},
    ),
    Promise.all(work),
  ]);
  stopFaults.abort();
  await faults;
  const faultsEndMs = performance.now();
  cluster.start();
  apiServers?.start();
  journal.note('healed', 'everything is healed');
  await sleep(CLUSTER_LIMITS.calmMs);
  stopClients.abort();
  await Promise.all(work);
  const endMs = performance.now();
  findings.push(...(await settle(cluster)).map((text) => ({ checker: 'cluster', text })));
  await apiServers
    ?.untilReady()
    .catch(({ message }: Error) => findings.push({ checker: 'API servers', text: message }));
  for (const workload of workloads) findings.push(...(await verdictOf(workload, target)));
  const { log, violations } = await history.read(target);
  findings.push(...violations.map((text) => ({ checker: 'same history', text })));
  for (const { checker, text } of findings) journal.note('finding', `${checker}: ${text}`);
  return {
    findings,
    faults: schedule.done,
    gaps: probe.gaps(schedule.done, faultsEndMs + CLUSTER_LIMITS.calmMs),
    workloads: workloads.map((workload) => ({ name: workload.name, ...workload.count() })),
    revision: log.last,
    durationMs: endMs - startMs,
    checkMs: performance.now() - endMs,
    journal,
  };
}

async function verdictOf(workload: ClusterWorkload, target: ClusterUnderTest): Promise<readonly Finding[]> {
  const violations = await workload.check(target).catch((error: unknown) => [`cannot be checked: ${String(error)}`]);
  return violations.map((text) => ({ checker: workload.name, text }));
}

function diedByItself(journal: Journal, member: ChaosMember, how: string): readonly Finding[] {
  journal.note('note', `${member.name} ended by itself: ${how}`, member.name);
  if (member.excuse !== undefined) return [];
  return [{ checker: 'members', text: `${member.name} ended by itself (${how}): ${member.process.logTail()}` }];
}
