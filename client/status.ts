import { StoreError, type StoreErrorCode } from '../base/store-error.ts';

/** The status codes of gRPC. */
export const GrpcCode = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** How a call ended on the wire. */
export interface GrpcStatus {
  readonly code: number;
  readonly text: string;
}

interface StatusRow {
  readonly code: number;
  /** etcd's exact text, which clients compare; undefined where the error brings its own. */
  readonly text: string | undefined;
}

/**
 * Every refusal of the store as etcd puts it on the wire. A code without a row does not compile.
 * Source: etcd api/v3rpc/rpctypes/error.go; REQUEST_CANCELED and DEADLINE_EXCEEDED are what grpc-go makes of a context's end.
 */
export const STATUS_TABLE = {
  KEY_EMPTY: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: key is not provided' },
  KEY_NOT_FOUND: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: key not found' },
  VALUE_PROVIDED: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: value is provided' },
  LEASE_PROVIDED: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: lease is provided' },
  TOO_MANY_OPS: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: too many operations in txn request' },
  DUPLICATE_KEY: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: duplicate key given in txn request' },
  INVALID_SORT_OPTION: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: invalid sort option' },
  REQUEST_TOO_LARGE: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: request is too large' },
  COMPACTED: { code: GrpcCode.OUT_OF_RANGE, text: 'etcdserver: mvcc: required revision has been compacted' },
  FUTURE_REVISION: { code: GrpcCode.OUT_OF_RANGE, text: 'etcdserver: mvcc: required revision is a future revision' },
  LEASE_NOT_FOUND: { code: GrpcCode.NOT_FOUND, text: 'etcdserver: requested lease not found' },
  LEASE_EXISTS: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: lease already exists' },
  LEASE_TTL_TOO_LARGE: { code: GrpcCode.OUT_OF_RANGE, text: 'etcdserver: too large lease TTL' },
  NO_SPACE: { code: GrpcCode.RESOURCE_EXHAUSTED, text: 'etcdserver: mvcc: database space exceeded' },
  TOO_MANY_REQUESTS: { code: GrpcCode.RESOURCE_EXHAUSTED, text: 'etcdserver: too many requests' },
  NO_LEADER: { code: GrpcCode.UNAVAILABLE, text: 'etcdserver: no leader' },
  NOT_LEADER: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: not leader' },
  LEADER_CHANGED: { code: GrpcCode.UNAVAILABLE, text: 'etcdserver: leader changed' },
  STOPPED: { code: GrpcCode.UNAVAILABLE, text: 'etcdserver: server stopped' },
  TIMEOUT: { code: GrpcCode.UNAVAILABLE, text: 'etcdserver: request timed out' },
  TIMEOUT_LEADER_FAILURE: {
    code: GrpcCode.UNAVAILABLE,
    text: 'etcdserver: request timed out, possibly due to previous leader failure',
  },
  TIMEOUT_CONNECTION_LOST: {
    code: GrpcCode.UNAVAILABLE,
    text: 'etcdserver: request timed out, possibly due to connection lost',
  },
  TIMEOUT_WAIT_APPLIED: {
    code: GrpcCode.UNAVAILABLE,
    text: 'etcdserver: request timed out, waiting for the applied index took too long',
  },
  UNHEALTHY: { code: GrpcCode.UNAVAILABLE, text: 'etcdserver: unhealthy cluster' },
  MEMBER_NOT_FOUND: { code: GrpcCode.NOT_FOUND, text: 'etcdserver: member not found' },
  MEMBER_EXISTS: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: member ID already exist' },
  PEER_URL_EXISTS: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: Peer URLs already exists' },
  MEMBER_URLS_INVALID: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: given member URLs are invalid' },
  NOT_ENOUGH_STARTED_MEMBERS: {
    // Unknown, as every etcd from 3.2 to 3.6 answers: its table maps this one to the client's form of the error.
    code: GrpcCode.UNKNOWN,
    text: 'etcdserver: re-configuration failed due to not enough started members',
  },
  LEARNER_NOT_READY: {
    code: GrpcCode.FAILED_PRECONDITION,
    text: 'etcdserver: can only promote a learner member which is in sync with leader',
  },
  NOT_LEARNER: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: can only promote a learner member' },
  TOO_MANY_LEARNERS: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: too many learner members in cluster' },
  LEARNER_UNSUPPORTED: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: rpc not supported for learner' },
  CLUSTER_ID_MISMATCH: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: cluster ID mismatch' },
  BAD_LEADER_TRANSFEREE: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: bad leader transferee' },
  AUTH_ROOT_USER_MISSING: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: root user does not exist' },
  AUTH_ROOT_ROLE_MISSING: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: root user does not have root role' },
  AUTH_USER_EXISTS: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: user name already exists' },
  AUTH_USER_EMPTY: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: user name is empty' },
  AUTH_USER_NOT_FOUND: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: user name not found' },
  AUTH_ROLE_EXISTS: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: role name already exists' },
  AUTH_ROLE_NOT_FOUND: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: role name not found' },
  AUTH_ROLE_EMPTY: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: role name is empty' },
  AUTH_FAILED: {
    code: GrpcCode.INVALID_ARGUMENT,
    text: 'etcdserver: authentication failed, invalid user ID or password',
  },
  AUTH_PERMISSION_NOT_GIVEN: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: permission not given' },
  AUTH_PERMISSION_DENIED: { code: GrpcCode.PERMISSION_DENIED, text: 'etcdserver: permission denied' },
  AUTH_ROLE_NOT_GRANTED: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: role is not granted to the user' },
  AUTH_PERMISSION_NOT_GRANTED: {
    code: GrpcCode.FAILED_PRECONDITION,
    text: 'etcdserver: permission is not granted to the role',
  },
  AUTH_NOT_ENABLED: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: authentication is not enabled' },
  AUTH_INVALID_TOKEN: { code: GrpcCode.UNAUTHENTICATED, text: 'etcdserver: invalid auth token' },
  AUTH_INVALID_MANAGEMENT: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: invalid auth management' },
  AUTH_OLD_REVISION: { code: GrpcCode.INVALID_ARGUMENT, text: 'etcdserver: revision of auth store is old' },
  DOWNGRADE_VERSION_MALFORMED: {
    code: GrpcCode.INVALID_ARGUMENT,
    text: 'etcdserver: wrong downgrade target version format',
  },
  DOWNGRADE_TARGET_INVALID: {
    code: GrpcCode.INVALID_ARGUMENT,
    text: 'etcdserver: invalid downgrade target version',
  },
  NO_DOWNGRADE: { code: GrpcCode.FAILED_PRECONDITION, text: 'etcdserver: no inflight downgrade job' },
  CORRUPT: { code: GrpcCode.DATA_LOSS, text: 'etcdserver: corrupt cluster' },
  WATCH_CANCELED: { code: GrpcCode.CANCELLED, text: 'etcdserver: watch canceled' },
  REQUEST_CANCELED: { code: GrpcCode.CANCELLED, text: 'context canceled' },
  DEADLINE_EXCEEDED: { code: GrpcCode.DEADLINE_EXCEEDED, text: 'context deadline exceeded' },
  UNIMPLEMENTED: { code: GrpcCode.UNIMPLEMENTED, text: undefined },
  INTERNAL: { code: GrpcCode.INTERNAL, text: undefined },
  UNKNOWN: { code: GrpcCode.UNKNOWN, text: undefined },
} as const satisfies Record<StoreErrorCode, StatusRow>;

