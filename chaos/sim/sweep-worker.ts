import { parentPort } from 'node:worker_threads';
import { runSeed } from './run-seed.ts';
import type { WorkerNews, WorkerTask } from './sweep.ts';

/** Runs the seeds that it is given, one after the other. */
parentPort?.on('message', async ({ seed, plan }: WorkerTask) => {
  const tell = (news: WorkerNews): void => parentPort?.postMessage(news);
  const startMs = performance.now();
  const report = await runSeed(seed, { ...plan, onPassed: (simulatedMs) => tell({ type: 'passed', simulatedMs }) });
  tell({ type: 'done', report, tookMs: performance.now() - startMs });
});
