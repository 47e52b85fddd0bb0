import { EMPTY_BYTES, utf8Bytes } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import type { Permission, Role, User } from '../../proto/gen/etcd.ts';
import { AUTH_LIMITS } from './limits.ts';
import { byName, sortedNames } from './names.ts';
import { Permissions } from './permissions.ts';

/** The user without whom authentication cannot be enabled, and the role that may do everything. Source: etcd auth/store.go. */
export const ROOT = 'root';

/** What a change came to. `users` and `roles`: the names whose records are now other ones, or gone. */
export type AuthEffect =
  | { readonly type: 'changed'; readonly users?: readonly string[]; readonly roles?: readonly string[] }
  | { readonly type: 'unchanged' }
  | { readonly type: 'refused'; readonly error: StoreError };

const UNCHANGED: AuthEffect = { type: 'unchanged' };

/**
 * Users, roles, and whether anybody is asked who they are. Replicated state: the same changes give the same state on every member, so
 * hashes come from the proposer, and tokens are not here. Every change raises `revision`; enabling changes nobody's rights and does not.
 * Source of the rules: etcd server/auth/store.go.
 */
export class AuthStore {
  enabled = false;
  /** Of users and roles; 1 before the first change. */
  revision = 1;
  readonly #users = new Map<string, User>();
  readonly #roles = new Map<string, Role>();
  /** By user, made when first asked for. Invariant: emptied by every change. */
  readonly #permissions = new Map<string, Permissions>();

  user(name: string): User | undefined {
    return this.#users.get(name);
  }

  role(name: string): Role | undefined {
    return this.#roles.get(name);
  }

