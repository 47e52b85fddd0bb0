import { concatBytes, utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { decodeRole, decodeUser, encodeRole, encodeUser } from '../../proto/gen/etcd.ts';
import type { AuthEffect, AuthStore } from '../auth/auth-store.ts';
import type { BackendOp } from '../backend/backend.ts';
import { readUint64, writeUint64 } from '../mvcc/revision-key.ts';

/**
 * Rows of the `auth` keyspace: the name of etcd's bucket, a slash, and the key in that bucket; values are the same as there.
 * `auth/authEnabled` 1 byte, `auth/authRevision` 8 bytes big endian, `authUsers/NAME` authpb.User, `authRoles/NAME` authpb.Role.
 */
export const AUTH_ROWS = {
  enabled: utf8Bytes('auth/authEnabled'),
  revision: utf8Bytes('auth/authRevision'),
  users: 'authUsers/',
  roles: 'authRoles/',
} as const;

/** What must be written after a change. */
export function authRows(
  auth: AuthStore,
  { users = [], roles = [] }: Extract<AuthEffect, { type: 'changed' }>,
): BackendOp[] {
  const ops: BackendOp[] = [];
  for (const name of users) {
    const user = auth.user(name);
    ops.push(row(nameKey(AUTH_ROWS.users, name), user === undefined ? undefined : encodeUser(user)));
  }
  for (const name of roles) {
    const role = auth.role(name);
    ops.push(row(nameKey(AUTH_ROWS.roles, name), role === undefined ? undefined : encodeRole(role)));
  }
  const revision = new Uint8Array(8);
  writeUint64(revision, 0, auth.revision);
  ops.push(row(AUTH_ROWS.enabled, new Uint8Array([auth.enabled ? 1 : 0])), row(AUTH_ROWS.revision, revision));
  return ops;
}

/** Takes one row back; false when it is none. Errors: WireError. */
export function restoreAuthRow(auth: AuthStore, key: Uint8Array, value: Uint8Array): boolean {
  const name = utf8Text(key);
  if (name.startsWith(AUTH_ROWS.users)) {
    const user = decodeUser(Uint8Array.from(value));
    auth.restore({ name: name.slice(AUTH_ROWS.users.length), user });
  } else if (name.startsWith(AUTH_ROWS.roles)) {
    const role = decodeRole(Uint8Array.from(value));
    auth.restore({ name: name.slice(AUTH_ROWS.roles.length), role });
  } else if (name === utf8Text(AUTH_ROWS.enabled)) auth.enabled = value[0] === 1;
  else if (name === utf8Text(AUTH_ROWS.revision) && value.length === 8) auth.revision = readUint64(value, 0);
  else return false;
  return true;
}

function nameKey(bucket: string, name: string): Uint8Array {
  return concatBytes([utf8Bytes(bucket), utf8Bytes(name)]);
}

function row(key: Uint8Array, value: Uint8Array | undefined): BackendOp {
  return value === undefined ? { op: 'delete', space: 'auth', key } : { op: 'put', space: 'auth', key, value };
}
