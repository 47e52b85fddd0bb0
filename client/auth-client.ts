import type {
  AuthDisableResponse,
  AuthEnableResponse,
  AuthenticateRequest,
  AuthenticateResponse,
  AuthRoleAddRequest,
  AuthRoleAddResponse,
  AuthRoleDeleteRequest,
  AuthRoleDeleteResponse,
  AuthRoleGetRequest,
  AuthRoleGetResponse,
  AuthRoleGrantPermissionRequest,
  AuthRoleGrantPermissionResponse,
  AuthRoleListResponse,
  AuthRoleRevokePermissionRequest,
  AuthRoleRevokePermissionResponse,
  AuthStatusResponse,
  AuthUserAddRequest,
  AuthUserAddResponse,
  AuthUserChangePasswordRequest,
  AuthUserChangePasswordResponse,
  AuthUserDeleteRequest,
  AuthUserDeleteResponse,
  AuthUserGetRequest,
  AuthUserGetResponse,
  AuthUserGrantRoleRequest,
  AuthUserGrantRoleResponse,
  AuthUserListResponse,
  AuthUserRevokeRoleRequest,
  AuthUserRevokeRoleResponse,
} from '../proto/gen/etcd.ts';
import type { CallOptions } from './kv-client.ts';

/**
 * Users, roles, and who may do what. Once authentication is enabled, only who has the role root may do any of this, but everybody may
 * authenticate, and look at the user that they are and the roles that they have.
 * Errors of all: AUTH_USER_EMPTY, AUTH_INVALID_TOKEN, AUTH_OLD_REVISION, AUTH_PERMISSION_DENIED.
 */
export interface AuthClient {
  /** Errors: AUTH_ROOT_USER_MISSING, AUTH_ROOT_ROLE_MISSING. */
  authEnable(options?: CallOptions): Promise<AuthEnableResponse>;
  authDisable(options?: CallOptions): Promise<AuthDisableResponse>;
  authStatus(options?: CallOptions): Promise<AuthStatusResponse>;
  /** Errors: AUTH_NOT_ENABLED, AUTH_FAILED, TOO_MANY_REQUESTS. */
  authenticate(request: AuthenticateRequest, options?: CallOptions): Promise<AuthenticateResponse>;
  /** Errors: AUTH_USER_EXISTS, AUTH_USER_EMPTY, TOO_MANY_REQUESTS. */
  userAdd(request: AuthUserAddRequest, options?: CallOptions): Promise<AuthUserAddResponse>;
  /** Errors: AUTH_USER_NOT_FOUND. */
  userGet(request: AuthUserGetRequest, options?: CallOptions): Promise<AuthUserGetResponse>;
  userList(options?: CallOptions): Promise<AuthUserListResponse>;
  /** Errors: AUTH_USER_NOT_FOUND, AUTH_INVALID_MANAGEMENT. */
  userDelete(request: AuthUserDeleteRequest, options?: CallOptions): Promise<AuthUserDeleteResponse>;
  /** Errors: AUTH_USER_NOT_FOUND, TOO_MANY_REQUESTS. */
  userChangePassword(
    request: AuthUserChangePasswordRequest,
    options?: CallOptions,
  ): Promise<AuthUserChangePasswordResponse>;
  /** Errors: AUTH_USER_NOT_FOUND, AUTH_ROLE_NOT_FOUND. */
  userGrantRole(request: AuthUserGrantRoleRequest, options?: CallOptions): Promise<AuthUserGrantRoleResponse>;
  /** Errors: AUTH_USER_NOT_FOUND, AUTH_ROLE_NOT_GRANTED, AUTH_INVALID_MANAGEMENT. */
  userRevokeRole(request: AuthUserRevokeRoleRequest, options?: CallOptions): Promise<AuthUserRevokeRoleResponse>;
  /** Errors: AUTH_ROLE_EXISTS, AUTH_ROLE_EMPTY. */
  roleAdd(request: AuthRoleAddRequest, options?: CallOptions): Promise<AuthRoleAddResponse>;
  /** Errors: AUTH_ROLE_NOT_FOUND. */
  roleGet(request: AuthRoleGetRequest, options?: CallOptions): Promise<AuthRoleGetResponse>;
  roleList(options?: CallOptions): Promise<AuthRoleListResponse>;
  /** Errors: AUTH_ROLE_NOT_FOUND, AUTH_INVALID_MANAGEMENT. */
  roleDelete(request: AuthRoleDeleteRequest, options?: CallOptions): Promise<AuthRoleDeleteResponse>;
  /** Errors: AUTH_ROLE_NOT_FOUND, AUTH_PERMISSION_NOT_GIVEN, AUTH_INVALID_MANAGEMENT. */
  roleGrantPermission(
    request: AuthRoleGrantPermissionRequest,
    options?: CallOptions,
  ): Promise<AuthRoleGrantPermissionResponse>;
  /** Errors: AUTH_ROLE_NOT_FOUND, AUTH_PERMISSION_NOT_GRANTED. */
  roleRevokePermission(
    request: AuthRoleRevokePermissionRequest,
    options?: CallOptions,
  ): Promise<AuthRoleRevokePermissionResponse>;
}
