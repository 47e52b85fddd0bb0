import { ApiError, badRequest, fieldInvalid, invalid } from '../errors.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { applyStrategicMerge } from '../patch/strategic-merge.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { conform, judgeFaults, parseBody } from '../scheme/decode.ts';
import { isObject, type Json, type KubeObject, textAt } from '../scheme/json.ts';
import { warnDeprecated } from './create.ts';
import { mediaTypeName, unsupportedMediaType } from './negotiation.ts';
import { objectReply, writeForms } from './object-reply.ts';
import type { Reply } from './reply.ts';
import { outputOf, placeOf, type ResourceCall } from './resource-call.ts';
import { writeOptions } from './write-options.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

type Apply = (current: KubeObject, patch: Json, definition: ResourceDefinition) => Json;
const APPLIERS: Readonly<Record<string, Apply>> = {
  [JSON_PATCH]: (current, patch) => applyJsonPatch(current, patch),
  [MERGE_PATCH]: (current, patch) => applyMergePatch(current, patch),
  [STRATEGIC]: (current, patch, { schema }) => {
    if (!isObject(patch)) throw badRequest('json: cannot unmarshal the patch into an object');
    return applyStrategicMerge(current, patch, schema);
  },
};

/** PATCH on an object or one of its subresources. On a conflict the patch is applied to the newer object, unless it names a resourceVersion. */
export async function patch(call: ResourceCall): Promise<Reply> {
  const { definition, subresource, deps } = call;
  const output = outputOf(call, { forms: writeForms(definition) });
  const apply = applierOf(call);
  const options = writeOptions(call, 'PatchOptions');
  const parsed = parsePatch(await call.body(), definition);
  const { namespace, name } = placeOf(call);
  warnDeprecated(call);
  let warned = false;
  const { object } = await deps.registry.update(
    definition,
    namespace,
    name,
    (current) => {
      if (current === undefined) throw new ApiError(404, 'NotFound', `${definition.plural} "${name}" not found`);
      const patched = patchedObject(definition, apply(current, parsed.value, definition), parsed.value);
      const judged = judge(definition, patched, parsed.faults);
      // Said once, however often the patch is applied anew.
      const warn = warned ? () => undefined : (text: string) => call.context.warn(text);
      warned = true;
      return judgeFaults(judged, options.fieldValidation, definition, warn);
    },
    { ...options, ...(subresource === undefined ? {} : { subresource: subresource.name }) },
  );
  return objectReply(call, 200, object, output);
}

/** Errors: ApiError 415. */
function applierOf({ definition, headers }: ResourceCall): Apply {
  const type = mediaTypeName(headers['content-type']);
  const accepted = [JSON_PATCH, MERGE_PATCH, ...(definition.strategicMerge ? [STRATEGIC] : [])];
  const apply = accepted.includes(type) ? APPLIERS[type] : undefined;
  if (apply !== undefined) return apply;
  if (type === APPLY) {
    const { message } = unsupportedMediaType(accepted);
    throw new ApiError(415, 'UnsupportedMediaType', `server-side apply is not offered by this server: ${message}`);
  }
  throw unsupportedMediaType(accepted);
}

function parsePatch(body: Buffer, definition: ResourceDefinition): ReturnType<typeof parseBody> {
  try {
    return parseBody(body, 'json', definition.kind);
  } catch (error) {
    if (error instanceof ApiError) throw badRequest(`error decoding patch: ${error.message}`);
    throw error;
  }
}

/** What came out of a patch must still be an object of the kind. Errors: ApiError 422, 400. */
function patchedObject(definition: ResourceDefinition, patched: Json, patch: Json): KubeObject {
  if (!isObject(patched)) {
    throw invalid({ group: '', kind: '' }, '', [
      fieldInvalid('patch', JSON.stringify(patch), 'the result is not an object'),
    ]);
  }
  const kind = textAt(patched, 'kind');
  if (kind !== '' && kind !== definition.kind) {
    throw badRequest(`the kind in the patch (${kind}) does not match the kind of the object (${definition.kind})`);
  }
  return patched;
}

/** Unknown fields of the patch are found in the result. A value that does not fit its place is the patch's fault: 422. */
function judge(
  definition: ResourceDefinition,
  patched: KubeObject,
  faults: readonly string[],
): ReturnType<typeof conform> {
  try {
    return conform(structuredClone(patched), definition, faults);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error;
    throw invalid({ group: '', kind: '' }, '', [fieldInvalid('patch', 'the patched object', error.message)]);
  }
}
