import type { CachedObject } from '../cache/types.ts';
import { notFound } from '../errors.ts';
import { groupResource } from '../registry/object-meta.ts';
import { documentReply } from './encode.ts';
import { formFor } from './forms.ts';
import { freshen } from './list.ts';
import { revision, text } from './query.ts';
import type { Reply } from './reply.ts';
import { layoutOf, outputOf, placeOf, type ResourceCall } from './resource-call.ts';
import { includeObjectOf } from './table.ts';

/** GET on one object. Without a resourceVersion it is linearizable; with one it comes from the cache. */
export async function get(call: ResourceCall): Promise<Reply> {
  const output = outputOf(call, { forms: ['Table', 'PartialObjectMetadata'] });
  const includeObject = includeObjectOf(call.context.query);
  const form = formFor(call.definition, output, includeObject, call.deps.now);
  const object = await read(call);
  return documentReply(200, form.object(object), layoutOf(call, output));
}

async function read(call: ResourceCall): Promise<CachedObject> {
  const { definition, context, deps } = call;
  const { namespace, name } = placeOf(call);
  const wanted = revision(text(context.query, 'resourceVersion'));
  if (wanted === undefined) return deps.registry.reads.getBytes(definition, namespace, name, context.signal);
  const cache = deps.registry.cache(definition);
  await freshen(cache, wanted);
  const object = cache.get(namespace, name);
  if (object === undefined) throw notFound(groupResource(definition), name);
  return object;
}
