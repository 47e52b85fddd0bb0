import { parentPort } from 'node:worker_threads';
import { compareSync, hashSync } from 'bcryptjs';

/** What a thread for passwords is asked. */
export type PasswordJob =
  | { readonly id: number; readonly type: 'hash'; readonly password: string; readonly cost: number }
  | { readonly id: number; readonly type: 'match'; readonly password: string; readonly hash: string };

/** What it answers; `error`: the job could not be done at all. */
export type PasswordResult =
  | { readonly id: number; readonly result: string | boolean }
  | { readonly id: number; readonly error: string };

parentPort?.on('message', (job: PasswordJob) => {
  parentPort?.postMessage(done(job));
});

function done(job: PasswordJob): PasswordResult {
  try {
    const result = job.type === 'hash' ? hashSync(job.password, job.cost) : compareSync(job.password, job.hash);
    return { id: job.id, result };
  } catch (error) {
    return { id: job.id, error: error instanceof Error ? error.message : String(error) };
  }
}
