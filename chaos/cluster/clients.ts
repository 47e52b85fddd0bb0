import { Prng } from '../../base/prng.ts';
import { StoreError, type StoreErrorCode } from '../../base/store-error.ts';
import { connectKvClient } from '../../client/grpc-client.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { CLUSTER_LIMITS } from './limits.ts';
import type { WorkloadCount } from './workload.ts';

/** What no client should ever be told, whatever happens to the cluster. */
const NEVER: ReadonlySet<StoreErrorCode> = new Set(['CORRUPT', 'UNIMPLEMENTED', 'KEY_EMPTY', 'DUPLICATE_KEY']);

/** Refusals that say for certain that nothing was done. */
const REFUSED: ReadonlySet<StoreErrorCode> = new Set(['NO_SPACE', 'TOO_MANY_REQUESTS']);

/** How a call ended. `refused`: it was certainly not done; `unknown`: nobody can say. */
export type Outcome<T> =
  | { readonly type: 'answered'; readonly value: T; readonly startMs: number; readonly endMs: number }
  | { readonly type: 'refused' | 'unknown'; readonly startMs: number };

let lastStampMs = 0;

/** Now, of this process's monotonic clock, later than every stamp before: calls never seem to begin and end at one moment. */
export function stampMs(): number {
  lastStampMs = Math.max(performance.now(), lastStampMs + 1e-6);
  return lastStampMs;
}

/** Counts what the clients of one workload came to. */
export class Tally {
  operations = 0;
  acknowledged = 0;
  unknown = 0;
  /** How often each error was told. */
  readonly errors = new Map<string, number>();
  readonly violations: string[] = [];

  count(): WorkloadCount {
    return { operations: this.operations, acknowledged: this.acknowledged, unknown: this.unknown };
  }
}

/** One client: connections of its own to every member, chance of its own. It uses members in turn, as they can be reached. */
export class ChaosClient {
  readonly id: number;
  readonly prng: Prng;
  readonly kv: KvClient;
  readonly #tally: Tally;

  constructor(options: { readonly id: number; readonly seed: number; readonly urls: readonly string[]; tally: Tally }) {
    const { id, seed, urls, tally } = options;
    const first = id % urls.length;
    this.id = id;
    this.prng = new Prng(seed * 7919 + id);
    this.kv = connectKvClient({ endpoints: [...urls.slice(first), ...urls.slice(0, first)] });
    this.#tally = tally;
  }

  /** Makes one call; `act` must pass the options on, so that nothing is waited for forever. */
  async call<T>(act: (kv: KvClient, options: { readonly timeoutMs: number }) => Promise<T>): Promise<Outcome<T>> {
    const tally = this.#tally;
    const startMs = stampMs();
    tally.operations++;
    try {
      const value = await act(this.kv, { timeoutMs: CLUSTER_LIMITS.callTimeoutMs });
      tally.acknowledged++;
      return { type: 'answered', value, startMs, endMs: stampMs() };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      tally.errors.set(error.code, (tally.errors.get(error.code) ?? 0) + 1);
      if (NEVER.has(error.code)) tally.violations.push(`client ${this.id} was told ${error.code}: ${error.message}`);
      if (REFUSED.has(error.code)) return { type: 'refused', startMs };
      tally.unknown++;
      return { type: 'unknown', startMs };
    }
  }

  close(): Promise<void> {
    return this.kv.close();
  }
}
