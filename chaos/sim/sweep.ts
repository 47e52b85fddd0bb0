import { Worker } from 'node:worker_threads';
import type { Request } from './command-line.ts';
import { type RunReport, runSeed } from './run-seed.ts';

/** One seed of a sweep that is done. */
export interface Swept {
  readonly report: RunReport;
  /** Real time. */
  readonly tookMs: number;
}

/** What a worker is told, and what it says. */
export interface WorkerTask {
  readonly seed: number;
  readonly plan: Request['plan'];
}
export type WorkerNews =
  | { readonly type: 'passed'; readonly simulatedMs: number }
  | ({ readonly type: 'done' } & Swept);

export interface SweepOptions extends Pick<Request, 'first' | 'last' | 'limitMs' | 'jobs' | 'plan'> {
  /** Virtual time has passed in some seed that is not done yet. */
  readonly onPassed: (simulatedMs: number) => void;
}

/** Seeds that are done may wait for one that takes longer: at most this many a job. */
const MAX_AHEAD_PER_JOB = 64;

/** Runs the seeds, some at a time, and gives what came of them in their order. Ends early when the time is over, or the caller stops. */
export async function* sweep(options: SweepOptions): AsyncGenerator<Swept> {
  const { first, last, limitMs, jobs, plan, onPassed } = options;
  const untilMs = performance.now() + limitMs;
  if (jobs > 1) {
    yield* sweepWithWorkers(options, untilMs);
    return;
  }
  for (let seed = first; seed <= last && performance.now() < untilMs; seed++) {
    const startMs = performance.now();
    const report = await runSeed(seed, { ...plan, onPassed });
    yield { report, tookMs: performance.now() - startMs };
  }
}

async function* sweepWithWorkers(options: SweepOptions, untilMs: number): AsyncGenerator<Swept> {
  const { first, last, jobs, plan, onPassed } = options;
  const done = new Map<number, Swept>();
  let next = first;
  let awaited = first;
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  const idle = new Set<Worker>();
  const give = (worker: Worker): void => {
    idle.delete(worker);
    const isFar = next - awaited >= MAX_AHEAD_PER_JOB * jobs;
    if (next > last || isFar || performance.now() >= untilMs) idle.add(worker);
    else worker.postMessage({ seed: next++, plan } satisfies WorkerTask);
  };
  const workers = Array.from({ length: jobs }, () => {
    const worker = new Worker(new URL('./sweep-worker.js', import.meta.url));
    worker.on('message', (news: WorkerNews) => {
      if (news.type === 'passed') return onPassed(news.simulatedMs);
      done.set(news.report.plan.seed, news);
      give(worker);
      wake();
    });
    worker.on('error', (error) => {
      failure = error;
      wake();
    });
    return worker;
  });
  try {
    for (const worker of workers) give(worker);
    while (awaited < next) {
      const swept = done.get(awaited);
      if (failure !== undefined) throw failure;
      if (swept === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      done.delete(awaited++);
      for (const worker of [...idle]) give(worker);
      yield swept;
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
