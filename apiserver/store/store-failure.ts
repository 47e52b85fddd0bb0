import { StoreError, type StoreErrorCode } from '../../base/store-error.ts';
import { ApiError, expired, type GroupResource, internalError, timeout } from '../errors.ts';

/** What was tried, for the text. */
export interface Attempt {
  readonly verb: string;
  readonly resource: GroupResource;
  /** A write whose outcome is unknown must not invite the client to try again by itself. */
  readonly write: boolean;
}

type Treatment = 'again' | 'deadline' | 'expired' | 'future' | 'full' | 'too-large' | 'broken';

/** How each refusal of the store looks to a client of the API. */
const TREATMENT = {
  KEY_EMPTY: 'broken',
  KEY_NOT_FOUND: 'broken',
  VALUE_PROVIDED: 'broken',
  LEASE_PROVIDED: 'broken',
  TOO_MANY_OPS: 'broken',
  DUPLICATE_KEY: 'broken',
  INVALID_SORT_OPTION: 'broken',
  REQUEST_TOO_LARGE: 'too-large',
  COMPACTED: 'expired',
  FUTURE_REVISION: 'future',
  LEASE_NOT_FOUND: 'again',
  LEASE_EXISTS: 'again',
  LEASE_TTL_TOO_LARGE: 'broken',
  NO_SPACE: 'full',
  TOO_MANY_REQUESTS: 'again',
  NO_LEADER: 'again',
  NOT_LEADER: 'again',
  LEADER_CHANGED: 'again',
  STOPPED: 'again',
  TIMEOUT: 'again',
  TIMEOUT_LEADER_FAILURE: 'again',
  TIMEOUT_CONNECTION_LOST: 'again',
  TIMEOUT_WAIT_APPLIED: 'again',
  UNHEALTHY: 'again',
  MEMBER_NOT_FOUND: 'broken',
  MEMBER_EXISTS: 'broken',
  PEER_URL_EXISTS: 'broken',
  NOT_ENOUGH_STARTED_MEMBERS: 'broken',
  LEARNER_NOT_READY: 'broken',
  NOT_LEARNER: 'broken',
  TOO_MANY_LEARNERS: 'broken',
  LEARNER_UNSUPPORTED: 'again',
  CLUSTER_ID_MISMATCH: 'broken',
  BAD_LEADER_TRANSFEREE: 'broken',
  AUTH_ROOT_USER_MISSING: 'broken',
  AUTH_ROOT_ROLE_MISSING: 'broken',
  AUTH_USER_EXISTS: 'broken',
  AUTH_USER_EMPTY: 'broken',
  AUTH_USER_NOT_FOUND: 'broken',
  AUTH_ROLE_EXISTS: 'broken',
  AUTH_ROLE_NOT_FOUND: 'broken',
  AUTH_ROLE_EMPTY: 'broken',
  AUTH_FAILED: 'broken',
  AUTH_PERMISSION_NOT_GIVEN: 'broken',
  AUTH_PERMISSION_DENIED: 'broken',
  AUTH_ROLE_NOT_GRANTED: 'broken',
  AUTH_PERMISSION_NOT_GRANTED: 'broken',
  AUTH_NOT_ENABLED: 'broken',
  AUTH_INVALID_TOKEN: 'again',
  AUTH_INVALID_MANAGEMENT: 'broken',
  AUTH_OLD_REVISION: 'again',
  MEMBER_URLS_INVALID: 'broken',
  DOWNGRADE_VERSION_MALFORMED: 'broken',
  DOWNGRADE_TARGET_INVALID: 'broken',
  NO_DOWNGRADE: 'broken',
  CORRUPT: 'broken',
  WATCH_CANCELED: 'again',
  REQUEST_CANCELED: 'deadline',
  DEADLINE_EXCEEDED: 'deadline',
  UNIMPLEMENTED: 'broken',
  INTERNAL: 'broken',
  UNKNOWN: 'again',
} as const satisfies Record<StoreErrorCode, Treatment>;

export const LIST_EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.';
export const INCONSISTENT_CONTINUE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
export const WATCH_EXPIRED = 'The resourceVersion for the provided watch is too old.';

/** The Status of a store's refusal; anything that is not a StoreError is passed through. */
export function storeFailure(error: unknown, attempt: Attempt): unknown {
  if (!(error instanceof StoreError)) return error;
  switch (TREATMENT[error.code]) {
    case 'expired':
      return expired('The resourceVersion for the provided list is too old.');
    case 'future':
      return tooLargeResourceVersion(undefined, undefined);
    case 'deadline':
      return timeout('request did not complete within requested timeout - context deadline exceeded', 0);
    case 'too-large':
      return new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: ${error.message}`);
    case 'again':
      return attempt.write
        ? internalError(`the store did not confirm the write: ${error.message}`)
        : serverTimeout(attempt);
    case 'full':
    case 'broken':
      return internalError(error.message);
  }
}

/** 500 ServerTimeout, which clients try again after a pause. */
export function serverTimeout({ verb, resource }: Pick<Attempt, 'verb' | 'resource'>): ApiError {
  const name = resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`;
  return new ApiError(
    500,
    'ServerTimeout',
    `The ${verb} operation against ${name} could not be completed at this time, please try again.`,
    {
      name: verb,
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.resource,
      retryAfterSeconds: 2,
    },
  );
}

/** 504: a client asks for what this server has not seen yet. */
export function tooLargeResourceVersion(wanted: number | undefined, current: number | undefined): ApiError {
  const text =
    wanted === undefined ? 'Too large resource version' : `Too large resource version: ${wanted}, current: ${current}`;
  return timeout(text, 1, [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]);
}
