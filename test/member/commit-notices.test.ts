import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Index, MemberId, Term } from '../../base/brand.ts';
import { CommitNotices } from '../../member/commit-notices.ts';
import { MEMBER_LIMITS } from '../../member/limits.ts';
import type { Entry, Message } from '../../raft/types.ts';
import { HandClock } from './hand-clock.ts';

const member = (id: number): MemberId => BigInt(id) as MemberId;
const at = (index: number): Index => index as Index;
const from = { from: member(1), term: 1 as Term };
const ENTRY: Entry = { index: at(1), term: 1 as Term, type: 'normal', data: new Uint8Array(1) };

function append(to: number, commit: number, entries: readonly Entry[] = []): Message {
  const head = { type: 'append', ...from, to: member(to), prevIndex: at(9), prevTerm: 1 as Term } as const;
  return { ...head, entries, commit: at(commit), quiet: entries.length === 0 };
}

const heartbeat: Message = { type: 'heartbeat', ...from, to: member(2), commit: at(1), context: 0n };
const readAnswer: Message = {
  ...{ type: 'read-index-response', ...from, to: member(2), context: 7n },
  ...{ index: at(5), rejected: false },
};

function noticing(): { readonly clock: HandClock; readonly notices: CommitNotices; readonly sent: Message[] } {
  const clock = new HandClock();
  const sent: Message[] = [];
  return { clock, sent, notices: new CommitNotices({ clock, send: (messages) => sent.push(...messages) }) };
}

test('a notice waits, the newest of each follower, and goes when its time is up', () => {
  const { clock, notices, sent } = noticing();
  notices.send([append(2, 5), append(3, 5), heartbeat]);
  notices.send([append(2, 6)]);
  assert.deepEqual(sent, [heartbeat]);
  clock.pass(MEMBER_LIMITS.commitNoticeMs);
  assert.deepEqual(sent.slice(1), [append(3, 5), append(2, 6)]);
  clock.pass(1000);
  assert.equal(sent.length, 3);
});

test('entries bring the commit, and the notice is not sent any more', () => {
  const { clock, notices, sent } = noticing();
  notices.send([append(2, 5)]);
  notices.send([append(2, 5, [ENTRY])]);
  clock.pass(1000);
  assert.deepEqual(sent, [append(2, 5, [ENTRY])]);
});

test('a notice has its own time, whatever the timer was set for; one that takes the place of another has the time of the first', () => {
  const { clock, notices, sent } = noticing();
  const time = MEMBER_LIMITS.commitNoticeMs;
  notices.send([append(2, 5)]);
  clock.pass(0.8 * time);
  notices.send([append(2, 5, [ENTRY])]);
  notices.send([append(2, 6)]);
  clock.pass(0.4 * time);
  assert.deepEqual(sent, [append(2, 5, [ENTRY])], 'the timer of the first has fired');
  notices.send([append(2, 7)]);
  clock.pass(time);
  assert.deepEqual(sent.slice(1), [append(2, 7)]);
  assert.equal(clock.timers, 0);
});

test('a follower where somebody waits for the commit is told at once, until nobody does', () => {
  const { notices, sent } = noticing();
  notices.awaits(member(2), at(6));
  notices.awaits(member(2), at(8));
  notices.send([append(2, 5)]);
  assert.deepEqual(sent, []);
  notices.send([append(2, 6)]);
  assert.deepEqual(sent, [append(2, 6)]);
  notices.send([append(2, 8)]);
  assert.deepEqual(sent, [append(2, 6), append(2, 8)]);
  notices.send([append(2, 9)]);
  assert.equal(sent.length, 2);
});

test('the answer to a read takes what is held along, before it', () => {
  const { notices, sent } = noticing();
  notices.send([append(2, 5), append(3, 5)]);
  notices.send([readAnswer]);
  assert.deepEqual(sent, [append(2, 5), readAnswer]);
});

test('nothing is sent after the end', () => {
  const { clock, notices, sent } = noticing();
  notices.send([append(2, 5)]);
  notices.stop();
  clock.pass(1000);
  assert.deepEqual([sent, clock.timers], [[], 0]);
});
