import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { Attendance } from '../../member/attendance.ts';
import { MEMBER_LIMITS } from '../../member/limits.ts';
import {
  decodeKeyValue,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  EMPTY_WATCH_CREATE_REQUEST,
} from '../../proto/gen/etcd.ts';
import type { ProgressStatus } from '../../raft/types.ts';
import { type RealCluster, runningCluster, until } from './kit.ts';

const TIMEOUT = { timeout: 40_000 };

test('nobody waits when nothing was asked for a while and there are no watchers but patient ones', () => {
  let watchers = 0;
  const attendance = new Attendance({ watchers: () => watchers, patientWatchers: 1 });
  const ticks = (count: number): boolean[] => Array.from({ length: count }, () => attendance.tick());
  const { attendedTicks } = MEMBER_LIMITS;
  assert.deepEqual(
    ticks(attendedTicks).filter((isQuiet) => isQuiet),
    [],
  );
  assert.equal(attendance.tick(), true);
  attendance.asked();
  assert.equal(attendance.tick(), false);
  assert.equal(ticks(attendedTicks).at(-1), true);
  watchers = 1;
  assert.equal(attendance.tick(), true);
  watchers = 2;
  assert.equal(attendance.tick(), false);
});

/** Three members, of which clients ask the leader only; and a follower from which entries are held back by now. */
async function oneHeldBack(): Promise<{
  readonly cluster: RealCluster;
  readonly leader: string;
  readonly late: string;
  readonly put: (value: string) => Promise<void>;
}> {
  const cluster = await runningCluster(3);
  const leader = await cluster.leader();
  const put = async (value: string): Promise<void> => {
    await cluster.client(leader).put({ ...EMPTY_PUT_REQUEST, key: 'k', value: utf8Bytes(value) });
  };
  const late = await until(async () => {
    await put('before');
    return heldBack(cluster, leader);
  });
  return { cluster, leader, late, put };
}

function progressOf(cluster: RealCluster, leader: string, name: string): ProgressStatus | undefined {
  return cluster
    .member(leader)
    .raftStatus()
    .progress.find(({ member }) => member === cluster.member(name).id);
}

function heldBack(cluster: RealCluster, leader: string): string | undefined {
  return cluster.names.find((name) => progressOf(cluster, leader, name)?.deferred === true);
}

test('a follower where nobody waits gets everything a little later, many entries at a time', TIMEOUT, async () => {
  const { cluster, leader, late, put } = await oneHeldBack();
  const appends = (name: string): number => cluster.member(name).raftStatus().lastIndex;
  let isBehind = false;
  for (let i = 0; i < 200; i++) {
    await put(`v${i}`);
    isBehind ||= appends(late) < appends(leader);
  }
  assert.equal(isBehind, true, 'it was sent every entry at once');
  const { revision } = cluster.member(leader).machine;
  await until(() => cluster.member(late).machine.revision === revision);
});

test('the leader tells who is held back, and how far behind everybody is', TIMEOUT, async () => {
  const { cluster, leader, late, put } = await oneHeldBack();
  const told = async (at: string, metric: string): Promise<ReadonlyMap<string, number>> => {
    const samples = (await cluster.member(at).metrics()).filter(({ name }) => name === metric);
    const nameOf = (to: string): string =>
      cluster.names.find((name) => cluster.member(name).id.toString(16) === to) ?? to;
    return new Map(samples.map(({ labels, value }) => [nameOf(labels?.['To'] ?? ''), Number(value)]));
  };
  await until(async () => {
    await put('again');
    return (await told(leader, 'keelson_follower_held_back')).get(late) === 1;
  });
  await until(async () => [...(await told(leader, 'keelson_follower_lag_entries')).values()].every((lag) => lag === 0));
  const others = cluster.names.filter((name) => name !== leader);
  for (const metric of ['keelson_follower_held_back', 'keelson_follower_lag_entries']) {
    assert.deepEqual([...(await told(leader, metric)).keys()].sort(), others);
    assert.deepEqual(await told(late, metric), new Map(), 'a follower knows of nobody');
  }
});

test('who reads there sees every write, and who watches there is told at once', TIMEOUT, async () => {
  const { cluster, leader, late, put } = await oneHeldBack();
  for (let i = 0; i < 20; i++) {
    await put(`v${i}`);
    const { kvs } = await cluster.client(late).range({ ...EMPTY_RANGE_REQUEST, key: 'k' });
    assert.equal(utf8Text(decodeKeyValue(kvs[0] ?? new Uint8Array()).value), `v${i}`);
  }
  const stream = cluster.client(late).watch();
  stream.create({ ...EMPTY_WATCH_CREATE_REQUEST, key: 'k' });
  await stream.next();
  // Until nobody would wait there but for the watcher.
  for (let i = 0; i < 2 * MEMBER_LIMITS.attendedTicks; i++) {
    await put(`w${i}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(progressOf(cluster, leader, late)?.deferred, false);
  stream.close();
  await until(async () => {
    await put('after');
    return progressOf(cluster, leader, late)?.deferred;
  });
});

test('when the follower that the quorum needed is gone, the other takes its place', TIMEOUT, async () => {
  const { cluster, leader, late, put } = await oneHeldBack();
  const prompt = cluster.names.find((name) => name !== leader && name !== late) ?? '';
  await cluster.kill(prompt);
  for (let i = 0; i < 20; i++) await put(`v${i}`);
  assert.equal(progressOf(cluster, leader, late)?.deferred, false);
});
