import type { CachedObject, ResourceCache } from '../cache/types.ts';
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
      return pageOfStore(call, selection, { start: '', revision: source.exactly, limit: options.limit });
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
  const objects = chosen(cache, selection);
  const { revision } = cache;
  if (limit === 0 || objects.length <= limit) return { objects, meta: { resourceVersion: String(revision) } };
  const page = objects.slice(0, limit);
  const last = page.at(-1) as CachedObject;
  const path = selection.namespace === '' && last.namespace !== '' ? `${last.namespace}/${last.name}` : last.name;
  const token = encodeContinue({ start: `${Buffer.from(path).toString('latin1')}\0`, revision });
  return { objects: page, meta: listMeta(revision, token, selection, objects.length - limit) };
}

const listMeta = (revision: number, token: string, selection: Selection, remaining: number): ListMeta => ({
  resourceVersion: String(revision),
  continue: token,
  ...(selection.everything ? { remainingItemCount: remaining } : {}),
});

async function continued(call: ResourceCall, selection: Selection, token: string, limit: number): Promise<Page> {
  const { start, revision } = decodeContinue(token);
  try {
    return await pageOfStore(call, selection, { start, revision: Math.max(0, revision), limit });
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== 'Expired') throw error;
    throw new ApiError(410, 'Expired', INCONSISTENT_CONTINUE, undefined, encodeContinue({ start, revision: -1 }));
  }
}

/** A page from the store as of a revision (0 = now); with selectors it reads on until the page is full. */
async function pageOfStore(
  call: ResourceCall,
  selection: Selection,
  { start, revision, limit }: { readonly start: string; readonly revision: number; readonly limit: number },
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
        const path =
          selection.namespace === '' && object.namespace !== '' ? `${object.namespace}/${object.name}` : object.name;
        const token = encodeContinue({ start: `${Buffer.from(path).toString('latin1')}\0`, revision: asOf });
        return { objects, meta: listMeta(asOf, token, selection, left) };
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
