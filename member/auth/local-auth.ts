import { EMPTY_BYTES } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import type { AuthClient } from '../../client/auth-client.ts';
import type { CallOptions } from '../../client/kv-client.ts';
import type { AuthChange, Identity } from '../../proto/gen/command.ts';
import {
  type AuthDisableResponse,
  type AuthEnableResponse,
  type AuthenticateRequest,
  type AuthenticateResponse,
  type AuthRoleAddRequest,
  type AuthRoleDeleteRequest,
  type AuthRoleGetRequest,
  type AuthRoleGetResponse,
  type AuthRoleGrantPermissionRequest,
  type AuthRoleListResponse,
  type AuthRoleRevokePermissionRequest,
  type AuthStatusResponse,
  type AuthUserAddRequest,
  type AuthUserChangePasswordRequest,
  type AuthUserDeleteRequest,
  type AuthUserGetRequest,
  type AuthUserGetResponse,
  type AuthUserGrantRoleRequest,
  type AuthUserListResponse,
  type AuthUserRevokeRoleRequest,
  type Permission,
  PermissionType,
  type ResponseHeader,
} from '../../proto/gen/etcd.ts';
import { type AuthStore, ROOT } from '../../storage/auth/auth-store.ts';
import { checkRoot, type Rights } from '../../storage/auth/authorize.ts';
import type { Deadline } from '../deadline.ts';
import { TOKEN_LIMITS } from '../limits.ts';
import type { Member } from '../member.ts';
import type { RightsCheck } from './auth-gate.ts';

/** The answer of every change. */
interface Done {
  readonly header: ResponseHeader;
}

/** Users and roles as a member's clients see them: always in the name of whom the call's credentials name. */
export function localAuth(member: Member): AuthClient {
  return new LocalAuth(member);
}

class LocalAuth implements AuthClient {
  readonly #member: Member;

  constructor(member: Member) {
    this.#member = member;
  }

  authEnable(options?: CallOptions): Promise<AuthEnableResponse> {
    return this.#change({ case: 'enable', enable: {} }, options);
  }

  authDisable(options?: CallOptions): Promise<AuthDisableResponse> {
    return this.#change({ case: 'disable', disable: {} }, options);
  }

