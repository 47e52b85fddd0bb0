import { CONTROLLER_LIMITS } from './limits.ts';

/**
 * Keys to be looked at. A key waits once however often it is added, is never worked on twice at the same time, is looked at again when it was added
 * meanwhile, and is retried with growing pauses when its work fails. Bounded by the number of distinct keys.
 */
export class WorkQueue {
  readonly #work: (key: string) => Promise<void>;
  readonly #onFailure: (key: string, error: unknown) => void;
  readonly #concurrency: number;
  readonly #waiting = new Set<string>();
  readonly #active = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(
    work: (key: string) => Promise<void>,
    options: { readonly onFailure: (key: string, error: unknown) => void; readonly concurrency?: number },
  ) {
    this.#work = work;
    this.#onFailure = options.onFailure;
    this.#concurrency = options.concurrency ?? CONTROLLER_LIMITS.concurrency;
  }

  add(key: string): void {
    if (this.#closed) return;
    this.#waiting.add(key);
    this.#pump();
  }

  /** Adds the key after a while, unless it is waiting for its time already. */
  addAfter(key: string, delayMs: number): void {
    if (this.#closed || this.#timers.has(key)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.add(key);
    }, delayMs);
    timer.unref();
    this.#timers.set(key, timer);
  }

  /** Takes no more and resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    if (this.#active.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    for (const key of this.#waiting) {
      if (this.#active.size >= this.#concurrency) return;
      if (this.#active.has(key)) continue;
      this.#waiting.delete(key);
      this.#active.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    try {
      await this.#work(key);
      this.#failures.delete(key);
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      const pause = CONTROLLER_LIMITS.firstRetryMs * 2 ** Math.min(failures - 1, 20);
      if (!this.#closed) this.#onFailure(key, error);
      this.addAfter(key, Math.min(pause, CONTROLLER_LIMITS.longestRetryMs));
    }
    this.#active.delete(key);
    if (!this.#closed) this.#pump();
    else if (this.#active.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