  /** In byte order. */
  userNames(): readonly string[] {
    return sortedNames(this.#users.keys());
  }

  /** In byte order. */
  roleNames(): readonly string[] {
    return sortedNames(this.#roles.keys());
  }

  isRoot(name: string): boolean {
    return this.#users.get(name)?.roles.includes(ROOT) === true;
  }

  /** What the roles of a user permit, the role root aside. */
  permissionsOf(name: string): Permissions {
    let permissions = this.#permissions.get(name);
    if (permissions === undefined) {
      const roles = this.#users.get(name)?.roles ?? [];
      permissions = new Permissions(roles.flatMap((role) => this.#roles.get(role)?.keyPermission ?? []));
      this.#permissions.set(name, permissions);
    }
    return permissions;
  }

  /** Errors: AUTH_ROOT_USER_MISSING, AUTH_ROOT_ROLE_MISSING. */
  enable(): AuthEffect {
    if (this.enabled) return UNCHANGED;
    if (!this.#users.has(ROOT)) return refused('AUTH_ROOT_USER_MISSING');
    if (!this.isRoot(ROOT)) return refused('AUTH_ROOT_ROLE_MISSING');
    this.enabled = true;
    return { type: 'changed' };
  }

  disable(): AuthEffect {
    if (!this.enabled) return UNCHANGED;
    this.enabled = false;
    return this.#changed({});
  }

  /** Errors: AUTH_USER_EMPTY, AUTH_USER_EXISTS, AUTH_INVALID_MANAGEMENT when there are too many. */
  addUser(name: string, passwordHash: Uint8Array, noPassword: boolean): AuthEffect {
    if (name === '') return refused('AUTH_USER_EMPTY');
    if (this.#users.has(name)) return refused('AUTH_USER_EXISTS');
    if (this.#users.size >= AUTH_LIMITS.maxUsers) return refused('AUTH_INVALID_MANAGEMENT');
    const password = noPassword ? EMPTY_BYTES : Uint8Array.from(passwordHash);
    this.#users.set(name, { name: utf8Bytes(name), password, roles: [], options: { noPassword } });
    return this.#changed({ users: [name] });
  }

  /** Errors: AUTH_INVALID_MANAGEMENT for root while enabled, AUTH_USER_NOT_FOUND. */
  deleteUser(name: string): AuthEffect {
    if (this.enabled && name === ROOT) return refused('AUTH_INVALID_MANAGEMENT');
    return this.#users.delete(name) ? this.#changed({ users: [name] }) : refused('AUTH_USER_NOT_FOUND');
  }

  /** A user without a password keeps none. Errors: AUTH_USER_NOT_FOUND. */
  changePassword(name: string, passwordHash: Uint8Array): AuthEffect {
    const user = this.#users.get(name);
    if (user === undefined) return refused('AUTH_USER_NOT_FOUND');
    const password = user.options?.noPassword === true ? EMPTY_BYTES : Uint8Array.from(passwordHash);
    this.#users.set(name, { ...user, password });
    return this.#changed({ users: [name] });
  }

  /** The role root need not exist to be granted. Errors: AUTH_USER_NOT_FOUND, AUTH_ROLE_NOT_FOUND. */
  grantRole(name: string, role: string): AuthEffect {
    const user = this.#users.get(name);
    if (user === undefined) return refused('AUTH_USER_NOT_FOUND');
    if (role !== ROOT && !this.#roles.has(role)) return refused('AUTH_ROLE_NOT_FOUND');
    if (user.roles.includes(role)) return UNCHANGED;
    this.#users.set(name, { ...user, roles: sortedNames([...user.roles, role]) });
    return this.#changed({ users: [name] });
  }

  /** Errors: AUTH_INVALID_MANAGEMENT for root's role root while enabled, AUTH_USER_NOT_FOUND, AUTH_ROLE_NOT_GRANTED. */
  revokeRole(name: string, role: string): AuthEffect {
    if (this.enabled && name === ROOT && role === ROOT) return refused('AUTH_INVALID_MANAGEMENT');
    const user = this.#users.get(name);
    if (user === undefined) return refused('AUTH_USER_NOT_FOUND');
    if (!user.roles.includes(role)) return refused('AUTH_ROLE_NOT_GRANTED');
    this.#users.set(name, { ...user, roles: user.roles.filter((other) => other !== role) });
    return this.#changed({ users: [name] });
  }

  /** Errors: AUTH_ROLE_EMPTY, AUTH_ROLE_EXISTS, AUTH_INVALID_MANAGEMENT when there are too many. */
  addRole(name: string): AuthEffect {
    if (name === '') return refused('AUTH_ROLE_EMPTY');
    if (this.#roles.has(name)) return refused('AUTH_ROLE_EXISTS');
    if (this.#roles.size >= AUTH_LIMITS.maxRoles) return refused('AUTH_INVALID_MANAGEMENT');
    this.#roles.set(name, { name: utf8Bytes(name), keyPermission: [] });
    return this.#changed({ roles: [name] });
  }

  /** Takes it from every user, too. Errors: AUTH_INVALID_MANAGEMENT for root while enabled, AUTH_ROLE_NOT_FOUND. */
  deleteRole(name: string): AuthEffect {
    if (this.enabled && name === ROOT) return refused('AUTH_INVALID_MANAGEMENT');
    if (!this.#roles.delete(name)) return refused('AUTH_ROLE_NOT_FOUND');
    const holders = this.userNames().filter((user) => this.#users.get(user)?.roles.includes(name));
    for (const holder of holders) {
      const user = this.#users.get(holder);
      if (user !== undefined) this.#users.set(holder, { ...user, roles: user.roles.filter((role) => role !== name) });
    }
    return this.#changed({ users: holders, roles: [name] });
  }

  /**
   * A permission on the very same range is replaced. Errors: AUTH_PERMISSION_NOT_GIVEN, AUTH_INVALID_MANAGEMENT for a range without keys
   * and when there are too many, AUTH_ROLE_NOT_FOUND.
   */
  grantPermission(name: string, permission: Permission | undefined): AuthEffect {
    if (permission === undefined) return refused('AUTH_PERMISSION_NOT_GIVEN');
    if (!isRange(permission)) return refused('AUTH_INVALID_MANAGEMENT');
    const role = this.#roles.get(name);
    if (role === undefined) return refused('AUTH_ROLE_NOT_FOUND');
    const others = role.keyPermission.filter((other) => !sameRange(other, permission));
    if (others.length >= AUTH_LIMITS.maxPermissionsOfRole) return refused('AUTH_INVALID_MANAGEMENT');
    const keyPermission = [...others, permission].sort(byRange);
    this.#roles.set(name, { ...role, keyPermission });
    return this.#changed({ roles: [name] });
  }

  /** Errors: AUTH_ROLE_NOT_FOUND, AUTH_PERMISSION_NOT_GRANTED. */
  revokePermission(name: string, range: Pick<Permission, 'key' | 'rangeEnd'>): AuthEffect {
    const role = this.#roles.get(name);
    if (role === undefined) return refused('AUTH_ROLE_NOT_FOUND');
    const keyPermission = role.keyPermission.filter((other) => !sameRange(other, range));
    if (keyPermission.length === role.keyPermission.length) return refused('AUTH_PERMISSION_NOT_GRANTED');
    this.#roles.set(name, { ...role, keyPermission });
    return this.#changed({ roles: [name] });
  }

  /** A row of the backend; to be called only while the state is being restored. */
  restore(row: { readonly user: User; readonly name: string } | { readonly role: Role; readonly name: string }): void {
    if ('user' in row) this.#users.set(row.name, { ...row.user, roles: sortedNames(row.user.roles) });
    else this.#roles.set(row.name, row.role);
  }

  #changed(touched: { readonly users?: readonly string[]; readonly roles?: readonly string[] }): AuthEffect {
    this.revision++;
    this.#permissions.clear();
    return { type: 'changed', ...touched };
  }
}

/** A key, or a range that has room for one. Source: etcd auth/range_perm_cache.go, isValidPermissionRange. */
function isRange({ key, rangeEnd }: Permission): boolean {
  return key !== '' && (rangeEnd === '' || rangeEnd === '\0' || key < rangeEnd);
}

function sameRange(a: Pick<Permission, 'key' | 'rangeEnd'>, b: Pick<Permission, 'key' | 'rangeEnd'>): boolean {
  return a.key === b.key && a.rangeEnd === b.rangeEnd;
}

function byRange(a: Permission, b: Permission): number {
  return a.key === b.key ? byName(a.rangeEnd, b.rangeEnd) : byName(a.key, b.key);
}

function refused(code: StoreError['code']): AuthEffect {
  return { type: 'refused', error: new StoreError(code) };
}
