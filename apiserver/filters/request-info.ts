import type { RequestInfo } from '../request.ts';
import { parseFieldSelector, requiredValue } from '../selectors/field-selector.ts';

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Subresources of a Namespace; anything else below it is a resource in it. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);
/** First path parts that say the verb (deprecated forms). */
const VERB_PREFIXES: ReadonlySet<string> = new Set(['proxy', 'watch']);

/**
 * What is asked, from method and URL. `path` is decoded part by part; parts that cannot be decoded make it a non-resource request.
 * Source: apiserver endpoints/request/requestinfo.go.
 */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const nonResource: RequestInfo = {
    isResourceRequest: false,
    path,
    verb: method.toLowerCase(),
    apiPrefix: '',
    group: '',
    version: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    parts: [],
    fieldSelector: '',
    labelSelector: '',
  };
  const all = partsOf(path);
  const prefix = all?.[0];
  if (all === undefined || (prefix !== 'api' && prefix !== 'apis')) return nonResource;
  const grouped = prefix === 'apis';
  // /api/v1 and /apis/<group>/<version> themselves are discovery.
  if (all.length < (grouped ? 4 : 3)) return { ...nonResource, apiPrefix: prefix };
  const group = grouped ? (all[1] as string) : '';
  const version = all[grouped ? 2 : 1] as string;
  const rest = all.slice(grouped ? 3 : 2);
  const info = { ...nonResource, isResourceRequest: true, apiPrefix: prefix, group, version };
  return withVerb({ ...info, ...placeIn(rest, VERBS[method] ?? '') }, query);
}

function partsOf(path: string): readonly string[] | undefined {
  const trimmed = path.replace(/^\/+|\/+$/g, '');
  if (trimmed === '') return [];
  try {
    return trimmed.split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

type Place = Pick<RequestInfo, 'verb' | 'namespace' | 'resource' | 'subresource' | 'name' | 'parts'>;

function placeIn(rest: readonly string[], methodVerb: string): Place {
  let parts = rest;
  let verb = methodVerb;
  if (VERB_PREFIXES.has(parts[0] ?? '') && parts.length > 1) {
    verb = parts[0] as string;
    parts = parts.slice(1);
  }
  let namespace = '';
  if (parts[0] === 'namespaces') {
    if (parts.length > 1) {
      namespace = parts[1] as string;
      // A Namespace itself: /namespaces/x and its subresources.
      if (parts.length > 2 && !NAMESPACE_SUBRESOURCES.has(parts[2] as string)) parts = parts.slice(2);
    }
  }
  return {
    verb,
    namespace,
    parts,
    resource: parts[0] ?? '',
    name: parts[1] ?? '',
    // /proxy/ paths go on with what is proxied.
    subresource: verb === 'proxy' ? '' : (parts[2] ?? ''),
  };
}

function withVerb(info: RequestInfo, query: URLSearchParams): RequestInfo {
  let { verb, name } = info;
  const selectors = {
    fieldSelector: query.get('fieldSelector') ?? '',
    labelSelector: query.get('labelSelector') ?? '',
  };
  if (name === '' && verb === 'get') {
    verb = isTrue(query.get('watch')) ? 'watch' : 'list';
    // A list of one name is authorized as that name.
    name = nameIn(selectors.fieldSelector);
  } else if (name === '' && verb === 'delete') {
    verb = 'deletecollection';
    name = nameIn(selectors.fieldSelector);
  }
  return { ...info, verb, name, ...(isCollection(verb) ? selectors : {}) };
}

const isCollection = (verb: string): boolean => verb === 'list' || verb === 'watch' || verb === 'deletecollection';
const isTrue = (text: string | null): boolean => text !== null && text.toLowerCase() !== 'false' && text !== '0';

function nameIn(fieldSelector: string): string {
  try {
    const name = requiredValue(parseFieldSelector(fieldSelector), 'metadata.name') ?? '';
    return name.includes('/') || name.includes('%') || name === '.' || name === '..' ? '' : name;
  } catch {
    // The handler refuses a selector that cannot be parsed.
    return '';
  }
}
