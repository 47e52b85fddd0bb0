import type { AuthClient } from '../client/auth-client.ts';
import { AuthService } from '../proto/gen/etcd.ts';
import { type Binding, unary } from './service.ts';

/** etcdserverpb.Auth. */
export function authService(auth: AuthClient): readonly Binding[] {
  return [
    unary(AuthService.AuthEnable, (_request, context) => auth.authEnable(context)),
    unary(AuthService.AuthDisable, (_request, context) => auth.authDisable(context)),
    unary(AuthService.AuthStatus, (_request, context) => auth.authStatus(context)),
    unary(AuthService.Authenticate, (request, context) => auth.authenticate(request, context)),
    unary(AuthService.UserAdd, (request, context) => auth.userAdd(request, context)),
    unary(AuthService.UserGet, (request, context) => auth.userGet(request, context)),
    unary(AuthService.UserList, (_request, context) => auth.userList(context)),
    unary(AuthService.UserDelete, (request, context) => auth.userDelete(request, context)),
    unary(AuthService.UserChangePassword, (request, context) => auth.userChangePassword(request, context)),
    unary(AuthService.UserGrantRole, (request, context) => auth.userGrantRole(request, context)),
    unary(AuthService.UserRevokeRole, (request, context) => auth.userRevokeRole(request, context)),
    unary(AuthService.RoleAdd, (request, context) => auth.roleAdd(request, context)),
    unary(AuthService.RoleGet, (request, context) => auth.roleGet(request, context)),
    unary(AuthService.RoleList, (_request, context) => auth.roleList(context)),
    unary(AuthService.RoleDelete, (request, context) => auth.roleDelete(request, context)),
    unary(AuthService.RoleGrantPermission, (request, context) => auth.roleGrantPermission(request, context)),
    unary(AuthService.RoleRevokePermission, (request, context) => auth.roleRevokePermission(request, context)),
  ];
}
