import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** What processes have used: CPU in seconds since they began, memory in bytes that is theirs now. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** CPU in seconds of a process by kind of thread, without the thread of V8's profiler. */
export interface ThreadUsage {
  /** The first thread: where JavaScript runs. */
  readonly main: number;
  /** Threads that have written to files or sockets themselves (libuv's pool), and RocksDB's own. */
  readonly disk: number;
  /** The rest: V8's helpers for collection and compilation. */
  readonly helpers: number;
}

/** Kernel clock ticks a second: USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** The sum over `pids`; a process that is gone counts nothing. Linux only: elsewhere everything is 0. */
export function usageOf(pids: readonly number[]): Usage {
  return pids.map(one).reduce((sum, { cpuSeconds, residentBytes }) => ({
    cpuSeconds: sum.cpuSeconds + cpuSeconds,
    residentBytes: sum.residentBytes + residentBytes,
  }));
}

function one(pid: number): Usage {
  try {
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return { cpuSeconds: cpuSecondsOf(`/proc/${pid}`), residentBytes: Number(resident?.[1] ?? 0) * 1024 };
  } catch {
    return { cpuSeconds: 0, residentBytes: 0 };
  }
}

/** CPU that everything on this machine has used, in seconds. */
export function machineCpuSeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}

/** Where the CPU of one process went so far. A thread that ended is not counted. Linux only: elsewhere everything is 0. */
export function threadUsageOf(pid: number): ThreadUsage {
  const usage = { main: 0, disk: 0, helpers: 0 };
  for (const thread of threadsOf(pid)) {
    try {
      const folder = `/proc/${pid}/task/${thread}`;
      const kind = thread === String(pid) ? 'main' : kindOf(folder);
      if (kind !== undefined) usage[kind] += cpuSecondsOf(folder);
    } catch {
      // it has ended since the folder was listed
    }
  }
  return usage;
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** V8's helpers never call write(2) but to wake others, a few bytes each time; the pool's threads write the log. */
const HELPER_WRITTEN_BYTES = 1024 * 1024;

function kindOf(folder: string): 'disk' | 'helpers' | undefined {
  const name = readFileSync(`${folder}/comm`, 'utf8');
  if (name.startsWith('v8:Prof')) return undefined;
  if (name.startsWith('rocksdb')) return 'disk';
  const written = /^wchar: (\d+)/m.exec(readFileSync(`${folder}/io`, 'utf8'));
  return Number(written?.[1] ?? 0) > HELPER_WRITTEN_BYTES ? 'disk' : 'helpers';
}

/** User and system time of a process or a thread. Fields are counted behind the name, which may hold blanks. Source: proc(5), 14 and 15. */
function cpuSecondsOf(folder: string): number {
  const fields = readFileSync(`${folder}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
