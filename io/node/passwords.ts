import { createHmac, randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { type Passwords, PasswordsBusyError } from '../doors.ts';
import { IO_LIMITS } from '../limits.ts';
import type { PasswordJob, PasswordResult } from './password-worker.ts';

/**
 * bcrypt in a thread of its own, one password at a time: neither the thread that serves nor the pool in which the disk is synced ever waits
 * for it. Passwords that matched are remembered for as long as the process lives, as a keyed digest, so that a client which authenticates
 * for every call costs one hash; what did not match is hashed every time.
 */
export function createNodePasswords(): Passwords {
  return new ThreadedPasswords();
}

interface Waiting {
  readonly resolve: (result: string | boolean) => void;
  readonly reject: (error: Error) => void;
}

class ThreadedPasswords implements Passwords {
  readonly #key = randomBytes(32);
  /** Digests of a hash and the password that matched it; the one used longest ago comes first. */
  readonly #matched = new Set<string>();
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  async hash(password: string, cost: number): Promise<string> {
    return String(await this.#ask((id) => ({ id, type: 'hash', password, cost })));
  }

  async matches(password: string, hash: string): Promise<boolean> {
    const digest = createHmac('sha256', this.#key).update(hash).update('\0').update(password).digest('base64');
    if (this.#matched.delete(digest)) {
      this.#matched.add(digest);
      return true;
    }
    const matches = (await this.#ask((id) => ({ id, type: 'match', password, hash }))) === true;
    if (matches) this.#remember(digest);
    return matches;
  }

  #remember(digest: string): void {
    this.#matched.add(digest);
    const [oldest] = this.#matched;
    if (this.#matched.size > IO_LIMITS.maxRememberedPasswords && oldest !== undefined) this.#matched.delete(oldest);
  }

  #ask(job: (id: number) => PasswordJob): Promise<string | boolean> {
    if (this.#waiting.size >= IO_LIMITS.maxWaitingPasswords) {
      return Promise.reject(new PasswordsBusyError(`${this.#waiting.size} passwords wait to be hashed`));
    }
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const worker = this.#running();
      worker.ref(); // the process must not end while somebody waits
      worker.postMessage(job(id));
    });
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL('./password-worker.js', import.meta.url), { name: 'passwords' });
    worker.on('message', (result: PasswordResult) => this.#answered(result));
    worker.on('error', (error) => this.#lost(worker, error instanceof Error ? error.message : String(error)));
    worker.on('exit', () => this.#lost(worker, 'it ended'));
    this.#worker = worker;
    return worker;
  }

  #answered(answer: PasswordResult): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ('error' in answer) waiting?.reject(new PasswordThreadError(answer.error));
    else waiting?.resolve(answer.result);
  }

  /** The next password starts another thread. */
  #lost(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new PasswordThreadError(why));
  }
}

/** A password could not be hashed; says nothing of it. */
class PasswordThreadError extends Error {
  override readonly name = 'PasswordThreadError';
}
