import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemberId } from '../../base/brand.ts';
import { SpaceGuard } from '../../member/space-guard.ts';
import type { AlarmChange } from '../../proto/gen/command.ts';
import { AlarmType } from '../../proto/gen/etcd.ts';
import type { ActiveAlarm, Machine } from '../../storage/machine/machine.ts';

/** A store whose size and disk the test sets, and time that it lets pass. */
class Fake {
  nowMs = 0;
  usedBytes = 0;
  freeBytes = 1_000_000;
  isLeader = true;
  /** How long the log takes, in real time: none of the time that the test lets pass. */
  logMs = 0;
  alarms: readonly ActiveAlarm[] = [];
  readonly changes: string[] = [];
  readonly guard = new SpaceGuard({
    clock: { nowMs: () => this.nowMs, wallMs: () => 0, after: () => () => undefined },
    self: 1n as MemberId,
    quotaBytes: 1000,
    limits: { spaceCheckMs: 100, clearAlarmMs: 1000, minFreeDiskBytes: 500 },
    machine: () =>
      ({
        alarms: () => this.alarms,
        size: () => ({ keys: 0, liveBytes: 0, usedBytes: this.usedBytes }),
        members: () => [{ ID: 1n }, { ID: 2n }],
      }) as unknown as Machine,
    isLeader: () => this.isLeader,
    raise: async (change) => {
      if (this.logMs > 0) await new Promise((resolve) => setTimeout(resolve, this.logMs));
      this.#apply(change);
    },
    freeBytes: async () => this.freeBytes,
  });

  async pass(ms: number): Promise<void> {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      this.nowMs += 100;
      this.guard.tick();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #apply({ memberID, active }: AlarmChange): void {
    this.changes.push(`${active ? 'raise' : 'clear'} ${memberID} at ${this.nowMs}`);
    this.alarms = this.alarms.filter((alarm) => alarm.memberID !== memberID);
    if (active) this.alarms = [...this.alarms, { memberID, alarm: AlarmType.NOSPACE, automatic: true }];
  }
}

test('the quota was exceeded: told once, cleared after a while well below it', async () => {
  const fake = new Fake();
  fake.usedBytes = 990;
  await Promise.all([fake.guard.exceeded(), fake.guard.exceeded()]);
  await fake.guard.exceeded();
  await fake.pass(2000);
  fake.usedBytes = 850; // below, but not well below
  await fake.pass(2000);
  fake.usedBytes = 700;
  await fake.pass(500);
  fake.usedBytes = 900; // not for long enough
  await fake.pass(500);
  fake.usedBytes = 700;
  await fake.pass(2000);
  assert.deepEqual(fake.changes, ['raise 1 at 0', 'clear 1 at 6100']);
});

test('a log that hangs while an alarm is cleared: it is cleared once, and one that is raised then stays', async () => {
  const fake = new Fake();
  fake.usedBytes = 990;
  await fake.guard.exceeded();
  fake.usedBytes = 700;
  fake.logMs = 50;
  await fake.pass(3000);
  await new Promise((resolve) => setTimeout(resolve, 100));
  fake.logMs = 0;
  fake.usedBytes = 990;
  await fake.guard.exceeded();
  await fake.pass(1000);
  assert.deepEqual(
    fake.changes.map((change) => change.split(' ')[0]),
    ['raise', 'clear', 'raise'],
  );
});

test('a disk that is nearly full counts as full, until there is twice as much', async () => {
  const fake = new Fake();
  fake.freeBytes = 499;
  await fake.pass(1000);
  fake.freeBytes = 700;
  await fake.pass(3000);
  fake.freeBytes = 1000;
  await fake.pass(3000);
  assert.deepEqual(fake.changes, ['raise 1 at 100', 'clear 1 at 5100']);
});

test('the leader clears for who was removed, and nobody else', async () => {
  const fake = new Fake();
  const alarm = AlarmType.NOSPACE;
  fake.isLeader = false;
  fake.alarms = [
    { memberID: 2n, alarm, automatic: true },
    { memberID: 3n, alarm, automatic: true },
    { memberID: 4n, alarm, automatic: false },
  ];
  await fake.pass(3000);
  assert.deepEqual(fake.changes, []);
  fake.isLeader = true;
  await fake.pass(3000);
  assert.deepEqual(fake.changes, ['clear 3 at 3100']);
});
