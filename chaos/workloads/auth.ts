import type { Prng } from '../../base/prng.ts';
import type { AuthClient } from '../../client/auth-client.ts';
import { localAuth } from '../../member/auth/local-auth.ts';
import { EMPTY_AUTH_USER_ADD_REQUEST, EMPTY_PERMISSION } from '../../proto/gen/etcd.ts';
import type { World } from '../sim/world.ts';
import { attempt } from './calls.ts';

const NAMES = ['ann', 'bob', 'eve'] as const;

/** One client that changes users, roles and permissions; nobody is asked who they are. What the members make of it is compared at the end. */
export async function runAuthClient(world: World, client: number, prng: Prng): Promise<void> {
  while (!world.isOver) {
    await world.clock.sleep(prng.unit() * 20 * world.plan.thinkMs);
    const target = world.someMember(prng);
    if (target === undefined || world.isOver) continue;
    const change = prng.pick(CHANGES);
    const [name, other] = [prng.pick(NAMES), prng.pick(NAMES)];
    // A change that does not fit is refused, which is as good.
    await attempt(world, client, target, () => change(localAuth(target.life.member), name, other));
  }
}

const CHANGES: readonly ((auth: AuthClient, name: string, other: string) => Promise<unknown>)[] = [
  (auth, name) => auth.userAdd({ ...EMPTY_AUTH_USER_ADD_REQUEST, name, options: { noPassword: true } }),
  (auth, name) => auth.roleAdd({ name }),
  (auth, user, role) => auth.userGrantRole({ user, role }),
  (auth, name, key) => auth.roleGrantPermission({ name, perm: { ...EMPTY_PERMISSION, permType: 2, key } }),
  (auth, name, role) => auth.userRevokeRole({ name, role }),
  (auth, role, key) => auth.roleRevokePermission({ role, key, rangeEnd: '' }),
  (auth, name) => auth.userDelete({ name }),
  (auth, role) => auth.roleDelete({ role }),
];