const CODE_OF_TEXT: ReadonlyMap<string, StoreErrorCode> = new Map([
  ...Object.entries(STATUS_TABLE).flatMap(([code, row]) =>
    row.text === undefined ? [] : [[row.text, code as StoreErrorCode] as const],
  ),
  ['etcdserver: request canceled', 'REQUEST_CANCELED'],
  ['etcdserver: context deadline exceeded', 'DEADLINE_EXCEEDED'],
]);

/**
 * What a status means whose text etcd does not have: the transport's own errors, and later servers'. UNAVAILABLE becomes
 * TIMEOUT_CONNECTION_LOST, the refusal that leaves a write's outcome open.
 */
const CODE_OF_STATUS: ReadonlyMap<number, StoreErrorCode> = new Map([
  [GrpcCode.CANCELLED, 'REQUEST_CANCELED'],
  [GrpcCode.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
  [GrpcCode.RESOURCE_EXHAUSTED, 'TOO_MANY_REQUESTS'],
  [GrpcCode.UNIMPLEMENTED, 'UNIMPLEMENTED'],
  [GrpcCode.INTERNAL, 'INTERNAL'],
  [GrpcCode.UNAVAILABLE, 'TIMEOUT_CONNECTION_LOST'],
  [GrpcCode.DATA_LOSS, 'CORRUPT'],
]);

/** What a refusal looks like on the wire. */
export function statusOf(error: StoreError): GrpcStatus {
  const row: StatusRow = STATUS_TABLE[error.code];
  return { code: row.code, text: row.text ?? error.message };
}

/** The refusal that a status from the wire stands for; the message keeps the wire's text. */
export function storeErrorOf(code: number, text: string): StoreError {
  if (text.includes('message larger than max')) return new StoreError('REQUEST_TOO_LARGE', text);
  return new StoreError(CODE_OF_TEXT.get(text) ?? CODE_OF_STATUS.get(code) ?? 'UNKNOWN', text);
}
