import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../io/doors.ts';
import { Expiry } from '../../member/expiry.ts';
import { HandClock } from './hand-clock.ts';

interface Wait {
  readonly deadlineMs: number;
}

function waiting(clock: HandClock): {
  readonly expiry: Expiry<Wait>;
  readonly waits: Set<Wait>;
  readonly ended: number[];
  readonly begin: (deadlineMs: number) => Wait;
} {
  const waits = new Set<Wait>();
  const ended: number[] = [];
  const expiry = new Expiry<Wait>({
    clock,
    waits: () => waits,
    expire: (wait) => {
      waits.delete(wait);
      ended.push(clock.nowMs());
    },
  });
  const begin = (deadlineMs: number): Wait => {
    const wait = { deadlineMs };
    waits.add(wait);
    expiry.began(wait);
    return wait;
  };
  return { expiry, waits, ended, begin };
}

test('each wait ends at its own deadline, whatever the order in which they began', () => {
  const clock = new HandClock();
  const { begin, ended } = waiting(clock);
  for (const deadlineMs of [700, 50, 300, 50, 0]) begin(deadlineMs);
  clock.pass(1000);
  assert.deepEqual(ended, [0, 50, 50, 300, 700]);
});

test('waits that are over in time cost one timer together, and the rest still end', () => {
  const clock = new HandClock();
  const { begin, ended, waits } = waiting(clock);
  for (let i = 0; i < 1000; i++) waits.delete(begin(100 + i));
  assert.equal(clock.timers, 1);
  begin(5000);
  clock.pass(4999);
  assert.deepEqual(ended, []);
  clock.pass(1);
  assert.deepEqual(ended, [5000]);
});

test('after it was stopped nothing fires, and a new wait is watched again', () => {
  const clock = new HandClock();
  const { begin, ended, expiry, waits } = waiting(clock);
  begin(100);
  waits.clear();
  expiry.stop();
  assert.equal(clock.timers, 0);
  begin(200);
  clock.pass(200);
  assert.deepEqual(ended, [200]);
});

test('a clock that reads a little less when the timer fires delays a wait by a moment, and not for ever', () => {
  const hand = new HandClock();
  let timers = 0;
  // A timer measures the delay, the reading goes by a quartz of its own, that is slow.
  const slow: Clock = {
    nowMs: () => hand.nowMs() * 0.9,
    wallMs: () => hand.wallMs(),
    after: (delayMs, fire) => {
      assert.ok(++timers < 2000, 'a timer is set again and again at one moment');
      return hand.after(delayMs, fire);
    },
  };
  const waits = new Set<Wait>();
  const ended: number[] = [];
  const expire = (wait: Wait): void => {
    waits.delete(wait);
    ended.push(hand.nowMs());
  };
  const expiry = new Expiry<Wait>({ clock: slow, waits: () => waits, expire });
  for (let i = 1; i <= 30; i++) {
    const wait = { deadlineMs: i * 97.3 };
    waits.add(wait);
    expiry.began(wait);
  }
  hand.pass(4000);
  assert.equal(ended.length, 30);
  for (const [i, atMs] of ended.entries()) assert.ok(Math.abs(atMs - ((i + 1) * 97.3) / 0.9) <= 1.2, `${i}: ${atMs}`);
});
