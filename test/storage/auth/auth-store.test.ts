import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_BYTES, utf8Bytes } from '../../../base/bytes.ts';
import { PermissionType } from '../../../proto/gen/etcd.ts';
import { type AuthEffect, AuthStore } from '../../../storage/auth/auth-store.ts';

const HASH = utf8Bytes('$2b$10$hash');
const outcome = (effect: AuthEffect): string => (effect.type === 'refused' ? effect.error.code : effect.type);
const range = (key: string, rangeEnd = ''): { permType: number; key: string; rangeEnd: string } => ({
  permType: PermissionType.READ,
  key,
  rangeEnd,
});

/** Users root (with the role root) and alice (with the role reader), roles reader and empty. */
function familiar(): AuthStore {
  const auth = new AuthStore();
  auth.addUser('root', HASH, false);
  auth.grantRole('root', 'root');
  auth.addUser('alice', HASH, false);
  auth.addRole('reader');
  auth.addRole('empty');
  auth.grantPermission('reader', range('a', 'c'));
  auth.grantRole('alice', 'reader');
  return auth;
}

type Step = (auth: AuthStore) => AuthEffect;

const TABLE: readonly (readonly [string, Step, string])[] = [
  ['a user without a name', (a) => a.addUser('', HASH, false), 'AUTH_USER_EMPTY'],
  ['a user who is there', (a) => a.addUser('alice', HASH, false), 'AUTH_USER_EXISTS'],
  ['another user', (a) => a.addUser('bob', HASH, false), 'changed'],
  ['a user who is not there goes', (a) => a.deleteUser('bob'), 'AUTH_USER_NOT_FOUND'],
  ['a password of nobody', (a) => a.changePassword('bob', HASH), 'AUTH_USER_NOT_FOUND'],
  ['a role for nobody', (a) => a.grantRole('bob', 'reader'), 'AUTH_USER_NOT_FOUND'],
  ['a role that is not there', (a) => a.grantRole('alice', 'writer'), 'AUTH_ROLE_NOT_FOUND'],
  ['a role that the user has', (a) => a.grantRole('alice', 'reader'), 'unchanged'],
  ['the role root, which need not be there', (a) => a.grantRole('alice', 'root'), 'changed'],
  ['a role that the user has not goes', (a) => a.revokeRole('alice', 'empty'), 'AUTH_ROLE_NOT_GRANTED'],
  ['a role of nobody goes', (a) => a.revokeRole('bob', 'empty'), 'AUTH_USER_NOT_FOUND'],
  ['a role without a name', (a) => a.addRole(''), 'AUTH_ROLE_EMPTY'],
  ['a role that is there', (a) => a.addRole('reader'), 'AUTH_ROLE_EXISTS'],
  ['a role that is not there goes', (a) => a.deleteRole('writer'), 'AUTH_ROLE_NOT_FOUND'],
  ['no permission', (a) => a.grantPermission('reader', undefined), 'AUTH_PERMISSION_NOT_GIVEN'],
  ['a permission on no key', (a) => a.grantPermission('reader', range('')), 'AUTH_INVALID_MANAGEMENT'],
  ['a permission on a range backwards', (a) => a.grantPermission('reader', range('c', 'a')), 'AUTH_INVALID_MANAGEMENT'],
  ['a permission on an empty range', (a) => a.grantPermission('reader', range('c', 'c')), 'AUTH_INVALID_MANAGEMENT'],
  ['a permission from a key on', (a) => a.grantPermission('reader', range('c', '\0')), 'changed'],
  ['a permission for a role that is not there', (a) => a.grantPermission('writer', range('c')), 'AUTH_ROLE_NOT_FOUND'],
  [
    'a permission that is not there goes',
    (a) => a.revokePermission('reader', range('a')),
    'AUTH_PERMISSION_NOT_GRANTED',
  ],
  ['a permission of no role goes', (a) => a.revokePermission('writer', range('a')), 'AUTH_ROLE_NOT_FOUND'],
  ['a permission goes', (a) => a.revokePermission('reader', range('a', 'c')), 'changed'],
  ['root goes while nobody is asked', (a) => a.deleteUser('root'), 'changed'],
  ['to disable what is disabled', (a) => a.disable(), 'unchanged'],
];

for (const [name, step, expected] of TABLE) {
  test(name, () => {
    const auth = familiar();
    const before = auth.revision;
    assert.equal(outcome(step(auth)), expected);
    assert.equal(
      auth.revision,
      expected === 'changed' ? before + 1 : before,
      'the revision says that something changed',
    );
  });
}

test('nobody is asked who they are before there is a root', () => {
  const auth = new AuthStore();
  assert.equal(auth.revision, 1);
  assert.equal(outcome(auth.enable()), 'AUTH_ROOT_USER_MISSING');
  auth.addUser('root', EMPTY_BYTES, true);
  assert.equal(outcome(auth.enable()), 'AUTH_ROOT_ROLE_MISSING');
  auth.grantRole('root', 'root');
  const { revision } = auth;
  assert.equal(outcome(auth.enable()), 'changed');
  assert.equal(outcome(auth.enable()), 'unchanged');
  assert.equal(auth.revision, revision, 'who may do what is as it was');
});

test('while everybody is asked, root stays root', () => {
  const auth = familiar();
  auth.addRole('root');
  auth.enable();
  assert.equal(outcome(auth.deleteUser('root')), 'AUTH_INVALID_MANAGEMENT');
  assert.equal(outcome(auth.revokeRole('root', 'root')), 'AUTH_INVALID_MANAGEMENT');
  assert.equal(outcome(auth.deleteRole('root')), 'AUTH_INVALID_MANAGEMENT');
  const { revision } = auth;
  assert.equal(outcome(auth.disable()), 'changed');
  assert.equal(auth.revision, revision + 1);
});

test('a role that goes is taken from all who had it', () => {
  const auth = familiar();
  auth.grantRole('alice', 'empty');
  const effect = auth.deleteRole('reader');
  assert.deepEqual(effect, { type: 'changed', users: ['alice'], roles: ['reader'] });
  assert.deepEqual(auth.user('alice')?.roles, ['empty']);
  assert.equal(auth.permissionsOf('alice').permits('read', 'a', ''), false);
});

test('a permission on the same range replaces the one before, and all are in order', () => {
  const auth = familiar();
  auth.grantPermission('reader', range('b'));
  auth.grantPermission('reader', { ...range('a', 'c'), permType: PermissionType.READWRITE });
  auth.grantPermission('reader', range('a'));
  assert.deepEqual(
    auth.role('reader')?.keyPermission.map(({ key, rangeEnd, permType }) => `${key}-${rangeEnd}:${permType}`),
    ['a-:0', 'a-c:2', 'b-:0'],
  );
  assert.equal(auth.permissionsOf('alice').permits('write', 'b', ''), true);
});

test('who has no password keeps none', () => {
  const auth = familiar();
  auth.addUser('carl', HASH, true);
  auth.changePassword('carl', HASH);
  assert.equal(auth.user('carl')?.password.length, 0);
});

test('names are in the order of their bytes', () => {
  const auth = new AuthStore();
  for (const name of ['\u{1F600}', 'b', '\uffee', 'B', 'ä']) auth.addUser(name, HASH, false);
  assert.deepEqual(auth.userNames(), ['B', 'b', 'ä', '\uffee', '\u{1F600}']);
});
