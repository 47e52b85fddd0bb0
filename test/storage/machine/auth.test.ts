import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteString, utf8Bytes } from '../../../base/bytes.ts';
import { type CommandBody, sealCommand } from '../../../proto/command.ts';
import type { AuthChange, Identity } from '../../../proto/gen/command.ts';
import { EMPTY_USER, encodeUser, PermissionType } from '../../../proto/gen/etcd.ts';
import { NOBODY } from '../../../storage/auth/authorize.ts';
import type { Applied } from '../../../storage/machine/machine.ts';
import { entries, put, World } from './world.ts';

const change = (body: NonNullable<AuthChange['change']>): CommandBody => ({ case: 'auth', auth: { change: body } });
const addUser = (name: string): CommandBody =>
  change({ case: 'userAdd', userAdd: { name, passwordHash: utf8Bytes(`hash of ${name}`), noPassword: false } });
const grantRole = (user: string, role: string): CommandBody =>
  change({ case: 'userGrantRole', userGrantRole: { user, role } });

let id = 1000n;
const applyAs = (world: World, identity: Identity | undefined, body: CommandBody): Applied =>
  world.applyEntry({ type: 'normal', data: sealCommand(++id, body, { identity }) });
const outcome = ({ outcome: of }: Applied): string => (of.type === 'error' ? of.error.code : of.type);

/** root, and alice who may write w; everybody is asked. */
function guarded(): World {
  const world = new World();
  const perm = { permType: PermissionType.WRITE, key: 'w', rangeEnd: '' };
  const steps = [
    addUser('root'),
    grantRole('root', 'root'),
    addUser('alice'),
    change({ case: 'roleAdd', roleAdd: { name: 'writer' } }),
    change({ case: 'roleGrantPermission', roleGrantPermission: { name: 'writer', perm } }),
    grantRole('alice', 'writer'),
    change({ case: 'enable', enable: {} }),
  ];
  for (const step of steps) assert.equal(outcome(world.apply(step)), 'auth');
  return world;
}

const identityIn = (world: World, user: string): Identity => ({ user, authRevision: world.machine.auth.revision });

test('rights are looked at when a command is applied, by the users and roles of then', () => {
  const world = guarded();
  const alice = identityIn(world, 'alice');
  const write: CommandBody = { case: 'put', put: put('w', '1') };
  assert.equal(outcome(applyAs(world, alice, write)), 'put');
  applyAs(world, undefined, change({ case: 'userRevokeRole', userRevokeRole: { name: 'alice', role: 'writer' } }));
  const { revision } = world.machine;
  assert.equal(outcome(applyAs(world, alice, write)), 'AUTH_OLD_REVISION', 'proposed before, applied after');
  assert.equal(outcome(applyAs(world, identityIn(world, 'alice'), write)), 'AUTH_PERMISSION_DENIED');
  assert.equal(outcome(applyAs(world, NOBODY, write)), 'AUTH_USER_EMPTY', 'proposed before anybody was asked');
  assert.equal(world.machine.revision, revision, 'nothing was written');
  assert.equal(outcome(applyAs(world, undefined, write)), 'put', 'the store itself, as when a lease runs out');
});

const ROOT_ONLY: readonly CommandBody[] = [
  addUser('eve'),
  grantRole('alice', 'root'),
  change({ case: 'disable', disable: {} }),
  change({ case: 'userChangePassword', userChangePassword: { name: 'root', passwordHash: utf8Bytes('x') } }),
  change({ case: 'roleDelete', roleDelete: { role: 'writer' } }),
  { case: 'compaction', compaction: { revision: 1, physical: false } },
  { case: 'memberUpdate', memberUpdate: { ID: 1n, peerURLs: ['http://a:1'] } },
  { case: 'memberAttributes', memberAttributes: { ID: 1n, name: 'x', clientURLs: [] } },
  { case: 'alarm', alarm: { memberID: 1n, alarm: 1, active: true, automatic: false } },
];

for (const body of ROOT_ONLY) {
  const name = body.case === 'auth' ? body.auth.change?.case : body.case;
  test(`only root may ${name}`, () => {
    const world = guarded();
    assert.equal(outcome(applyAs(world, identityIn(world, 'alice'), body)), 'AUTH_PERMISSION_DENIED');
    assert.equal(outcome(applyAs(world, NOBODY, body)), 'AUTH_USER_EMPTY');
    assert.notEqual(outcome(applyAs(world, identityIn(world, 'root'), body)), 'AUTH_PERMISSION_DENIED');
  });
}

test('a token is made known only while the password that was checked still counts', () => {
  const world = guarded();
  const tokenDigest = utf8Bytes('digest');
  const ask = (user: string, authRevision: number): Applied =>
    world.apply(change({ case: 'authenticate', authenticate: { user, authRevision, tokenDigest } }));
  const { revision } = world.machine.auth;
  assert.deepEqual(ask('alice', revision).auth, { type: 'token', user: 'alice', digest: 'digest' });
  assert.equal(outcome(ask('ghost', revision)), 'AUTH_FAILED');
  assert.equal(outcome(ask('alice', revision - 1)), 'AUTH_OLD_REVISION');
  const changed = { name: 'alice', passwordHash: utf8Bytes('other') };
  const applied = world.apply(change({ case: 'userChangePassword', userChangePassword: changed }));
  assert.deepEqual(applied.auth, { type: 'tokensVoid', user: 'alice' });
  assert.equal(outcome(ask('alice', revision)), 'AUTH_OLD_REVISION');
  assert.deepEqual(world.apply(change({ case: 'disable', disable: {} })).auth, { type: 'disabled' });
  assert.equal(outcome(ask('alice', world.machine.auth.revision)), 'AUTH_NOT_ENABLED');
});

test('users, roles and the revision come back from their rows', () => {
  const world = guarded();
  world.apply(addUser('gone'));
  world.apply(change({ case: 'userDelete', userDelete: { name: 'gone' } }));
  const { auth } = world.machine;
  const restored = world.restored().auth;
  assert.equal(restored.enabled, true);
  assert.equal(restored.revision, auth.revision);
  assert.deepEqual(restored.userNames(), ['alice', 'root']);
  assert.deepEqual(encodeUser(restored.user('alice') ?? EMPTY_USER), encodeUser(auth.user('alice') ?? EMPTY_USER));
  assert.deepEqual(restored.role('writer')?.keyPermission, auth.role('writer')?.keyPermission);
  assert.equal(restored.permissionsOf('alice').permits('write', 'w', ''), true);
});

test("rows have the names and values of etcd's buckets", () => {
  const world = guarded();
  const rows = new Map(entries(world.space('auth')));
  assert.deepEqual(
    [...rows.keys()],
    ['auth/authEnabled', 'auth/authRevision', 'authRoles/writer', 'authUsers/alice', 'authUsers/root'],
  );
  assert.equal(rows.get('auth/authEnabled'), '\x01');
  assert.equal(rows.get('auth/authRevision'), '\0\0\0\0\0\0\0\x07');
  // name 1, password 2, roles 3, options 4: authpb.User
  assert.equal(rows.get('authUsers/alice'), byteString(utf8Bytes('\n\x05alice\x12\rhash of alice\x1a\x06writer"\0')));
  // name 1, keyPermission 2 {permType 1, key 2}: authpb.Role
  assert.equal(rows.get('authRoles/writer'), '\n\x06writer\x12\x05\x08\x01\x12\x01w');
});
