import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import type { CallOptions } from '../../client/kv-client.ts';
import type { MemberAuthConfig } from '../../member/config.ts';
import { EMPTY_PUT_REQUEST, EMPTY_RANGE_REQUEST } from '../../proto/gen/etcd.ts';
import { CHEAP_AUTH, comesTo, guard, login, PASSWORDS } from './auth-kit.ts';
import { RealCluster, until } from './kit.ts';

const TIMEOUT = { timeout: 30_000 };
const a1 = { ...EMPTY_RANGE_REQUEST, key: 'a1' };
const put = (key: string): typeof EMPTY_PUT_REQUEST => ({ ...EMPTY_PUT_REQUEST, key });

async function withCluster(
  size: number,
  auth: MemberAuthConfig,
  story: (cluster: RealCluster, name: string) => Promise<void>,
): Promise<void> {
  const cluster = await RealCluster.create(size, { auth });
  try {
    await cluster.start();
    const name = await cluster.leader();
    await guard(cluster, name);
    await story(cluster, name);
  } finally {
    await cluster.destroy();
  }
}

test('a token ends with the password, with the user, and with authentication', TIMEOUT, () =>
  withCluster(1, CHEAP_AUTH, async (cluster, name) => {
    const [kv, auth] = [cluster.public(name), cluster.auth(name)];
    const root = await login(auth, 'root');
    const use = (options: CallOptions): Promise<string> => comesTo(kv.range(a1, options));

    const first = await login(auth, 'alice');
    const second = await login(auth, 'alice');
    assert.deepEqual([await use(first), await use(second)], ['ok', 'ok']);
    await auth.userChangePassword({ name: 'alice', password: 'another', hashedPassword: '' }, root);
    assert.deepEqual([await use(first), await use(second)], ['AUTH_INVALID_TOKEN', 'AUTH_INVALID_TOKEN']);
    assert.equal(await use(root), 'ok', "others' stay");
    assert.equal(await comesTo(login(auth, 'alice')), 'AUTH_FAILED');
    await auth.userChangePassword({ name: 'alice', password: PASSWORDS.alice, hashedPassword: '' }, root);

    const third = await login(auth, 'alice');
    await auth.userRevokeRole({ name: 'alice', role: 'a' }, root);
    assert.equal(await use(third), 'AUTH_PERMISSION_DENIED', 'the token stays, the right does not');
    await auth.userGrantRole({ user: 'alice', role: 'a' }, root);
    assert.equal(await use(third), 'ok');
    await auth.roleRevokePermission({ role: 'a', key: 'a', rangeEnd: 'b' }, root);
    assert.equal(await use(third), 'AUTH_PERMISSION_DENIED');

    await auth.userDelete({ name: 'alice' }, root);
    assert.equal(await use(third), 'AUTH_INVALID_TOKEN');
    await auth.userAdd({ name: 'alice', password: PASSWORDS.alice, options: undefined, hashedPassword: '' }, root);
    assert.equal(await use(third), 'AUTH_INVALID_TOKEN', 'nor does it come back with another user of that name');

    await auth.authDisable(root);
    assert.equal(await use({}), 'ok');
    assert.equal(await comesTo(login(auth, 'root')), 'AUTH_NOT_ENABLED');
    await auth.authEnable();
    assert.equal(await use(root), 'AUTH_INVALID_TOKEN');
  }),
);

