import { type Call, callTree } from './cpu-profile.ts';
import { noTimes, PARTS, type PartTimes, partsOf, sharesOf } from './rooms.ts';
import type { TakenProfile } from './take.ts';

/** What the members' profiles say together. */
export interface CpuShares {
  /** What part of all members' CPU went where. */
  readonly parts: PartTimes;
  /** The share of the time that the busiest member's JavaScript thread was not idle: near 1 that thread was the limit. */
  readonly busiestThread: number;
}

/**
 * The main thread's time is divided as its profile is; libuv's pool and RocksDB's threads are the disk's, V8's helpers collection's (they also
 * compile, which is little once a member is warm).
 */
export function sharesOfCpu(profiles: readonly TakenProfile[]): CpuShares {
  const sum = noTimes();
  let busiestThread = 0;
  for (const { profile, cpuSeconds } of profiles) {
    const tree = callTree(profile);
    const shares = sharesOf(partsOf(tree));
    for (const part of PARTS) sum[part] += shares[part] * cpuSeconds.main;
    sum.disk += cpuSeconds.disk;
    sum.collection += cpuSeconds.helpers;
    busiestThread = Math.max(busiestThread, busyShare(tree));
  }
  return { parts: sharesOf(sum), busiestThread };
}

function busyShare(tree: Call): number {
  const idleUs = tree.calls.find(({ functionName }) => functionName === '(idle)')?.totalUs ?? 0;
  return tree.totalUs === 0 ? 0 : 1 - idleUs / tree.totalUs;
}
