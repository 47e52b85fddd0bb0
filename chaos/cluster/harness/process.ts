import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { SUPERVISED } from '../../../cli/run/shutdown.ts';
import { UP_LIMITS } from '../../../cli/up/limits.ts';
import { CLUSTER_LIMITS } from '../limits.ts';

export interface ProcessOptions {
  readonly name: string;
  /** What Node runs, and its arguments. */
  readonly script: string;
  readonly args: () => readonly string[];
  /** Where its standard error goes. */
  readonly logPath: string;
  /** It ended, and nobody here had asked for that. */
  readonly onDied: (how: string) => void;
}

/** One process of the cluster under test: started, killed, paused and started again. It ends with this process. */
export class ChaosProcess {
  readonly #options: ProcessOptions;
  #child: ChildProcess | undefined;
  #gone: Promise<void> = Promise.resolve();
  #isPaused = false;
  #starts = 0;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get logPath(): string {
    return this.#options.logPath;
  }

  /** 0 while it is down. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isDown(): boolean {
    return this.#child === undefined;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** How often it was started. */
  get starts(): number {
    return this.#starts;
  }

  start(): void {
    if (this.#child !== undefined) return;
    const { script, args, logPath } = this.#options;
    const log = openSync(logPath, 'a', 0o600);
    const child = spawn(process.execPath, [script, ...args()], {
      stdio: ['pipe', 'ignore', log, 'ipc'],
      detached: true, // Ctrl-C is for the harness, which then stops it
      env: { UV_THREADPOOL_SIZE: String(UP_LIMITS.poolThreads), ...process.env, [SUPERVISED]: '1' },
    });
    closeSync(log);
    child.stdin?.on('error', () => {});
    this.#child = child;
    this.#starts++;
    this.#gone = new Promise((resolve) => {
      const ended = (how: string): void => {
        if (this.#child === child) {
          this.#forget();
          this.#options.onDied(how);
        }
        resolve();
      };
      child.once('error', (error) => ended(error.message));
      child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
    });
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#forget();
    child?.kill('SIGKILL');
    await this.#gone;
  }

  /** SIGSTOP: it stands still, with its memory, its connections and its lock. */
  pause(): void {
    this.#isPaused = this.#child?.kill('SIGSTOP') === true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#child?.kill('SIGCONT');
  }

  /** SIGTERM, and SIGKILL when that does not do; resolves when it is gone. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.resume();
    this.#forget();
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), CLUSTER_LIMITS.stopMs);
    await this.#gone;
    clearTimeout(timer);
  }

  /** Tells the process something; only test builds listen. */
  send(message: Readonly<Record<string, unknown>>): void {
    if (this.#child?.connected === true) this.#child.send(message, () => undefined); // one that just dies hears nothing
  }

  /** The last lines of its log. */
  logTail(): string {
    return readFileSync(this.logPath, 'utf8').trimEnd().split('\n').slice(-CLUSTER_LIMITS.logTailLines).join('\n');
  }

  #forget(): void {
    this.#child = undefined;
    this.#isPaused = false;
  }
}
