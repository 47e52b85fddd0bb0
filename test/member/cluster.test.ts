import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import { DiskError, type DiskFile } from '../../io/doors.ts';
import { addedMemberId } from '../../member/identity.ts';
import { startMember } from '../../member/member.ts';
import { MemberRemovedError } from '../../member/removed.ts';
import {
  AlarmAction,
  AlarmType,
  decodeKeyValue,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  EMPTY_WATCH_CREATE_REQUEST,
} from '../../proto/gen/etcd.ts';
import { freePort, RealCluster, realDoors, runningCluster, until } from './kit.ts';

const TIMEOUT = { timeout: 40_000 };
async function put(cluster: RealCluster, name: string, key: string, value: string): Promise<number> {
  const { header } = await cluster.client(name).put({ ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(value) });
  return header?.revision ?? 0;
}

async function read(
  cluster: RealCluster,
  name: string,
  key: string,
  serializable = false,
): Promise<string | undefined> {
  const { kvs } = await cluster.client(name).range({ ...EMPTY_RANGE_REQUEST, key, serializable });
  return kvs[0] === undefined ? undefined : utf8Text(decodeKeyValue(kvs[0]).value);
}

function othersThan(cluster: RealCluster, name: string): readonly string[] {
  return cluster.names.filter((other) => other !== name);
}

test('three members replicate; a killed leader is replaced; who comes back has everything', TIMEOUT, async () => {
  const cluster = await runningCluster(3);
  const first = await cluster.leader();
  for (const name of cluster.names) await put(cluster, name, `from/${name}`, name);
  for (const reader of cluster.names)
    for (const name of cluster.names) assert.equal(await read(cluster, reader, `from/${name}`), name);
  await cluster.kill(first);
  const [survivor = ''] = othersThan(cluster, first);
  await put(cluster, survivor, 'after', 'kill');
  assert.notEqual(await cluster.leader(), first);
  await cluster.start(first);
  await until(async () => ((await read(cluster, first, 'after', true)) === 'kill' ? true : undefined));
  const hashes = await Promise.all(
    cluster.names.map(async (name) => (await cluster.client(name).hashKv({ revision: 0 })).hash),
  );
  assert.equal(new Set(hashes).size, 1);
});

test('all members are killed and started again: nothing acknowledged is lost, and ids stay', TIMEOUT, async () => {
  const cluster = await runningCluster(3);
  const revisions: number[] = [];
  for (let i = 0; i < 50; i++) revisions.push(await put(cluster, cluster.names[i % 3] ?? '', `key/${i}`, `value ${i}`));
  const ids = cluster.names.map((name) => cluster.member(name).id);
  for (const name of cluster.names) await cluster.kill(name);
  await cluster.start();
  const leader = await cluster.leader();
  for (let i = 0; i < 50; i++) assert.equal(await read(cluster, leader, `key/${i}`), `value ${i}`);
  assert.ok((await put(cluster, leader, 'next', 'x')) > Math.max(...revisions));
  assert.deepEqual(
    cluster.names.map((name) => cluster.member(name).id),
    ids,
  );
});

test(
  'a member that was away longer than the log reaches back gets a snapshot, and its watchers miss nothing',
  TIMEOUT,
  async () => {
    const cluster = await runningCluster(3, { limits: { compactEveryEntries: 40, catchUpEntries: 5 } });
    const leader = await cluster.leader();
    const [away = '', other = ''] = othersThan(cluster, leader);
    await put(cluster, leader, 'a', '0');
    await cluster.kill(away);
    for (let i = 1; i <= 200; i++) await put(cluster, i % 2 === 0 ? leader : other, 'a', String(i));
    await until(() => cluster.facts.get(leader)?.some((fact) => fact.type === 'logCompacted') || undefined);
    await cluster.start(away);
    await until(async () => ((await read(cluster, away, 'a', true)) === '200' ? true : undefined));
    await until(() => cluster.facts.get(away)?.some((fact) => fact.type === 'snapshotInstalled') || undefined);
    const stream = cluster.client(away).watch();
    stream.create({ ...EMPTY_WATCH_CREATE_REQUEST, key: 'a', startRevision: 2 });
    const values: string[] = [];
    while (values.length < 201) {
      for (const { events } of (await stream.next()) ?? []) {
        for (const { kv } of events) values.push(utf8Text(decodeKeyValue(kv ?? new Uint8Array(0)).value));
      }
    }
    assert.deepEqual(
      values,
      Array.from({ length: 201 }, (_, i) => String(i)),
    );
    stream.close();
  },
);

