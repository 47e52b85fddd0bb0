import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { utf8Bytes, utf8Text } from '../../base/bytes.ts';
import type { StoreErrorCode } from '../../base/store-error.ts';
import type { KvClient, WatchStream } from '../../client/kv-client.ts';
import {
  CompareResult,
  CompareTarget,
  decodeKeyValue,
  EMPTY_COMPARE,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  EMPTY_WATCH_CREATE_REQUEST,
  EventType,
  type KeyValue,
  type RequestOp,
  SortOrder,
  SortTarget,
  WatchFilter,
  type WatchResponse,
} from '../../proto/gen/etcd.ts';

/** What an implementation of KvClient is started with. */
export interface KvClientUnderTest {
  readonly client: KvClient;
  stop(): Promise<void>;
}

const TIMEOUT = { timeout: 30_000 };

/** What every KvClient must do, whoever stands behind it. Each test has keys of its own; the store need not be empty. */
export function kvClientSuite(name: string, start: () => Promise<KvClientUnderTest>): void {
  let underTest: KvClientUnderTest;
  const kv = (): KvClient => underTest.client;
  before(async () => {
    underTest = await start();
  });
  after(() => underTest?.stop());

  test(`${name}: a put is read back, with its revisions, version and lease`, TIMEOUT, async () => {
    const first = await kv().put(put('basic/a', 'one'));
    const second = await kv().put({ ...put('basic/a', 'two'), prevKv: true });
    const firstRevision = first.header?.revision ?? 0;
    assert.equal(second.header?.revision, firstRevision + 1);
    assert.equal(textOf(second.prevKv), 'one');
    const range = await kv().range({ ...EMPTY_RANGE_REQUEST, key: 'basic/a' });
    assert.equal(range.count, 1);
    assert.equal(range.more, false);
    assert.deepEqual(plain(range.kvs[0]), {
      key: 'basic/a',
      value: 'two',
      createRevision: firstRevision,
      modRevision: firstRevision + 1,
      version: 2,
      lease: 0n,
    });
    assert.ok((range.header?.revision ?? 0) >= firstRevision + 1);
    assert.notEqual(range.header?.clusterId, 0n);
    assert.notEqual(range.header?.memberId, 0n);
    assert.ok((range.header?.raftTerm ?? 0) > 0);
  });

  test(`${name}: keys and values are bytes`, TIMEOUT, async () => {
    const key = 'bytes/\x00\x7f\x80\xff';
    const value = Uint8Array.from({ length: 256 }, (_, i) => i);
    await kv().put({ ...EMPTY_PUT_REQUEST, key, value });
    const { kvs } = await kv().range({ ...EMPTY_RANGE_REQUEST, key: 'bytes/', rangeEnd: 'bytes0' });
    const found = decodeKeyValue(kvs[0] as Uint8Array);
    assert.equal(found.key, key);
    assert.deepEqual([...found.value], [...value]);
  });

  test(`${name}: ranges: limit, more, count, sort, keys only, count only, old revisions`, TIMEOUT, async () => {
    const keys = ['range/a', 'range/b', 'range/c', 'range/d'];
    let revision = 0;
    for (const key of keys) revision = (await kv().put(put(key, `v-${key}`))).header?.revision ?? 0;
    await kv().put(put('range/b', 'later'));
    const all = { ...EMPTY_RANGE_REQUEST, key: 'range/', rangeEnd: 'range0' };

    const page = await kv().range({ ...all, limit: 2 });
    assert.deepEqual([keysOf(page.kvs), page.more, page.count], [['range/a', 'range/b'], true, 4]);
    const descending = await kv().range({ ...all, sortOrder: SortOrder.DESCEND, sortTarget: SortTarget.KEY });
    assert.deepEqual(keysOf(descending.kvs), keys.toReversed());
    const byMod = await kv().range({ ...all, sortOrder: SortOrder.DESCEND, sortTarget: SortTarget.MOD, limit: 1 });
    assert.deepEqual([keysOf(byMod.kvs), byMod.more, byMod.count], [['range/b'], true, 4]);
    const bare = await kv().range({ ...all, keysOnly: true });
    assert.deepEqual(
      bare.kvs.map((kv) => decodeKeyValue(kv).value.length),
      [0, 0, 0, 0],
    );
    const counted = await kv().range({ ...all, countOnly: true });
    assert.deepEqual([counted.kvs.length, counted.count], [0, 4]);
    const old = await kv().range({ ...all, revision });
    assert.equal(textOf(old.kvs[1]), 'v-range/b');
    assert.ok((old.header?.revision ?? 0) > revision, 'the header tells the current revision, not the one asked for');
    const serializable = await kv().range({ ...all, serializable: true });
    assert.equal(serializable.count, 4);
    const filtered = await kv().range({ ...all, minModRevision: revision + 1 });
    assert.deepEqual([keysOf(filtered.kvs), filtered.count], [['range/b'], 4]);
  });

  test(
    `${name}: deletes count, give back what was there, and do not count as a revision when nothing was`,
    TIMEOUT,
    async () => {
      await kv().put(put('delete/a', '1'));
      await kv().put(put('delete/b', '2'));
      const deleted = await kv().deleteRange({ key: 'delete/', rangeEnd: 'delete0', prevKv: true });
      assert.equal(deleted.deleted, 2);
      assert.deepEqual(
        deleted.prevKvs.map((bytes) => textOf(bytes)),
        ['1', '2'],
      );
      const again = await kv().deleteRange({ key: 'delete/', rangeEnd: 'delete0', prevKv: false });
      assert.equal(again.deleted, 0);
      assert.equal(again.header?.revision, deleted.header?.revision);
    },
  );

  test(`${name}: a transaction compares, branches, and is one revision`, TIMEOUT, async () => {
    const create = {
      compare: [modRevisionIs('txn/a', 0)],
      success: [putOp('txn/a', '1'), putOp('txn/b', '2'), rangeOp('txn/a')],
      failure: [rangeOp('txn/a')],
    };
    const first = await kv().txn(create);
    assert.equal(first.succeeded, true);
    assert.equal(first.responses.length, 3);
    const revision = first.header?.revision ?? 0;
    const read = first.responses[2]?.response;
    assert.equal(read?.case, 'responseRange');
    if (read?.case === 'responseRange') assert.equal(plain(read.responseRange.kvs[0]).modRevision, revision);

    const second = await kv().txn(create);
    assert.equal(second.succeeded, false);
    const found = second.responses[0]?.response;
    if (found?.case === 'responseRange') assert.equal(textOf(found.responseRange.kvs[0]), '1');
    else assert.fail('the failure branch reads');

    const nested: RequestOp = {
      request: { case: 'requestTxn', requestTxn: { compare: [], success: [putOp('txn/c', '3')], failure: [] } },
    };
    const third = await kv().txn({ compare: [modRevisionIs('txn/a', revision)], success: [nested], failure: [] });
    assert.equal(third.responses[0]?.response?.case, 'responseTxn');
    assert.equal((await kv().range({ ...EMPTY_RANGE_REQUEST, key: 'txn/c' })).count, 1);
  });

  test(`${name}: refusals carry their codes`, TIMEOUT, async () => {
    const { header } = await kv().put(put('refuse/a', '1'));
    const current = header?.revision ?? 0;
    const rows: readonly (readonly [StoreErrorCode, () => Promise<unknown>])[] = [
      ['KEY_EMPTY', () => kv().put(put('', 'x'))],
      ['KEY_EMPTY', () => kv().range(EMPTY_RANGE_REQUEST)],
      ['KEY_NOT_FOUND', () => kv().put({ ...put('refuse/none', ''), ignoreValue: true })],
      ['VALUE_PROVIDED', () => kv().put({ ...put('refuse/a', 'x'), ignoreValue: true })],
      ['LEASE_PROVIDED', () => kv().put({ ...put('refuse/a', 'x'), lease: 7n, ignoreLease: true })],
      ['LEASE_NOT_FOUND', () => kv().put({ ...put('refuse/a', 'x'), lease: 0x7eadbeefn })],
      ['LEASE_NOT_FOUND', () => kv().leaseRevoke({ ID: 0x7eadbeefn })],
      ['LEASE_TTL_TOO_LARGE', () => kv().leaseGrant({ ID: 0n, TTL: 9_000_000_001 })],
      [
        'DUPLICATE_KEY',
        () => kv().txn({ compare: [], success: [putOp('refuse/d', '1'), putOp('refuse/d', '2')], failure: [] }),
      ],
      [
        'TOO_MANY_OPS',
        () =>
          kv().txn({
            compare: [],
            success: Array.from({ length: 129 }, (_, i) => putOp(`refuse/${i}`, '')),
            failure: [],
          }),
      ],
      ['FUTURE_REVISION', () => kv().range({ ...EMPTY_RANGE_REQUEST, key: 'refuse/a', revision: current + 1_000_000 })],
      ['FUTURE_REVISION', () => kv().compact({ revision: current + 1_000_000, physical: false })],
      [
        'REQUEST_TOO_LARGE',
        () => kv().put({ ...EMPTY_PUT_REQUEST, key: 'refuse/big', value: new Uint8Array(1_600_000) }),
      ],
    ];
    for (const [code, call] of rows) await assert.rejects(call, { name: 'StoreError', code }, `expected ${code}`);
  });

  test(`${name}: compaction forgets older revisions and keeps the newest state`, TIMEOUT, async () => {
    const { header } = await kv().put(put('compact/a', '1'));
    const old = header?.revision ?? 0;
    await kv().put(put('compact/a', '2'));
    await kv().compact({ revision: old + 1, physical: true });
    const key = { ...EMPTY_RANGE_REQUEST, key: 'compact/a' };
    assert.equal(textOf((await kv().range({ ...key, revision: old + 1 })).kvs[0]), '2');
    await assert.rejects(kv().range({ ...key, revision: old }), { code: 'COMPACTED' });
    await assert.rejects(kv().compact({ revision: old, physical: false }), { code: 'COMPACTED' });
  });

  test(`${name}: leases are granted, listed, renewed, attached and revoked`, TIMEOUT, async () => {
    const granted = await kv().leaseGrant({ ID: 0n, TTL: 60 });
    assert.ok(granted.ID > 0n);
    assert.equal(granted.TTL, 60);
    await assert.rejects(kv().leaseGrant({ ID: granted.ID, TTL: 60 }), { code: 'LEASE_EXISTS' });
    await kv().put({ ...put('lease/a', '1'), lease: granted.ID });
    const live = await kv().leaseTimeToLive({ ID: granted.ID, keys: true });
    assert.deepEqual([live.grantedTTL, live.keys], [60, ['lease/a']]);
    assert.ok(live.TTL > 0 && live.TTL <= 60);
    assert.equal((await kv().leaseKeepAlive(granted.ID)).TTL, 60);
    assert.ok((await kv().leaseLeases()).leases.some((lease) => lease.ID === granted.ID));
    await kv().leaseRevoke({ ID: granted.ID });
    assert.equal((await kv().range({ ...EMPTY_RANGE_REQUEST, key: 'lease/a' })).count, 0);
    assert.equal((await kv().leaseKeepAlive(granted.ID)).TTL, 0);
    assert.equal((await kv().leaseTimeToLive({ ID: granted.ID, keys: false })).TTL, -1);
  });

  test(
    `${name}: a watch says created, then tells puts and deletes in order with their previous values`,
    TIMEOUT,
    async () => {
      const watch = reader(kv().watch({ requireLeader: true }));
      watch.stream.create({ ...EMPTY_WATCH_CREATE_REQUEST, key: 'watch/', rangeEnd: 'watch0', prevKv: true });
      const created = await watch.next();
      assert.equal(created.created, true);
      await kv().put(put('watch/a', '1'));
      await kv().put(put('watch/a', '2'));
      await kv().deleteRange({ key: 'watch/a', rangeEnd: '', prevKv: false });
      const events = await watch.events(3);
      assert.deepEqual(
        events.map((event) => [event.type, event.value, event.previous]),
        [
          [EventType.PUT, '1', undefined],
          [EventType.PUT, '2', '1'],
          [EventType.DELETE, '', '2'],
        ],
      );
      watch.stream.close();
      assert.equal(await watch.stream.next(), undefined);
    },
  );

  test(`${name}: a watch from an old revision catches up; a transaction is one response`, TIMEOUT, async () => {
    const { header } = await kv().put(put('catch/a', '1'));
    await kv().txn({ compare: [], success: [putOp('catch/b', '2'), putOp('catch/c', '3')], failure: [] });
    const watch = reader(kv().watch());
    watch.stream.create({
      ...EMPTY_WATCH_CREATE_REQUEST,
      key: 'catch/',
      rangeEnd: 'catch0',
      startRevision: header?.revision ?? 0,
    });
    const events = await watch.events(3);
    assert.deepEqual(
      events.map((event) => event.key),
      ['catch/a', 'catch/b', 'catch/c'],
    );
    await kv().txn({ compare: [], success: [putOp('catch/d', '4'), putOp('catch/e', '5')], failure: [] });
    let response = await watch.next();
    while (response.events.length === 0) response = await watch.next();
    assert.equal(response.events.length, 2);
    watch.stream.close();
  });

  test(`${name}: many watchers share a stream, are filtered and cancelled one by one`, TIMEOUT, async () => {
    const watch = reader(kv().watch());
    watch.stream.create({ ...EMPTY_WATCH_CREATE_REQUEST, key: 'many/a', filters: [WatchFilter.NOPUT] });
    watch.stream.create({ ...EMPTY_WATCH_CREATE_REQUEST, key: 'many/a' });
    const ids = [(await watch.next()).watchId, (await watch.next()).watchId] as const;
    assert.notEqual(ids[0], ids[1]);
    await kv().put(put('many/a', '1'));
    const seen = await watch.next();
    assert.deepEqual([seen.watchId, seen.events.length], [ids[1], 1]);
    watch.stream.cancel(ids[1]);
    const canceled = await watch.next();
    assert.deepEqual([canceled.watchId, canceled.canceled], [ids[1], true]);
    await kv().deleteRange({ key: 'many/a', rangeEnd: '', prevKv: false });
    const removed = await watch.next();
    assert.deepEqual([removed.watchId, removed.events[0]?.type], [ids[0], EventType.DELETE]);
    watch.stream.close();
  });

  test(`${name}: progress can be asked for, and tells the current revision`, TIMEOUT, async () => {
    const watch = reader(kv().watch());
    watch.stream.create({ ...EMPTY_WATCH_CREATE_REQUEST, key: 'progress/' });
    await watch.next();
    const { header } = await kv().put(put('elsewhere/a', '1'));
    const wanted = header?.revision ?? 0;
    let progress: WatchResponse;
    do {
      watch.stream.requestProgress();
      progress = await watch.next();
    } while ((progress.header?.revision ?? 0) < wanted);
    assert.equal(progress.watchId, -1);
    assert.equal(progress.events.length, 0);
    watch.stream.close();
  });

  test(
    `${name}: a watch behind the compact revision is created, then cancelled with where history begins`,
    TIMEOUT,
    async () => {
      const { header } = await kv().put(put('behind/a', '1'));
      const old = header?.revision ?? 0;
      await kv().put(put('behind/a', '2'));
      await kv().compact({ revision: old + 1, physical: false });
      const watch = reader(kv().watch());
      watch.stream.create({ ...EMPTY_WATCH_CREATE_REQUEST, key: 'behind/a', startRevision: old });
      assert.equal((await watch.next()).created, true);
      const canceled = await watch.next();
      assert.equal(canceled.canceled, true);
      assert.equal(canceled.compactRevision, old + 1);
      watch.stream.close();
    },
  );

  test(`${name}: members and status can be read`, TIMEOUT, async () => {
    const { members, header } = await kv().memberList({ linearizable: true });
    assert.ok(members.length > 0);
    assert.ok(members.some((member) => member.ID === header?.memberId));
    assert.ok(members.every((member) => member.clientURLs.length > 0 && member.peerURLs.length > 0));
    const status = await kv().status();
    assert.match(status.version, /^3\.\d+\.\d+/);
    assert.notEqual(status.leader, 0n);
    assert.ok(status.raftIndex > 0 && status.raftTerm > 0 && status.raftAppliedIndex > 0);
    assert.ok((await kv().hashKv({ revision: 0 })).hash > 0);
  });

  test(`${name}: a call that is given up ends at once`, TIMEOUT, async () => {
    const abort = new AbortController();
    abort.abort();
    const call = kv().range({ ...EMPTY_RANGE_REQUEST, key: 'abort/a' }, { signal: abort.signal });
    await assert.rejects(call, { code: 'REQUEST_CANCELED' });
  });
}

