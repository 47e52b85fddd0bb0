import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AuthClient } from '../../client/auth-client.ts';
import type { CallOptions, KvClient } from '../../client/kv-client.ts';
import {
  AlarmAction,
  EMPTY_COMPARE,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  type RequestOp,
  type TxnRequest,
} from '../../proto/gen/etcd.ts';
import { CHEAP_AUTH, comesTo, guard, login, watchComesTo } from './auth-kit.ts';
import { RealCluster } from './kit.ts';

/** Who may do what, one line an operation; each operation is tried as nobody, bob (no role), alice (some keys) and root. */

let cluster: RealCluster;
let kv: KvClient;
let auth: AuthClient;
const who: Record<string, CallOptions> = {};

before(async () => {
  cluster = await RealCluster.create(1, { auth: CHEAP_AUTH });
  await cluster.start();
  await guard(cluster, 'm1');
  kv = cluster.public('m1');
  auth = cluster.auth('m1');
  for (const user of ['bob', 'alice', 'root'] as const) who[user] = await login(auth, user);
});
after(() => cluster?.destroy());

const key = (name: string, rangeEnd = ''): typeof EMPTY_RANGE_REQUEST => ({
  ...EMPTY_RANGE_REQUEST,
  key: name,
  rangeEnd,
});
const put = (name: string, more: Partial<typeof EMPTY_PUT_REQUEST> = {}): typeof EMPTY_PUT_REQUEST => ({
  ...EMPTY_PUT_REQUEST,
  key: name,
  ...more,
});
const txn = (parts: Partial<TxnRequest>): TxnRequest => ({ compare: [], success: [], failure: [], ...parts });
const opRange = (name: string): RequestOp => ({ request: { case: 'requestRange', requestRange: key(name) } });
const opPut = (name: string, more = {}): RequestOp => ({
  request: { case: 'requestPut', requestPut: put(name, more) },
});
const opDelete = (name: string, prevKv: boolean): RequestOp => ({
  request: { case: 'requestDeleteRange', requestDeleteRange: { key: name, rangeEnd: '', prevKv } },
});
const opTxn = (parts: Partial<TxnRequest>): RequestOp => ({ request: { case: 'requestTxn', requestTxn: txn(parts) } });

type Operation = (options?: CallOptions) => Promise<unknown>;

const NO = 'AUTH_PERMISSION_DENIED';
const EMPTY = 'AUTH_USER_EMPTY';

