import { setTimeout as sleep } from 'node:timers/promises';
import { prefixEnd } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import type { KvClient, WatchStream } from '../../client/kv-client.ts';
import { decodeKeyValue, type Event, EventType, type WatchResponse } from '../../proto/gen/etcd.ts';
import { STORE_LIMITS } from '../store/limits.ts';
import { rangeOf, valueBuffer } from '../store/object-store.ts';
import { Entry } from './entry.ts';
import { CACHE_LIMITS } from './limits.ts';

/** Where a resource lies in the store and how its values are read. */
export interface StoreSource {
  readonly kv: KvClient;
  /** Byte string of the key prefix, with a slash at the end. */
  readonly prefix: string;
  readonly placeOf: (path: string) => { readonly namespace: string; readonly name: string };
  /** Stored bytes to served bytes. Throws on what cannot be read. */
  readonly toServed: (value: Buffer, revision: number) => Buffer;
}

/** One change of one object; `entry` undefined: it was deleted. */
export interface Change {
  readonly place: { readonly namespace: string; readonly name: string };
  readonly entry: Entry | undefined;
  readonly previous: Entry | undefined;
  readonly revision: number;
}

/** Who is told. Calls come in revision order. */
export interface FeedTarget {
  readonly revision: number;
  refill(entries: readonly Entry[], revision: number): void;
  apply(changes: readonly Change[]): void;
  progress(revision: number): void;
}

/**
 * Keeps a target equal to a prefix of the store: one paged read at a revision, then one watch from the next revision on. A broken watch is
 * taken up where it broke; when the store has compacted that, everything is read again.
 */
export class StoreFeed {
  readonly #source: StoreSource;
  readonly #target: FeedTarget;
  readonly #onTrouble: (what: string, error: unknown) => void;
  readonly #stop = new AbortController();
  #stream: WatchStream | undefined;
  #progressWanted = false;

  constructor(source: StoreSource, target: FeedTarget, onTrouble: (what: string, error: unknown) => void) {
    this.#source = source;
    this.#target = target;
    this.#onTrouble = onTrouble;
  }

