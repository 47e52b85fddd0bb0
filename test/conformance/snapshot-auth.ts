import { client } from '../kit/cluster.ts';
import { run } from '../kit/process.ts';

/** Users, roles and what they may, on their way through snapshot files. */

/** A store of one member, with an etcdctl that must succeed. */
export interface Store {
  readonly url: string;
  ctl(...args: readonly string[]): Promise<string>;
  stop(): Promise<unknown>;
}

/** The same store in root's name. */
export const asRoot = (store: Store): Store => ({
  ...store,
  ctl: (...args) => store.ctl('--user=root:secret', ...args),
});

/** Users and roles, and authentication enabled: from then on only root may look at everything. */
export async function guard(store: Store): Promise<Store> {
  for (const user of ['root:secret', 'alice:wonder', 'bob:builder']) await store.ctl('user', 'add', user);
  await store.ctl('user', 'add', 'by-certificate', '--no-password');
  for (const role of ['root', 'reader', 'keeper']) await store.ctl('role', 'add', role);
  await store.ctl('role', 'grant-permission', 'reader', 'read', 'key/', '--prefix');
  await store.ctl('role', 'grant-permission', 'keeper', 'readwrite', 'leased/a');
  await store.ctl('role', 'grant-permission', 'keeper', 'write', 'many/5', '--from-key');
  for (const [user, role] of ROLES) await store.ctl('user', 'grant-role', user, role);
  await store.ctl('auth', 'enable');
  return asRoot(store);
}

const ROLES = [
  ['root', 'root'],
  ['alice', 'reader'],
  ['alice', 'keeper'],
  ['bob', 'keeper'],
] as const;

/** Who is known and may do what, as etcdctl prints it, and as they find out who try. */
export async function authOf(store: Store): Promise<readonly string[]> {
  const attempt = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await run(client('ETCDCTL'), [`--endpoints=${store.url}`, ...args]);
    return `${args.join(' ')}: ${code} ${stderr.trim().split('\n').at(-1)}`;
  };
  return [
    await store.ctl('auth', 'status'),
    await store.ctl('user', 'list'),
    await store.ctl('role', 'list'),
    await store.ctl('role', 'get', 'reader'),
    await store.ctl('role', 'get', 'keeper'),
    await store.ctl('user', 'get', 'alice'),
    await store.ctl('user', 'get', 'by-certificate'),
    await attempt('get', 'key/0', '--user=alice:wonder'),
    await attempt('get', 'long', '--user=alice:wonder'),
    await attempt('get', 'key/0', '--user=alice:wrong'),
    await attempt('get', 'key/0', '--user=bob:builder'),
    await attempt('get', 'leased/a', '--user=bob:builder'),
    await attempt('get', 'key/0'),
  ];
}
