import type { CachedObject, CacheEvent, ResourceCache } from '../cache/types.ts';
import { ApiError } from '../errors.ts';
import { decodeContinue, encodeContinue } from '../store/continue.ts';
import { STORE_LIMITS } from '../store/limits.ts';
import { INCONSISTENT_CONTINUE, tooLargeResourceVersion } from '../store/store-failure.ts';
import { listReply } from './encode.ts';
import { formFor, type ListMeta } from './forms.ts';
import { HANDLER_LIMITS } from './limits.ts';
import { type ListOptions, listSource, parseListOptions, validateListOptions } from './list-options.ts';
import type { Reply } from './reply.ts';
import { layoutOf, outputOf, placeOf, type ResourceCall } from './resource-call.ts';
import { type Selection, select } from './selection.ts';
import { includeObjectOf } from './table.ts';

interface Page {
  readonly objects: readonly CachedObject[];
  readonly meta: ListMeta;
}

/** GET on a collection. */
export async function list(call: ResourceCall): Promise<Reply> {
  const { definition, context, deps } = call;
  const output = outputOf(call, { forms: ['Table', 'PartialObjectMetadataList'] });
  const includeObject = includeObjectOf(context.query);
  const options = parseListOptions(context.query);
  validateListOptions(options);
  const selection = select(definition, placeOf(call).namespace, options);
  const { objects, meta } = await readPage(call, options, selection);
  const form = formFor(definition, output, includeObject, deps.now);
  return listReply(form, meta, objects, layoutOf(call, output));
}

/** The objects that a list's options choose. Errors: ApiError. */
export async function readPage(call: ResourceCall, options: ListOptions, selection: Selection): Promise<Page> {
  const source = listSource(options);
  switch (source.from) {
    case 'cache': {
      const cache = call.deps.registry.cache(call.definition);
      await freshen(cache, source.atLeast);
      return pageOfCache(cache, selection, source.limit);
    }
    case 'store':
      return pageAt(call, selection, { start: '', revision: source.exactly, limit: options.limit });
    case 'continue':
      return continued(call, selection, source.token, options.limit);
  }
}

/** Errors: ApiError 504 when the cache does not come to a revision in time. */
export async function freshen(cache: ResourceCache, atLeast: 'now' | number): Promise<void> {
  await cache.ready();
  if (atLeast === 'now') await cache.waitFresh();
  else if (atLeast > 0) await cache.waitFor(atLeast, HANDLER_LIMITS.blockTimeoutMs);
}

/** The chosen objects of a cache as it is now, in order. */
export function chosen(cache: ResourceCache, selection: Selection): readonly CachedObject[] {
  const { namespace, name, everything } = selection;
  const all = cache.list(namespace);
  if (everything) return all;
  if (name !== undefined && namespace !== '') {
    const one = cache.get(namespace, name);
    return one !== undefined && selection.matches(one) ? [one] : [];
  }
  return all.filter((object) => selection.matches(object));
}

function pageOfCache(cache: ResourceCache, selection: Selection, limit: number): Page {
  const { revision } = cache;
  if (limit > 0 && selection.everything) {
    const { objects, remaining } = cache.page(selection.namespace, '', limit);
    return paged(objects, remaining, selection, revision);
  }
  const all = chosen(cache, selection);
  const objects = limit === 0 ? all : all.slice(0, limit);
  return paged(objects, all.length - objects.length, selection, revision);
}

const listMeta = (revision: number, token: string, selection: Selection, remaining: number): ListMeta => ({
  resourceVersion: String(revision),
  continue: token,
  ...(selection.everything ? { remainingItemCount: remaining } : {}),
});

async function continued(call: ResourceCall, selection: Selection, token: string, limit: number): Promise<Page> {
  const { start, revision } = decodeContinue(token);
  try {
    return await pageAt(call, selection, { start, revision: Math.max(0, revision), limit });
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== 'Expired') throw error;
    throw new ApiError(410, 'Expired', INCONSISTENT_CONTINUE, undefined, encodeContinue({ start, revision: -1 }));
  }
}