  start(): void {
    this.#run().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#onTrouble('the feed of a watch cache ended', error);
    });
  }

  /** Progress comes when the watch has passed everything that is committed now. */
  requestProgress(): void {
    this.#progressWanted = true;
    this.#stream?.requestProgress();
  }

  /** Leaves the watch for another one, on another member when there is one. */
  restart(): void {
    this.#stream?.close();
  }

  close(): void {
    this.#stop.abort();
    this.#stream?.close();
  }

  async #run(): Promise<void> {
    let backoffMs: number = CACHE_LIMITS.minBackoffMs;
    let refill = true;
    while (!this.#stop.signal.aborted) {
      let before = Number.POSITIVE_INFINITY;
      let beganMs = Number.POSITIVE_INFINITY;
      try {
        if (refill) await this.#fill();
        refill = false;
        before = this.#target.revision;
        beganMs = performance.now();
        refill = (await this.#follow()) === 'compacted';
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#onTrouble(`the watch on ${this.#source.prefix} broke`, error);
      }
      // A watch that told something, or nothing for long, was well, however it ended: the next one may begin at once.
      const wasWell = this.#target.revision > before || performance.now() - beganMs > CACHE_LIMITS.maxBackoffMs;
      if (wasWell) backoffMs = CACHE_LIMITS.minBackoffMs;
      // Half of the pause is chance, so that the caches of a server do not come back all at once.
      const pauseMs = backoffMs * (0.5 + Math.random() / 2);
      await sleep(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      backoffMs = Math.min(backoffMs * 2, CACHE_LIMITS.maxBackoffMs);
    }
  }

  async #fill(): Promise<void> {
    const { kv, prefix } = this.#source;
    const entries: Entry[] = [];
    const rangeEnd = prefixEnd(prefix);
    let revision = 0;
    for (let key = prefix; ; ) {
      const request = rangeOf({ key, rangeEnd, revision, limit: STORE_LIMITS.pageObjects });
      const page = await kv.range(request, { signal: this.#stop.signal, timeoutMs: STORE_LIMITS.callTimeoutMs });
      if (revision === 0) revision = page.header?.revision ?? 0;
      let last = key;
      for (const bytes of page.kvs) {
        const kv = decodeKeyValue(bytes);
        last = kv.key;
        const entry = this.#entryOf(kv.key, valueBuffer(kv), kv.modRevision);
        if (entry !== undefined) entries.push(entry);
      }
      if (!page.more) break;
      key = `${last}\0`;
    }
    this.#target.refill(entries, revision);
  }

  /** Follows the store until the watch ends. */
  async #follow(): Promise<'ended' | 'compacted'> {
    const stream = this.#source.kv.watch({ requireLeader: true });
    this.#stream = stream;
    try {
      // Without previous values: the target knows them.
      stream.create(watchOf(this.#source.prefix, this.#target.revision + 1, false));
      if (this.#progressWanted) stream.requestProgress();
      for (;;) {
        const responses = await stream.next();
        if (responses === undefined || this.#stop.signal.aborted) return 'ended';
        for (const response of responses) {
          if (response.compactRevision > 0) return 'compacted';
          if (response.canceled) throw new StoreError('WATCH_CANCELED', response.cancelReason);
          this.#take(response);
        }
      }
    } finally {
      this.#stream = undefined;
      stream.close();
    }
  }

  #take(response: WatchResponse): void {
    if (response.events.length > 0) {
      const changes = changesOf(this.#source, response.events, (key, value, revision) =>
        this.#entryOf(key, value, revision),
      );
      this.#target.apply(changes);
    } else if (!response.created && response.header !== undefined) {
      // Only a response without events tells progress: while a watch catches up, the header is ahead of the events.
      this.#progressWanted = false;
      this.#target.progress(response.header.revision);
    }
  }

  /** Undefined for a value that cannot be read: one broken object must not stop the cache of all others. */
  #entryOf(key: string, value: Buffer, revision: number): Entry | undefined {
    try {
      const place = this.#source.placeOf(key.slice(this.#source.prefix.length));
      return new Entry(place, revision, this.#source.toServed(value, revision));
    } catch (error) {
      this.#onTrouble(`the object at ${key} cannot be read`, error);
      return undefined;
    }
  }
}

/**
 * The changes of [from, upTo] from the store's own history, with the states before them. Undefined: the store has compacted `from`, or
 * there are more than the limit. Errors: StoreError.
 */
export async function readStoreHistory(
  source: StoreSource,
  from: number,
  upTo: number,
  signal: AbortSignal,
): Promise<readonly Change[] | undefined> {
  if (from > upTo) return [];
  const stream = source.kv.watch({ requireLeader: true });
  const close = (): void => stream.close();
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(CACHE_LIMITS.storeHistoryTimeoutMs)]);
  deadline.addEventListener('abort', close, { once: true });
  // A watch that is still catching up answers no request for progress: ask until it does.
  const asking = setInterval(() => stream.requestProgress(), CACHE_LIMITS.progressIntervalMs);
  const changes: Change[] = [];
  let created = false;
  const read = (key: string, value: Buffer, revision: number): Entry =>
    new Entry(source.placeOf(key.slice(source.prefix.length)), revision, source.toServed(value, revision));
  try {
    stream.create(watchOf(source.prefix, from, true));
    stream.requestProgress();
    for (;;) {
      const responses = await stream.next();
      if (responses === undefined) {
        if (deadline.aborted) throw new StoreError('DEADLINE_EXCEEDED');
        throw new StoreError('WATCH_CANCELED', 'the watch ended');
      }
      for (const response of responses) {
        if (response.compactRevision > 0) return undefined;
        if (response.canceled) throw new StoreError('WATCH_CANCELED', response.cancelReason);
        changes.push(...changesOf(source, response.events, read).filter((change) => change.revision <= upTo));
        if (changes.length > CACHE_LIMITS.maxStoreHistoryEvents) return undefined;
        created ||= response.created;
        // Progress that is told before the watch exists says nothing about it.
        if (created && changesEnd(response) >= upTo) return changes;
      }
    }
  } finally {
    clearInterval(asking);
    deadline.removeEventListener('abort', close);
    stream.close();
  }
}

/** Everything up to this revision has been told when `response` has been taken. */
function changesEnd(response: WatchResponse): number {
  const last = response.events.at(-1);
  if (last?.kv !== undefined) return decodeKeyValue(last.kv).modRevision;
  return response.created ? 0 : (response.header?.revision ?? 0);
}

function changesOf(
  source: StoreSource,
  events: readonly Event[],
  read: (key: string, value: Buffer, revision: number) => Entry | undefined,
): readonly Change[] {
  const changes: Change[] = [];
  for (const event of events) {
    if (event.kv === undefined) continue;
    const kv = decodeKeyValue(event.kv);
    const place = source.placeOf(kv.key.slice(source.prefix.length));
    const entry = event.type === EventType.PUT ? read(kv.key, valueBuffer(kv), kv.modRevision) : undefined;
    // An unreadable new state is skipped as if it had not been written.
    if (entry === undefined && event.type === EventType.PUT) continue;
    const before = event.prevKv === undefined ? undefined : decodeKeyValue(event.prevKv);
    const previous = before === undefined ? undefined : read(kv.key, valueBuffer(before), before.modRevision);
    changes.push({ place, entry, previous, revision: kv.modRevision });
  }
  return changes;
}

const watchOf = (prefix: string, startRevision: number, prevKv: boolean) => ({
  key: prefix,
  rangeEnd: prefixEnd(prefix),
  startRevision,
  progressNotify: true,
  filters: [],
  prevKv,
  watchId: 0,
  fragment: false,
});
