import {
  AuthService,
  EMPTY_COMPARE,
  EMPTY_DELETE_RANGE_REQUEST,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  KVService,
  LeaseService,
  MaintenanceService,
  type RequestOp,
} from '../../proto/gen/etcd.ts';
import type { Method } from '../../proto/method.ts';
import { framed, RawGrpc, type RawResult } from '../rpc/raw-grpc.ts';

/** One request that both servers get. */
export interface AuthStep {
  readonly name: string;
  readonly path: string;
  readonly request: Uint8Array;
  /** In whose name: `NAME:PASSWORD`, `token:TEXT`, or nobody's. */
  readonly as: string | undefined;
  /** Code and text of ours, where it is meant to differ from etcd 3.5. */
  readonly differs: string | undefined;
  /** How to look at an answer that went well. */
  readonly describe: (bytes: Uint8Array) => unknown;
}

type Sides<Request, Response> = Pick<Method<Request, Response>, 'path' | 'encodeRequest' | 'decodeResponse'>;

function step<Request, Response extends object>(
  name: string,
  method: Sides<Request, Response>,
  request: Request,
  options: { readonly as?: string; readonly differs?: string } = {},
): AuthStep {
  return {
    name,
    path: method.path,
    request: method.encodeRequest(request),
    as: options.as,
    differs: options.differs,
    describe: (bytes) => ({ ...method.decodeResponse(bytes), header: undefined, token: undefined, ID: undefined }),
  };
}

/** What two servers must agree on. */
export function comparable(result: (RawResult & { readonly answer: unknown }) | undefined): unknown {
  return result?.code === 0 ? { code: 0, answer: result.answer } : { code: result?.code, text: result?.text };
}

/** Speaks to one server, in several names. */
export class Speaker {
  readonly #raw: RawGrpc;
  readonly #tokens = new Map<string, string>();

  constructor(url: string) {
    this.#raw = new RawGrpc(url);
  }

  async say(step: AuthStep): Promise<RawResult & { readonly answer: unknown }> {
    const token = step.as === undefined ? undefined : await this.#token(step.as);
    const result = await this.#raw.call(step.path, framed(step.request), token === undefined ? {} : { token });
    if (step.path === AuthService.AuthDisable.path || step.path === AuthService.AuthEnable.path) this.#tokens.clear();
    const [message] = result.messages;
    return { ...result, answer: message === undefined ? undefined : step.describe(message) };
  }

  close(): void {
    this.#raw.close();
  }

  async #token(as: string): Promise<string> {
    const [name = '', password = ''] = as.split(':');
    if (name === 'token') return password;
    const known = this.#tokens.get(as);
    if (known !== undefined) return known;
    const { path, encodeRequest, decodeResponse } = AuthService.Authenticate;
    const { messages } = await this.#raw.call(path, framed(encodeRequest({ name, password })));
    const token = messages[0] === undefined ? '' : decodeResponse(messages[0]).token;
    this.#tokens.set(as, token);
    return token;
  }
}

const user = (name: string, password = 'pw', noPassword = false) => ({
  name,
  password,
  options: { noPassword },
  hashedPassword: '',
});
const perm = (permType: number, key: string, rangeEnd = '') => ({ permType, key, rangeEnd });
const get = (key: string, rangeEnd = '') => ({ ...EMPTY_RANGE_REQUEST, key, rangeEnd });
const put = (key: string, more: Partial<typeof EMPTY_PUT_REQUEST> = {}) => ({ ...EMPTY_PUT_REQUEST, key, ...more });
const opGet = (key: string): RequestOp => ({ request: { case: 'requestRange', requestRange: get(key) } });
const opPut = (key: string): RequestOp => ({ request: { case: 'requestPut', requestPut: put(key) } });
const nested = (op: RequestOp): RequestOp => ({
  request: { case: 'requestTxn', requestTxn: { compare: [], success: [], failure: [op] } },
});
const A = AuthService;
const root = { as: 'root:pw' };
const eve = { as: 'eve:pw' };

