import { StoreError } from '../../base/store-error.ts';
import type { Identity } from '../../proto/gen/command.ts';
import type {
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
  WatchCreateRequest,
} from '../../proto/gen/etcd.ts';
import type { AuthStore } from './auth-store.ts';
import type { Access } from './permissions.ts';

/**
 * What an identity may do. Every function returns the refusal, undefined when it is permitted; an identity that is undefined is the store
 * itself, and while authentication is disabled everybody may do everything. Source: etcd server/etcdserver/apply/auth.go.
 */

/** Somebody whom nobody has asked who they are, or who did not say. */
export const NOBODY: Identity = { user: '', authRevision: 0 };

/** The keys that hang on a lease. */
export interface LeaseKeys {
  get(id: bigint): { readonly keys: readonly string[] } | undefined;
}

/** Where rights are looked up, and for whom. */
export interface Rights {
  readonly auth: AuthStore;
  readonly identity: Identity | undefined;
}

/** Only whoever has the role root. Errors: AUTH_USER_EMPTY, AUTH_USER_NOT_FOUND, AUTH_PERMISSION_DENIED. */
export function checkRoot({ auth, identity }: Rights): StoreError | undefined {
  if (!auth.enabled || identity === undefined) return undefined;
  if (identity.user === '') return new StoreError('AUTH_USER_EMPTY');
  if (auth.user(identity.user) === undefined) return new StoreError('AUTH_USER_NOT_FOUND');
  return auth.isRoot(identity.user) ? undefined : new StoreError('AUTH_PERMISSION_DENIED');
}

/** Whoever has said who they are. Errors: AUTH_USER_EMPTY. */
export function checkSomebody({ auth, identity }: Rights): StoreError | undefined {
  if (!auth.enabled || identity === undefined || identity.user !== '') return undefined;
  return new StoreError('AUTH_USER_EMPTY');
}

/** All keys of a range. Errors: AUTH_USER_EMPTY, AUTH_OLD_REVISION, AUTH_PERMISSION_DENIED. */
export function checkKeys(
  { auth, identity }: Rights,
  access: Access,
  { key, rangeEnd }: { readonly key: string; readonly rangeEnd: string },
): StoreError | undefined {
  if (!auth.enabled || identity === undefined) return undefined;
  // Source: etcd isOpPermitted; nobody has the revision 0.
  if (identity.user === '' || identity.authRevision === 0) return new StoreError('AUTH_USER_EMPTY');
  if (identity.authRevision < auth.revision) return new StoreError('AUTH_OLD_REVISION');
  if (auth.user(identity.user) === undefined) return new StoreError('AUTH_PERMISSION_DENIED');
  const { user } = identity;
  const permitted = auth.isRoot(user) || auth.permissionsOf(user).permits(access, key, rangeEnd);
  return permitted ? undefined : new StoreError('AUTH_PERMISSION_DENIED');
}

export function checkRange(rights: Rights, request: Pick<RangeRequest, 'key' | 'rangeEnd'>): StoreError | undefined {
  return checkKeys(rights, 'read', request);
}

/** A key that is empty stands for the first one there can be. The range is taken as the client gave it: one key stays one key. */
export function checkWatch(rights: Rights, { key, rangeEnd }: WatchCreateRequest): StoreError | undefined {
  return checkKeys(rights, 'read', { key: key === '' ? '\0' : key, rangeEnd });
}

/** To attach a key to a lease is to let others delete it: one must be able to revoke the lease. The previous value must be readable. */
export function checkPut(rights: Rights, leases: LeaseKeys, request: PutRequest): StoreError | undefined {
  const { key, lease, prevKv } = request;
  const one = { key, rangeEnd: '' };
  return (
    checkKeys(rights, 'write', one) ??
    checkLeaseKeys(rights, 'write', leases, lease) ??
    (prevKv ? checkKeys(rights, 'read', one) : undefined)
  );
}

export function checkDeleteRange(rights: Rights, request: DeleteRangeRequest): StoreError | undefined {
  return checkKeys(rights, 'write', request) ?? (request.prevKv ? checkKeys(rights, 'read', request) : undefined);
}

/** Everything that it compares and both of its branches, nested ones too: what is not taken tells something as well. */
export function checkTxn(rights: Rights, leases: LeaseKeys, request: TxnRequest): StoreError | undefined {
  for (const compare of request.compare) {
    const error = checkKeys(rights, 'read', compare);
    if (error !== undefined) return error;
  }
  for (const op of [...request.success, ...request.failure]) {
    const error = checkOp(rights, leases, op);
    if (error !== undefined) return error;
  }
  return undefined;
}

function checkOp(rights: Rights, leases: LeaseKeys, { request: op }: RequestOp): StoreError | undefined {
  switch (op?.case) {
    case 'requestRange':
      return checkRange(rights, op.requestRange);
    case 'requestPut':
      return checkPut(rights, leases, op.requestPut);
    case 'requestDeleteRange':
      return checkDeleteRange(rights, op.requestDeleteRange);
    case 'requestTxn':
      return checkTxn(rights, leases, op.requestTxn);
    case undefined:
      return undefined;
  }
}

/** Every key that hangs on a lease; one that does not exist has none. */
export function checkLeaseKeys(rights: Rights, access: Access, leases: LeaseKeys, id: bigint): StoreError | undefined {
  if (!rights.auth.enabled || rights.identity === undefined || id === 0n) return undefined;
  if (checkRoot(rights) === undefined) return undefined;
  return checkEach(rights, access, leases.get(id)?.keys ?? []);
}

/** Each of some keys. */
export function checkEach(rights: Rights, access: Access, keys: readonly string[]): StoreError | undefined {
  for (const key of keys) {
    const error = checkKeys(rights, access, { key, rangeEnd: '' });
    if (error !== undefined) return error;
  }
  return undefined;
}