  /** Anybody may know. Source: etcd 3.7. */
  async authStatus(options?: CallOptions): Promise<AuthStatusResponse> {
    await this.#member.readBarrier(this.#begin(options));
    const { enabled, revision } = this.#member.machine.auth;
    return { header: this.#member.header(), enabled, authRevision: revision };
  }

  /** The password is checked here, beside the log, and counts if users and roles are still the same when the token is made. */
  async authenticate(request: AuthenticateRequest, options?: CallOptions): Promise<AuthenticateResponse> {
    const member = this.#member;
    const deadline = this.#begin(options);
    for (let tries = 1; ; tries++) {
      await member.readBarrier(deadline);
      const { auth } = member.machine;
      if (!auth.enabled) throw new StoreError('AUTH_NOT_ENABLED');
      const { revision } = auth;
      const matches = await member.passwords.matches(auth.user(request.name), request.password);
      if (!matches) {
        member.authFailed(request.name);
        throw new StoreError('AUTH_FAILED');
      }
      try {
        return { header: member.header(), token: await member.tokens.issue(request.name, revision, deadline) };
      } catch (error) {
        const isStale = error instanceof StoreError && error.code === 'AUTH_OLD_REVISION';
        if (!isStale || tries >= TOKEN_LIMITS.maxTries) throw error;
      }
    }
  }

  /** Hashing is dear: not for anybody who may not add users. */
  async userAdd({ name, password, options: of }: AuthUserAddRequest, options?: CallOptions): Promise<Done> {
    const noPassword = of?.noPassword === true;
    if (!noPassword && name !== '') await this.#authorize(options, checkRoot);
    const passwordHash = noPassword || name === '' ? EMPTY_BYTES : await this.#member.passwords.hash(password);
    return this.#change({ case: 'userAdd', userAdd: { name, passwordHash, noPassword } }, options);
  }

  async userGet({ name }: AuthUserGetRequest, options?: CallOptions): Promise<AuthUserGetResponse> {
    const isOwn = ({ identity }: Rights): boolean => name !== '' && identity?.user === name;
    const auth = await this.#look(options, (rights) => (isOwn(rights) ? undefined : checkRoot(rights)));
    const user = auth.user(name);
    if (user === undefined) throw new StoreError('AUTH_USER_NOT_FOUND');
    return { header: this.#member.header(), roles: user.roles };
  }

  async userList(options?: CallOptions): Promise<AuthUserListResponse> {
    const auth = await this.#look(options, checkRoot);
    return { header: this.#member.header(), users: auth.userNames() };
  }

  userDelete(userDelete: AuthUserDeleteRequest, options?: CallOptions): Promise<Done> {
    return this.#change({ case: 'userDelete', userDelete }, options);
  }

  /** An empty password is none that anybody can authenticate by. */
  async userChangePassword({ name, password }: AuthUserChangePasswordRequest, options?: CallOptions): Promise<Done> {
    await this.#authorize(options, checkRoot);
    const passwordHash = password === '' ? EMPTY_BYTES : await this.#member.passwords.hash(password);
    return this.#change({ case: 'userChangePassword', userChangePassword: { name, passwordHash } }, options);
  }

  userGrantRole(userGrantRole: AuthUserGrantRoleRequest, options?: CallOptions): Promise<Done> {
    return this.#change({ case: 'userGrantRole', userGrantRole }, options);
  }

  userRevokeRole(userRevokeRole: AuthUserRevokeRoleRequest, options?: CallOptions): Promise<Done> {
    return this.#change({ case: 'userRevokeRole', userRevokeRole }, options);
  }

  roleAdd(roleAdd: AuthRoleAddRequest, options?: CallOptions): Promise<Done> {
    return this.#change({ case: 'roleAdd', roleAdd }, options);
  }

  async roleGet({ role: name }: AuthRoleGetRequest, options?: CallOptions): Promise<AuthRoleGetResponse> {
    const isOwn = ({ auth, identity }: Rights): boolean =>
      auth.user(identity?.user ?? '')?.roles.includes(name) === true;
    const auth = await this.#look(options, (rights) => (isOwn(rights) ? undefined : checkRoot(rights)));
    const role = auth.role(name);
    if (role === undefined) throw new StoreError('AUTH_ROLE_NOT_FOUND');
    return { header: this.#member.header(), perm: name === ROOT ? [EVERYTHING] : role.keyPermission };
  }

  async roleList(options?: CallOptions): Promise<AuthRoleListResponse> {
    const auth = await this.#look(options, checkRoot);
    return { header: this.#member.header(), roles: auth.roleNames() };
  }

  roleDelete(roleDelete: AuthRoleDeleteRequest, options?: CallOptions): Promise<Done> {
    return this.#change({ case: 'roleDelete', roleDelete }, options);
  }

  roleGrantPermission(roleGrantPermission: AuthRoleGrantPermissionRequest, options?: CallOptions): Promise<Done> {
    return this.#change({ case: 'roleGrantPermission', roleGrantPermission }, options);
  }

  roleRevokePermission(roleRevokePermission: AuthRoleRevokePermissionRequest, options?: CallOptions): Promise<Done> {
    return this.#change({ case: 'roleRevokePermission', roleRevokePermission }, options);
  }

  /** Brings a change through the log in the caller's name. */
  async #change(change: NonNullable<AuthChange['change']>, options: CallOptions | undefined): Promise<Done> {
    const member = this.#member;
    const deadline = this.#begin(options);
    const work = async (identity: Identity): Promise<void> => {
      const { outcome } = await member.propose({ case: 'auth', auth: { change } }, deadline, { identity });
      if (outcome.type === 'error') throw outcome.error;
    };
    await member.gate.run(options?.credentials, deadline, { check: checkRoot, work });
    return { header: member.header() };
  }

  /** The users and roles as the cluster has them, for whom `check` passes. */
  async #look(options: CallOptions | undefined, check: RightsCheck): Promise<AuthStore> {
    await this.#member.readBarrier(this.#begin(options));
    await this.#authorize(options, check);
    return this.#member.machine.auth;
  }

  #authorize(options: CallOptions | undefined, check: RightsCheck): Promise<Identity> {
    return this.#member.gate.authorize(options?.credentials, this.#begin(options), check);
  }

  #begin(options: CallOptions | undefined): Deadline {
    this.#member.assertServing();
    if (this.#member.isLearner) throw new StoreError('LEARNER_UNSUPPORTED');
    return this.#member.deadline(options);
  }
}

/** What the role root permits; it has no permissions of its own. */
const EVERYTHING: Permission = { permType: PermissionType.READWRITE, key: '', rangeEnd: '\0' };
