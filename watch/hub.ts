import { assert } from '../base/assert.ts';
import type { ResponseHeader, WatchCreateRequest, WatchResponse } from '../proto/gen/etcd.ts';
import type { GroupDelivery } from './delivery.ts';
import { Groups } from './groups.ts';
import { HubStream } from './hub-stream.ts';
import { checkedWatchLimits, WATCH_LIMITS, type WatchLimits } from './limits.ts';
import { RecentEvents } from './recent-events.ts';
import { eventsResponse, NO_WATCH_ID, type ResponseFields, response } from './responses.ts';
import { type PreparedEvent, preparedEvent, type RevisionEvents, type WatchEvent } from './watch-event.ts';
import { newWatcher, type Watcher } from './watcher.ts';

/** What the driver is to do for the watchers that are behind. */
export type CatchUp =
  /** All are synced, or wait for their clients to read. */
  | { readonly type: 'idle' }
  /** Call again, after giving others a turn. */
  | { readonly type: 'more' }
  /** Read the events of [from, to] from the backend, as far as the bounds allow, and `supply` them. */
  | {
      readonly type: 'read';
      readonly from: number;
      readonly to: number;
      readonly maxRevisions: number;
      readonly maxBytes: number;
      /** Some watcher wants previous values. */
      readonly prevKv: boolean;
    };

export interface WatchHubOptions {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  /** Where the store stands: the first revision to be published is the next one. */
  readonly revision: number;
  readonly compactRevision: number;
  readonly limits?: WatchLimits;
}

/** Figures for metrics. */
export interface WatchHubStats {
  readonly streams: number;
  readonly watchers: number;
  /** Watchers that are behind ("slow" in etcd's metrics). */
  readonly behind: number;
  readonly recentBytes: number;
  /** Changes in outboxes. */
  readonly pendingEvents: number;
}

/**
 * All watchers of a member. Told by its driver what happens (`publish`, `compacted`, `supply`, `tick`), it fills the outboxes of
 * its streams; `takeReady` names the streams that have something to read. Pure: time is an argument, nothing waits in here.
 *
 * Revisions that are published one after the other are offered together: each watcher gets one response with the events of all of them. Whatever
 * else is asked of the hub comes after that.
 *
 * Invariants: a watcher is offered every revision from its start exactly once and in order; it is either in `#synced` (offered
 * everything up to `revision` but for `#published`), in `#behind`, or in its stream's `stalled`.
 */
export class WatchHub {
  readonly #limits: WatchLimits;
  readonly #clusterId: bigint;
  readonly #memberId: bigint;
  readonly #streams = new Set<HubStream>();
  readonly #synced = new Groups();
  readonly #behind = new Set<Watcher>();
  #ready = new Set<HubStream>();
  /** Streams whose request for progress waits for the revision that one of their watchers starts at. */
  readonly #early = new Set<HubStream>();
  #recent: RecentEvents;
  /** Events of the newest revisions, not yet offered to those that are synced; and what they weigh. */
  #published: PreparedEvent[] = [];
  #publishedBytes = 0;
  #revision: number;
  #compactRevision: number;
  #watcherCount = 0;
  #raftTerm = 0;
  #header: ResponseHeader;

  constructor(options: WatchHubOptions) {
    this.#limits = checkedWatchLimits(options.limits ?? WATCH_LIMITS);
    this.#clusterId = options.clusterId;
    this.#memberId = options.memberId;
    this.#revision = options.revision;
    this.#compactRevision = options.compactRevision;
    this.#recent = new RecentEvents(options.revision, this.#limits);
    this.#header = this.#makeHeader(options.revision);
  }

  get revision(): number {
    return this.#revision;
  }

  /** Whether `catchUp` has work: some watcher is behind whose client reads. */
  get hasBehind(): boolean {
    return this.#behind.size > 0;
  }

  get watcherCount(): number {
    return this.#watcherCount;
  }

  get stats(): WatchHubStats {
    let stalled = 0;
    let pendingEvents = 0;
    for (const stream of this.#streams) {
      stalled += stream.stalled.size;
      pendingEvents += stream.pendingEvents;
    }
    return {
      streams: this.#streams.size,
      watchers: this.#watcherCount,
      behind: this.#behind.size + stalled,
      recentBytes: this.#recent.bytes,
      pendingEvents,
    };
  }

