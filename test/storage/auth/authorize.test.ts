import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_BYTES } from '../../../base/bytes.ts';
import type { StoreError } from '../../../base/store-error.ts';
import type { Identity } from '../../../proto/gen/command.ts';
import {
  EMPTY_COMPARE,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  EMPTY_WATCH_CREATE_REQUEST,
  PermissionType,
  type RequestOp,
  type TxnRequest,
} from '../../../proto/gen/etcd.ts';
import { AuthStore } from '../../../storage/auth/auth-store.ts';
import {
  checkDeleteRange,
  checkKeys,
  checkLeaseKeys,
  checkPut,
  checkRange,
  checkRoot,
  checkSomebody,
  checkTxn,
  checkWatch,
  NOBODY,
  type Rights,
} from '../../../storage/auth/authorize.ts';

/** reader reads r*, writer writes w*, both may do both with b*; lease 1 holds w1, lease 2 holds w1 and x. */
function enabled(): AuthStore {
  const auth = new AuthStore();
  for (const user of ['root', 'reader', 'writer', 'nothing']) auth.addUser(user, EMPTY_BYTES, true);
  auth.grantRole('root', 'root');
  const grants = [
    ['reader', PermissionType.READ, 'r', 's'],
    ['writer', PermissionType.WRITE, 'w', 'x'],
  ] as const;
  for (const [role, permType, key, rangeEnd] of grants) {
    auth.addRole(role);
    auth.grantPermission(role, { permType, key, rangeEnd });
    auth.grantPermission(role, { permType: PermissionType.READWRITE, key: 'b', rangeEnd: 'c' });
    auth.grantRole(role, role);
  }
  auth.enable();
  return auth;
}
const auth = enabled();
const as = (user: string, authRevision = auth.revision): Rights => ({ auth, identity: { user, authRevision } });
const leases = { get: (id: bigint) => LEASES.get(id) };
const LEASES = new Map([
  [1n, { keys: ['w1'] }],
  [2n, { keys: ['w1', 'x'] }],
]);

const range = (key: string, rangeEnd = ''): RequestOp => ({
  request: { case: 'requestRange', requestRange: { ...EMPTY_RANGE_REQUEST, key, rangeEnd } },
});
const put = (key: string, more: Partial<typeof EMPTY_PUT_REQUEST> = {}): RequestOp => ({
  request: { case: 'requestPut', requestPut: { ...EMPTY_PUT_REQUEST, key, ...more } },
});
const del = (key: string, rangeEnd = '', prevKv = false): RequestOp => ({
  request: { case: 'requestDeleteRange', requestDeleteRange: { key, rangeEnd, prevKv } },
});
const txn = (parts: Partial<TxnRequest>): TxnRequest => ({ compare: [], success: [], failure: [], ...parts });
const nested = (parts: Partial<TxnRequest>): RequestOp => ({ request: { case: 'requestTxn', requestTxn: txn(parts) } });

type Ask = (rights: Rights) => StoreError | undefined;
const ofTxn =
  (parts: Partial<TxnRequest>): Ask =>
  (rights) =>
    checkTxn(rights, leases, txn(parts));
const ofPut =
  (key: string, more: Partial<typeof EMPTY_PUT_REQUEST> = {}): Ask =>
  (rights) =>
    checkPut(rights, leases, { ...EMPTY_PUT_REQUEST, key, ...more });

const OK = undefined;
const DENIED = 'AUTH_PERMISSION_DENIED';

