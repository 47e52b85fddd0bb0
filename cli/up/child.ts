import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { SUPERVISED } from '../run/shutdown.ts';
import { EXIT } from '../usage-error.ts';
import { UP_LIMITS } from './limits.ts';

export interface ChildOptions {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  /** Where its standard error goes: JSON lines. */
  readonly logPath: string;
  /** It runs under a new process id. */
  readonly onStarted: () => void;
  /** It ended without being told to; it is started again after `againMs`, undefined: not at all, since that would not help. */
  readonly onDied: (how: string, againMs: number | undefined) => void;
}

/**
 * A process that is kept running. It has a process group of its own, so that Ctrl-C reaches it only through its supervisor, and ends by itself when
 * the supervisor dies: its standard input is a pipe that then closes.
 */
export class SupervisedChild {
  readonly #options: ChildOptions;
  #child: ChildProcess | undefined;
  #startedMs = 0;
  #restarts = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get logPath(): string {
    return this.#options.logPath;
  }

  /** 0 while it is not running. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  start(): void {
    const { script, args, logPath } = this.#options;
    const log = openLog(logPath);
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ['pipe', 'ignore', log],
      detached: true,
      env: { UV_THREADPOOL_SIZE: String(UP_LIMITS.poolThreads), ...process.env, [SUPERVISED]: '1' },
    });
    closeSync(log);
    child.stdin?.on('error', () => {});
    this.#child = child;
    this.#startedMs = Date.now();
    child.once('error', (error) => this.#ended(child, error.message, null));
    child.once('exit', (code, signal) => this.#ended(child, signal ?? `exit code ${code}`, code));
    this.#options.onStarted();
  }

  /** SIGTERM, and SIGKILL when that does not do; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), UP_LIMITS.stopMs);
    await gone;
    clearTimeout(timer);
  }

  #ended(child: ChildProcess, how: string, code: number | null): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    if (this.#stopping) return;
    if (code === EXIT.removed) {
      this.#options.onDied('it was removed from the cluster', undefined);
      return;
    }
    if (Date.now() - this.#startedMs > UP_LIMITS.calmMs) this.#restarts = 0;
    const againMs = Math.min(UP_LIMITS.firstRestartMs * 2 ** this.#restarts++, UP_LIMITS.longestRestartMs);
    this.#options.onDied(how, againMs);
    this.#timer = setTimeout(() => this.start(), againMs);
  }
}

function openLog(path: string): number {
  try {
    if (statSync(path).size > UP_LIMITS.maxLogBytes) renameSync(path, `${path}.old`);
  } catch {
    // the first one
  }
  return openSync(path, 'a', 0o600);
}