test('a clean stop of the leader hands leadership over', TIMEOUT, async () => {
  const cluster = await runningCluster(3);
  const leader = await cluster.leader();
  const member = cluster.member(leader);
  cluster.members.delete(leader);
  await member.stop();
  const next = await cluster.leader();
  assert.notEqual(next, leader);
  await put(cluster, next, 'a', 'b');
});

test('without a majority writes and linearizable reads fail, serializable reads do not', TIMEOUT, async () => {
  const cluster = await runningCluster(3);
  const leader = await cluster.leader();
  await put(cluster, leader, 'a', 'b');
  const [first = '', second = ''] = othersThan(cluster, leader);
  await until(async () => ((await read(cluster, leader, 'a', true)) === 'b' ? true : undefined));
  await cluster.kill(first);
  await cluster.kill(second);
  const client = cluster.client(leader);
  const soon = { timeoutMs: 300 };
  const late = (error: unknown): boolean => error instanceof StoreError && error.code === 'DEADLINE_EXCEEDED';
  await assert.rejects(client.put({ ...EMPTY_PUT_REQUEST, key: 'c' }, soon), late);
  await assert.rejects(client.range({ ...EMPTY_RANGE_REQUEST, key: 'a' }, soon), late);
  assert.equal(await read(cluster, leader, 'a', true), 'b');
});

test('a single member serves at once, and locks its directory', TIMEOUT, async () => {
  const cluster = await runningCluster(1);
  await put(cluster, 'm1', 'a', 'b');
  const locked = (error: unknown): boolean => error instanceof DiskError && error.code === 'LOCKED';
  await assert.rejects(startMember(cluster.config('m1'), realDoors()), locked);
  assert.equal(await read(cluster, 'm1', 'a'), 'b');
});

test('leases run out, are renewed through any member, and survive a change of leader', TIMEOUT, async () => {
  const cluster = await runningCluster(3);
  const leader = await cluster.leader();
  const [follower = ''] = othersThan(cluster, leader);
  const { ID, TTL } = await cluster.client(follower).leaseGrant({ ID: 0n, TTL: 1 });
  assert.equal(TTL, 1);
  await cluster.client(follower).put({ ...EMPTY_PUT_REQUEST, key: 'leased', value: utf8Bytes('x'), lease: ID });
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal((await cluster.client(follower).leaseKeepAlive(ID)).TTL, 1);
  }
  const left = await cluster.client(follower).leaseTimeToLive({ ID, keys: true });
  assert.deepEqual([left.grantedTTL, left.keys], [1, ['leased']]);
  await cluster.kill(leader);
  await cluster.leader();
  assert.equal((await cluster.client(follower).leaseKeepAlive(ID)).TTL, 1);
  await until(async () => ((await read(cluster, follower, 'leased')) === undefined ? true : undefined));
  assert.equal((await cluster.client(follower).leaseKeepAlive(ID)).TTL, 0);
  assert.equal((await cluster.client(follower).leaseTimeToLive({ ID, keys: false })).TTL, -1);
});

test('requests that are too large, and writes beyond the quota, are refused', TIMEOUT, async () => {
  const cluster = await runningCluster(1, {
    quotaBytes: 3000,
    limits: { maxRequestBytes: 2000, spaceCheckMs: 50, clearAlarmMs: 200 },
  });
  const client = cluster.client('m1');
  const hasCode = (code: string) => (error: unknown) => error instanceof StoreError && error.code === code;
  await assert.rejects(
    client.put({ ...EMPTY_PUT_REQUEST, key: 'a', value: new Uint8Array(2000) }),
    hasCode('REQUEST_TOO_LARGE'),
  );
  for (const key of ['a', 'b']) await client.put({ ...EMPTY_PUT_REQUEST, key, value: new Uint8Array(1300) });
  await assert.rejects(client.put({ ...EMPTY_PUT_REQUEST, key: 'c', value: new Uint8Array(200) }), hasCode('NO_SPACE'));
  assert.deepEqual((await client.status()).errors, [`memberID:${cluster.member('m1').id} alarm:NOSPACE `]);
  await assert.rejects(
    client.put({ ...EMPTY_PUT_REQUEST, key: 'd' }),
    hasCode('NO_SPACE'),
    'a small one is refused, too',
  );
  const { header } = await client.deleteRange({ key: 'a', rangeEnd: '', prevKv: false });
  await client.compact({ revision: header?.revision ?? 0, physical: true });
  await until(async () => ((await client.status()).errors.length === 0 ? true : undefined));
  await client.put({ ...EMPTY_PUT_REQUEST, key: 'd' });
});

