import { callTree } from './cpu-profile.ts';
import { noTimes, PARTS, type PartTimes, partsOf, sharesOf } from './rooms.ts';
import type { TakenProfile } from './take.ts';

/**
 * What part of all members' CPU went where. The main thread's time is divided as its profile is; libuv's pool and RocksDB's threads are the
 * disk's, V8's helpers collection's (they also compile, which is little once a member is warm).
 */
export function sharesOfCpu(profiles: readonly TakenProfile[]): PartTimes {
  const sum = noTimes();
  for (const { profile, cpuSeconds } of profiles) {
    const shares = sharesOf(partsOf(callTree(profile)));
    for (const part of PARTS) sum[part] += shares[part] * cpuSeconds.main;
    sum.disk += cpuSeconds.disk;
    sum.collection += cpuSeconds.helpers;
  }
  return sharesOf(sum);
}
