import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldTooLong, invalid } from '../errors.ts';
import type { DeleteOptions, WriteOptions } from '../registry/registry.ts';
import { decodeBody, type FieldValidation, fieldValidationOf, judgeFaults } from '../scheme/decode.ts';
import { at, isArray, isObject, type JsonObject, textAt } from '../scheme/json.ts';
import { deleteOptions as deleteOptionsSchema } from '../scheme/meta-v1.ts';
import { negotiateBody } from './negotiation.ts';
import { flag, integer } from './query.ts';
import type { ResourceCall } from './resource-call.ts';

type Kind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

/** dryRun, fieldManager and fieldValidation of a write. Errors: ApiError 422. */
export function writeOptions(
  call: ResourceCall,
  kind: Kind,
): WriteOptions & { readonly fieldValidation: FieldValidation } {
  const { query } = call.context;
  const errors = [...dryRunErrors(query.getAll('dryRun')), ...fieldManagerErrors(query.get('fieldManager') ?? '')];
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors);
  return {
    dryRun: query.getAll('dryRun').includes('All'),
    fieldManager: query.get('fieldManager') ?? '',
    fieldValidation: fieldValidationOf(query.get('fieldValidation')),
    context: call.context,
  };
}

function dryRunErrors(values: readonly string[]): readonly FieldError[] {
  const given = values.filter((value) => value !== '');
  return given.every((value) => value === 'All') ? [] : [fieldNotSupported('dryRun', given, ['All'])];
}

const MAX_MANAGER = 128;
function fieldManagerErrors(manager: string): readonly FieldError[] {
  if (manager.length > MAX_MANAGER) return [fieldTooLong('fieldManager', MAX_MANAGER)];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what may not be printed is what is looked for.
  if (/[\x00-\x1f\x7f]/.test(manager))
    return [fieldInvalid('fieldManager', manager, 'should only contain printable characters')];
  return [];
}

const DELETE_KIND = { group: '', version: 'v1', kind: 'DeleteOptions', schema: deleteOptionsSchema, builtIn: true };

/** DeleteOptions of the body, or of the query when there is no body. Errors: ApiError 400, 415, 422. */
export async function readDeleteOptions(call: ResourceCall): Promise<DeleteOptions> {
  const body = await call.body();
  const object = body.length > 0 ? fromBody(call, body) : fromQuery(call.context.query);
  const errors: FieldError[] = [];
  const dryRun = texts(object, 'dryRun');
  errors.push(...dryRunErrors(dryRun));
  if (isArray(object['dryRun']) && object['ignoreStoreReadErrorWithClusterBreakingPotential'] === true) {
    errors.push(
      fieldForbidden('ignoreStoreReadErrorWithClusterBreakingPotential', 'cannot be set together with dryRun'),
    );
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  const grace = object['gracePeriodSeconds'];
  const orphan = object['orphanDependents'];
  const policy = textAt(object, 'propagationPolicy');
  const uid = textAt(object, 'preconditions', 'uid');
  const resourceVersion = textAt(object, 'preconditions', 'resourceVersion');
  return {
    context: call.context,
    dryRun: dryRun.includes('All'),
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(typeof orphan === 'boolean' ? { orphanDependents: orphan } : {}),
    ...(policy === '' ? {} : { propagationPolicy: policy as 'Background' }),
    ...(isObject(at(object, 'preconditions'))
      ? { preconditions: { ...(uid === '' ? {} : { uid }), ...(resourceVersion === '' ? {} : { resourceVersion }) } }
      : {}),
  };
}

function fromBody(call: ResourceCall, body: Buffer): JsonObject {
  const type = negotiateBody(call.headers['content-type'], true);
  // Clients send the options under the version of the group they delete in as well; the shape is one.
  const wanted = { ...DELETE_KIND, ...versionOf(body, type) };
  return judgeFaults(decodeBody(body, type, wanted), 'Ignore', wanted, () => undefined);
}

function versionOf(body: Buffer, type: string): { readonly group: string; readonly version: string } {
  const match = type === 'json' ? /"apiVersion"\s*:\s*"(?:([^"/]*)\/)?([^"/]+)"/.exec(body.toString('utf8')) : null;
  return match === null ? { group: '', version: 'v1' } : { group: match[1] ?? '', version: match[2] as string };
}

function fromQuery(query: URLSearchParams): JsonObject {
  const grace = integer(query, 'gracePeriodSeconds');
  const orphan = flag(query, 'orphanDependents');
  const policy = query.get('propagationPolicy');
  return {
    dryRun: query.getAll('dryRun'),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(orphan === undefined ? {} : { orphanDependents: orphan }),
    ...(policy === null ? {} : { propagationPolicy: policy }),
  };
}

function texts(object: JsonObject, name: string): readonly string[] {
  const value = object[name];
  return isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
