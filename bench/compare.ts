import { type Limits, limitsOf } from './limits/limits.ts';
import { type CpuShares, sharesOfCpu } from './profile/shares.ts';
import { profiled, type TakenProfile } from './profile/take.ts';
import { type Comparison, DISTURBED_CORES, MEASURES, type MeasuredRun, warmUpText } from './report.ts';
import type { Side, Stage } from './servers.ts';
import { machineCpuSeconds } from './usage.ts';
import { warmUp } from './warm-up.ts';
import type { Size, Workload } from './workloads.ts';

export interface CompareOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** The most that each side runs before its first run that counts. */
  readonly warmUpSeconds: number;
  /** Where members of Keelson that are started for it leave profiles. */
  readonly profileFolder: string;
  readonly stage: Stage;
  /** Is told each run as it ends, and each file of a profile. */
  readonly log: (line: string) => void;
  readonly onProfiles: (profiles: readonly TakenProfile[], load: string) => void;
}

/** Of the profiled run, of what its members run before, and of each measurement of what the machine allows. */
const PROFILE_SECONDS = 2;
const PROFILE_WARM_UP_SECONDS = 12;
const LIMIT_SECONDS = 1;

/** Runs one load on all sides in turn, who goes first changing with each round, then what explains the result. */
export async function compare(
  sides: readonly Side[],
  load: { readonly workload: Workload; readonly size: Size },
  options: CompareOptions,
): Promise<Comparison> {
  const { workload, size } = load;
  const name = `${workload.name} ${size.connections}x${size.clients}`;
  const warmUps: Record<Side['name'], readonly number[]> = { keelson: [], etcd: [] };
  for (const side of sides) {
    warmUps[side.name] = await warmUp(options.warmUpSeconds, async (seconds) =>
      MEASURES.cpu(await measured(side, () => workload.run(side.urls, size, seconds))),
    );
    options.log(
      `${name} ${side.name} warmed up for ${warmUps[side.name].length} s: ${warmUpText(warmUps[side.name])} of server CPU each`,
    );
  }
  const runs: Record<Side['name'], MeasuredRun[]> = { keelson: [], etcd: [] };
  for (const { side, round } of turns(sides, options.rounds)) {
    const run = await measured(side, () => workload.run(side.urls, size, options.seconds));
    runs[side.name].push(run);
    options.log(`${name} round ${round} ${side.name}: ${runText(run)}`);
  }
  const ours = sides.find((side) => side.name === 'keelson');
  const explained = ours === undefined ? {} : await explain(ours, load, { ...options, name, runs: runs.keelson });
  return { workload: workload.name, ...size, ...runs, warmUps, ...explained };
}

/** Who runs when: A B, B A, A B … Neither side always has the other's leftovers in the caches or on the disk. */
export function turns<T>(sides: readonly T[], rounds: number): readonly { readonly side: T; readonly round: number }[] {
  return Array.from({ length: rounds }, (_, i) => i + 1).flatMap((round) =>
    (round % 2 === 1 ? sides : [...sides].reverse()).map((side) => ({ side, round })),
  );
}

async function measured(side: Side, run: () => ReturnType<Workload['run']>): Promise<MeasuredRun> {
  const diskBefore = await side.diskUse();
  const before = { machine: machineCpuSeconds(), servers: side.usage() };
  const result = await run();
  const after = { machine: machineCpuSeconds(), servers: side.usage() };
  const diskAfter = await side.diskUse();
  const serverCpuSeconds = after.servers.cpuSeconds - before.servers.cpuSeconds;
  const other = after.machine - before.machine - serverCpuSeconds - result.generatorCpuSeconds;
  return {
    ...result,
    serverCpuSeconds,
    otherCpuSeconds: Math.max(0, other),
    serverBytes: after.servers.residentBytes,
    disk: { syncs: diskAfter.syncs - diskBefore.syncs, seconds: diskAfter.seconds - diskBefore.seconds },
  };
}

function runText(run: MeasuredRun): string {
  return [
    `${Math.round(run.perSecond)}/s`,
    `p50 ${run.p50Ms.toFixed(2)} ms`,
    `p99 ${run.p99Ms.toFixed(1)} ms`,
    `${MEASURES.cpu(run).toFixed(1)} us of server CPU each`,
    `generator ${Math.round(100 * MEASURES.generator(run))} %`,
    ...(run.otherCpuSeconds / run.seconds > DISTURBED_CORES
      ? [`DISTURBED: others used ${(run.otherCpuSeconds / run.seconds).toFixed(1)} cores`]
      : []),
  ].join(', ');
}

/** Where the members' CPU goes, of other members; and what the machine would allow: in runs of their own, so that the counted ones stay clean. */
async function explain(
  side: Side,
  { workload, size }: { readonly workload: Workload; readonly size: Size },
  options: CompareOptions & { readonly name: string; readonly runs: readonly MeasuredRun[] },
): Promise<{ readonly cpu: CpuShares; readonly limits?: Limits }> {
  const { name, runs, profileFolder, stage } = options;
  const members = side.store.processes.length;
  const fileName = `${workload.name}-${size.connections}x${size.clients}`;
  const profiles = await stage.withProfiled(profileFolder, async ({ store, urls }) => {
    await workload.run(urls, size, PROFILE_WARM_UP_SECONDS);
    const pids = store.processes.map(({ pid }) => pid);
    return profiled(pids, { folder: profileFolder, name: fileName }, () => workload.run(urls, size, PROFILE_SECONDS));
  });
  options.onProfiles(profiles, name);
  const cpu = sharesOfCpu(profiles);
  if (!workload.isExchange) return { cpu };
  const sum = (of: (run: MeasuredRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const seen = {
    ...size,
    operations: sum((run) => run.operations),
    sentBytes: sum((run) => run.sentBytes),
    receivedBytes: sum((run) => run.receivedBytes),
    syncs: sum((run) => run.disk.syncs),
    members,
    entryBytes: workload.entryBytes,
  };
  return { cpu, limits: await limitsOf(seen, { folder: stage.folder, seconds: LIMIT_SECONDS }) };
}
