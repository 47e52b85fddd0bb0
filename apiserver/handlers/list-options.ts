import { badRequest, type FieldError, fieldForbidden, fieldNotSupported, invalid } from '../errors.ts';
import { flag, integer, revision, text } from './query.ts';

/** meta/v1 ListOptions of a list or a watch. */
export interface ListOptions {
  readonly watch: boolean;
  readonly labelSelector: string;
  readonly fieldSelector: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  /** 0 = no limit. */
  readonly limit: number;
  readonly continue: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

/** Errors: ApiError 400 for malformed values, 422 for values that do not go together. */
export function parseListOptions(query: URLSearchParams): ListOptions {
  const options: ListOptions = {
    watch: flag(query, 'watch') ?? false,
    labelSelector: text(query, 'labelSelector'),
    fieldSelector: text(query, 'fieldSelector'),
    resourceVersion: text(query, 'resourceVersion'),
    resourceVersionMatch: text(query, 'resourceVersionMatch'),
    limit: Math.max(0, integer(query, 'limit') ?? 0),
    continue: text(query, 'continue'),
    timeoutSeconds: integer(query, 'timeoutSeconds'),
    allowWatchBookmarks: flag(query, 'allowWatchBookmarks') ?? false,
    sendInitialEvents: flag(query, 'sendInitialEvents'),
  };
  return options;
}

/** Errors: ApiError 422. Source: apimachinery internalversion/validation ValidateListOptions. */
export function validateListOptions(options: ListOptions): void {
  const errors = options.watch ? watchErrors(options) : listErrors(options);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}

const MATCH = 'resourceVersionMatch';

function listErrors({
  resourceVersionMatch: match,
  resourceVersion,
  continue: token,
  sendInitialEvents,
}: ListOptions): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (match !== '') {
    if (resourceVersion === '') {
      errors.push(fieldForbidden(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    }
    if (token !== '') errors.push(fieldForbidden(MATCH, 'resourceVersionMatch is forbidden when continue is provided'));
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(fieldNotSupported(MATCH, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(fieldForbidden(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (sendInitialEvents !== undefined) {
    errors.push(fieldForbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchErrors({
  resourceVersionMatch: match,
  continue: token,
  sendInitialEvents,
}: ListOptions): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(fieldForbidden(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match !== '') {
    if (sendInitialEvents === undefined) {
      errors.push(
        fieldForbidden(MATCH, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
      );
    }
    if (match !== 'NotOlderThan') errors.push(fieldNotSupported(MATCH, match, ['NotOlderThan']));
    if (token !== '') errors.push(fieldForbidden(MATCH, 'resourceVersionMatch is forbidden when continue is provided'));
  }
  return errors;
}

/** From where a list is answered. */
export type ListSource =
  /** The cache, after it has caught up with everything committed now. */
  | { readonly from: 'cache'; readonly atLeast: 'now'; readonly limit: number }
  /** The cache, once it holds this revision (0: as it is). */
  | { readonly from: 'cache'; readonly atLeast: number; readonly limit: number }
  /** The store, exactly as of this revision. */
  | { readonly from: 'store'; readonly exactly: number }
  | { readonly from: 'continue'; readonly token: string };

/** The resourceVersion table of lists. Errors: ApiError 400. Source: KEP-2340; apiserver cacher and etcd3 store. */
export function listSource({ resourceVersion, resourceVersionMatch, limit, continue: token }: ListOptions): ListSource {
  const wanted = revision(resourceVersion);
  if (token !== '') {
    if (wanted !== undefined && wanted !== 0)
      throw badRequest('specifying resource version is not allowed when using continue');
    return { from: 'continue', token };
  }
  if (wanted === undefined) return { from: 'cache', atLeast: 'now', limit };
  // The real server's cache ignores the limit here, and its clients count on getting all.
  if (wanted === 0) return { from: 'cache', atLeast: 0, limit: 0 };
  const exact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0);
  return exact ? { from: 'store', exactly: wanted } : { from: 'cache', atLeast: wanted, limit };
}

/** How a watch begins. */
export interface WatchStart {
  /** The state now, as ADDED events. */
  readonly initialState: boolean;
  /** After the initial state a bookmark says that it is complete. */
  readonly endBookmark: boolean;
  /** What must be in the cache before it begins: everything committed now, a revision, or nothing. */
  readonly atLeast: 'now' | number;
  /** Events after this revision; undefined: after the state the cache then has. */
  readonly after: number | undefined;
}

/** The resourceVersion table of watches. Errors: ApiError 400. Source: KEP-956, KEP-3157. */
export function watchStart({ resourceVersion, sendInitialEvents }: ListOptions): WatchStart {
  const wanted = revision(resourceVersion);
  const atLeast = wanted ?? 'now';
  if (sendInitialEvents === true) return { initialState: true, endBookmark: true, atLeast, after: undefined };
  if (wanted !== undefined && wanted > 0) return { initialState: false, endBookmark: false, atLeast: 0, after: wanted };
  return { initialState: sendInitialEvents === undefined, endBookmark: false, atLeast, after: undefined };
}
