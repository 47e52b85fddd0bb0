import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { EMPTY_BYTES, prefixEnd, utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { connectKvClient } from '../../client/grpc-client.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { GrpcCode } from '../../client/status.ts';
import { decodeKeyValue, ElectionService, EMPTY_RANGE_REQUEST, LockService } from '../../proto/gen/etcd.ts';
import { client as program } from '../kit/cluster.ts';
import { eventually, start } from '../kit/process.ts';
import { MethodClient } from './concurrency-client.ts';
import { type Members, startMembers } from './members.ts';

const TIMEOUT = { timeout: 40_000 };
const SOON = { timeoutMs: 10_000, everyMs: 20 };
const noEtcdctl = process.env['KEELSON_TEST_ETCDCTL'] === undefined;

suite('locks and elections on three members', () => {
  let members: Members;
  let kv: KvClient;
  let clients: readonly MethodClient[] = [];

  before(async () => {
    members = await startMembers(3);
    kv = connectKvClient({ endpoints: members.urls });
    clients = members.urls.map((url) => new MethodClient(url));
  }, TIMEOUT);
  after(async () => {
    for (const client of clients) client.close();
    await kv?.close();
    await members?.stop();
  });

  const at = (member: number): MethodClient => {
    const client = clients[member % clients.length];
    if (client === undefined) throw new TypeError('no member');
    return client;
  };
  const lease = async (ttlSeconds = 60): Promise<bigint> => (await kv.leaseGrant({ TTL: ttlSeconds, ID: 0n })).ID;
  const keysUnder = async (prefix: string): Promise<readonly string[]> =>
    (await kv.range({ ...EMPTY_RANGE_REQUEST, key: prefix, rangeEnd: prefixEnd(prefix) })).kvs.map(
      (bytes) => decodeKeyValue(bytes).key,
    );
  const untilWaiting = (prefix: string, count: number): Promise<unknown> =>
    eventually(`${count} in ${prefix}`, async () => (await keysUnder(prefix)).length === count || undefined, SOON);

  test('contenders at all members hold a lock one after the other, each with a greater token', TIMEOUT, async () => {
    let holder: number | undefined;
    const tokens: number[] = [];
    const contend = async (who: number): Promise<void> => {
      const { key } = await at(who).call(LockService.Lock, { name: 'mutex', lease: await lease() });
      assert.equal(holder, undefined, `${who} holds what ${holder} holds`);
      holder = who;
      const held = await kv.range({ ...EMPTY_RANGE_REQUEST, key });
      tokens.push(decodeKeyValue(held.kvs[0] ?? EMPTY_BYTES).createRevision);
      await delay(10);
      holder = undefined;
      await at(who + 1).call(LockService.Unlock, { key });
    };
    await Promise.all(Array.from({ length: 9 }, (_, who) => contend(who)));
    assert.equal(tokens.length, 9);
    assert.deepEqual(
      tokens,
      [...tokens].sort((a, b) => a - b),
    );
    assert.deepEqual(await keysUnder('mutex/'), []);
  });

  test('the key is named by the lease, and who has the lock is given it again', TIMEOUT, async () => {
    const id = await lease();
    const first = await at(0).call(LockService.Lock, { name: 'named', lease: id });
    const again = await at(1).call(LockService.Lock, { name: 'named', lease: id });
    assert.equal(first.key, `named/${id.toString(16)}`);
    assert.equal(again.key, first.key);
  });

  test('without a lease, the lock has one of a minute', TIMEOUT, async () => {
    const { key } = await at(0).call(LockService.Lock, { name: 'minute', lease: 0n });
    const held = await kv.range({ ...EMPTY_RANGE_REQUEST, key });
    const { lease: id } = decodeKeyValue(held.kvs[0] ?? EMPTY_BYTES);
    assert.equal((await kv.leaseTimeToLive({ ID: id, keys: false })).grantedTTL, 60);
    assert.equal(key, `minute/${id.toString(16)}`);
  });

  test('a holder that died is waited for no longer than its lease', TIMEOUT, async () => {
    await at(0).call(LockService.Lock, { name: 'dead', lease: await lease(2) });
    const started = Date.now();
    await at(1).call(LockService.Lock, { name: 'dead', lease: await lease() });
    assert.ok(Date.now() - started > 500, 'the lock was still held');
  });

  test('who stops waiting leaves the queue, and those behind move up', TIMEOUT, async () => {
    const { key } = await at(0).call(LockService.Lock, { name: 'left', lease: await lease() });
    const second = at(1).start(LockService.Lock, { name: 'left', lease: await lease() });
    await untilWaiting('left/', 2);
    const third = at(2).start(LockService.Lock, { name: 'left', lease: await lease() });
    await untilWaiting('left/', 3);
    second.cancel();
    await untilWaiting('left/', 2);
    await at(0).call(LockService.Unlock, { key });
    await third.answer;
  });

  test('who waited longer than their lease lived has not got the lock', TIMEOUT, async () => {
    const { key } = await at(0).call(LockService.Lock, { name: 'late', lease: await lease() });
    const id = await lease();
    const waiting = at(1).start(LockService.Lock, { name: 'late', lease: id });
    await untilWaiting('late/', 2);
    await kv.leaseRevoke({ ID: id });
    await at(0).call(LockService.Unlock, { key });
    await assert.rejects(waiting.answer, { code: GrpcCode.UNKNOWN, message: 'mutex: session is expired' });
  });

  test('a lease that is not there', TIMEOUT, async () => {
    const refusal = { code: GrpcCode.UNKNOWN, message: 'etcdserver: requested lease not found' };
    await assert.rejects(at(0).call(LockService.Lock, { name: 'no', lease: 4711n }), refusal);
    const request = { name: 'no', lease: 4711n, value: EMPTY_BYTES };
    await assert.rejects(at(0).call(ElectionService.Campaign, request), refusal);
    await assert.rejects(at(0).call(LockService.Unlock, { key: '' }), {
      code: GrpcCode.UNKNOWN,
      message: 'etcdserver: key is not provided',
    });
  });

  test('candidates lead one after the other, and observers see it', TIMEOUT, async () => {
    const name = 'election';
    const seen: string[] = [];
    const stop = at(2).stream(ElectionService.Observe, { name }, ({ kv: bytes }) => {
      seen.push(utf8Text(decodeKeyValue(bytes ?? EMPTY_BYTES).value));
    });
    const untilSeen = (last: string): Promise<unknown> =>
      eventually(`observers see ${last}`, () => seen.at(-1) === last || undefined, SOON);
    await assert.rejects(at(0).call(ElectionService.Leader, { name }), {
      code: GrpcCode.UNKNOWN,
      message: 'election: no leader',
    });
    const campaign = { name, lease: await lease(), value: utf8Bytes('a') };
    const { leader: a } = await at(0).call(ElectionService.Campaign, campaign);
    await untilSeen('a');
    const second = at(1).start(ElectionService.Campaign, { name, lease: await lease(), value: utf8Bytes('b') });
    await untilWaiting(`${name}/`, 2);
    await at(1).call(ElectionService.Proclaim, { leader: a, value: utf8Bytes('a2') });
    await untilSeen('a2');
    const current = await at(2).call(ElectionService.Leader, { name });
    assert.equal(decodeKeyValue(current.kv ?? EMPTY_BYTES).key, a?.key);
    await at(0).call(ElectionService.Campaign, { ...campaign, value: utf8Bytes('a3') });
    await untilSeen('a3');
    await at(0).call(ElectionService.Resign, { leader: a });
    await untilSeen('b');
    assert.equal((await second.answer).leader?.name, name);
    await assert.rejects(at(0).call(ElectionService.Proclaim, { leader: a, value: utf8Bytes('no') }), {
      code: GrpcCode.UNKNOWN,
      message: 'election: not leader',
    });
    assert.deepEqual(seen, ['a', 'a2', 'a3', 'b']);
    stop();
  });

  test('a candidate who left, and one whose lease ended, never lead', TIMEOUT, async () => {
    const name = 'gone';
    const leads = await at(0).call(ElectionService.Campaign, { name, lease: await lease(), value: utf8Bytes('a') });
    const leaves = at(1).start(ElectionService.Campaign, { name, lease: await lease(), value: utf8Bytes('b') });
    const id = await lease();
    const expires = at(2).start(ElectionService.Campaign, { name, lease: id, value: utf8Bytes('c') });
    await untilWaiting('gone/', 3);
    leaves.cancel();
    await untilWaiting('gone/', 2);
    await kv.leaseRevoke({ ID: id });
    await at(0).call(ElectionService.Resign, { leader: leads.leader });
    await assert.rejects(expires.answer, { code: GrpcCode.UNKNOWN, message: 'election: session expired' });
    assert.deepEqual(await keysUnder('gone/'), []);
  });

  test('a leader key is needed', TIMEOUT, async () => {
    const refusal = { code: GrpcCode.UNKNOWN, message: '"leader" field must be provided' };
    await assert.rejects(at(0).call(ElectionService.Resign, { leader: undefined }), refusal);
    const request = { leader: undefined, value: EMPTY_BYTES };
    await assert.rejects(at(0).call(ElectionService.Proclaim, request), refusal);
  });

  test('etcdctl lock: one holder, and a killed one is followed', { ...TIMEOUT, skip: noEtcdctl }, async () => {
    const etcdctl = (...words: string[]): ReturnType<typeof start> =>
      start(program('ETCDCTL'), [`--endpoints=${members.urls.join(',')}`, ...words]);
    const first = etcdctl('lock', '--ttl=2', 'ctl');
    await first.waitFor(/ctl\/[0-9a-f]+/, 10_000);
    const second = etcdctl('lock', '--ttl=2', 'ctl');
    await untilWaiting('ctl/', 2);
    assert.equal(second.output(), '');
    await first.stop('SIGKILL');
    await second.waitFor(/ctl\/[0-9a-f]+/, 20_000);
    await second.stop();
  });

  test('etcdctl elect: campaign, listen', { ...TIMEOUT, skip: noEtcdctl }, async () => {
    const etcdctl = (...words: string[]): ReturnType<typeof start> =>
      start(program('ETCDCTL'), [`--endpoints=${members.urls.join(',')}`, ...words]);
    const leads = etcdctl('elect', 'ctl-election', 'me');
    await leads.waitFor(/me/, 10_000);
    const listens = etcdctl('elect', '-l', 'ctl-election');
    await listens.waitFor(/me/, 10_000);
    const follows = etcdctl('elect', 'ctl-election', 'you');
    await untilWaiting('ctl-election/', 2);
    await leads.stop('SIGINT');
    await follows.waitFor(/you/, 10_000);
    await listens.waitFor(/you/, 10_000);
    await follows.stop();
    await listens.stop();
  });
});
