import { badRequest } from '../errors.ts';
import { decodeBody, judgeFaults, type WantedKind } from '../scheme/decode.ts';
import { type KubeObject, textAt } from '../scheme/json.ts';
import { negotiateBody } from './negotiation.ts';
import { objectReply, writeForms } from './object-reply.ts';
import type { Reply } from './reply.ts';
import { outputOf, placeOf, type ResourceCall } from './resource-call.ts';
import { writeOptions } from './write-options.ts';

/** POST on a collection, or on a subresource that is created (token, binding, eviction). */
export async function create(call: ResourceCall): Promise<Reply> {
  const { definition, subresource, deps, context } = call;
  const output = outputOf(call, { forms: subresource === undefined ? writeForms(definition) : [] });
  const options = writeOptions(call, 'CreateOptions');
  const wanted: WantedKind =
    subresource?.kind === undefined ? definition : { ...subresource.kind, builtIn: definition.builtIn };
  const object = await readObject(call, wanted, options.fieldValidation);
  const { namespace, name } = placeOf(call);
  if (subresource !== undefined) {
    const answer = await deps.registry.createSubresource(
      definition,
      { namespace, name },
      subresource,
      object,
      context,
      options,
    );
    return objectReply(call, 201, answer, output);
  }
  // Only the legacy paths of core v1 post to a name; it must be the object's.
  if (name !== '' && definition.plural !== 'namespaces' && textAt(object, 'metadata', 'name') !== name) {
    throw badRequest(
      `the name of the object (${textAt(object, 'metadata', 'name')}) does not match the name on the URL (${name})`,
    );
  }
  warnDeprecated(call);
  const created = await deps.registry.create(definition, namespace, object, options);
  return objectReply(call, 201, created, output);
}

/** The body as an object of a kind, without unknown fields. Errors: ApiError 400, 413, 415. */
export async function readObject(
  call: ResourceCall,
  wanted: WantedKind,
  fieldValidation: 'Ignore' | 'Warn' | 'Strict',
): Promise<KubeObject> {
  const type = negotiateBody(call.headers['content-type'], wanted.builtIn);
  const body = await call.body();
  return judgeFaults(decodeBody(body, type, wanted), fieldValidation, wanted, (text) => call.context.warn(text));
}

export function warnDeprecated({ definition, context }: ResourceCall): void {
  if (definition.deprecationWarning !== undefined) context.warn(definition.deprecationWarning);
}