test('a log on a disk of its own: that disk being nearly full is an alarm, too', TIMEOUT, async () => {
  const cluster = await RealCluster.create(1, { limits: { spaceCheckMs: 20 } });
  const config = cluster.config('m1');
  const walDir = `${config.dataDir}-log`;
  const freeDiskBytes = async (path: string): Promise<number> => (path === walDir ? 1000 : 1e12);
  const member = await startMember({ ...config, walDir }, { ...realDoors(), freeDiskBytes });
  cluster.members.set('m1', member);
  await until(() => member.machine.alarms(AlarmType.NOSPACE).some(({ memberID }) => memberID === member.id));
});

test('an alarm that a client raised stays until a client clears it, also through a restart', TIMEOUT, async () => {
  const cluster = await runningCluster(3, { limits: { spaceCheckMs: 20, clearAlarmMs: 40 } });
  const [first = '', second = ''] = cluster.names;
  const alarm = { memberID: 77n, alarm: AlarmType.NOSPACE };
  await cluster.client(first).alarm({ ...alarm, action: AlarmAction.ACTIVATE });
  await cluster.kill(second);
  await cluster.start(second);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const listed = await cluster.client(second).alarm({ action: AlarmAction.GET, memberID: 0n, alarm: AlarmType.NONE });
  assert.deepEqual(
    listed.alarms.map(({ memberID, alarm: type }) => [memberID, type]),
    [[77n, AlarmType.NOSPACE]],
  );
  await cluster.client(second).alarm({ ...alarm, action: AlarmAction.DEACTIVATE });
  await put(cluster, first, 'a', 'b');
});

test('once an alarm is over, no member refuses a write for it, however far it is behind', TIMEOUT, async () => {
  const cluster = await runningCluster(3);
  const leader = await cluster.leader();
  const [follower = ''] = othersThan(cluster, leader);
  const alarm = { memberID: 77n, alarm: AlarmType.NOSPACE };
  for (let i = 0; i < 30; i++) {
    await cluster.client(follower).alarm({ ...alarm, action: AlarmAction.ACTIVATE });
    await cluster.client(leader).alarm({ ...alarm, action: AlarmAction.DEACTIVATE });
    await put(cluster, follower, 'a', String(i));
  }
});

test('history is compacted by itself', TIMEOUT, async () => {
  const cluster = await runningCluster(3, { autoCompaction: { mode: 'periodic', retentionMs: 300 } });
  const [name = ''] = cluster.names;
  for (let i = 0; i < 20; i++) await put(cluster, name, 'a', String(i));
  await until(() => cluster.member(name).machine.compactRevision >= 21 || undefined);
});

test(
  'a member joins a running cluster: it is told who it is, gets a snapshot, and is promoted; then it is removed',
  TIMEOUT,
  async () => {
    const cluster = await runningCluster(1);
    await put(cluster, 'm1', 'a', 'b');
    const founder = cluster.member('m1');
    const peerURLs = [`http://127.0.0.1:${await freePort()}`];
    const record = {
      ID: addedMemberId(peerURLs, 'test', Date.now()),
      name: '',
      peerURLs,
      clientURLs: [],
      isLearner: true,
    };
    const change = { type: 'add-learner', member: record.ID } as const;
    await founder.proposeConfChange({ case: 'memberAdd', memberAdd: record }, [change], founder.deadline());
    cluster.add({ name: 'm2', peerUrls: peerURLs });
    await cluster.start('m2');
    await until(async () => ((await read(cluster, 'm2', 'a', true)) === 'b' ? true : undefined));
    const learner = cluster.member('m2');
    assert.deepEqual([learner.id, learner.clusterId, learner.isLearner], [record.ID, founder.clusterId, true]);
    const refused = (error: unknown): boolean => error instanceof StoreError && error.code === 'LEARNER_UNSUPPORTED';
    await assert.rejects(read(cluster, 'm2', 'a'), refused);
    const promotion = { type: 'add-voter', member: record.ID } as const;
    await founder.proposeConfChange(
      { case: 'memberPromote', memberPromote: { ID: record.ID } },
      [promotion],
      founder.deadline(),
    );
    await until(() => !learner.isLearner || undefined);
    await put(cluster, 'm2', 'c', 'd');
    await cluster.kill('m2');
    await cluster.start('m2');
    // What it had applied last may not have been in its backend yet: until it hears of the commit again it counts itself as a learner.
    await until(() => !cluster.member('m2').isLearner || undefined);
    assert.equal(await read(cluster, 'm2', 'c'), 'd');
    const again = cluster.member('m2');
    const removal = { type: 'remove', member: record.ID } as const;
    await founder.proposeConfChange(
      { case: 'memberRemove', memberRemove: { ID: record.ID } },
      [removal],
      founder.deadline(),
    );
    cluster.members.delete('m2');
    await Promise.race([again.ended, new Promise((resolve) => setTimeout(resolve, 1000))]);
    await again.abandon();
    assert.equal(await put(cluster, 'm1', 'e', 'f'), 4);
  },
);

