import type { Revision } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import type { Clock } from '../io/doors.ts';
import type { WatchCreateRequest, WatchResponse } from '../proto/gen/etcd.ts';
import type { Applied, HistoryRow } from '../storage/machine/machine.ts';
import type { CatchUp, WatchHub } from '../watch/hub.ts';
import type { HubStream } from '../watch/hub-stream.ts';
import type { RevisionEvents, WatchEvent } from '../watch/watch-event.ts';
import { pause } from './deadline.ts';
import { MEMBER_LIMITS } from './limits.ts';
import type { Replica } from './replica.ts';

/** Events that are read from the backend at a time. */
const HISTORY_ROWS_PER_READ = 256;

export interface WatchServiceOptions {
  readonly clock: Clock;
  readonly hub: WatchHub;
  readonly replica: Replica;
  readonly progressIntervalMs: number;
  /** A number in [0, 1), so that not all streams are notified at once. */
  readonly jitter: () => number;
  readonly onFailure: (error: unknown) => void;
}

/** Drives the watch hub: tells it what is applied, reads history for watchers that are behind, and wakes who waits for events. */
export class WatchService {
  readonly #options: WatchServiceOptions;
  readonly #hub: WatchHub;
  readonly #wake = new Map<HubStream, () => void>();
  #catchingUp = false;
  #stopped = false;

  constructor(options: WatchServiceOptions) {
    this.#options = options;
    this.#hub = options.hub;
  }

  get hub(): WatchHub {
    return this.#hub;
  }

  /** Opens a stream; `wake` is called whenever it has something to take, or has ended. */
  open(wake: () => void): HubStream {
    const { clock, progressIntervalMs, jitter } = this.#options;
    const intervalMs = progressIntervalMs * (1 + jitter() / 10);
    const stream = this.#hub.openStream({ intervalMs, nowMs: clock.nowMs() });
    this.#wake.set(stream, wake);
    return stream;
  }

  create(stream: HubStream, request: WatchCreateRequest): void {
    this.#hub.create(stream, request);
    this.#settle();
  }

  /** Answers a request for a watcher that may not be. */
  refuse(stream: HubStream, reason: string): void {
    this.#hub.refuse(stream, reason);
    this.#settle();
  }

  cancel(stream: HubStream, watchId: number): void {
    this.#hub.cancel(stream, watchId);
    this.#settle();
  }

  requestProgress(stream: HubStream): void {
    this.#hub.requestProgress(stream);
    this.#settle();
  }

  take(stream: HubStream): readonly WatchResponse[] {
    const responses = this.#hub.take(stream);
    this.#settle();
    return responses;
  }

  close(stream: HubStream): void {
    this.#wake.delete(stream);
    this.#hub.closeStream(stream);
  }

  /** Publishes what an entry changed. */
  applied(applied: Applied, compactRevision: Revision): void {
    if (applied.outcome.type === 'compact') this.#hub.compacted(compactRevision);
    if (applied.revision > this.#hub.revision) this.#hub.publish(applied.revision, applied.events);
  }

  /** Wakes who waits; to be called when a batch was published. */
  flush(): void {
    this.#settle();
  }

  /** The store was replaced by a newer one. */
  reset(revision: Revision, compactRevision: Revision): void {
    this.#hub.reset(revision, compactRevision);
    this.#settle();
  }

  tick(): void {
    this.#hub.tick(this.#options.clock.nowMs());
    this.#settle();
  }

  /** Wakes every stream for the last time. */
  stop(): void {
    this.#stopped = true;
    for (const wake of this.#wake.values()) wake();
  }

  #settle(): void {
    for (const stream of this.#hub.takeReady()) this.#wake.get(stream)?.();
    if (!this.#catchingUp && !this.#stopped && this.#hub.hasBehind) void this.#catchUp();
  }

  async #catchUp(): Promise<void> {
    this.#catchingUp = true;
    try {
      await this.#catchUpAll();
    } catch (error) {
      this.#stopped = true;
      this.#options.onFailure(error);
    }
    this.#catchingUp = false;
    for (const stream of this.#hub.takeReady()) this.#wake.get(stream)?.();
  }

  async #catchUpAll(): Promise<void> {
    for (;;) {
      const step = this.#hub.catchUp();
      if (step.type === 'idle' || this.#stopped) return;
      if (step.type === 'read') await this.#serve(step);
      for (const stream of this.#hub.takeReady()) this.#wake.get(stream)?.();
      await pause(this.#options.clock, MEMBER_LIMITS.catchUpPauseMs);
    }
  }

  async #serve(step: Extract<CatchUp, { type: 'read' }>): Promise<void> {
    const { machine } = this.#options.replica;
    const rows = machine.history(step.from as Revision, step.to as Revision, step.maxRevisions);
    try {
      const { batches, through } = await this.#readHistory(rows, step);
      this.#hub.compacted(this.#options.replica.machine.compactRevision);
      this.#hub.supply(batches, { from: step.from, through, prevKv: step.prevKv });
    } catch (error) {
      // Compacted while it was read: the hub cancels who still needs it. Anything else ends with the member.
      if (!(error instanceof StoreError)) throw error;
      if (error.code === 'COMPACTED') this.#hub.compacted(this.#options.replica.machine.compactRevision);
      else this.#stopped = true;
    }
  }

  /** Whole revisions only, in order, until `maxBytes` are exceeded; at least one. */
  async #readHistory(
    rows: readonly HistoryRow[],
    step: Extract<CatchUp, { type: 'read' }>,
  ): Promise<{ readonly batches: readonly RevisionEvents[]; readonly through: number }> {
    const batches: { readonly revision: number; readonly events: WatchEvent[] }[] = [];
    let bytes = 0;
    for (let at = 0; at < rows.length; ) {
      const end = endOfRevision(rows, Math.min(rows.length, at + HISTORY_ROWS_PER_READ));
      for (const { revision, event } of await this.#events(rows.slice(at, end), step.prevKv)) {
        const batch = batches.at(-1);
        if (batch?.revision === revision) batch.events.push(event);
        else batches.push({ revision, events: [event] });
        bytes += (event.event.kv?.length ?? 0) + (event.event.prevKv?.length ?? 0);
      }
      at = end;
      if (bytes > step.maxBytes && at < rows.length) return { batches, through: rows[at - 1]?.main ?? step.from };
    }
    const isCut = batches.length >= step.maxRevisions;
    return { batches, through: isCut ? (batches.at(-1)?.revision ?? step.to) : step.to };
  }

  async #events(
    rows: readonly HistoryRow[],
    prevKv: boolean,
  ): Promise<readonly { readonly revision: number; readonly event: WatchEvent }[]> {
    const { writer } = this.#options.replica;
    const missing = rows.flatMap((row) => [
      ...(row.kv === undefined ? [row] : []),
      ...(prevKv && row.prev ? [row.prev] : []),
    ]);
    const values = missing.length === 0 ? [] : await writer.readRevisions(missing);
    let next = 0;
    return rows.map((row) => {
      const kv = row.kv ?? values[next++];
      const previous = prevKv && row.prev !== undefined ? values[next++] : undefined;
      return {
        revision: row.main,
        event: { key: row.key, event: { type: row.tombstone ? 1 : 0, kv, prevKv: previous } },
      };
    });
  }
}

/** Moves `end` on until no revision is cut in two. */
function endOfRevision(rows: readonly HistoryRow[], end: number): number {
  while (end < rows.length && rows[end]?.main === rows[end - 1]?.main) end++;
  return end;
}
