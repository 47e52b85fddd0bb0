import type { Comparison, MeasuredRun } from '../../bench/report.ts';

export function run(made: Partial<MeasuredRun>): MeasuredRun {
  return {
    ...{ operations: 1000, errors: 0, perSecond: 500, p50Ms: 1, p99Ms: 4, seconds: 2, generatorCpuSeconds: 0.5 },
    ...{
      sentBytes: 0,
      receivedBytes: 0,
      serverCpuSeconds: 0.1,
      otherCpuSeconds: 0,
      serverBytes: 0,
      disk: { syncs: 0, seconds: 0 },
    },
    ...made,
  };
}

/** Puts of two pairs of runs at these rates. */
export function puts(ours: readonly [number, number], theirs: readonly [number, number]): Comparison {
  const runs = (rates: readonly number[]): readonly MeasuredRun[] => rates.map((perSecond) => run({ perSecond }));
  return { workload: 'put', connections: 10, clients: 100, keelson: runs(ours), etcd: runs(theirs) };
}
