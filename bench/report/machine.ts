import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

/** What the runs ran on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
}

/** Which code was measured when, and by which command. */
export interface Stamp {
  readonly date: string;
  readonly commit: string;
  readonly command: string;
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? '',
    cores: cpus().length,
    memoryBytes: Number((totalmem() / 2 ** 30).toFixed(0)) * 2 ** 30, // firmware keeps a little more or less for itself
    kernel: release(),
    node: process.version,
  };
}

export function machineText({ cpu, cores, memoryBytes, kernel, node }: Machine): string {
  return `${cores} x ${cpu}, ${Math.round(memoryBytes / 2 ** 30)} GiB, Linux ${kernel}, Node ${node}`;
}

/** `args`: what was typed behind `npm run bench`. */
export function stampOf(args: readonly string[]): Stamp {
  const quoted = args.map((arg) => (/^[\w./:=-]+$/.test(arg) ? arg : `'${arg}'`));
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    command: ['npm run bench', ...(quoted.length === 0 ? [] : ['--', ...quoted])].join(' '),
  };
}

/** The commit that is checked out, with a plus when the sources differ from it; empty outside a checkout. */
function commit(): string {
  const git = (...args: readonly string[]): string => {
    const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
    return status === 0 ? stdout.trim() : '';
  };
  const isChanged = git('status', '--porcelain', '--untracked-files=no', '--', '*.ts') !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`;
}
