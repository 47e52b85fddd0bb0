import { clock } from './clock.ts';
import { failedRead, failedSync, failedWrite, slowDisk } from './disk.ts';
import { diskFull } from './disk-full.ts';
import type { ClusterFault } from './fault.ts';
import { kill, killAll } from './kill.ts';
import { delay, loss } from './lag.ts';
import { killApi, killMaster, pauseApi } from './masters.ts';
import { oneWay, partition } from './partition.ts';
import { pause } from './pause.ts';
import { replace } from './replace.ts';

/** Every fault that `--fault` knows. */
export const FAULTS: readonly ClusterFault[] = [
  kill,
  killAll,
  pause,
  partition,
  oneWay,
  delay,
  loss,
  failedSync,
  failedWrite,
  failedRead,
  slowDisk,
  diskFull,
  clock,
  replace,
  killApi,
  pauseApi,
  killMaster,
];
