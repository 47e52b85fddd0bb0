import { conflict, type FieldError, fieldInvalid, fieldNotSupported, invalid } from '../errors.ts';
import { copyJson } from '../scheme/defaults.ts';
import { type KubeObject, textAt } from '../scheme/json.ts';
import type { ResourceDefinition } from './definition.ts';
import { finalizersOf, groupResource, metaOf, timestamp } from './object-meta.ts';
import type { DeleteOptions } from './registry.ts';

/** The deletion state machine. Source: apiserver registry/rest/delete.go and generic/registry/store.go. */

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

export type DeletionStep =
  /** The object goes now. */
  | { readonly type: 'remove' }
  /** It stays in this state until its finalizers or its grace period have run out. */
  | { readonly type: 'mark'; readonly object: KubeObject }
  /** It is being deleted already and this request changes nothing. */
  | { readonly type: 'pending' };

/** What a deletion does to an object in the state `old`, which is not changed. */
export function planDeletion(
  definition: ResourceDefinition,
  old: KubeObject,
  options: DeleteOptions,
  nowMs: number,
): DeletionStep {
  const object = copyJson(old);
  const { strategy } = definition;
  if (strategy.beginDeletion?.(object)) return keepUntilFinalized(object, old, nowMs);
  const graceful = strategy.gracePeriodSeconds === undefined ? undefined : shorten(definition, object, options, nowMs);
  if (graceful === 'pending') return { type: 'pending' };
  setPropagationFinalizers(object, options);
  if (graceful !== undefined && graceful > 0) return { type: 'mark', object };
  if (finalizersOf(object).length === 0) return { type: 'remove' };
  if (graceful === undefined) markAsDeleting(object, nowMs);
  return sameDeletion(object, old) ? { type: 'pending' } : { type: 'mark', object };
}

/** Errors: ApiError 409. */
export function checkDeletePreconditions(
  definition: ResourceDefinition,
  old: KubeObject,
  options: DeleteOptions,
): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const name = textAt(old, 'metadata', 'name');
  const actual = { uid: textAt(old, 'metadata', 'uid'), resourceVersion: textAt(old, 'metadata', 'resourceVersion') };
  if (uid !== undefined && uid !== actual.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${actual.uid}). The object might have been deleted and then recreated`;
    throw conflict(groupResource(definition), name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== actual.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${actual.resourceVersion}). The object might have been modified`;
    throw conflict(groupResource(definition), name, why);
  }
}

/** Errors: ApiError 422 on DeleteOptions. */
export function validateDeleteOptions(options: DeleteOptions): void {
  const errors: FieldError[] = [];
  const policy: string | undefined = options.propagationPolicy;
  if (policy !== undefined && options.orphanDependents !== undefined) {
    errors.push(
      fieldInvalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'),
    );
  }
  if (policy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(policy)) {
    errors.push(fieldNotSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan']));
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
}

/** An object that is being deleted goes with the update that takes its last finalizer. Source: ShouldDeleteDuringUpdate. */
export function goesWithUpdate(definition: ResourceDefinition, next: KubeObject, old: KubeObject): boolean {
  if (old.metadata?.['deletionTimestamp'] === undefined || finalizersOf(next).length > 0) return false;
  if (Number(old.metadata['deletionGracePeriodSeconds'] ?? 0) > 0) return false;
  return definition.strategy.isFinalized?.(next) ?? true;
}

/** The seconds of grace that now hold, with the object marked accordingly; 'pending' when an earlier deletion stands. */
function shorten(
  definition: ResourceDefinition,
  object: KubeObject,
  options: DeleteOptions,
  nowMs: number,
): number | 'pending' {
  const metadata = metaOf(object);
  const requested = options.gracePeriodSeconds === undefined ? undefined : Math.trunc(options.gracePeriodSeconds);
  const deletion = textAt(metadata, 'deletionTimestamp');
  if (deletion === '') {
    const granted =
      definition.strategy.gracePeriodSeconds?.(object, requested === undefined || requested >= 0 ? requested : 1) ?? 0;
    if (Number(metadata['generation'] ?? 0) > 0) metadata['generation'] = Number(metadata['generation']) + 1;
    metadata['deletionTimestamp'] = timestamp(nowMs + granted * 1000);
    metadata['deletionGracePeriodSeconds'] = granted;
    return granted;
  }
  const current = metadata['deletionGracePeriodSeconds'];
  if (typeof current !== 'number') return 0;
  if (requested === undefined) return finalizersOf(object).length === 0 && current === 0 ? 0 : 'pending';
  let period = requested < 0 ? 1 : requested;
  if (period >= current) return current === 0 && finalizersOf(object).length === 0 ? 0 : 'pending';
  let until = Date.parse(deletion) - current * 1000 + period * 1000;
  if (until < nowMs) {
    until = nowMs;
    if (period !== 0) period = 1;
  }
  metadata['deletionTimestamp'] = timestamp(until);
  metadata['deletionGracePeriodSeconds'] = period;
  return period;
}

function setPropagationFinalizers(object: KubeObject, options: DeleteOptions): void {
  const before = finalizersOf(object);
  const { orphanDependents, propagationPolicy } = options;
  const orphan =
    orphanDependents ?? (propagationPolicy === undefined ? before.includes(ORPHAN) : propagationPolicy === 'Orphan');
  const foreground =
    orphanDependents === undefined &&
    (propagationPolicy === undefined ? before.includes(FOREGROUND) : propagationPolicy === 'Foreground');
  const after = before.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (orphan) after.push(ORPHAN);
  if (foreground) after.push(FOREGROUND);
  if (after.length === 0) delete metaOf(object)['finalizers'];
  else if (after.length !== before.length || before.some((f) => !after.includes(f)))
    metaOf(object)['finalizers'] = after;
}

function markAsDeleting(object: KubeObject, nowMs: number): void {
  const metadata = metaOf(object);
  const deletion = textAt(metadata, 'deletionTimestamp');
  if (deletion === '' && Number(metadata['generation'] ?? 0) > 0)
    metadata['generation'] = Number(metadata['generation']) + 1;
  if (deletion === '' || Date.parse(deletion) > nowMs) metadata['deletionTimestamp'] = timestamp(nowMs);
  metadata['deletionGracePeriodSeconds'] = 0;
}

function keepUntilFinalized(object: KubeObject, old: KubeObject, nowMs: number): DeletionStep {
  const metadata = metaOf(object);
  if (metadata['deletionTimestamp'] === undefined) metadata['deletionTimestamp'] = timestamp(nowMs);
  return sameDeletion(object, old) ? { type: 'pending' } : { type: 'mark', object };
}

const sameDeletion = (a: KubeObject, b: KubeObject): boolean => JSON.stringify(a) === JSON.stringify(b);
