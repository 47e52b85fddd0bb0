import { expired } from '../errors.ts';
import type { StoreCall } from '../store/object-store.ts';
import { serverTimeout, storeFailure, tooLargeResourceVersion, WATCH_EXPIRED } from '../store/store-failure.ts';
import { Entry } from './entry.ts';
import type { FreshRevision } from './fresh-revision.ts';
import { History } from './history.ts';
import { CACHE_LIMITS } from './limits.ts';
import { SortedObjects } from './sorted-objects.ts';
import { type Change, type FeedTarget, readStoreHistory, StoreFeed, type StoreSource } from './store-feed.ts';
import type { CachedObject, CacheEvent, ObjectsPage, ResourceCache } from './types.ts';

export interface WatchCacheOptions {
  readonly source: StoreSource;
  readonly fresh: FreshRevision;
  readonly call: StoreCall;
  readonly now: () => number;
  /** Told of failures of the feed and of subscribers; the cache goes on. */
  readonly onTrouble: (what: string, error: unknown) => void;
}

interface Subscriber {
  readonly onEvents: (events: readonly CacheEvent[]) => void;
  readonly onGap: (() => void) | undefined;
}

interface Waiter {
  readonly revision: number;
  readonly done: () => void;
}

/** The watch cache over one store watch. See ResourceCache. */
export class WatchCache implements ResourceCache, FeedTarget {
  readonly #options: WatchCacheOptions;
  readonly #objects = new SortedObjects<Entry>();
  readonly #subscribers = new Set<Subscriber>();
  readonly #feed: StoreFeed;
  #history = new History(0);
  #waiters: Waiter[] = [];
  #revision = 0;
  #filled = false;
  /** Set from a question for progress on until it may be repeated. */
  #progressTimer: NodeJS.Timeout | undefined;
  #answered = true;
  #askAgain = false;
  /** Since when the feed has been asked and has said nothing. */
  #silentSinceMs: number | undefined;
  #patienceMs: number = CACHE_LIMITS.silenceMs;
  readonly #closed = new AbortController();

  constructor(options: WatchCacheOptions) {
    this.#options = options;
    this.#feed = new StoreFeed(options.source, this, options.onTrouble);
    this.#feed.start();
  }

  get revision(): number {
    return this.#revision;
  }

  /** It holds the state of some revision. */
  get isFilled(): boolean {
    return this.#filled;
  }

  get size(): number {
    return this.#objects.size;
  }

