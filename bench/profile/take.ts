import { existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../test/kit/process.ts';
import { type ThreadUsage, threadUsageOf } from '../usage.ts';
import type { CpuProfile } from './cpu-profile.ts';

/** One member under a load: its main thread's profile, and the CPU of all its threads meanwhile. */
export interface TakenProfile {
  readonly path: string;
  readonly profile: CpuProfile;
  readonly cpuSeconds: ThreadUsage;
}

/** How many profiles each process was asked for, which is in their names. */
const taken = new Map<number, number>();

/** Profiles the members `pids`, which were started with the hook for `folder`, while `load` runs; each file is then called `<name>-m<i>`. */
export async function profiled(
  pids: readonly number[],
  { folder, name }: { readonly folder: string; readonly name: string },
  load: () => Promise<unknown>,
): Promise<readonly TakenProfile[]> {
  const before = pids.map(threadUsageOf);
  signal(pids);
  await load();
  signal(pids);
  const after = pids.map(threadUsageOf);
  return Promise.all(
    pids.map(async (pid, i) => {
      const count = taken.get(pid) ?? 0;
      taken.set(pid, count + 1);
      const left = join(folder, `${pid}-${count}.cpuprofile`);
      const path = join(folder, `${name}-m${i}.cpuprofile`);
      const profile = await eventually(
        `process ${pid} leaves its profile`,
        async () => (existsSync(left) ? (JSON.parse(await readFile(left, 'utf8')) as CpuProfile) : undefined),
        { timeoutMs: 30_000 },
      );
      await rename(left, path);
      return { path, profile, cpuSeconds: difference(before[i], after[i]) };
    }),
  );
}

function signal(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGUSR2');
}

function difference(before: ThreadUsage | undefined, after: ThreadUsage | undefined): ThreadUsage {
  const of = (kind: keyof ThreadUsage): number => Math.max(0, (after?.[kind] ?? 0) - (before?.[kind] ?? 0));
  return { main: of('main'), disk: of('disk'), helpers: of('helpers') };
}