  /** The term that headers carry from now on. */
  setRaftTerm(term: number): void {
    this.#offerPublished();
    this.#raftTerm = term;
    this.#header = this.#makeHeader(this.#revision);
  }

  /** Opens a client's stream; watchers that ask for it are told every `progressIntervalMs` how far they are when nothing else was. */
  openStream(progress: { readonly intervalMs: number; readonly nowMs: number }): HubStream {
    const stream = new HubStream(this.#limits, {
      intervalMs: progress.intervalMs,
      dueMs: progress.nowMs + progress.intervalMs,
    });
    this.#streams.add(stream);
    return stream;
  }

  /** Forgets a stream, its watchers and what waits in it. */
  closeStream(stream: HubStream): void {
    this.#offerPublished();
    for (const watcher of stream.watchers.values()) this.#detach(watcher);
    stream.watchers.clear();
    this.#streams.delete(stream);
    this.#ready.delete(stream);
    this.#early.delete(stream);
  }

  /** Starts a watcher; the answer (`created`, with `canceled` and a reason when refused) is queued before any event. */
  create(stream: HubStream, request: WatchCreateRequest): void {
    this.#offerPublished();
    const watcher = newWatcher(stream, request, this.#revision);
    if ('refused' in watcher) {
      this.refuse(stream, watcher.refused);
      return;
    }
    stream.watchers.set(watcher.id, watcher);
    this.#watcherCount++;
    this.#answer(stream, { watchId: watcher.id, created: true });
    if (watcher.next > this.#revision) this.#addSynced(watcher);
    else this.#addBehind(watcher);
  }

  /** Answers a request for a watcher that may not be, with the reason why. */
  refuse(stream: HubStream, cancelReason: string): void {
    this.#offerPublished();
    this.#answer(stream, { watchId: NO_WATCH_ID, created: true, canceled: true, cancelReason });
  }

  /** Stops a watcher and confirms it; an unknown id gets no answer (as etcd). */
  cancel(stream: HubStream, watchId: number): void {
    this.#offerPublished();
    const watcher = stream.watchers.get(watchId);
    if (watcher === undefined) return;
    this.#drop(watcher);
    this.#answer(stream, { watchId, canceled: true });
    this.#answerProgress(stream);
  }

  /**
   * Asks for one response with watch id -1 once every watcher of the stream is synced and the store has come to where each starts;
   * a stream without watchers gets none.
   */
  requestProgress(stream: HubStream): void {
    this.#offerPublished();
    stream.progressRequested = stream.watchers.size > 0;
    this.#answerProgress(stream);
  }

  /** Takes all responses that wait, which makes room for the watchers that fell behind. */
  take(stream: HubStream): readonly WatchResponse[] {
    this.#offerPublished();
    const responses = stream.drain();
    this.#ready.delete(stream);
    for (const watcher of stream.stalled) this.#behind.add(watcher);
    stream.stalled.clear();
    this.#answerProgress(stream);
    return responses;
  }

  /** The streams that got something to read, or ended, since the last call. */
  takeReady(): readonly HubStream[] {
    this.#offerPublished();
    if (this.#ready.size === 0) return [];
    const ready = [...this.#ready];
    this.#ready = new Set();
    return ready;
  }

  /** Takes the events of the next revision, to be offered to every synced watcher with those of the revisions that follow at once. */
  publish(revision: number, events: readonly WatchEvent[]): void {
    assert(revision === this.#revision + 1, 'revisions are published one after the other');
    this.#revision = revision;
    this.#recent.add(revision, events);
    if (this.#synced.size > 0) {
      for (const event of events) {
        const prepared = preparedEvent(revision, event);
        this.#published.push(prepared);
        this.#publishedBytes += prepared.sizeBytes;
      }
    }
    // One that waits for a revision is told when it has come.
    if (this.#publishedBytes >= this.#limits.togetherBytes || this.#early.size > 0) this.#offerPublished();
  }

  #offerPublished(): void {
    if (this.#header.revision !== this.#revision) this.#header = this.#makeHeader(this.#revision);
    const published = this.#published;
    const first = published[0];
    if (first !== undefined) {
      this.#published = [];
      this.#publishedBytes = 0;
      for (const [group, delivery] of this.#synced.match(published, this.#limits.fragmentBytes)) {
        for (const watcher of group.watchers) {
          if (watcher.next > this.#revision) continue;
          if (watcher.stream.hasRoom) this.#send(watcher, delivery, this.#header);
          else this.#fallBehind(watcher, first.revision);
        }
      }
    }
    for (const stream of this.#early) this.#answerProgress(stream);
  }

  /** History before `revision` is gone: watchers that still need it will be cancelled by `catchUp`. */
  compacted(revision: number): void {
    this.#offerPublished();
    this.#compactRevision = Math.max(this.#compactRevision, revision);
  }

  /** The store was replaced by a newer one (a snapshot was installed): everybody catches up from the backend. */
  reset(revision: number, compactRevision: number): void {
    assert(revision >= this.#revision, 'a snapshot never takes the store back');
    this.#offerPublished();
    const offered = this.#revision + 1;
    for (const stream of this.#streams) {
      for (const watcher of stream.watchers.values()) {
        if (!watcher.synced) continue;
        this.#removeSynced(watcher);
        watcher.next = Math.max(watcher.next, offered);
        if (watcher.next > revision) this.#addSynced(watcher);
        else this.#addBehind(watcher);
      }
    }
    this.#revision = revision;
    this.#compactRevision = compactRevision;
    this.#header = this.#makeHeader(revision);
    this.#recent = new RecentEvents(revision, this.#limits);
    for (const stream of this.#early) this.#answerProgress(stream);
  }

  /** Serves watchers that are behind from memory as far as that reaches, and says what else they need. */
  catchUp(): CatchUp {
    this.#offerPublished();
    for (let step = 0; step < this.#limits.catchUpSteps; step++) {
      this.#settle();
      const from = this.#lowestNext();
      if (from === undefined) return { type: 'idle' };
      const slice = this.#recent.slice(from, {
        maxRevisions: this.#limits.catchUpRevisions,
        maxBytes: this.#limits.catchUpBytes,
      });
      if (slice === undefined) return this.#readFrom(from);
      this.#deliverHistory(slice.events, { from: 0, through: slice.through, prevKv: true });
    }
    return { type: 'more' };
  }

  /**
   * Events read from the backend: all of the revisions [from, through], in order, with previous values when `prevKv`. Without them they are not for
   * watchers that want some, which may have come while the backend was read.
   */
  supply(
    batches: readonly RevisionEvents[],
    range: { readonly from: number; readonly through: number; readonly prevKv: boolean },
  ): void {
    this.#offerPublished();
    this.#settle();
    const events = batches.flatMap((batch) => batch.events.map((event) => preparedEvent(batch.revision, event)));
    this.#deliverHistory(events, { ...range, through: Math.min(range.through, this.#revision) });
    this.#settle();
  }

  /** Lets time pass: sends the progress notifications that are due. */
  tick(nowMs: number): void {
    this.#offerPublished();
    for (const stream of this.#streams) {
      if (nowMs < stream.progressDueMs) continue;
      stream.progressDueMs = nowMs + stream.progressIntervalMs;
      for (const watcher of stream.watchers.values()) {
        if (!watcher.progressNotify) continue;
        if (!watcher.spokenTo && watcher.synced && stream.hasRoom && watcher.startRevision <= this.#revision)
          this.#push(stream, response(this.#header, { watchId: watcher.id }), 0);
        watcher.spokenTo = false;
      }
    }
  }

  #deliverHistory(
    events: readonly PreparedEvent[],
    { from, through, prevKv }: { readonly from: number; readonly through: number; readonly prevKv: boolean },
  ): void {
    const header = this.#makeHeader(through);
    const groups = new Groups();
    const offered = [...this.#behind].filter(
      ({ next, shape }) => next <= through && next >= from && (prevKv || !shape.prevKv),
    );
    for (const watcher of offered) groups.add(watcher);
    const deliveries = groups.match(events, this.#limits.fragmentBytes);
    for (const watcher of offered) {
      if (!watcher.stream.hasRoom) {
        this.#stall(watcher);
        continue;
      }
      const group = groups.groupOf(watcher);
      const delivery = group && deliveries.get(group);
      if (delivery !== undefined) this.#send(watcher, delivery, header);
      watcher.next = through + 1;
    }
  }

  #send(watcher: Watcher, delivery: GroupDelivery, header: ResponseHeader): void {
    for (const parcel of delivery.parcelsFor(watcher)) {
      this.#push(watcher.stream, eventsResponse(header, watcher.id, parcel), parcel.sizeBytes);
      watcher.spokenTo = true;
    }
  }

  /** Cancels those whose history was compacted away, and promotes those that have caught up. */
  #settle(): void {
    for (const watcher of [...this.#behind]) {
      if (watcher.next < this.#compactRevision) this.#cancelCompacted(watcher);
      else if (watcher.next > this.#revision) {
        this.#behind.delete(watcher);
        watcher.stream.behindCount--;
        this.#addSynced(watcher);
        this.#answerProgress(watcher.stream);
      }
    }
  }

  #cancelCompacted(watcher: Watcher): void {
    this.#drop(watcher);
    // Of no revision: nothing was delivered up to anywhere. As etcd.
    const header = { ...this.#header, revision: 0 };
    const { id: watchId, stream } = watcher;
    this.#answer(stream, { header, watchId, canceled: true, compactRevision: this.#compactRevision });
    this.#answerProgress(watcher.stream);
  }

  #lowestNext(): number | undefined {
    let lowest: number | undefined;
    for (const watcher of this.#behind) {
      if (!watcher.stream.hasRoom) this.#stall(watcher);
      else if (lowest === undefined || watcher.next < lowest) lowest = watcher.next;
    }
    return lowest;
  }

  #readFrom(from: number): CatchUp {
    let prevKv = false;
    for (const watcher of this.#behind) prevKv ||= watcher.shape.prevKv;
    const { catchUpRevisions: maxRevisions, catchUpBytes: maxBytes } = this.#limits;
    return { type: 'read', from, to: this.#recent.firstRevision - 1, maxRevisions, maxBytes, prevKv };
  }

  #addSynced(watcher: Watcher): void {
    watcher.synced = true;
    this.#synced.add(watcher);
  }

  #removeSynced(watcher: Watcher): void {
    watcher.synced = false;
    this.#synced.remove(watcher);
  }

  #addBehind(watcher: Watcher): void {
    watcher.stream.behindCount++;
    this.#behind.add(watcher);
  }

  #fallBehind(watcher: Watcher, next: number): void {
    this.#removeSynced(watcher);
    watcher.next = Math.max(watcher.next, next);
    this.#addBehind(watcher);
    this.#stall(watcher);
  }

  #stall(watcher: Watcher): void {
    this.#behind.delete(watcher);
    watcher.stream.stalled.add(watcher);
  }

  #drop(watcher: Watcher): void {
    this.#detach(watcher);
    watcher.stream.watchers.delete(watcher.id);
  }

  #detach(watcher: Watcher): void {
    this.#watcherCount--;
    if (watcher.synced) {
      this.#removeSynced(watcher);
    } else {
      watcher.stream.behindCount--;
      this.#behind.delete(watcher);
      watcher.stream.stalled.delete(watcher);
    }
  }

  #answerProgress(stream: HubStream): void {
    if (!stream.progressRequested || stream.behindCount > 0 || stream.hasUnreadProgress) return;
    for (const { startRevision } of stream.watchers.values()) {
      if (startRevision <= this.#revision) continue;
      this.#early.add(stream); // nobody is told of a revision before the one it starts at (etcd #20221)
      return;
    }
    this.#early.delete(stream);
    stream.progressRequested = false;
    if (stream.watchers.size > 0) this.#push(stream, response(this.#header, { watchId: NO_WATCH_ID }), 0);
  }

  #answer(stream: HubStream, fields: ResponseFields): void {
    if (stream.endedBy !== undefined) return;
    stream.pushAnswer(response(this.#header, fields));
    this.#ready.add(stream);
  }

  #push(stream: HubStream, message: WatchResponse, sizeBytes: number): void {
    if (stream.endedBy !== undefined) return;
    stream.push(message, sizeBytes);
    this.#ready.add(stream);
  }

  #makeHeader(revision: number): ResponseHeader {
    return { clusterId: this.#clusterId, memberId: this.#memberId, revision, raftTerm: this.#raftTerm };
  }
}
