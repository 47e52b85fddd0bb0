import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type AutoCompactor, PeriodicCompactor, RevisionCompactor } from '../../member/auto-compactor.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What is compacted, and when, in a store that gets one revision a minute; every compaction succeeds. */
function compactions(
  compactor: AutoCompactor,
  options: { readonly hours: number; readonly leadsFromMs?: number; readonly failsUntilMs?: number },
): readonly string[] {
  const { hours, leadsFromMs = 0, failsUntilMs = 0 } = options;
  const done: string[] = [];
  for (let nowMs = 0; nowMs <= hours * HOUR_MS; nowMs += MINUTE_MS) {
    const revision = compactor.tick(nowMs, { revision: nowMs / MINUTE_MS + 1, isLeader: nowMs >= leadsFromMs });
    if (revision === undefined) continue;
    if (nowMs >= failsUntilMs) compactor.compacted(revision, nowMs);
    done.push(`${revision} at ${nowMs / MINUTE_MS}m`);
  }
  return done;
}

suite('periodic', () => {
  test('ten minutes: every ten minutes, at what was at least ten minutes ago', () => {
    assert.deepEqual(compactions(new PeriodicCompactor(10 * MINUTE_MS), { hours: 0.5 }), [
      '1 at 10m',
      '10 at 20m',
      '20 at 30m',
    ]);
  });
  test('three hours: every hour, once three have passed', () => {
    assert.deepEqual(compactions(new PeriodicCompactor(3 * HOUR_MS), { hours: 5 }), [
      '1 at 180m',
      '55 at 240m',
      '115 at 300m',
    ]);
  });
  test('a new leader has noted what it needs', () => {
    assert.deepEqual(compactions(new PeriodicCompactor(HOUR_MS), { hours: 2.2, leadsFromMs: 125 * MINUTE_MS }), [
      '61 at 126m',
    ]);
  });
  test('what failed is tried again after a tenth', () => {
    assert.deepEqual(compactions(new PeriodicCompactor(HOUR_MS), { hours: 1.2, failsUntilMs: 66 * MINUTE_MS }), [
      '1 at 60m',
      '1 at 66m',
    ]);
  });
});

suite('by revisions', () => {
  test('every five minutes, all but the last ten', () => {
    assert.deepEqual(compactions(new RevisionCompactor(10), { hours: 0.3 }), ['1 at 10m', '6 at 15m']);
  });
  test('a store without new revisions is left alone', () => {
    const compactor = new RevisionCompactor(10);
    const asked = [0, 5, 10, 15].map((minute) => compactor.tick(minute * MINUTE_MS, { revision: 30, isLeader: true }));
    compactor.compacted(20);
    const later = compactor.tick(20 * MINUTE_MS, { revision: 30, isLeader: true });
    assert.deepEqual([...asked, later], [undefined, 20, 20, 20, undefined]);
  });
});
