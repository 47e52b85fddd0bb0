import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8Bytes } from '../../base/bytes.ts';
import { Prng } from '../../base/prng.ts';
import type { Event, WatchResponse } from '../../proto/gen/etcd.ts';
import { WatchHub } from '../../watch/hub.ts';
import type { HubStream } from '../../watch/hub-stream.ts';
import { WATCH_LIMITS } from '../../watch/limits.ts';
import { END_OF_KEYS, RangeIndex } from '../../watch/range-index.ts';
import type { RevisionEvents, WatchEvent } from '../../watch/watch-event.ts';
import { withoutPrevious } from './script.ts';

const KEYS = ['a', 'aa', 'ab', 'b', 'ba', 'c'];

test('the range index covers what a plain list of ranges covers', () => {
  const prng = new Prng(7);
  const index = new RangeIndex<string>();
  const plain = new Map<string, { start: string; end: string }>();
  for (let i = 0; i < 4000; i++) {
    const start = randomKey(prng);
    const end = prng.chance(0.2) ? `${start}\0` : prng.chance(0.1) ? END_OF_KEYS : `${start}${randomKey(prng)}`;
    const name = `${start}|${end}`;
    if (prng.chance(0.6)) {
      index.set(start, end, name);
      plain.set(name, { start, end });
    } else {
      const victim = prng.chance(0.7) && plain.size > 0 ? prng.pick([...plain.values()]) : { start, end };
      index.delete(victim.start, victim.end);
      plain.delete(`${victim.start}|${victim.end}`);
    }
    assert.equal(index.size, plain.size);
    const key = randomKey(prng);
    const covering: string[] = [];
    index.covering(key, (value) => covering.push(value));
    const expected = [...plain].filter(([, range]) => range.start <= key && key < range.end).map(([n]) => n);
    assert.deepEqual(covering.sort(), expected.sort());
  }
});

function randomKey(prng: Prng): string {
  return Array.from({ length: prng.between(1, 3) }, () => prng.pick(['a', 'b', '\0', '\xff', 'c'])).join('');
}

/** A watcher as the test knows it: what it asked for, what it was told. */
interface Subject {
  readonly start: string;
  readonly end: string;
  readonly from: number;
  readonly noPut: boolean;
  readonly prevKv: boolean;
  readonly fragment: boolean;
  readonly got: Event[];
  created: boolean;
  through: number;
  cancelledAt: number | undefined;
}

class Model {
  readonly prng: Prng;
  readonly hub: WatchHub;
  readonly history: RevisionEvents[] = [];
  readonly live = new Map<string, string>();
  readonly streams: {
    readonly stream: HubStream;
    readonly subjects: Map<number, Subject>;
    lastId: number;
    inFragment: number | undefined;
  }[] = [];
  revision = 1;
  compact = 0;

  constructor(seed: number) {
    this.prng = new Prng(seed);
    const limits = {
      ...WATCH_LIMITS,
      recentRevisions: this.prng.between(1, 12),
      outboxResponses: this.prng.between(1, 10),
      outboxBytes: this.prng.between(10, 400),
      catchUpRevisions: this.prng.between(1, 5),
      catchUpBytes: this.prng.between(1, 200),
      catchUpSteps: this.prng.between(1, 3),
      fragmentBytes: this.prng.between(1, 100),
    };
    this.hub = new WatchHub({ clusterId: 1n, memberId: 1n, revision: 1, compactRevision: 0, limits });
    for (let i = 0; i < 3; i++) {
      this.streams.push({
        stream: this.hub.openStream({ intervalMs: 50, nowMs: 0 }),
        subjects: new Map(),
        lastId: 0,
        inFragment: undefined,
      });
    }
  }

  step(i: number): void {
    const dice = this.prng.unit();
    if (dice < 0.5) this.write({ publish: true });
    else if (dice < 0.65) this.create();
    else if (dice < 0.75) this.serveOnce();
    else if (dice < 0.9) this.read(this.prng.pick(this.streams));
    else if (dice < 0.94) this.hub.requestProgress(this.prng.pick(this.streams).stream);
    else if (dice < 0.96) this.hub.tick(i);
    else if (dice < 0.98) this.compactAt(this.prng.between(Math.max(1, this.compact), this.revision));
    else this.install();
  }

  write({ publish }: { readonly publish: boolean }): void {
    const events: WatchEvent[] = [];
    for (const key of KEYS) {
      if (!this.prng.chance(0.3)) continue;
      const previous = this.live.get(key);
      const prevKv = previous === undefined ? undefined : utf8Bytes(previous);
      const deleted = previous !== undefined && this.prng.chance(0.3);
      const value = `${key}=${this.revision + 1}`;
      if (deleted) this.live.delete(key);
      else this.live.set(key, value);
      events.push({
        key,
        event: { type: deleted ? 1 : 0, kv: utf8Bytes(deleted ? `${key}~${this.revision + 1}` : value), prevKv },
      });
    }
    this.revision++;
    this.history.push({ revision: this.revision, events });
    if (publish) this.hub.publish(this.revision, events);
  }