function put(key: string, value: string): typeof EMPTY_PUT_REQUEST {
  return { ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(value) };
}

function putOp(key: string, value: string): RequestOp {
  return { request: { case: 'requestPut', requestPut: put(key, value) } };
}

function rangeOp(key: string): RequestOp {
  return { request: { case: 'requestRange', requestRange: { ...EMPTY_RANGE_REQUEST, key } } };
}

function modRevisionIs(key: string, modRevision: number): typeof EMPTY_COMPARE {
  const targetUnion = { case: 'modRevision', modRevision } as const;
  return { ...EMPTY_COMPARE, result: CompareResult.EQUAL, target: CompareTarget.MOD, key, targetUnion };
}

function plain(bytes: Uint8Array | undefined): Omit<KeyValue, 'value'> & { readonly value: string } {
  assert.ok(bytes, 'a KeyValue is there');
  const found = decodeKeyValue(bytes);
  return { ...found, value: utf8Text(found.value) };
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && plain(bytes).value;
}

function keysOf(kvs: readonly Uint8Array[]): string[] {
  return kvs.map((bytes) => decodeKeyValue(bytes).key);
}

interface PlainEvent {
  readonly type: number;
  readonly key: string;
  readonly value: string;
  readonly previous: string | undefined;
}

/** Reads a watch stream one response at a time. */
function reader(stream: WatchStream): {
  readonly stream: WatchStream;
  next(): Promise<WatchResponse>;
  events(count: number): Promise<PlainEvent[]>;
} {
  const waiting: WatchResponse[] = [];
  const next = async (): Promise<WatchResponse> => {
    if (waiting.length === 0) waiting.push(...((await stream.next()) ?? []));
    const response = waiting.shift();
    assert.ok(response, 'the stream has not ended');
    return response;
  };
  const events = async (count: number): Promise<PlainEvent[]> => {
    const seen: PlainEvent[] = [];
    while (seen.length < count) {
      for (const { type, kv, prevKv } of (await next()).events) {
        const { key, value } = plain(kv);
        seen.push({ type, key, value, previous: textOf(prevKv) });
      }
    }
    return seen;
  };
  return { stream, next, events };
}
