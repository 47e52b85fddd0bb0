import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Index } from '../../base/brand.ts';
import { Inflights, Progress } from '../../raft/progress.ts';
import { SnapshotSender } from '../../raft/snapshot.ts';

const at = (index: number): Index => index as Index;

function progress(state: 'probe' | 'replicate' | 'snapshot', match: number, next: number): Progress {
  const limits = { maxInflightMessages: 4, maxInflightBytes: 100 };
  const made = new Progress(at(next), { ...limits, learner: false, recentActive: true });
  made.match = at(match);
  if (state === 'replicate') made.becomeReplicate();
  if (state === 'snapshot') made.becomeSnapshot(new SnapshotSender({ chunkBytes: 10, patienceTicks: 5 }));
  made.next = at(next);
  return made;
}

test('a refusal moves next back, unless it is stale', () => {
  // state, match, next, refused, hint, is news, next after
  const table: ['probe' | 'replicate' | 'snapshot', number, number, number, number, boolean, number][] = [
    ['replicate', 5, 10, 4, 4, false, 10], // older than what is known to match
    ['replicate', 5, 10, 5, 5, false, 10],
    ['replicate', 5, 10, 9, 9, true, 6], // the pipeline starts over behind match
    ['probe', 0, 10, 5, 5, false, 10], // answers another probe than the last
    ['probe', 0, 10, 9, 8, true, 9],
    ['probe', 0, 10, 9, 2, true, 3],
    ['probe', 0, 10, 9, 99, true, 9], // never forward
    ['probe', 5, 10, 9, 2, true, 6], // never to what is known to match
    ['probe', 0, 2, 1, 0, true, 1],
    ['snapshot', 5, 10, 9, 2, false, 10],
  ];
  for (const [state, match, next, refused, hint, isNews, after] of table) {
    const subject = progress(state, match, next);
    assert.equal(subject.backtrack(at(refused), at(hint)), isNews, `${state} ${match} ${next} refused ${refused}`);
    assert.equal(subject.next, after, `${state} ${match} ${next} refused ${refused}`);
  }
});

test('an acknowledgement moves match and next forward only', () => {
  // match, next, acknowledged, is news, match after, next after
  const table: [number, number, number, boolean, number, number][] = [
    [3, 5, 2, false, 3, 5],
    [3, 5, 3, false, 3, 5],
    [3, 5, 4, true, 4, 5],
    [3, 5, 9, true, 9, 10],
  ];
  for (const [match, next, index, isNews, matchAfter, nextAfter] of table) {
    const subject = progress('probe', match, next);
    assert.equal(subject.advanceTo(at(index)), isNews);
    assert.deepEqual([subject.match, subject.next], [matchAfter, nextAfter]);
  }
});

test('each state starts clean', () => {
  const subject = progress('replicate', 5, 20);
  subject.inflights.add(at(19), 50);
  subject.sentCommit = at(18);
  subject.becomeProbe();
  assert.deepEqual([subject.state, subject.next, subject.inflights.count, subject.sentCommit], ['probe', 6, 0, 5]);
  subject.probeSent = true;
  subject.becomeReplicate();
  assert.deepEqual(
    [subject.state, subject.next, subject.probeSent, subject.sender],
    ['replicate', 6, false, undefined],
  );
});

test('what is in flight is bounded in messages and in bytes', () => {
  const inflights = new Inflights(3, 100);
  for (const last of [10, 12, 15]) inflights.add(at(last), 10);
  assert(inflights.full);
  inflights.freeUpTo(at(9));
  assert(inflights.full);
  inflights.freeUpTo(at(12)); // frees 10 as well
  assert.deepEqual([inflights.full, inflights.count], [false, 1]);
  inflights.add(at(20), 95); // over the byte limit, once
  assert(inflights.full);
  inflights.freeUpTo(at(15));
  assert.deepEqual([inflights.full, inflights.count], [false, 1]);
  for (const last of [21, 22]) inflights.add(at(last), 1); // round the ring
  inflights.freeUpTo(at(21));
  assert.equal(inflights.count, 1);
  inflights.freeUpTo(at(22));
  assert.equal(inflights.count, 0);
});

test('a snapshot goes out in a window that acknowledgements move', () => {
  const meta = { index: at(9), term: 2 as never, conf: {} as never };
  const sender = new SnapshotSender({ chunkBytes: 10, patienceTicks: 3 });
  const chunk = (offset: number, length: number, done = false) => ({
    meta,
    offset,
    data: new Uint8Array(length),
    done,
  });
  const offsets = () => sender.takeReads().map(({ offset }) => offset);

  assert.deepEqual(offsets(), [0], 'the first read alone tells which snapshot it is');
  assert.deepEqual(offsets(), [], 'a read is asked once');
  assert(sender.provide(chunk(0, 10)));
  assert.deepEqual(offsets(), [10, 20, 30]);
  assert(!sender.provide(chunk(20, 10)), 'chunks go out in order');
  assert(sender.provide(chunk(10, 10)));
  assert(sender.provide(chunk(20, 10)));
  sender.acknowledge(10);
  assert.deepEqual(offsets(), [40]);
  assert(sender.provide(chunk(30, 10)));
  assert(sender.provide(chunk(40, 5, true)), 'the last one is shorter');
  sender.acknowledge(30);
  assert.deepEqual(offsets(), [], 'nothing lies beyond the last one');

  sender.refuse(20);
  assert.deepEqual(offsets(), [20, 30, 40, 50], 'a refusal rewinds');
  sender.refuse(20);
  assert.deepEqual(offsets(), [], 'once');

  for (let i = 0; i < 3; i++) sender.tick();
  assert.deepEqual(offsets(), [20, 30, 40, 50], 'silence rewinds too');
  sender.unavailable();
  assert.deepEqual(offsets(), [], 'after a read that failed it waits');
  for (let i = 0; i < 3; i++) sender.tick();
  assert.deepEqual(offsets(), [20, 30, 40, 50]);

  for (let i = 0; i < 20; i++) sender.tick();
  assert.equal(sender.meta, undefined, 'a snapshot that goes nowhere is given up for the newest');
  assert.deepEqual(offsets(), [0]);
});
