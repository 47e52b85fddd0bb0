import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8Bytes } from '../../base/bytes.ts';
import { Prng } from '../../base/prng.ts';
import { RecentEvents } from '../../watch/recent-events.ts';
import { preparedEvent, sizeOfEvent, type WatchEvent } from '../../watch/watch-event.ts';

const BOUNDS = { maxRevisions: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER };

/** Events as the store makes them: views into memory that they share with others. */
function eventsOf(prng: Prng): readonly WatchEvent[] {
  return Array.from({ length: prng.between(1, prng.between(0, 20) === 0 ? 300 : 3) }, () => {
    const text = utf8Bytes(`shared memory of ${prng.uint32()}, in which the views lie`);
    const view = (): Uint8Array => text.subarray(prng.between(0, 8), prng.between(8, text.length));
    const prevKv = prng.between(0, 2) === 0 ? undefined : view();
    const kv = prng.between(0, 9) === 0 ? text.subarray(0, 0) : view();
    return { key: `k${prng.between(0, 50)}`, event: { type: prng.between(0, 2), kv, prevKv } };
  });
}

test('what is kept is what was published, as far as the bounds reach', () => {
  const prng = new Prng(5);
  const limits = { recentRevisions: 3000, recentBytes: 400_000 };
  const recent = new RecentEvents(41, limits);
  const history: (readonly WatchEvent[])[] = [];
  for (let revision = 42; revision < 12_000; revision++) {
    const events = eventsOf(prng);
    history.push(events);
    recent.add(revision, events);
    if (revision % 500 !== 0) continue;
    const from = prng.between(recent.firstRevision, revision + 1);
    const expected = history.slice(from - 42).flatMap((of, i) => of.map((event) => preparedEvent(from + i, event)));
    assert.deepEqual(recent.slice(from, BOUNDS), { events: expected, through: revision });
    assert.equal(recent.slice(recent.firstRevision - 1, BOUNDS), undefined);
    const kept = history.slice(recent.firstRevision - 42).flat();
    assert.equal(
      recent.bytes,
      kept.reduce((sum, event) => sum + sizeOfEvent(event), 0),
    );
    assert.ok(recent.bytes <= limits.recentBytes && revision - recent.firstRevision < limits.recentRevisions);
  }
});

test('the newest revision stays, however large; a slice ends after the bytes it may have', () => {
  const recent = new RecentEvents(0, { recentRevisions: 10, recentBytes: 100 });
  const event = (bytes: number): WatchEvent => ({
    key: 'k',
    event: { type: 0, kv: new Uint8Array(bytes), prevKv: undefined },
  });
  recent.add(1, [event(10)]);
  recent.add(2, [event(1000), event(1000)]);
  assert.deepEqual([recent.firstRevision, recent.lastRevision], [2, 2]);
  for (const revision of [3, 4, 5]) recent.add(revision, [event(1)]);
  assert.deepEqual([recent.firstRevision, recent.lastRevision], [3, 5]);
  const slice = recent.slice(3, { maxRevisions: 10, maxBytes: 18 });
  assert.deepEqual([slice?.events.length, slice?.through], [2, 4]);
});
