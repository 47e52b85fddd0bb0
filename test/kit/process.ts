import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Default 60 s; the process is killed then and the result says so in `stderr`. */
  readonly timeoutMs?: number;
  readonly cwd?: string;
  /** Whom it runs as; only root may say. */
  readonly as?: { readonly uid: number; readonly gid: number };
  /** Of what the program prints; `latin1` keeps bytes as they are. Default UTF-8. */
  readonly encoding?: 'utf8' | 'latin1';
}

/** Runs a program to its end. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = spawn(command, args, {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding(options.encoding ?? 'utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {}); // a program that does not read its input may close it
  child.stdin.end(options.input ?? '');
  const timer = setTimeout(() => {
    stderr += `\n(killed after ${options.timeoutMs ?? 60_000} ms)`;
    child.kill('SIGKILL');
  }, options.timeoutMs ?? 60_000);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout, stderr };
  } finally {
    clearTimeout(timer);
  }
}

/** A program that goes on: its output so far, and a wait for what it will print. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  output(): string;
  errors(): string;
  /** Resolves when standard output (or the errors, too) matches. */
  waitFor(pattern: RegExp, timeoutMs: number): Promise<void>;
  /** SIGTERM, then SIGKILL after 15 s; resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a program that goes on. The caller stops it. */
export function start(command: string, args: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(command, args, {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...options.as,
  });
  let stdout = '';
  let stderr = '';
  let ended = false;
  child.stdout.setEncoding(options.encoding ?? 'utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  const exit = new Promise<number | null>((resolve) => {
    // Not 'close': what the program itself started may keep the pipes open.
    child.on('exit', (code) => {
      ended = true;
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve(code);
      }, 50);
    });
    child.on('error', (error) => {
      stderr += String(error);
    });
  });
  return {
    child,
    pid: child.pid ?? -1,
    output: () => stdout,
    errors: () => stderr,
    waitFor: async (pattern, timeoutMs) => {
      const deadline = Date.now() + timeoutMs;
      while (!pattern.test(stdout) && !pattern.test(stderr)) {
        if (ended || Date.now() > deadline) {
          throw new Error(
            `${command} did not print ${pattern}${ended ? ' before it ended' : ''}\n${stdout}\n${stderr}`,
          );
        }
        await delay(20);
      }
    },
    stop: async (signal = 'SIGTERM') => {
      if (!ended) child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      const code = await exit;
      clearTimeout(timer);
      return code;
    },
  };
}

/** Waits until `probe` gives something, asking every `everyMs`; `about` is added to what is told when it does not. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  options: { readonly timeoutMs: number; readonly everyMs?: number; readonly about?: () => string },
): Promise<T> {
  const deadline = Date.now() + options.timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const found = await probe();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    await delay(options.everyMs ?? 50);
  }
  const about = options.about === undefined ? '' : `\n${options.about()}`;
  throw new Error(
    `not within ${options.timeoutMs} ms: ${what}${last === undefined ? '' : ` (${String(last)})`}${about}`,
  );
}
