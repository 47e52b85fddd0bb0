import { readFileSync } from 'node:fs';

/** What processes have used: CPU in seconds since they began, memory in bytes that is theirs now. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
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
    // Fields are counted behind the command name, which may hold blanks. Source: proc(5), utime 14, stime 15.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return { cpuSeconds: ticks / TICKS_PER_SECOND, residentBytes: Number(resident?.[1] ?? 0) * 1024 };
  } catch {
    return { cpuSeconds: 0, residentBytes: 0 };
  }
}