  async ready(): Promise<void> {
    if (this.#filled) return;
    const filled = await this.#wait(1, CACHE_LIMITS.readyTimeoutMs);
    if (!filled) throw serverTimeout({ verb: 'list', resource: this.#options.call.resource });
  }

  get(namespace: string, name: string): CachedObject | undefined {
    return this.#objects.get(namespace === '' ? name : `${namespace}/${name}`);
  }

  list(namespace = ''): readonly CachedObject[] {
    return this.#objects.scan(namespace === '' ? '' : `${namespace}/`);
  }

  page(namespace: string, start: string, limit: number): ObjectsPage {
    const prefix = namespace === '' ? '' : `${namespace}/`;
    const { items, remaining } = this.#objects.page(prefix, prefix + start, limit);
    return { objects: items, remaining };
  }

  async waitFor(revision: number, timeoutMs: number): Promise<void> {
    if (this.#filled && this.#revision >= revision) return;
    this.#askProgress();
    if (!(await this.#wait(revision, timeoutMs))) throw tooLargeResourceVersion(revision, this.#revision);
  }

  async waitFresh(): Promise<void> {
    await this.ready();
    const target = await this.#options.fresh.get();
    if (this.#revision >= target) return;
    this.#askProgress();
    if (!(await this.#wait(target, CACHE_LIMITS.freshTimeoutMs))) {
      throw serverTimeout({ verb: 'list', resource: this.#options.call.resource });
    }
  }

  since(revision: number): readonly CacheEvent[] | undefined {
    return this.#history.since(revision);
  }

  async storeHistory(
    revision: number,
    signal: AbortSignal,
  ): Promise<{ readonly events: readonly CacheEvent[]; readonly upTo: number }> {
    const upTo = this.#history.start;
    const { call, source } = this.#options;
    const changes = await readStoreHistory(source, revision + 1, upTo, signal).catch((error: unknown) => {
      throw storeFailure(error, { verb: 'watch', resource: call.resource, write: false });
    });
    if (changes === undefined) throw expired(WATCH_EXPIRED);
    return { events: changes.map(eventOf), upTo };
  }

  subscribe(onEvents: (events: readonly CacheEvent[]) => void, onGap?: () => void): () => void {
    const subscriber: Subscriber = { onEvents, onGap };
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  close(): void {
    this.#closed.abort();
    this.#feed.close();
    clearTimeout(this.#progressTimer);
    this.#subscribers.clear();
    for (const waiter of this.#waiters.splice(0)) waiter.done();
  }

  /** FeedTarget: the whole state as of `revision`. */
  refill(entries: readonly Entry[], revision: number): void {
    const isGap = this.#filled;
    const differences = isGap ? this.#differences(entries, revision) : [];
    if (!isGap) for (const entry of entries) this.#objects.set(keyOf(entry), entry);
    // What happened in the gap is not known: nobody may resume from before its end.
    this.#history = new History(revision);
    this.#filled = true;
    if (isGap) this.#tell(({ onEvents, onGap }) => (onGap === undefined ? onEvents(differences) : onGap()));
    this.#advance(revision);
    this.#heard();
  }

  /** FeedTarget: what happened, in revision order. */
  apply(changes: readonly Change[]): void {
    const events: CacheEvent[] = [];
    for (const change of changes) {
      const event = this.#toEvent(change);
      if (event !== undefined) events.push(event);
    }
    this.#emit(events);
    const last = changes.at(-1);
    if (last !== undefined) this.#advance(last.revision);
    this.#heard();
  }

  /** FeedTarget: nothing else happened up to `revision`. */
  progress(revision: number): void {
    this.#advance(revision);
    this.#heard();
    this.#progressAnswered();
  }

  #toEvent(change: Change): CacheEvent | undefined {
    const key = change.place.namespace === '' ? change.place.name : `${change.place.namespace}/${change.place.name}`;
    const previous = this.#objects.get(key);
    if (change.entry === undefined) {
      if (previous === undefined) return undefined;
      this.#objects.delete(key);
      return { type: 'DELETED', object: previous.at(change.revision), previous, resourceVersion: change.revision };
    }
    this.#objects.set(key, change.entry);
    return { type: previous ? 'MODIFIED' : 'ADDED', object: change.entry, previous, resourceVersion: change.revision };
  }

  /** After a gap that the store has compacted. The deletions carry `revision`: theirs is lost. */
  #differences(entries: readonly Entry[], revision: number): readonly CacheEvent[] {
    const now = new Map(entries.map((entry) => [keyOf(entry), entry]));
    const gone = this.#objects.scan('').filter((old) => !now.has(keyOf(old)));
    const changed = entries.filter(
      (entry) => this.#objects.get(keyOf(entry))?.resourceVersion !== entry.resourceVersion,
    );
    changed.sort((a, b) => a.resourceVersion - b.resourceVersion);
    const changes: Change[] = [
      ...changed.map((entry) => ({ place: entry, entry, previous: undefined, revision: entry.resourceVersion })),
      ...gone.map((entry) => ({ place: entry, entry: undefined, previous: undefined, revision })),
    ];
    return changes.map((change) => this.#toEvent(change)).filter((event) => event !== undefined);
  }

  #emit(events: readonly CacheEvent[]): void {
    if (events.length === 0) return;
    const now = this.#options.now();
    for (const event of events) this.#history.push(event, now);
    this.#tell(({ onEvents }) => onEvents(events));
  }

  #tell(how: (subscriber: Subscriber) => void): void {
    for (const subscriber of this.#subscribers) {
      try {
        how(subscriber);
      } catch (error) {
        this.#options.onTrouble('a subscriber of the watch cache failed', error);
      }
    }
  }

  #advance(revision: number): void {
    if (revision > this.#revision) this.#revision = revision;
    if (this.#waiters.length === 0) return;
    const reached = this.#waiters.filter((waiter) => waiter.revision <= this.#revision);
    this.#waiters = this.#waiters.filter((waiter) => waiter.revision > this.#revision);
    for (const waiter of reached) waiter.done();
  }

  /** True when the revision came in time. */
  #wait(revision: number, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        revision,
        done: () => {
          clearTimeout(timer);
          resolve(this.#filled && this.#revision >= revision);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((w) => w !== waiter);
        resolve(false);
      }, timeoutMs);
      this.#waiters.push(waiter);
    });
  }

  /**
   * Asks the store how far its watch is, one question at a time: who comes while one is open is asked for by the next, at once. A store whose watch is
   * catching up does not answer, and one may wait for a revision that is not there yet: those are asked for again after a while.
   */
  #askProgress(): void {
    if (this.#progressTimer !== undefined && !this.#answered) {
      this.#askAgain = true;
      return;
    }
    clearTimeout(this.#progressTimer);
    this.#answered = false;
    this.#askAgain = false;
    this.#silentSinceMs ??= this.#options.now();
    this.#progressTimer = setTimeout(() => {
      this.#progressTimer = undefined;
      if (this.#waiters.length === 0) {
        this.#silentSinceMs = undefined;
        return;
      }
      this.#doubt();
      this.#askProgress();
    }, CACHE_LIMITS.progressIntervalMs);
    this.#progressTimer.unref();
    this.#feed.requestProgress();
  }

  /** A member may stand still on a connection that looks well; its watch then tells nothing at all. */
  #doubt(): void {
    const now = this.#options.now();
    if (this.#silentSinceMs === undefined || now - this.#silentSinceMs < this.#patienceMs) return;
    this.#silentSinceMs = now;
    this.#patienceMs = Math.min(this.#patienceMs * 2, CACHE_LIMITS.maxSilenceMs);
    this.#feed.restart();
  }

  #heard(): void {
    this.#silentSinceMs = undefined;
    this.#patienceMs = CACHE_LIMITS.silenceMs;
  }

  #progressAnswered(): void {
    this.#answered = true;
    if (this.#askAgain && this.#waiters.length > 0) this.#askProgress();
  }
}

const keyOf = (entry: CachedObject): string =>
  entry.namespace === '' ? entry.name : `${entry.namespace}/${entry.name}`;

/** An event of the store's history, where the previous state comes with the change. */
function eventOf(change: Change): CacheEvent {
  const { entry, previous, revision } = change;
  if (entry !== undefined) {
    return { type: previous ? 'MODIFIED' : 'ADDED', object: entry, previous, resourceVersion: revision };
  }
  const last = previous ?? new Entry(change.place, revision, Buffer.from('{"kind":"","apiVersion":"","metadata":{}}'));
  return { type: 'DELETED', object: last.at(revision), previous, resourceVersion: revision };
}
