import { byteString } from '../../../base/bytes.ts';
import { StoreError } from '../../../base/store-error.ts';
import type { AuthChange, Authenticate } from '../../../proto/gen/command.ts';
import type { AuthEffect, AuthStore } from '../../auth/auth-store.ts';
import { authRows } from '../auth-rows.ts';
import type { AuthFact } from '../machine.ts';
import type { Effect, State } from '../state.ts';

/** Errors: those of AuthStore; for `authenticate` AUTH_NOT_ENABLED, AUTH_FAILED, AUTH_OLD_REVISION; UNKNOWN for a change of no kind. */
export function applyAuth(state: State, { change }: AuthChange): Effect {
  if (change === undefined) return failed(new StoreError('UNKNOWN', 'no change of users and roles'));
  const { auth } = state;
  switch (change.case) {
    case 'authenticate':
      return applyAuthenticate(auth, change.authenticate);
    case 'enable':
      return keep(state, auth.enable());
    case 'disable':
      return keep(state, auth.disable(), { type: 'disabled' });
    case 'userAdd': {
      const { name, passwordHash, noPassword } = change.userAdd;
      return keep(state, auth.addUser(name, passwordHash, noPassword));
    }
    case 'userDelete': {
      const { name } = change.userDelete;
      return keep(state, auth.deleteUser(name), { type: 'tokensVoid', user: name });
    }
    case 'userChangePassword': {
      const { name, passwordHash } = change.userChangePassword;
      return keep(state, auth.changePassword(name, passwordHash), { type: 'tokensVoid', user: name });
    }
    case 'userGrantRole':
      return keep(state, auth.grantRole(change.userGrantRole.user, change.userGrantRole.role));
    case 'userRevokeRole':
      return keep(state, auth.revokeRole(change.userRevokeRole.name, change.userRevokeRole.role));
    case 'roleAdd':
      return keep(state, auth.addRole(change.roleAdd.name));
    case 'roleDelete':
      return keep(state, auth.deleteRole(change.roleDelete.role));
    case 'roleGrantPermission':
      return keep(state, auth.grantPermission(change.roleGrantPermission.name, change.roleGrantPermission.perm));
    case 'roleRevokePermission':
      return keep(state, auth.revokePermission(change.roleRevokePermission.role, change.roleRevokePermission));
  }
}

/** The password was checked by the proposer: that it still is the user's is what the revision tells. */
function applyAuthenticate(auth: AuthStore, { user: name, authRevision, tokenDigest }: Authenticate): Effect {
  if (!auth.enabled) return failed(new StoreError('AUTH_NOT_ENABLED'));
  if (authRevision !== auth.revision) return failed(new StoreError('AUTH_OLD_REVISION'));
  const user = auth.user(name);
  if (user === undefined || user.options?.noPassword === true) return failed(new StoreError('AUTH_FAILED'));
  return { outcome: { type: 'auth' }, auth: { type: 'token', user: name, digest: byteString(tokenDigest) } };
}

function keep(state: State, effect: AuthEffect, fact?: AuthFact): Effect {
  switch (effect.type) {
    case 'refused':
      return failed(effect.error);
    case 'unchanged':
      return { outcome: { type: 'auth' } };
    case 'changed':
      state.rows.push(...authRows(state.auth, effect));
      return { outcome: { type: 'auth' }, ...(fact !== undefined && { auth: fact }) };
  }
}

function failed(error: StoreError): Effect {
  return { outcome: { type: 'error', error } };
}
