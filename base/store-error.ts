/** Everything the store can refuse. `rpc/errors.ts` gives each its gRPC status and etcd's exact text. */
export type StoreErrorCode =
  | 'KEY_EMPTY'
  | 'KEY_NOT_FOUND'
  | 'VALUE_PROVIDED'
  | 'LEASE_PROVIDED'
  | 'TOO_MANY_OPS'
  | 'DUPLICATE_KEY'
  | 'INVALID_SORT_OPTION'
  | 'REQUEST_TOO_LARGE'
  | 'COMPACTED'
  | 'FUTURE_REVISION'
  | 'LEASE_NOT_FOUND'
  | 'LEASE_EXISTS'
  | 'LEASE_TTL_TOO_LARGE'
  | 'NO_SPACE'
  | 'TOO_MANY_REQUESTS'
  | 'NO_LEADER'
  | 'NOT_LEADER'
  | 'LEADER_CHANGED'
  | 'STOPPED'
  | 'TIMEOUT'
  | 'TIMEOUT_LEADER_FAILURE'
  | 'TIMEOUT_CONNECTION_LOST'
  | 'TIMEOUT_WAIT_APPLIED'
  | 'UNHEALTHY'
  | 'MEMBER_NOT_FOUND'
  | 'MEMBER_EXISTS'
  | 'PEER_URL_EXISTS'
  | 'MEMBER_URLS_INVALID'
  | 'NOT_ENOUGH_STARTED_MEMBERS'
  | 'LEARNER_NOT_READY'
  | 'NOT_LEARNER'
  | 'TOO_MANY_LEARNERS'
  | 'LEARNER_UNSUPPORTED'
  | 'CLUSTER_ID_MISMATCH'
  | 'BAD_LEADER_TRANSFEREE'
  | 'DOWNGRADE_VERSION_MALFORMED'
  | 'DOWNGRADE_TARGET_INVALID'
  | 'NO_DOWNGRADE'
  | 'AUTH_ROOT_USER_MISSING'
  | 'AUTH_ROOT_ROLE_MISSING'
  | 'AUTH_USER_EXISTS'
  | 'AUTH_USER_EMPTY'
  | 'AUTH_USER_NOT_FOUND'
  | 'AUTH_ROLE_EXISTS'
  | 'AUTH_ROLE_NOT_FOUND'
  | 'AUTH_ROLE_EMPTY'
  | 'AUTH_FAILED'
  | 'AUTH_PERMISSION_NOT_GIVEN'
  | 'AUTH_PERMISSION_DENIED'
  | 'AUTH_ROLE_NOT_GRANTED'
  | 'AUTH_PERMISSION_NOT_GRANTED'
  | 'AUTH_NOT_ENABLED'
  | 'AUTH_INVALID_TOKEN'
  | 'AUTH_INVALID_MANAGEMENT'
  | 'AUTH_OLD_REVISION'
  | 'CORRUPT'
  | 'WATCH_CANCELED'
  | 'REQUEST_CANCELED'
  | 'DEADLINE_EXCEEDED'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNKNOWN';

/** An operating error of the store: a code of the closed union, and what the message needs. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  /** With COMPACTED: the oldest revision that is still there. */
  readonly compactRevision: number | undefined;

  constructor(code: StoreErrorCode, detail?: string, options?: { readonly compactRevision?: number }) {
    super(detail ?? code);
    this.code = code;
    this.compactRevision = options?.compactRevision;
  }
}