const TABLE: readonly (readonly [string, string, Ask, string | undefined])[] = [
  ['reads a range of theirs', 'reader', (r) => checkRange(r, { key: 'r1', rangeEnd: 'r2' }), OK],
  ['reads beyond it', 'reader', (r) => checkRange(r, { key: 'r1', rangeEnd: 's\0' }), DENIED],
  ['reads all', 'reader', (r) => checkRange(r, { key: '\0', rangeEnd: '\0' }), DENIED],
  ['reads what they only write', 'writer', (r) => checkRange(r, { key: 'w1', rangeEnd: '' }), DENIED],
  ['puts', 'writer', ofPut('w1'), OK],
  ['puts what they only read', 'reader', ofPut('r1'), DENIED],
  ['reads by a put with prev_kv', 'writer', ofPut('w1', { prevKv: true }), DENIED],
  ['puts with prev_kv what they may read', 'writer', ofPut('b1', { prevKv: true }), OK],
  ['attaches to a lease of their own keys', 'writer', ofPut('w2', { lease: 1n }), OK],
  ['attaches to a lease with a key of others', 'writer', ofPut('w2', { lease: 2n }), DENIED],
  ['attaches to a lease that there is not', 'writer', ofPut('w2', { lease: 9n }), OK],
  ['deletes', 'writer', (r) => checkDeleteRange(r, { key: 'w', rangeEnd: 'x', prevKv: false }), OK],
  [
    'reads by a delete with prev_kv',
    'writer',
    (r) => checkDeleteRange(r, { key: 'w', rangeEnd: 'x', prevKv: true }),
    DENIED,
  ],
  ['deletes beyond', 'writer', (r) => checkDeleteRange(r, { key: 'w', rangeEnd: '\0', prevKv: false }), DENIED],
  ['compares what they cannot read', 'writer', ofTxn({ compare: [{ ...EMPTY_COMPARE, key: 'w1' }] }), DENIED],
  ['compares a range beyond', 'reader', ofTxn({ compare: [{ ...EMPTY_COMPARE, key: 'r', rangeEnd: 't' }] }), DENIED],
  ['reads in the branch not taken', 'reader', ofTxn({ failure: [range('x')] }), DENIED],
  ['puts in a txn with prev_kv', 'writer', ofTxn({ success: [put('w1', { prevKv: true })] }), DENIED],
  ['attaches in a txn', 'writer', ofTxn({ success: [put('w1', { lease: 2n })] }), DENIED],
  ['deletes in a txn with prev_kv', 'writer', ofTxn({ success: [del('w1', '', true)] }), DENIED],
  ['reads in a nested txn', 'writer', ofTxn({ success: [nested({ success: [range('r1')] })] }), DENIED],
  ['reads in a nested branch not taken', 'writer', ofTxn({ failure: [nested({ failure: [range('r1')] })] }), DENIED],
  [
    'compares in a nested txn',
    'writer',
    ofTxn({ success: [nested({ compare: [{ ...EMPTY_COMPARE, key: 'r' }] })] }),
    DENIED,
  ],
  [
    'writes three txns deep',
    'reader',
    ofTxn({ success: [nested({ success: [nested({ success: [put('r1')] })] })] }),
    DENIED,
  ],
  ['does what they may, nested', 'writer', ofTxn({ success: [put('w1'), nested({ failure: [del('w', 'x')] })] }), OK],
  ['watches a key', 'reader', (r) => checkWatch(r, { ...EMPTY_WATCH_CREATE_REQUEST, key: 'r1' }), OK],
  [
    'watches all from a key on of which they may read one',
    'reader',
    (r) => checkWatch(r, { ...EMPTY_WATCH_CREATE_REQUEST, key: 'r1', rangeEnd: '\0' }),
    DENIED,
  ],
  ['watches no key, which is the first', 'reader', (r) => checkWatch(r, EMPTY_WATCH_CREATE_REQUEST), DENIED],
  ['revokes a lease of their own keys', 'writer', (r) => checkLeaseKeys(r, 'write', leases, 1n), OK],
  ['revokes a lease with a key of others', 'writer', (r) => checkLeaseKeys(r, 'write', leases, 2n), DENIED],
  ['has a name', 'nothing', checkSomebody, OK],
  ['is not root', 'reader', checkRoot, DENIED],
  ['does not exist', 'ghost', (r) => checkRange(r, { key: 'r', rangeEnd: '' }), DENIED],
  ['does not exist and administers', 'ghost', checkRoot, 'AUTH_USER_NOT_FOUND'],
];

for (const [name, user, ask, expected] of TABLE) {
  test(`${user} ${name}: ${expected ?? 'permitted'}`, () => {
    assert.equal(ask(as(user))?.code, expected);
    if (user !== 'ghost') assert.equal(ask(as('root')), undefined, 'root may');
    assert.equal(ask({ auth, identity: undefined }), undefined, 'the store itself may');
    assert.equal(ask({ auth: new AuthStore(), identity: NOBODY }), undefined, 'anybody may while nobody is asked');
  });
}

const NOBODIES: readonly (readonly [string, Identity, string])[] = [
  ['nobody', NOBODY, 'AUTH_USER_EMPTY'],
  ['a name without a revision', { user: 'root', authRevision: 0 }, 'AUTH_USER_EMPTY'],
  ['a revision without a name', { user: '', authRevision: 99 }, 'AUTH_USER_EMPTY'],
  ['root of before the last change', { user: 'root', authRevision: auth.revision - 1 }, 'AUTH_OLD_REVISION'],
];

for (const [name, identity, expected] of NOBODIES) {
  test(`${name} reads: ${expected}`, () => {
    assert.equal(checkKeys({ auth, identity }, 'read', { key: 'r', rangeEnd: '' })?.code, expected);
  });
}