  create(): void {
    const entry = this.prng.pick(this.streams);
    const start = this.prng.pick(KEYS);
    const end = this.prng.pick(['', '\0', `${start}z`]);
    const fromNow = this.prng.chance(0.3);
    const from = this.prng.between(Math.max(1, this.compact), this.revision + 3);
    const id = ++entry.lastId;
    const subject: Subject = {
      start,
      end: end === '' ? `${start}\0` : end === '\0' ? END_OF_KEYS : end,
      from: fromNow ? this.revision + 1 : from,
      noPut: this.prng.chance(0.2),
      prevKv: this.prng.chance(0.5),
      fragment: this.prng.chance(0.3),
      got: [],
      created: false,
      through: 0,
      cancelledAt: undefined,
    };
    entry.subjects.set(id, subject);
    const { noPut, prevKv, fragment } = subject;
    const filters = noPut ? [0] : [];
    const startRevision = fromNow ? 0 : from;
    this.hub.create(entry.stream, {
      key: start,
      rangeEnd: end,
      startRevision,
      progressNotify: this.prng.chance(0.5),
      filters,
      prevKv,
      watchId: id,
      fragment,
    });
  }

  /** Nobody comes and nothing is written any more. */
  isOver = false;

  serveOnce(): boolean {
    const step = this.hub.catchUp();
    if (step.type !== 'read') return step.type === 'more';
    const through = Math.min(step.to, step.from + this.prng.between(0, step.maxRevisions - 1));
    const batches = this.history
      .filter(({ revision }) => revision >= step.from && revision <= through)
      .map((batch) => (step.prevKv ? batch : withoutPrevious(batch)));
    if (!this.isOver && this.prng.chance(0.2)) this.write({ publish: true });
    if (!this.isOver && this.prng.chance(0.2)) this.create();
    this.hub.supply(batches, { from: step.from, through, prevKv: step.prevKv });
    return true;
  }

  compactAt(revision: number): void {
    this.compact = revision;
    this.hub.compacted(revision);
  }

  install(): void {
    for (let i = this.prng.between(0, 3); i > 0; i--) this.write({ publish: false });
    this.hub.reset(this.revision, this.compact);
  }

  read(entry: Model['streams'][number]): void {
    for (const response of this.hub.take(entry.stream)) this.receive(entry, response);
  }

  receive(entry: Model['streams'][number], response: WatchResponse): void {
    const revision = response.header?.revision ?? 0;
    if (entry.inFragment !== undefined) assert.equal(response.watchId, entry.inFragment, 'fragments are neighbours');
    entry.inFragment = response.fragment ? response.watchId : undefined;
    if (response.watchId === -1) {
      for (const subject of entry.subjects.values()) {
        if (subject.created && subject.cancelledAt === undefined) this.checkThrough(subject, revision);
      }
      return;
    }
    const subject = entry.subjects.get(response.watchId);
    assert(subject !== undefined, 'a response belongs to a watcher');
    assert.equal(subject.cancelledAt, undefined, 'nothing comes after the cancellation');
    assert.equal(response.created, !subject.created, 'created comes first, and once');
    subject.created = true;
    if (response.canceled) {
      subject.cancelledAt = response.compactRevision;
      return;
    }
    subject.got.push(...response.events);
    if (!response.created && !response.fragment) this.checkThrough(subject, revision);
  }

  /** Ordered, unique, complete, atomic, filtered, previous values exact: all at once, by comparing with the history. */
  checkThrough(subject: Subject, revision: number): void {
    assert(revision >= subject.through, 'header revisions do not go back');
    subject.through = revision;
    const expected: Event[] = [];
    for (const batch of this.history) {
      if (batch.revision < subject.from || batch.revision > revision) continue;
      for (const { key, event } of batch.events) {
        if (key < subject.start || key >= subject.end) continue;
        if (subject.noPut && event.type === 0) continue;
        expected.push(subject.prevKv ? event : { ...event, prevKv: undefined });
      }
    }
    assert.deepEqual(subject.got, expected);
  }

  finish(): void {
    this.isOver = true;
    for (let round = 0; round < 2000; round++) {
      const busy = this.serveOnce();
      for (const entry of this.streams) this.read(entry);
      if (!busy && this.hub.stats.behind === 0) break;
    }
    assert.equal(this.hub.stats.behind, 0, 'everybody catches up in the end');
    for (const entry of this.streams) {
      this.hub.requestProgress(entry.stream);
      this.read(entry);
      for (const subject of entry.subjects.values()) {
        if (subject.cancelledAt === undefined) this.checkThrough(subject, this.revision);
        else assert(subject.cancelledAt > subject.from, 'only what lies before the compact revision is cancelled');
      }
    }
  }
}

test('every watcher gets what a plain reading of the history says it gets', () => {
  for (let seed = 1; seed <= 150; seed++) {
    const model = new Model(seed);
    try {
      for (let i = 0; i < 200; i++) model.step(i);
      model.finish();
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
});
