import { randomUUID } from 'node:crypto';
import { ApiError, badRequest, conflict, fieldInvalid, type GroupResource, invalid } from '../errors.ts';
import { sameJson } from '../patch/json-patch.ts';
import { isArray, isObject, type Json, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
import type { ResourceDefinition } from './definition.ts';

/** What the server owns in metadata, on create and on update. Source: apiserver registry/rest {create,update,meta}.go. */

export const groupResource = (definition: Pick<ResourceDefinition, 'group' | 'plural'>): GroupResource => ({
  group: definition.group,
  resource: definition.plural,
});

/** The metadata of an object, made when it has none. */
export function metaOf(object: KubeObject): JsonObject {
  if (isObject(object.metadata)) return object.metadata;
  const metadata: JsonObject = {};
  object.metadata = metadata;
  return metadata;
}

/** RFC 3339 in whole seconds, as metav1.Time is written. */
export const timestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

export function finalizersOf(object: KubeObject): readonly string[] {
  const finalizers = object.metadata?.['finalizers'];
  return isArray(finalizers) ? finalizers.filter((f): f is string => typeof f === 'string') : [];
}

/** The namespace of the request goes into the object. Errors: ApiError 400 when the object names another. */
export function takeNamespace(definition: ResourceDefinition, object: KubeObject, namespace: string): void {
  const metadata = metaOf(object);
  if (definition.scope === 'Cluster') {
    delete metadata['namespace'];
    return;
  }
  const own = textAt(metadata, 'namespace');
  if (own !== '' && own !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata['namespace'] = namespace;
}

/** What a client may not choose for a new object. */
export function fillForCreate(definition: ResourceDefinition, object: KubeObject, nowMs: number): void {
  const metadata = metaOf(object);
  for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'managedFields', 'selfLink', 'generation']) {
    delete metadata[field];
  }
  metadata['uid'] = randomUUID();
  metadata['creationTimestamp'] = timestamp(nowMs);
  if (definition.strategy.generationOf !== undefined) metadata['generation'] = 1;
}

/** What an update cannot change is taken from the old object. */
export function keepForUpdate(object: KubeObject, old: KubeObject): void {
  const metadata = metaOf(object);
  const before = metaOf(old);
  for (const field of ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation']) {
    if (before[field] === undefined) delete metadata[field];
    else metadata[field] = before[field];
  }
  if (metadata['generateName'] === undefined && before['generateName'] !== undefined) {
    metadata['generateName'] = before['generateName'];
  }
  delete metadata['managedFields'];
  delete metadata['selfLink'];
}

/** Raises the generation when the desired state changed. */
export function bumpGeneration(definition: ResourceDefinition, object: KubeObject, old: KubeObject): void {
  const { generationOf } = definition.strategy;
  if (generationOf === undefined) return;
  const before = Number(old.metadata?.['generation'] ?? 0);
  metaOf(object)['generation'] = sameJson(generationOf(object), generationOf(old)) ? before || 1 : before + 1;
}

const STALE = 'the object has been modified; please apply your changes to the latest version and try again';
export const staleConflict = (definition: ResourceDefinition, name: string): ApiError =>
  conflict(groupResource(definition), name, STALE);

/** An update must be of the object that was read. Errors: ApiError 409 for another uid or a stale version, 422 for a missing version, 400 for a malformed one. */
export function checkPreconditions(
  definition: ResourceDefinition,
  next: KubeObject,
  old: KubeObject,
  revision: number,
): void {
  const name = textAt(old, 'metadata', 'name');
  const uid = textAt(next, 'metadata', 'uid');
  const before = textAt(old, 'metadata', 'uid');
  if (uid !== '' && uid !== before) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before}`;
    throw conflict(groupResource(definition), name, why);
  }
  const wanted = textAt(next, 'metadata', 'resourceVersion');
  if (wanted === '' || wanted === '0') {
    if (definition.strategy.allowUnconditionalUpdate === false) {
      throw invalid(definition, name, [fieldInvalid('metadata.resourceVersion', 0, 'must be specified for an update')]);
    }
    return;
  }
  if (!/^\d+$/.test(wanted)) {
    throw invalid(definition, name, [
      fieldInvalid(
        'metadata.resourceVersion',
        wanted,
        `strconv.ParseUint: parsing ${JSON.stringify(wanted)}: invalid syntax`,
      ),
    ]);
  }
  if (wanted !== String(revision)) throw staleConflict(definition, name);
}

/** 500 without a reason, as the real server answers it. */
export function refuseResourceVersion(object: KubeObject): void {
  const version = textAt(object, 'metadata', 'resourceVersion');
  if (version !== '' && version !== '0')
    throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
  if (isObject(object.metadata)) delete object.metadata['resourceVersion'];
}

/** Drops repeated owner references; true when there were any. */
export function dropRepeatedOwners(object: KubeObject): boolean {
  const owners = object.metadata?.['ownerReferences'];
  if (!isArray(owners) || owners.length < 2) return false;
  const kept: Json[] = [];
  for (const owner of owners) if (!kept.some((other) => sameJson(other, owner))) kept.push(owner);
  if (kept.length === owners.length) return false;
  metaOf(object)['ownerReferences'] = kept;
  return true;
}
