import { ApiError, badRequest, timeout } from '../errors.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { REGISTRY_LIMITS } from '../registry/limits.ts';
import { type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
import { documentReply } from './encode.ts';
import { readPage } from './list.ts';
import { parseListOptions, validateListOptions } from './list-options.ts';
import { objectReply } from './object-reply.ts';
import type { Reply } from './reply.ts';
import { layoutOf, outputOf, placeOf, type ResourceCall } from './resource-call.ts';
import { select } from './selection.ts';
import { readDeleteOptions } from './write-options.ts';

/** DELETE on an object: a Status when it is gone, the object when it stays for its finalizers or grace period. */
export async function deleteOne(call: ResourceCall): Promise<Reply> {
  const { definition, deps } = call;
  const output = outputOf(call, { forms: ['Table', 'PartialObjectMetadata'] });
  const options = await readDeleteOptions(call);
  const { namespace, name } = placeOf(call);
  const { object, gone } = await deps.registry.delete(definition, namespace, name, options);
  if (gone) return documentReply(200, JSON.stringify(deletedStatus(definition, object)), layoutOf(call, output));
  // 202 only for those who said that they do not wait for dependents. Source: apiserver handlers/delete.go.
  return objectReply(call, options.orphanDependents === false ? 202 : 200, object, output);
}

function deletedStatus(definition: ResourceDefinition, object: KubeObject): JsonObject {
  const { group, plural } = definition;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: textAt(object, 'metadata', 'name'),
      ...(group === '' ? {} : { group }),
      kind: plural,
      uid: textAt(object, 'metadata', 'uid'),
    },
  };
}

/** DELETE on a collection: every object that the list options choose. */
export async function deleteCollection(call: ResourceCall): Promise<Reply> {
  const { definition, deps, context } = call;
  const output = outputOf(call, { forms: [] });
  const options = parseListOptions(context.query);
  validateListOptions(options);
  const selection = select(definition, placeOf(call).namespace, options);
  const deletion = await readDeleteOptions(call);
  if (deletion.preconditions?.uid !== undefined)
    throw badRequest('preconditions cannot name one object of a collection');
  const { objects } = await readPage(call, options, selection);
  const waiting = [...objects];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (context.signal.aborted) throw timeout('request did not complete within the allotted timeout', 0);
      await deps.registry.delete(definition, next.namespace, next.name, deletion).catch(ignoreGone);
    }
  };
  await Promise.all(Array.from({ length: REGISTRY_LIMITS.deleteCollectionWorkers }, worker));
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: detailsOf(definition) };
  return documentReply(200, JSON.stringify(status), layoutOf(call, output));
}

const detailsOf = ({ group, plural }: ResourceDefinition): JsonObject => ({
  ...(group === '' ? {} : { group }),
  kind: plural,
});

function ignoreGone(error: unknown): undefined {
  if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
  throw error;
}
