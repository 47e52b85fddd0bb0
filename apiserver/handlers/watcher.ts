import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheEvent, ResourceCache } from '../cache/types.ts';
import { ApiError, expired, internalError } from '../errors.ts';
import { WATCH_EXPIRED } from '../store/store-failure.ts';
import { coalesce } from './encode.ts';
import type { ObjectForm } from './forms.ts';
import { HANDLER_LIMITS } from './limits.ts';
import { chosen, freshen } from './list.ts';
import type { WatchStart } from './list-options.ts';
import type { Sink } from './reply.ts';
import type { Selection } from './selection.ts';
import { bookmarkLine, burstOf, errorLine, eventLine, stateLine } from './watch-events.ts';

export interface WatcherOptions {
  readonly cache: ResourceCache;
  readonly selection: Selection;
  readonly form: ObjectForm;
  readonly start: WatchStart;
  readonly bookmarks: boolean;
  readonly timeoutMs: number;
  /** Aborted when the watch must end early: the client is gone, the server stops. */
  readonly signal: AbortSignal;
  readonly onSent: (events: number) => void;
}

const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' };

/**
 * One watch. It holds no queue of its own, only a position in the history that all watchers share: events go straight from the cache to the socket;
 * while the socket is full the position stands still, and afterwards it catches up from the history. Whoever is slower than the history is
 * long is ended.
 * Invariant: every visible event up to `#position` has been written, and none after it.
 */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #sink: Sink;
  readonly #end = new AbortController();
  readonly #finish = (): void => this.#end.abort();
  #position = 0;
  /** The same for watchers that are told the same. */
  readonly #sight: string;
  /** True while events may be written as they come: the position is that of the cache and the socket takes more. */
  #live = false;

  constructor(options: WatcherOptions, sink: Sink) {
    this.#options = options;
    this.#sink = sink;
    const { apiVersion, namespace, label, field } = options.selection;
    this.#sight = JSON.stringify([options.form.key, apiVersion, namespace, label, field]);
  }

  /** Resolves when the watch is over. Errors are told in the stream: its headers are already out. */
  async run(): Promise<void> {
    const { cache, signal, timeoutMs } = this.#options;
    const stop = this.#end.signal;
    const sources = [signal, this.#sink.closed, cache.closed];
    for (const source of sources) {
      if (source.aborted) this.#finish();
      source.addEventListener('abort', this.#finish, { once: true });
    }
    const deadlineMs = Date.now() + timeoutMs;
    const timer = setTimeout(this.#finish, timeoutMs);
    let unsubscribe: (() => void) | undefined;
    try {
      await this.#begin(stop);
      unsubscribe = cache.subscribe(
        (events) => this.#take(events),
        () => this.#gap(),
      );
      await this.#catchUp(stop);
      await this.#bookmarks(stop, deadlineMs);
    } catch (error) {
      if (!stop.aborted) this.#sink.write(errorLine(asStatus(error).toStatus()));
    } finally {
      unsubscribe?.();
      clearTimeout(timer);
      for (const source of sources) source.removeEventListener('abort', this.#finish);
    }
  }

  /** Writes the initial state, or what has happened since the start. */
  async #begin(stop: AbortSignal): Promise<void> {
    const { cache, start, selection, form } = this.#options;
    await freshen(cache, start.atLeast);
    if (start.after !== undefined) return this.#resume(start.after, stop);
    const objects = start.initialState ? chosen(cache, selection) : [];
    this.#position = cache.revision;
    const at = this.#position;
    await this.#writeAll(linesOf(objects, form), stop);
    this.#options.onSent(objects.length);
    if (start.endBookmark) await this.#writeAll([bookmarkLine(form, at, INITIAL_EVENTS_END)], stop);
  }

  async #resume(after: number, stop: AbortSignal): Promise<void> {
    const { cache } = this.#options;
    this.#position = after;
    if (cache.since(after) !== undefined) return;
    // From before this cache's window, or this server's life: the store may still have it.
    const { events, upTo } = await cache.storeHistory(after, stop);
    await this.#writeEvents(events, stop);
    this.#position = upTo;
  }

  /** From the position to the present; then live. */
  async #catchUp(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const events = this.#options.cache.since(this.#position);
      if (events === undefined) throw expired(WATCH_EXPIRED);
      if (events.length === 0) {
        this.#live = true;
        return;
      }
      await this.#writeEvents(events, stop);
      this.#position = (events.at(-1) as CacheEvent).resourceVersion;
    }
  }

  /** Called by the cache with new events. */
  #take(events: readonly CacheEvent[]): void {
    if (!this.#live) return;
    const { selection, form } = this.#options;
    const first = events[0];
    const last = events.at(-1);
    if (first === undefined || last === undefined || last.resourceVersion <= this.#position) return;
    // Watchers that are up to date are told the same.
    const fresh =
      first.resourceVersion > this.#position ? events : events.filter((e) => e.resourceVersion > this.#position);
    const { bytes, count } = burstOf(fresh, selection, form, this.#sight);
    this.#position = last.resourceVersion;
    if (count === 0) return;
    this.#options.onSent(count);
    if (!this.#sink.write(bytes)) this.#pause();
  }

  /** What happened is lost: the client must come again, to be told what its own position is worth. As the real server's cacher does. */
  #gap(): void {
    this.#live = false;
    this.#finish();
  }

  /** The socket is full: nothing is written until it is empty, then what was missed. */
  #pause(): void {
    this.#live = false;
    this.#drained()
      .then(() => this.#catchUp(this.#end.signal))
      .catch(this.#finish);
  }

  async #bookmarks(stop: AbortSignal, deadlineMs: number): Promise<void> {
    const { bookmarks } = this.#options;
    if (!bookmarks) return untilAborted(stop);
    let lastSent = false;
    while (!stop.aborted) {
      const leftMs = deadlineMs - Date.now() - HANDLER_LIMITS.lastBookmarkMs;
      // A tenth of chance, so that the watchers of a server do not all wake at once.
      const intervalMs = HANDLER_LIMITS.bookmarkIntervalMs * (0.95 + Math.random() / 10);
      if (lastSent || leftMs <= 0) return untilAborted(stop);
      lastSent = leftMs <= intervalMs;
      await sleep(Math.min(intervalMs, leftMs), undefined, { signal: stop }).catch(() => undefined);
      if (!stop.aborted) await this.#bookmark();
    }
  }

  async #bookmark(): Promise<void> {
    const { cache, form } = this.#options;
    // A store that does not answer costs the bookmark its freshness only.
    await cache.waitFresh().catch(() => undefined);
    if (!this.#live || this.#sink.closed.aborted) return;
    this.#position = Math.max(this.#position, cache.revision);
    if (!this.#sink.write(bookmarkLine(form, this.#position))) this.#pause();
  }

  async #writeEvents(events: readonly CacheEvent[], stop: AbortSignal): Promise<void> {
    const { selection, form, onSent } = this.#options;
    const lines: Buffer[] = [];
    for (const event of events) {
      const line = eventLine(event, selection, form);
      if (line !== undefined) lines.push(line);
    }
    onSent(lines.length);
    await this.#writeAll(lines, stop);
  }

  async #writeAll(lines: Iterable<Buffer>, stop: AbortSignal): Promise<void> {
    for (const chunk of coalesce(lines)) {
      if (stop.aborted) return;
      if (!this.#sink.write(chunk)) await this.#drained();
    }
  }

  /** Ends the watch of a client that takes nothing any more. */
  async #drained(): Promise<void> {
    const timer = setTimeout(() => this.#sink.destroy(), HANDLER_LIMITS.stalledWatchMs);
    try {
      await this.#sink.drained();
    } finally {
      clearTimeout(timer);
    }
  }
}

function* linesOf(objects: Iterable<Parameters<typeof stateLine>[0]>, form: ObjectForm): Generator<Buffer> {
  for (const object of objects) yield stateLine(object, form);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

const asStatus = (error: unknown): ApiError =>
  error instanceof ApiError ? error : internalError(error instanceof Error ? error.message : String(error));
