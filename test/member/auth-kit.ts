import { StoreError } from '../../base/store-error.ts';
import type { AuthClient } from '../../client/auth-client.ts';
import type { CallCredentials, CallOptions, KvClient } from '../../client/kv-client.ts';
import type { MemberAuthConfig } from '../../member/config.ts';
import { EMPTY_PUT_REQUEST, PermissionType } from '../../proto/gen/etcd.ts';
import type { RealCluster } from './kit.ts';

/** As cheap as bcrypt can be. */
export const CHEAP_AUTH: MemberAuthConfig = { tokens: { type: 'simple', ttlMs: 300_000 }, bcryptCost: 4 };

/** Passwords that are easy to look for. */
export const PASSWORDS = { root: 'root-PaSsWoRd-1', alice: 'alice-PaSsWoRd-2', bob: 'bob-PaSsWoRd-3' } as const;
export type UserName = keyof typeof PASSWORDS;

const { READ, WRITE, READWRITE } = PermissionType;

/**
 * Users root; alice, who reads and writes a*, only reads r, only writes w; bob, who has no role. Keys a1, b1, r, w, and b2 on lease 77, which
 * also holds a2. Everybody is asked who they are.
 */
export async function guard(cluster: RealCluster, name: string): Promise<void> {
  const auth = cluster.auth(name);
  for (const user of Object.keys(PASSWORDS) as UserName[]) {
    await auth.userAdd({ name: user, password: PASSWORDS[user], options: undefined, hashedPassword: '' });
  }
  await auth.userGrantRole({ user: 'root', role: 'root' });
  await auth.roleAdd({ name: 'a' });
  const grants = [
    [READWRITE, 'a', 'b'],
    [READ, 'r', ''],
    [WRITE, 'w', ''],
  ] as const;
  for (const [permType, key, rangeEnd] of grants) {
    await auth.roleGrantPermission({ name: 'a', perm: { permType, key, rangeEnd } });
  }
  await auth.userGrantRole({ user: 'alice', role: 'a' });
  const own = cluster.client(name);
  await own.leaseGrant({ ID: 77n, TTL: 600 });
  await own.leaseGrant({ ID: 78n, TTL: 600 });
  for (const key of ['a1', 'b1', 'r', 'w']) await own.put({ ...EMPTY_PUT_REQUEST, key });
  for (const key of ['a2', 'b2']) await own.put({ ...EMPTY_PUT_REQUEST, key, lease: 77n });
  await own.put({ ...EMPTY_PUT_REQUEST, key: 'a3', lease: 78n });
  await auth.authEnable();
}

export async function login(auth: AuthClient, user: UserName): Promise<CallOptions & { credentials: CallCredentials }> {
  const { token } = await auth.authenticate({ name: user, password: PASSWORDS[user] });
  return { credentials: { token } };
}

/** What a call comes to: `ok`, or the code that it is refused with. */
export async function comesTo(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
}

/** Creates a watcher; resolves with the reason why not, or `ok`. */
export async function watchComesTo(
  kv: KvClient,
  request: { readonly key: string; readonly rangeEnd: string; readonly startRevision?: number },
  options?: CallOptions,
): Promise<string> {
  const stream = kv.watch(options?.credentials === undefined ? {} : { credentials: options.credentials });
  const nothing = { startRevision: 0, progressNotify: false, filters: [], prevKv: false, watchId: 0, fragment: false };
  stream.create({ ...nothing, ...request });
  const [created] = (await stream.next()) ?? [];
  stream.close();
  return created?.canceled === true ? created.cancelReason : 'ok';
}
