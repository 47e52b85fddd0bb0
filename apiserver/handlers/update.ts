import { badRequest } from '../errors.ts';
import { type KubeObject, textAt } from '../scheme/json.ts';
import { readObject, warnDeprecated } from './create.ts';
import { objectReply, writeForms } from './object-reply.ts';
import type { Reply } from './reply.ts';
import { outputOf, placeOf, type ResourceCall } from './resource-call.ts';
import { writeOptions } from './write-options.ts';

/** PUT on an object or one of its subresources. */
export async function update(call: ResourceCall): Promise<Reply> {
  const { definition, subresource, deps } = call;
  const output = outputOf(call, { forms: writeForms(definition) });
  const options = writeOptions(call, 'UpdateOptions');
  const body = await readObject(call, definition, options.fieldValidation);
  const { namespace, name } = placeOf(call);
  checkPlace(call, body, namespace, name);
  warnDeprecated(call);
  const { object, created } = await deps.registry.update(definition, namespace, name, () => body, {
    ...options,
    ...(subresource === undefined ? {} : { subresource: subresource.name }),
    allowCreate: subresource === undefined && definition.strategy.allowCreateOnUpdate === true,
  });
  return objectReply(call, created ? 201 : 200, object, output);
}

/** A body names the object of the URL, or none. Errors: ApiError 400. */
function checkPlace(call: ResourceCall, body: KubeObject, namespace: string, name: string): void {
  const own = { name: textAt(body, 'metadata', 'name'), namespace: textAt(body, 'metadata', 'namespace') };
  if (own.name === '') throw badRequest('name must be provided');
  if (own.name !== name) {
    throw badRequest(`the name of the object (${own.name}) does not match the name on the URL (${name})`);
  }
  if (call.definition.scope === 'Namespaced' && own.namespace !== '' && own.namespace !== namespace) {
    throw badRequest(
      `the namespace of the object (${own.namespace}) does not match the namespace on the URL (${namespace})`,
    );
  }
}