test('a token lives as long as it is used', TIMEOUT, () =>
  withCluster(1, { ...CHEAP_AUTH, tokens: { type: 'simple', ttlMs: 400 } }, async (cluster, name) => {
    const kv = cluster.public(name);
    const alice = await login(cluster.auth(name), 'alice');
    for (let i = 0; i < 6; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(await comesTo(kv.range(a1, alice)), 'ok');
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(await comesTo(kv.range(a1, alice)), 'AUTH_INVALID_TOKEN');
  }),
);

test('every member knows a token and every change, also when the leader is gone', TIMEOUT, () =>
  withCluster(3, CHEAP_AUTH, async (cluster, leader) => {
    const followers = cluster.names.filter((name) => name !== leader);
    const [here = '', there = ''] = followers;
    const root = await login(cluster.auth(here), 'root');
    // At once, wherever: what one member was told, another one must know.
    for (let i = 0; i < 20; i++) {
      const alice = await login(cluster.auth(cluster.names[i % 3] ?? ''), 'alice');
      const elsewhere = cluster.public(cluster.names[(i + 1) % 3] ?? '');
      assert.equal(await comesTo(elsewhere.put(put('a5'), alice)), 'ok');
      const [grantAt, useAt] = [cluster.auth(leader), cluster.public(there)];
      await grantAt.roleGrantPermission({ name: 'a', perm: { permType: 2, key: `n${i}`, rangeEnd: '' } }, root);
      assert.equal(await comesTo(useAt.put(put(`n${i}`), alice)), 'ok', 'what is granted here is permitted there');
      await grantAt.roleRevokePermission({ role: 'a', key: `n${i}`, rangeEnd: '' }, root);
      assert.equal(await comesTo(useAt.put(put(`n${i}`), alice)), 'AUTH_PERMISSION_DENIED');
      assert.equal(await comesTo(useAt.range({ ...a1, key: `n${i}` }, alice)), 'AUTH_PERMISSION_DENIED');
    }
    const alice = await login(cluster.auth(leader), 'alice');
    await cluster.kill(leader);
    await cluster.leader();
    for (const name of followers) assert.equal(await comesTo(cluster.public(name).put(put('a6'), alice)), 'ok');
    await cluster.auth(there).userChangePassword({ name: 'alice', password: 'x', hashedPassword: '' }, root);
    assert.equal(await comesTo(cluster.public(here).put(put('a6'), alice)), 'AUTH_INVALID_TOKEN');
    await cluster.start(leader);
    const back = cluster.public(leader);
    await until(async () => (await comesTo(back.range(a1, root))) !== 'TIMEOUT');
    assert.equal(await comesTo(back.range(a1, alice)), 'AUTH_INVALID_TOKEN');
    assert.equal(await comesTo(back.range(a1, await login(cluster.auth(leader), 'root'))), 'ok');
  }),
);

test('a member that was away so long that it gets a snapshot knows users, roles, and no token', TIMEOUT, async () => {
  const limits = { compactEveryEntries: 20, catchUpEntries: 5 };
  const cluster = await RealCluster.create(3, { auth: CHEAP_AUTH, limits });
  try {
    await cluster.start();
    const leader = await cluster.leader();
    const [away = ''] = cluster.names.filter((name) => name !== leader);
    await cluster.kill(away);
    await guard(cluster, leader);
    const alice = await login(cluster.auth(leader), 'alice');
    for (let i = 0; i < 60; i++) await cluster.client(leader).put(put('a1'));
    await until(async () => cluster.facts.get(leader)?.some(({ type }) => type === 'logCompacted') ?? false);
    await cluster.start(away);
    const kv = cluster.public(away);
    await until(async () => (await comesTo(kv.range({ ...a1, serializable: true }))) === 'AUTH_USER_EMPTY');
    // It serves from the snapshot a little before it says so: the file is removed first.
    await until(() => cluster.facts.get(away)?.some(({ type }) => type === 'snapshotInstalled'));
    assert.equal(await comesTo(kv.range(a1, alice)), 'AUTH_INVALID_TOKEN');
    const again = await login(cluster.auth(away), 'alice');
    assert.deepEqual(
      [await comesTo(kv.range(a1, again)), await comesTo(kv.put(put('b1'), again))],
      ['ok', 'AUTH_PERMISSION_DENIED'],
    );
  } finally {
    await cluster.destroy();
  }
});

test('neither passwords nor tokens are in what is on disk or logged', TIMEOUT, () =>
  withCluster(1, CHEAP_AUTH, async (cluster, name) => {
    const auth = cluster.auth(name);
    const { credentials } = await login(auth, 'alice');
    await comesTo(auth.authenticate({ name: 'alice', password: 'wrong-PaSsWoRd' }));
    await auth.userChangePassword(
      { name: 'bob', password: 'bobs-NeXt-secret', hashedPassword: '' },
      await login(auth, 'root'),
    );
    const { dataDir } = cluster.config(name);
    const facts = JSON.stringify(cluster.facts.get(name), (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    await cluster.member(name).stop();
    const [secret = ''] = (credentials.token ?? '').split('.');
    const files = (await readdir(dataDir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    assert.ok(files.length > 2);
    let bytes = facts;
    for (const file of files) bytes += await readFile(join(file.parentPath, file.name), 'latin1');
    assert.ok(bytes.includes('alice'), 'users are there');
    assert.ok(bytes.includes('$2b$04$'), 'and hashes');
    for (const gone of [...Object.values(PASSWORDS), 'PaSsWoRd', 'NeXt-secret', secret])
      assert.equal(bytes.includes(gone), false, gone);
  }),
);

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const JWT: MemberAuthConfig = {
  tokens: { type: 'jwt', signMethod: 'ES256', ttlMs: 300_000, signKey: privateKey, verifyKey: publicKey },
  bcryptCost: 4,
};
const sign = (
  claims: Record<string, unknown>,
  key: KeyObject,
  alg: string,
  expires: number | string,
): Promise<string> => new SignJWT(claims).setProtectedHeader({ alg }).setExpirationTime(expires).sign(key);

test('signed tokens', TIMEOUT, () =>
  withCluster(1, JWT, async (cluster, name) => {
    const [kv, auth] = [cluster.public(name), cluster.auth(name)];
    const use = (token: string): Promise<string> => comesTo(kv.range(a1, { credentials: { token } }));
    const { token = '' } = (await login(auth, 'alice')).credentials;
    const [header = '', payload = '', signature = ''] = token.split('.');
    assert.deepEqual([await use(token), await use(token)], ['ok', 'ok']);
    const { authRevision: revision } = await auth.authStatus(await login(auth, 'root'));
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    assert.deepEqual([claims['username'], claims['revision']], ['alice', revision]);

    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const root = { username: 'root', revision };
    const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forgeries: Record<string, string> = {
      'another key': await sign(root, other, 'ES256', '5m'),
      'another method': await sign(root, rsa, 'RS256', '5m'),
      'no signature': `${encoded({ alg: 'none' })}.${encoded(root)}.`,
      'the public key as a secret': await sign(root, secretOf(publicKey), 'HS256', '5m'),
      'other claims under the signature': `${header}.${encoded({ ...claims, username: 'root' })}.${signature}`,
      'run out': await sign(root, privateKey, 'ES256', Math.floor(Date.now() / 1000) - 10),
      'no name': await sign({ revision }, privateKey, 'ES256', '5m'),
      'no revision': await sign({ username: 'root' }, privateKey, 'ES256', '5m'),
      'a revision that is none': await sign({ ...root, revision: '9' }, privateKey, 'ES256', '5m'),
      nothing: '',
      garbage: 'a.b.c',
    };
    for (const [what, forged] of Object.entries(forgeries)) assert.equal(await use(forged), 'AUTH_INVALID_TOKEN', what);

    const signedElsewhere = await sign(root, privateKey, 'ES256', '5m');
    assert.equal(await use(signedElsewhere), 'ok');
    const rootOptions = { credentials: { token: signedElsewhere } };
    await auth.roleAdd({ name: 'z' }, rootOptions);
    assert.equal(await use(token), 'AUTH_OLD_REVISION', 'any change makes all of them old');
    assert.equal(await comesTo(auth.roleAdd({ name: 'zz' }, rootOptions)), 'AUTH_OLD_REVISION');
    assert.equal(await comesTo(kv.status(rootOptions)), 'AUTH_OLD_REVISION');
    assert.equal(await use(await sign({ ...root, revision: 0 }, privateKey, 'ES256', '5m')), 'AUTH_OLD_REVISION');
  }),
);

test('a member with the public key alone takes tokens and makes none', TIMEOUT, () =>
  withCluster(
    1,
    { ...JWT, tokens: { type: 'jwt', signMethod: 'ES256', ttlMs: 1000, verifyKey: publicKey } },
    async (cluster, name) => {
      const auth = cluster.auth(name);
      await assert.rejects(login(auth, 'alice'), { message: 'auth: token signing attempted with verify-only key' });
      const revision = cluster.member(name).machine.auth.revision;
      const token = await sign({ username: 'alice', revision }, privateKey, 'ES256', '5m');
      assert.equal(await comesTo(cluster.public(name).put(put('a1'), { credentials: { token } })), 'ok');
    },
  ),
);

test('a name in a certificate counts where no token is shown', TIMEOUT, () =>
  withCluster(1, CHEAP_AUTH, async (cluster, name) => {
    const kv = cluster.public(name);
    const named = (certificateName: string, token?: string): CallOptions => ({
      credentials: { certificateName, ...(token !== undefined && { token }) },
    });
    assert.equal(await comesTo(kv.put(put('a1'), named('alice'))), 'ok');
    assert.equal(await comesTo(kv.put(put('b1'), named('alice'))), 'AUTH_PERMISSION_DENIED');
    assert.equal(await comesTo(kv.put(put('b1'), named('ghost'))), 'AUTH_PERMISSION_DENIED');
    assert.equal(await comesTo(kv.put(put('a1'), named(''))), 'AUTH_USER_EMPTY');
    assert.equal(await comesTo(kv.put(put('b1'), named('root', 'forged'))), 'AUTH_INVALID_TOKEN');
    const { token } = (await login(cluster.auth(name), 'alice')).credentials;
    assert.equal(
      await comesTo(kv.put(put('b1'), named('root', token))),
      'AUTH_PERMISSION_DENIED',
      'the token counts more',
    );
  }),
);

test('passwords wait in a line of bounded length', TIMEOUT, () =>
  withCluster(1, CHEAP_AUTH, async (cluster, name) => {
    const auth = cluster.auth(name);
    const results = await Promise.all(
      Array.from({ length: 200 }, () => comesTo(auth.authenticate({ name: 'ghost', password: 'x' }))),
    );
    assert.deepEqual([...new Set(results)].sort(), ['AUTH_FAILED', 'TOO_MANY_REQUESTS']);
    assert.equal(await comesTo(login(auth, 'alice')), 'ok');
  }),
);

function secretOf(key: KeyObject): KeyObject {
  const pem = key.export({ type: 'spki', format: 'pem' });
  return createSecretKey(Buffer.from(pem));
}