test(
  'a full disk stops the member, which acknowledges nothing that it could not keep; the others go on',
  TIMEOUT,
  async () => {
    const cluster = await runningCluster(3);
    const leader = await cluster.leader();
    const [victim = '', other = ''] = othersThan(cluster, leader);
    await cluster.kill(victim);
    let isFull = false;
    const doors = realDoors(cluster.facts.get(victim));
    const open = async (path: string, mode: 'read' | 'create' | 'write'): Promise<DiskFile> => {
      const file = await doors.disk.open(path, mode);
      return {
        read: (offset, sizeBytes) => file.read(offset, sizeBytes),
        readInto: (offset, into) => file.readInto(offset, into),
        readIntoNow: (offset, into) => file.readIntoNow(offset, into),
        write: async (offset, parts) => {
          if (isFull) throw new DiskError('NO_SPACE', path, 'no space left on device');
          await file.write(offset, parts);
        },
        sync: () => file.sync(),
        allocate: (sizeBytes) => file.allocate(sizeBytes),
        truncate: (sizeBytes) => file.truncate(sizeBytes),
        size: () => file.size(),
        close: () => file.close(),
      };
    };
    const disk = { ...doors.disk, open };
    const member = await startMember(cluster.config(victim), { ...doors, disk });
    cluster.members.set(victim, member);
    await put(cluster, other, 'a', '1');
    isFull = true;
    await assert.rejects(
      put(cluster, victim, 'b', '1').then(() => member.ended.then(() => Promise.reject(new Error()))),
    );
    const ended = await member.ended;
    assert.equal(ended.type, 'diskFull');
    await put(cluster, other, 'c', '1');
    isFull = false;
    cluster.members.delete(victim);
    await cluster.start(victim);
    await until(async () => ((await read(cluster, victim, 'c', true)) === '1' ? true : undefined));
  },
);

test('a member that was removed while it was away is told so when it comes back, and stays out', TIMEOUT, async () => {
  const cluster = await runningCluster(3);
  const leader = await cluster.leader();
  const [away = '', other = ''] = othersThan(cluster, leader);
  const ID = cluster.member(away).id;
  await cluster.kill(away);
  const removed = await until(() =>
    cluster
      .client(other)
      .memberRemove({ ID })
      .catch(() => undefined),
  );
  assert.deepEqual(removed.members.map(({ name }) => name).sort(), [leader, other].sort());
  assert.equal(removed.header?.revision, 0);
  await cluster.start(away);
  assert.deepEqual(await cluster.member(away).ended, { type: 'removed' });
  cluster.members.delete(away);
  await assert.rejects(startMember(cluster.config(away), realDoors()), MemberRemovedError);
  await put(cluster, other, 'a', 'b');
});

test(
  'a leader that joined while a member was away brings it up to date, though it has never heard of that leader',
  TIMEOUT,
  async () => {
    const cluster = await runningCluster(3);
    const leader = await cluster.leader();
    const [away = ''] = othersThan(cluster, leader);
    await cluster.kill(away);
    const peerURLs = [`http://127.0.0.1:${await freePort()}`];
    // Not through the API, which adds nobody while somebody is away.
    const ID = addedMemberId(peerURLs, 'test', Date.now());
    const record = { ID, name: '', peerURLs, clientURLs: [], isLearner: true };
    const propose = cluster.member(leader);
    const added = { type: 'add-learner', member: ID } as const;
    await propose.proposeConfChange({ case: 'memberAdd', memberAdd: record }, [added], propose.deadline());
    cluster.add({ name: 'm4', peerUrls: peerURLs });
    await cluster.start('m4');
    const promoted = { type: 'add-voter', member: ID } as const;
    await propose.proposeConfChange({ case: 'memberPromote', memberPromote: { ID } }, [promoted], propose.deadline());
    await until(() =>
      cluster
        .client(leader)
        // Whoever it asks for a vote may not have reached it yet: asked again soon.
        .moveLeader({ targetID: ID }, { timeoutMs: 1500 })
        .then(() => true)
        .catch(() => undefined),
    );
    await put(cluster, 'm4', 'a', 'b');
    await cluster.start(away);
    await until(async () => ((await read(cluster, away, 'a', true)) === 'b' ? true : undefined));
    assert.equal(cluster.member('m4').isLeader, true);
  },
);
