import { setTimeout as delay } from 'node:timers/promises';
import type { Prng } from '../../base/prng.ts';
import type { KvClient, WatchStream } from '../../client/kv-client.ts';
import { EMPTY_WATCH_CREATE_REQUEST, type WatchResponse } from '../../proto/gen/etcd.ts';
import { CLUSTER_LIMITS } from './limits.ts';

/** A watch of one client on a part of the keys. */
export interface WatcherOptions {
  readonly kv: KvClient;
  readonly prng: Prng;
  /** '': every key. */
  readonly prefix: string;
  readonly prevKv: boolean;
  /** Every response of the watch but those that only say that it began or ended. */
  readonly take: (response: WatchResponse) => void;
}

/**
 * Follows the keys under a prefix from the first revision on, over as many streams as it takes: a stream that breaks, falls silent or has
 * lasted long enough is replaced by one on the next member, which goes on after the last revision that was told.
 */
export class Watcher {
  readonly #options: WatcherOptions;
  /** Everything up to this revision was told. */
  #through = 0;

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  /** Follows until `until` aborts. Then answers how far it came when that is not as far as the store was then: undefined when it is. */
  async run(until: AbortSignal): Promise<string | undefined> {
    const stopped = new Promise<void>((resolve) => until.addEventListener('abort', () => resolve(), { once: true }));
    while (!until.aborted) {
      await this.#stream({ untilStopped: stopped, isDone: () => until.aborted });
      await delay(CLUSTER_LIMITS.watchAgainMs);
    }
    return this.#catchUp();
  }

  async #catchUp(): Promise<string | undefined> {
    const { kv, prefix } = this.#options;
    const signal = AbortSignal.timeout(CLUSTER_LIMITS.settleMs);
    let goal: number | undefined;
    while (!signal.aborted) {
      goal ??= await revisionNow(kv);
      if (goal !== undefined && this.#through >= goal) return undefined;
      const reached = (): boolean => signal.aborted || (goal !== undefined && this.#through >= goal);
      await this.#stream({ untilStopped: aborted(signal), isDone: reached });
      await delay(CLUSTER_LIMITS.watchAgainMs);
    }
    return `the watch of ${prefix === '' ? 'everything' : prefix} was told up to ${this.#through}, the store had come to ${goal}`;
  }

  /** One stream, to its end. */
  async #stream(on: { readonly untilStopped: Promise<void>; readonly isDone: () => boolean }): Promise<void> {
    const { kv, prng, prefix, prevKv } = this.#options;
    const stream = kv.watch();
    const range = prefix === '' ? { key: '\0', rangeEnd: '\0' } : { key: prefix, rangeEnd: `${prefix.slice(0, -1)}0` };
    stream.create({ ...EMPTY_WATCH_CREATE_REQUEST, ...range, prevKv, startRevision: this.#through + 1 });
    const endMs = performance.now() + CLUSTER_LIMITS.watchMs * (0.3 + 0.7 * prng.unit());
    try {
      while (!on.isDone() && performance.now() < endMs) {
        if (prng.chance(0.2)) stream.requestProgress();
        const batch = await this.#next(stream, on.untilStopped);
        if (batch === undefined) return;
        for (const response of batch) if (!this.#told(response)) return;
      }
    } finally {
      stream.close();
    }
  }

  /** The next responses; undefined when the stream broke or said nothing for long, though it was asked to. */
  async #next(stream: WatchStream, stopped: Promise<void>): Promise<readonly WatchResponse[] | undefined> {
    const timers: NodeJS.Timeout[] = [];
    const after = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        timers.push(setTimeout(resolve, ms));
      });
    try {
      const next = stream.next().catch(() => undefined);
      const first = await Promise.race([
        next,
        stopped,
        after(CLUSTER_LIMITS.watchQuietMs).then(() => 'quiet' as const),
      ]);
      if (first !== 'quiet') return first ?? undefined;
      stream.requestProgress();
      return (await Promise.race([next, stopped, after(CLUSTER_LIMITS.watchQuietMs)])) ?? undefined;
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
  }

  /** False when the watch has ended. */
  #told(response: WatchResponse): boolean {
    if (response.canceled) return false;
    if (response.created) return true;
    this.#through = Math.max(this.#through, response.header?.revision ?? 0);
    this.#options.take(response);
    return true;
  }
}

async function revisionNow(kv: KvClient): Promise<number | undefined> {
  const options = { timeoutMs: CLUSTER_LIMITS.callTimeoutMs };
  return kv.memberList({ linearizable: true }, options).then(
    () => kv.status(options).then(({ header }) => header?.revision),
    () => undefined,
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
