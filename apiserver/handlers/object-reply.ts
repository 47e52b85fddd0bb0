import { Entry } from '../cache/entry.ts';
import type { CachedObject } from '../cache/types.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { servedForm, storedApiVersion } from '../registry/stored-form.ts';
import { apiVersionOf } from '../scheme/decode.ts';
import { isObject, type KubeObject, textAt } from '../scheme/json.ts';
import { encodeServed } from '../store/served-bytes.ts';
import { documentReply } from './encode.ts';
import { formFor } from './forms.ts';
import type { OutputForm } from './negotiation.ts';
import type { Reply } from './reply.ts';
import { layoutOf, type ResourceCall } from './resource-call.ts';
import { includeObjectOf } from './table.ts';

/** An answer with one decoded object, in the form that was negotiated. */
export function objectReply(call: ResourceCall, status: number, object: KubeObject, output: OutputForm): Reply {
  const layout = layoutOf(call, output);
  if (output.as === undefined) return documentReply(status, servedForm(object), layout);
  const form = formFor(unconverted(call.definition), output, includeObjectOf(call.context.query), call.deps.now);
  return documentReply(status, form.object(entryOf(object)), layout);
}

/** The object is in the definition's own version already. */
const unconverted = (definition: ResourceDefinition): ResourceDefinition =>
  storedApiVersion(definition) === apiVersionOf(definition)
    ? definition
    : { ...definition, storageVersion: definition.version, storageGroup: definition.group };

function entryOf(object: KubeObject): CachedObject {
  const place = { namespace: textAt(object, 'metadata', 'namespace'), name: textAt(object, 'metadata', 'name') };
  const version = Number(textAt(object, 'metadata', 'resourceVersion') || 0);
  const whole = isObject(object.metadata) ? object : { ...object, metadata: {} };
  return new Entry(place, version, encodeServed(whole));
}

/** Answers without metadata (reviews) cannot be shown as tables. */
export const writeForms = (definition: Pick<ResourceDefinition, 'stored'>): ('Table' | 'PartialObjectMetadata')[] =>
  definition.stored ? ['Table', 'PartialObjectMetadata'] : [];