/** A page as of a revision (0 = now): out of the cache when that can undo what has happened since, else from the store. */
async function pageAt(call: ResourceCall, selection: Selection, place: PagePlace): Promise<Page> {
  const { definition, context, deps } = call;
  const isPlain = !/[\x80-\uffff]/.test(place.start);
  const held =
    place.revision > 0 && isPlain
      ? await deps.registry.reads.cacheAt(definition, place.revision, context.signal)
      : undefined;
  return held === undefined ? pageOfStore(call, selection, place) : pageOfHistory(held, selection, place);
}

interface PagePlace {
  readonly start: string;
  readonly revision: number;
  readonly limit: number;
}

function pageOfHistory(
  { cache, since }: { readonly cache: ResourceCache; readonly since: readonly CacheEvent[] },
  selection: Selection,
  { start, revision, limit }: PagePlace,
): Page {
  const { namespace, everything } = selection;
  if (everything && since.length === 0) {
    const { objects, remaining } = cache.page(namespace, start, limit === 0 ? Number.POSITIVE_INFINITY : limit);
    return paged(objects, remaining, selection, revision);
  }
  const from = namespace === '' ? start : `${namespace}/${start}`;
  const all = undo(cache.list(namespace), since, namespace).filter((object) => pathOf(object) >= from);
  const matching = everything ? all : all.filter((object) => selection.matches(object));
  const objects = limit === 0 ? matching : matching.slice(0, limit);
  return paged(objects, matching.length - objects.length, selection, revision);
}

/** The objects before `events` happened: of each object the state that its first event replaced. */
function undo(
  objects: readonly CachedObject[],
  events: readonly CacheEvent[],
  namespace: string,
): readonly CachedObject[] {
  const before = new Map<string, CachedObject | undefined>();
  for (const { object, previous } of events) {
    const path = pathOf(object);
    if (!before.has(path) && (namespace === '' || object.namespace === namespace)) before.set(path, previous);
  }
  if (before.size === 0) return objects;
  const kept = objects.filter((object) => !before.has(pathOf(object)));
  for (const previous of before.values()) if (previous !== undefined) kept.push(previous);
  return kept.sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
}

const pathOf = ({ namespace, name }: CachedObject): string => (namespace === '' ? name : `${namespace}/${name}`);

function paged(objects: readonly CachedObject[], remaining: number, selection: Selection, revision: number): Page {
  const last = objects.at(-1);
  if (remaining === 0 || last === undefined) return { objects, meta: { resourceVersion: String(revision) } };
  return { objects, meta: listMeta(revision, tokenAfter(last, selection, revision), selection, remaining) };
}

function tokenAfter(last: CachedObject, { namespace }: Selection, revision: number): string {
  const path = namespace === '' ? pathOf(last) : last.name;
  return encodeContinue({ start: `${Buffer.from(path).toString('latin1')}\0`, revision });
}

/** A page from the store as of a revision (0 = now); with selectors it reads on until the page is full. */
async function pageOfStore(
  call: ResourceCall,
  selection: Selection,
  { start, revision, limit }: PagePlace,
): Promise<Page> {
  const { definition, context, deps } = call;
  const objects: CachedObject[] = [];
  let from = start;
  let asOf = revision;
  let readLimit = limit;
  for (;;) {
    const page = await deps.registry.reads
      .page(definition, selection.namespace, { start: from, limit: readLimit, revision: asOf }, context.signal)
      .catch((error: unknown) => explainFuture(call, error, revision));
    asOf = page.revision;
    for (const [index, object] of page.objects.entries()) {
      if (!selection.matches(object)) continue;
      objects.push(object);
      const left = page.remaining + page.objects.length - index - 1;
      if (limit > 0 && objects.length === limit && left > 0) {
        return { objects, meta: listMeta(asOf, tokenAfter(object, selection, asOf), selection, left) };
      }
    }
    if (page.next === undefined) return { objects, meta: { resourceVersion: String(asOf) } };
    from = page.next;
    readLimit = Math.min(Math.max(readLimit * 2, 1), STORE_LIMITS.maxFilteredPage);
  }
}

/** A revision the store has not reached is told together with the one it has. */
async function explainFuture(call: ResourceCall, error: unknown, wanted: number): Promise<never> {
  const isFuture = error instanceof ApiError && error.details?.causes?.[0]?.reason === 'ResourceVersionTooLarge';
  if (!isFuture) throw error;
  const cache = call.deps.registry.cache(call.definition);
  await cache.waitFresh();
  throw tooLargeResourceVersion(wanted, cache.revision);
}