const DENIED = '7 etcdserver: permission denied';
const NAMELESS = '3 etcdserver: user name is empty';

/** In this order; each server has seen all before. The one role is r: a*, reading and writing; b, reading; w, writing; from z on, reading. */
export const AUTH_STEPS: readonly AuthStep[] = [
  step('status of nothing', A.AuthStatus, {}),
  step('enable without root', A.AuthEnable, {}),
  step('disable what is disabled', A.AuthDisable, {}),
  step('authenticate while nobody is asked', A.Authenticate, { name: 'root', password: 'pw' }),
  step('user without a name', A.UserAdd, user('')),
  step('user root', A.UserAdd, user('root')),
  step('user root again', A.UserAdd, user('root')),
  step('user with a long password', A.UserAdd, user('long', 'x'.repeat(73))),
  step('user eve', A.UserAdd, user('eve')),
  step('user without a password', A.UserAdd, user('none', 'pw', true)),
  step('user with an empty password', A.UserAdd, user('empty', '')),
  step('no such user', A.UserGet, { name: 'ghost' }),
  step('no such user to delete', A.UserDelete, { name: 'ghost' }),
  step('no such user for a password', A.UserChangePassword, { name: 'ghost', password: 'x', hashedPassword: '' }),
  step('enable without the role root', A.AuthEnable, {}),
  step('grant a role that is not there', A.UserGrantRole, { user: 'eve', role: 'r' }),
  step('grant to nobody', A.UserGrantRole, { user: 'ghost', role: 'root' }),
  step('grant root', A.UserGrantRole, { user: 'root', role: 'root' }),
  step('grant root again', A.UserGrantRole, { user: 'root', role: 'root' }),
  step('role without a name', A.RoleAdd, { name: '' }),
  step('role r', A.RoleAdd, { name: 'r' }),
  step('role r again', A.RoleAdd, { name: 'r' }),
  step('no such role', A.RoleGet, { role: 'ghost' }),
  step('role root, which is not there', A.RoleGet, { role: 'root' }),
  step('no such role to delete', A.RoleDelete, { role: 'ghost' }),
  step('permission for no role', A.RoleGrantPermission, { name: 'ghost', perm: perm(0, 'a') }),
  step('no permission', A.RoleGrantPermission, { name: 'r', perm: undefined }),
  step('permission on no key', A.RoleGrantPermission, { name: 'r', perm: perm(0, '') }),
  step('permission backwards', A.RoleGrantPermission, { name: 'r', perm: perm(0, 'b', 'a') }),
  step('permission on a*', A.RoleGrantPermission, { name: 'r', perm: perm(2, 'a', 'b') }),
  step('permission on b', A.RoleGrantPermission, { name: 'r', perm: perm(2, 'b') }),
  step('another permission on b', A.RoleGrantPermission, { name: 'r', perm: perm(0, 'b') }),
  step('permission on w', A.RoleGrantPermission, { name: 'r', perm: perm(1, 'w') }),
  step('permission from z on', A.RoleGrantPermission, { name: 'r', perm: perm(0, 'z', '\0') }),
  step('what r may', A.RoleGet, { role: 'r' }),
  step('no such permission to revoke', A.RoleRevokePermission, { role: 'r', key: 'a', rangeEnd: '' }),
  step('no such role to revoke from', A.RoleRevokePermission, { role: 'ghost', key: 'a', rangeEnd: 'b' }),
  step('revoke what was not granted', A.UserRevokeRole, { name: 'eve', role: 'r' }),
  step('revoke from nobody', A.UserRevokeRole, { name: 'ghost', role: 'r' }),
  step('grant r', A.UserGrantRole, { user: 'eve', role: 'r' }),
  step('users', A.UserList, {}),
  step('roles', A.RoleList, {}),
  step('eve', A.UserGet, { name: 'eve' }),
  step('status', A.AuthStatus, {}),
  step('enable', A.AuthEnable, {}),
  step('enable again, as nobody', A.AuthEnable, {}),
  step('status as nobody', A.AuthStatus, {}, { differs: '0 ' }),
  step('status as root', A.AuthStatus, {}, root),
  step('status as eve', A.AuthStatus, {}, { ...eve, differs: '0 ' }),
  step('authenticate', A.Authenticate, { name: 'eve', password: 'pw' }),
  step('wrong password', A.Authenticate, { name: 'eve', password: 'wrong' }),
  step('no such user', A.Authenticate, { name: 'ghost', password: 'pw' }),
  step('an empty password that is right', A.Authenticate, { name: 'empty', password: '' }),
  // etcd 3.5: code Unknown and a text of its own, from which one learns that the user is there.
  step(
    'who has no password',
    A.Authenticate,
    { name: 'none', password: 'pw' },
    {
      differs: '3 etcdserver: authentication failed, invalid user ID or password',
    },
  ),
  step('get as nobody', KVService.Range, get('a1')),
  step('get with a token that is none', KVService.Range, get('a1'), { as: 'token:x' }),
  step('get with a token that looks like one', KVService.Range, get('a1'), { as: 'token:abcdefghijklmnop.1' }),
  step('put a1', KVService.Put, put('a1'), eve),
  step('get a1', KVService.Range, get('a1'), { ...eve, differs: '0 ' }),
  step('get a..b', KVService.Range, { ...get('a', 'b'), countOnly: true }, eve),
  step('get a..b\\0, both of which are granted', KVService.Range, { ...get('a', 'b\0'), countOnly: true }, eve),
  step('get a..c', KVService.Range, get('a', 'c'), eve),
  step('get from zz on', KVService.Range, get('zz', '\0'), eve),
  step('get from y on', KVService.Range, get('y', '\0'), eve),
  step('get everything', KVService.Range, get('\0', '\0'), eve),
  step('get w', KVService.Range, get('w'), eve),
  step('put w', KVService.Put, put('w'), eve),
  step('put w with prev_kv', KVService.Put, put('w', { prevKv: true }), eve),
  step('put b', KVService.Put, put('b'), eve),
  step('put x', KVService.Put, put('x'), eve),
  step('put x as root', KVService.Put, put('x'), root),
  step('delete a*', KVService.DeleteRange, { ...EMPTY_DELETE_RANGE_REQUEST, key: 'a', rangeEnd: 'b' }, eve),
  step('delete w with prev_kv', KVService.DeleteRange, { key: 'w', rangeEnd: '', prevKv: true }, eve),
  step('delete everything', KVService.DeleteRange, { key: '\0', rangeEnd: '\0', prevKv: false }, eve),
  step('txn: compare x', KVService.Txn, { compare: [{ ...EMPTY_COMPARE, key: 'x' }], success: [], failure: [] }, eve),
  step('txn: get x in the other branch', KVService.Txn, { compare: [], success: [], failure: [opGet('x')] }, eve),
  step('txn: put x', KVService.Txn, { compare: [], success: [opPut('a1'), opPut('x')], failure: [] }, eve),
  step('txn of nothing, as nobody', KVService.Txn, { compare: [], success: [], failure: [] }),
  // CVE-2026-33343: etcd 3.5.16 does not look into nested transactions.
  step(
    'txn: get x nested',
    KVService.Txn,
    { compare: [], success: [nested(opGet('x'))], failure: [] },
    {
      ...eve,
      differs: DENIED,
    },
  ),
  step(
    'txn: put x nested',
    KVService.Txn,
    { compare: [], success: [nested(opPut('x'))], failure: [] },
    {
      ...eve,
      differs: DENIED,
    },
  ),
  step('lease, as root', LeaseService.LeaseGrant, { ID: 5n, TTL: 600 }, root),
  step('x on the lease', KVService.Put, put('x', { lease: 5n }), root),
  step("a1 on others' lease", KVService.Put, put('a1', { lease: 5n }), eve),
  step("revoke others' lease", LeaseService.LeaseRevoke, { ID: 5n }, eve),
  step("keys of others' lease", LeaseService.LeaseTimeToLive, { ID: 5n, keys: true }, eve),
  step('list of leases', LeaseService.LeaseLeases, {}, { ...eve, differs: DENIED }),
  // CVE-2026-33413: etcd 3.5.16 asks nobody.
  step('lease, as nobody', LeaseService.LeaseGrant, { ID: 6n, TTL: 600 }, { differs: NAMELESS }),
  step('compact, as nobody', KVService.Compact, { revision: 1, physical: false }, { differs: NAMELESS }),
  step('compact, as eve', KVService.Compact, { revision: 1, physical: false }, { ...eve, differs: DENIED }),
  step('server status, as nobody', MaintenanceService.Status, {}, { differs: NAMELESS }),
  step('alarms, as nobody', MaintenanceService.Alarm, { action: 0, memberID: 0n, alarm: 0 }, { differs: NAMELESS }),
  // etcd 3.5 refuses these with code Unknown and a text of its own, 3.6 as we do.
  step('hash, as eve', MaintenanceService.HashKV, { revision: 0 }, { ...eve, differs: DENIED }),
  step('hash, as nobody', MaintenanceService.HashKV, { revision: 0 }, { differs: NAMELESS }),
  step('defragment, as eve', MaintenanceService.Defragment, {}, { ...eve, differs: DENIED }),
  step('users as eve', A.UserList, {}, eve),
  step('roles as eve', A.RoleList, {}, eve),
  step('eve as eve', A.UserGet, { name: 'eve' }, eve),
  step('root as eve', A.UserGet, { name: 'root' }, eve),
  step('r as eve', A.RoleGet, { role: 'r' }, eve),
  step('another role as eve', A.RoleGet, { role: 'other' }, eve),
  step('add a user as eve', A.UserAdd, user('mallory'), eve),
  step('add a role as eve', A.RoleAdd, { name: 'mallory' }, eve),
  step('grant root as eve', A.UserGrantRole, { user: 'eve', role: 'root' }, eve),
  step('disable as eve', A.AuthDisable, {}, eve),
  step('delete root', A.UserDelete, { name: 'root' }, root),
  step('revoke root from root', A.UserRevokeRole, { name: 'root', role: 'root' }, root),
  step('delete the role root', A.RoleDelete, { role: 'root' }, root),
  step("change eve's password", A.UserChangePassword, { name: 'eve', password: 'other', hashedPassword: '' }, root),
  step('her old token', KVService.Range, get('a1'), eve),
  step('her old password', A.Authenticate, { name: 'eve', password: 'pw' }),
  step('her new one', KVService.Range, { ...get('a1'), countOnly: true }, { as: 'eve:other' }),
  step('delete r', A.RoleDelete, { role: 'r' }, root),
  step('what is left of her rights', KVService.Range, get('a1'), { as: 'eve:other' }),
  step('eve after that', A.UserGet, { name: 'eve' }, root),
  step('delete eve', A.UserDelete, { name: 'eve' }, root),
  step('her last token', KVService.Range, get('a1'), { as: 'eve:other' }),
  step('status after all', A.AuthStatus, {}, root),
  step('disable', A.AuthDisable, {}, root),
  step('status as anybody', A.AuthStatus, {}),
  ...['root', 'none', 'empty'].map((name) => step(`delete ${name}`, A.UserDelete, { name })),
  step('delete x', KVService.DeleteRange, { ...EMPTY_DELETE_RANGE_REQUEST, key: 'x' }),
  step('delete what is left', KVService.DeleteRange, { ...EMPTY_DELETE_RANGE_REQUEST, key: 'a', rangeEnd: 'z' }),
  step('revoke the lease', LeaseService.LeaseRevoke, { ID: 5n }),
];