/** Operation, what it is, and what it comes to for nobody, bob, alice, root. */
const TABLE: readonly (readonly [string, Operation, string, string, string, string])[] = [
  ['get a1', (o) => kv.range(key('a1'), o), EMPTY, NO, 'ok', 'ok'],
  ['get a1, serializable', (o) => kv.range({ ...key('a1'), serializable: true }, o), EMPTY, NO, 'ok', 'ok'],
  ['get a..b', (o) => kv.range(key('a', 'b'), o), EMPTY, NO, 'ok', 'ok'],
  ['get a..b\\0', (o) => kv.range(key('a', 'b\0'), o), EMPTY, NO, NO, 'ok'],
  ['get everything', (o) => kv.range(key('\0', '\0'), o), EMPTY, NO, NO, 'ok'],
  ['count everything', (o) => kv.range({ ...key('\0', '\0'), countOnly: true }, o), EMPTY, NO, NO, 'ok'],
  ['get w, which is only written', (o) => kv.range(key('w'), o), EMPTY, NO, NO, 'ok'],
  ['put a1', (o) => kv.put(put('a1'), o), EMPTY, NO, 'ok', 'ok'],
  ['put r, which is only read', (o) => kv.put(put('r'), o), EMPTY, NO, NO, 'ok'],
  ['put w with prev_kv', (o) => kv.put(put('w', { prevKv: true }), o), EMPTY, NO, NO, 'ok'],
  ['put w', (o) => kv.put(put('w'), o), EMPTY, NO, 'ok', 'ok'],
  ["put a4 on others' lease", (o) => kv.put(put('a4', { lease: 77n }), o), EMPTY, NO, NO, 'ok'],
  ['put a4 on a lease of a keys', (o) => kv.put(put('a4', { lease: 78n }), o), EMPTY, NO, 'ok', 'ok'],
  ['delete a9', (o) => kv.deleteRange({ key: 'a9', rangeEnd: '', prevKv: true }, o), EMPTY, NO, 'ok', 'ok'],
  ['delete w with prev_kv', (o) => kv.deleteRange({ key: 'w', rangeEnd: '', prevKv: true }, o), EMPTY, NO, NO, 'ok'],
  ['delete from a on', (o) => kv.deleteRange({ key: 'x', rangeEnd: '\0', prevKv: false }, o), EMPTY, NO, NO, 'ok'],
  ['txn that reads a1', (o) => kv.txn(txn({ success: [opRange('a1')] }), o), EMPTY, NO, 'ok', 'ok'],
  ['txn that would read b1', (o) => kv.txn(txn({ failure: [opRange('b1')] }), o), EMPTY, NO, NO, 'ok'],
  ['txn that compares b1', (o) => kv.txn(txn({ compare: [{ ...EMPTY_COMPARE, key: 'b1' }] }), o), EMPTY, NO, NO, 'ok'],
  ['txn that writes a1', (o) => kv.txn(txn({ success: [opPut('a1')] }), o), EMPTY, NO, 'ok', 'ok'],
  [
    'txn that reads w by prev_kv',
    (o) => kv.txn(txn({ success: [opPut('w', { prevKv: true })] }), o),
    EMPTY,
    NO,
    NO,
    'ok',
  ],
  ['txn that deletes w with prev_kv', (o) => kv.txn(txn({ success: [opDelete('w', true)] }), o), EMPTY, NO, NO, 'ok'],
  [
    "txn that attaches to others' lease",
    (o) => kv.txn(txn({ success: [opPut('a4', { lease: 77n })] }), o),
    EMPTY,
    NO,
    NO,
    'ok',
  ],
  [
    'nested txn that reads b1',
    (o) => kv.txn(txn({ success: [opTxn({ success: [opRange('b1')] })] }), o),
    EMPTY,
    NO,
    NO,
    'ok',
  ],
  [
    'nested txn that would write b1',
    (o) => kv.txn(txn({ success: [opTxn({ failure: [opPut('b1')] })] }), o),
    EMPTY,
    NO,
    NO,
    'ok',
  ],
  [
    'nested txn that compares b1',
    (o) => kv.txn(txn({ success: [opTxn({ compare: [{ ...EMPTY_COMPARE, key: 'b1' }] })] }), o),
    EMPTY,
    NO,
    NO,
    'ok',
  ],
  ['txn of nothing', (o) => kv.txn(txn({}), o), 'ok', 'ok', 'ok', 'ok'],
  ['compact', (o) => kv.compact({ revision: 1, physical: false }, o), EMPTY, NO, NO, 'ok'],
  ['grant a lease', (o) => kv.leaseGrant({ ID: 0n, TTL: 60 }, o), EMPTY, 'ok', 'ok', 'ok'],
  ['keep a lease of a keys', (o) => kv.leaseKeepAlive(78n, o), EMPTY, NO, 'ok', 'ok'],
  ["keep others' lease", (o) => kv.leaseKeepAlive(77n, o), EMPTY, NO, NO, 'ok'],
  ["revoke others' lease", (o) => kv.leaseRevoke({ ID: 77n }, o), EMPTY, NO, NO, 'ok'],
  ['revoke no lease', (o) => kv.leaseRevoke({ ID: 99n }, o), EMPTY, ...same('LEASE_NOT_FOUND')],
  ['time of a lease', (o) => kv.leaseTimeToLive({ ID: 77n, keys: false }, o), EMPTY, 'ok', 'ok', 'ok'],
  ['keys of a lease of a keys', (o) => kv.leaseTimeToLive({ ID: 78n, keys: true }, o), EMPTY, NO, 'ok', 'ok'],
  ['members', (o) => kv.memberList({ linearizable: true }, o), EMPTY, 'ok', 'ok', 'ok'],
  ['members, as far as known', (o) => kv.memberList({ linearizable: false }, o), EMPTY, 'ok', 'ok', 'ok'],
  ['add a member', (o) => kv.memberAdd({ peerURLs: [], isLearner: true }, o), EMPTY, NO, NO, 'MEMBER_URLS_INVALID'],
  ['remove a member', (o) => kv.memberRemove({ ID: 1n }, o), EMPTY, NO, NO, 'MEMBER_NOT_FOUND'],
  ['move a member', (o) => kv.memberUpdate({ ID: 1n, peerURLs: ['http://a:1'] }, o), EMPTY, NO, NO, 'MEMBER_NOT_FOUND'],
  ['promote a member', (o) => kv.memberPromote({ ID: 1n }, o), EMPTY, NO, NO, 'MEMBER_NOT_FOUND'],
  ['move the leader', (o) => kv.moveLeader({ targetID: 1n }, o), EMPTY, NO, NO, 'BAD_LEADER_TRANSFEREE'],
  ['status', (o) => kv.status(o), EMPTY, 'ok', 'ok', 'ok'],
  ['list alarms', (o) => kv.alarm({ action: AlarmAction.GET, memberID: 0n, alarm: 0 }, o), EMPTY, 'ok', 'ok', 'ok'],
  ['clear alarms', (o) => kv.alarm({ action: AlarmAction.DEACTIVATE, memberID: 0n, alarm: 1 }, o), EMPTY, NO, NO, 'ok'],
  ['hash', (o) => kv.hashKv({ revision: 0 }, o), EMPTY, NO, NO, 'ok'],
  ['hash of everything', (o) => kv.hash(o), EMPTY, NO, NO, 'ok'],
  ['defragment', (o) => kv.defragment(o), EMPTY, NO, NO, 'ok'],
  ['downgrade', (o) => kv.downgrade({ action: 2, version: '' }, o), EMPTY, NO, NO, 'NO_DOWNGRADE'],
  [
    'snapshot',
    async (o) => {
      for await (const _ of kv.snapshot(o)) break;
    },
    EMPTY,
    NO,
    NO,
    'ok',
  ],
  ['auth status', (o) => auth.authStatus(o), 'ok', 'ok', 'ok', 'ok'],
  ['enable', (o) => auth.authEnable(o), EMPTY, NO, NO, 'ok'],
  ['list users', (o) => auth.userList(o), EMPTY, NO, NO, 'ok'],
  ['list roles', (o) => auth.roleList(o), EMPTY, NO, NO, 'ok'],
  ['user alice', (o) => auth.userGet({ name: 'alice' }, o), EMPTY, NO, 'ok', 'ok'],
  ['user without a name', (o) => auth.userGet({ name: '' }, o), EMPTY, NO, NO, 'AUTH_USER_NOT_FOUND'],
  ['role a', (o) => auth.roleGet({ role: 'a' }, o), EMPTY, NO, 'ok', 'ok'],
  ['role root', (o) => auth.roleGet({ role: 'root' }, o), EMPTY, NO, NO, 'AUTH_ROLE_NOT_FOUND'],
  ['role that there is not', (o) => auth.roleGet({ role: 'x' }, o), EMPTY, NO, NO, 'AUTH_ROLE_NOT_FOUND'],
];

