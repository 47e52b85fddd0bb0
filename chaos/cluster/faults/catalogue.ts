import type { ClusterFault } from './fault.ts';
import { kill, killAll } from './kill.ts';
import { pause } from './pause.ts';

/** Every fault that `--fault` knows. */
export const FAULTS: readonly ClusterFault[] = [kill, killAll, pause];