function same(code: string): [string, string, string] {
  return [code, code, code];
}

for (const [name, operation, ...expected] of TABLE) {
  test(name, async () => {
    const results: string[] = [];
    for (const user of ['nobody', 'bob', 'alice', 'root']) {
      if (name === "revoke others' lease" && user === 'root')
        results.push('ok'); // it stays for the others
      else results.push(await comesTo(operation(who[user])));
    }
    assert.deepEqual(results, expected);
  });
}

const DENIED = 'rpc error: code = PermissionDenied desc = etcdserver: permission denied';
const NAMELESS = 'rpc error: code = InvalidArgument desc = etcdserver: user name is empty';
const NO_TOKEN = 'rpc error: code = Unauthenticated desc = etcdserver: invalid auth token';

const WATCHES: readonly (readonly [string, string, string, string, string])[] = [
  ['a1', '', NAMELESS, DENIED, 'ok'],
  ['a', 'b', NAMELESS, DENIED, 'ok'],
  ['a', 'b\0', NAMELESS, DENIED, DENIED],
  ['r', '', NAMELESS, DENIED, 'ok'],
  ['r', '\0', NAMELESS, DENIED, DENIED],
  ['', '', NAMELESS, DENIED, DENIED],
  ['\0', '\0', NAMELESS, DENIED, DENIED],
];

for (const [from, to, ...expected] of WATCHES) {
  test(`watch ${JSON.stringify([from, to])}`, async () => {
    const results: string[] = [];
    for (const user of ['nobody', 'bob', 'alice'])
      results.push(await watchComesTo(kv, { key: from, rangeEnd: to }, who[user]));
    assert.deepEqual(results, expected);
    assert.equal(await watchComesTo(kv, { key: from, rangeEnd: to }, who['root']), 'ok');
  });
}

test('a watcher with a token that is none', async () => {
  for (const token of ['', 'x', 'abcdefghijklmnop.5', 'abcdefghijklmnop.99999999', 'a'.repeat(100_000)]) {
    assert.equal(await watchComesTo(kv, { key: 'a1', rangeEnd: '' }, { credentials: { token } }), NO_TOKEN);
  }
});

test('tokens that are none', async () => {
  const real = who['alice']?.credentials?.token ?? '';
  const [secret = '', index = ''] = real.split('.');
  const forged = ['', ' ', '.', `${secret}`, `${secret}.${Number(index) + 1}`, `${secret}.0`, `${real} `, `${real}.1`];
  for (const token of [...forged, secret.toUpperCase() + index, 'abcdefghijklmnop.9007199254740993', '\0'.repeat(16)]) {
    assert.equal(await comesTo(kv.range(key('a1'), { credentials: { token } })), 'AUTH_INVALID_TOKEN', token);
  }
  assert.equal(await comesTo(kv.range(key('a1'), who['alice'])), 'ok');
});

test('lists of leases are for who may read all of their keys', async () => {
  assert.equal(await comesTo(kv.leaseLeases(who['alice'])), NO);
  assert.equal((await kv.leaseLeases(who['root'])).leases.length > 1, true);
  assert.equal(await comesTo(kv.leaseTimeToLive({ ID: 77n, keys: true }, who['alice'])), NO);
});
