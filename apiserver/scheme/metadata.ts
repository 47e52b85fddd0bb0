import { utf8Bytes } from '../../base/bytes.ts';
import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired, fieldTooLong } from '../errors.ts';
import { at, isArray, isObject, isString, type Json, type JsonObject, textAt } from './json.ts';
import { SCHEME_LIMITS } from './limits.ts';
import { dns1123Label, labelValue, qualifiedName, subdomainName } from './names.ts';

/** What differs between resources. */
export interface MetadataRules {
  readonly namespaced: boolean;
  /** Default: DNS subdomain. */
  readonly validateName?: (name: string, prefix: boolean) => readonly string[];
}

/** What is wrong with the metadata of a new object. Source: apimachinery api/validation ValidateObjectMeta. */
export function validateObjectMeta(metadata: JsonObject, rules: MetadataRules): readonly FieldError[] {
  const judge = rules.validateName ?? subdomainName;
  const errors: FieldError[] = [];
  const prefix = textAt(metadata, 'generateName');
  const name = textAt(metadata, 'name');
  if (prefix !== '')
    for (const text of judge(prefix, true)) errors.push(fieldInvalid('metadata.generateName', prefix, text));
  if (name === '') errors.push(fieldRequired('metadata.name', 'name or generateName is required'));
  else for (const text of judge(name, false)) errors.push(fieldInvalid('metadata.name', name, text));
  errors.push(...validateNamespace(textAt(metadata, 'namespace'), rules.namespaced));
  errors.push(...validateCommon(metadata), ...validateFinalizers(texts(metadata['finalizers'])));
  return errors;
}

const SERVER_KEPT = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/**
 * What is wrong with the metadata of a changed object. What the server keeps for itself (uid, creationTimestamp, deletionTimestamp) must already have
 * been taken from the old object. Source: ValidateObjectMetaUpdate.
 */
export function validateObjectMetaUpdate(next: JsonObject, old: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const field of SERVER_KEPT) {
    if ((next[field] ?? '') !== (old[field] ?? '')) {
      errors.push(fieldInvalid(`metadata.${field}`, next[field] ?? '', 'field is immutable'));
    }
  }
  if (old['deletionTimestamp'] !== undefined) {
    const known = texts(old['finalizers']);
    const added = texts(next['finalizers'])
      .filter((finalizer) => !known.includes(finalizer))
      .sort();
    if (added.length > 0) {
      const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
      errors.push(
        fieldForbidden(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
        ),
      );
    }
  }
  errors.push(...validateCommon(next));
  return errors;
}

/** Keys and values of labels, of an object or a template. */
export function validateLabels(labels: Json | undefined, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(isObject(labels) ? labels : {})) {
    for (const text of qualifiedName(key)) errors.push(fieldInvalid(field, key, text));
    for (const text of labelValue(String(value))) errors.push(fieldInvalid(field, value, text));
  }
  return errors;
}

function validateNamespace(namespace: string, namespaced: boolean): readonly FieldError[] {
  const field = 'metadata.namespace';
  if (!namespaced) return namespace === '' ? [] : [fieldForbidden(field, 'not allowed on this type')];
  if (namespace === '') return [fieldRequired(field, '')];
  return dns1123Label(namespace).map((text) => fieldInvalid(field, namespace, text));
}

function validateCommon(metadata: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const generation = metadata['generation'];
  if (typeof generation === 'number' && generation < 0) {
    errors.push(fieldInvalid('metadata.generation', generation, 'must be greater than or equal to 0'));
  }
  errors.push(...validateLabels(metadata['labels'], 'metadata.labels'));
  errors.push(...validateAnnotations(metadata['annotations']));
  errors.push(...validateOwners(metadata['ownerReferences']));
  return errors;
}

function validateAnnotations(annotations: Json | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  let sizeBytes = 0;
  for (const [key, value] of Object.entries(isObject(annotations) ? annotations : {})) {
    for (const text of qualifiedName(key.toLowerCase())) errors.push(fieldInvalid('metadata.annotations', key, text));
    sizeBytes += utf8Bytes(key).length + utf8Bytes(String(value)).length;
  }
  if (sizeBytes > SCHEME_LIMITS.maxAnnotationsBytes) {
    errors.push(fieldTooLong('metadata.annotations', SCHEME_LIMITS.maxAnnotationsBytes));
  }
  return errors;
}

function validateOwners(owners: Json | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  let controller = '';
  for (const [i, owner] of (isArray(owners) ? owners : []).entries()) {
    const field = `metadata.ownerReferences[${i}]`;
    const apiVersion = textAt(owner, 'apiVersion');
    if (apiVersion !== '' && !/^(?:[^/]+\/)?[^/]+$/.test(apiVersion)) {
      errors.push(fieldInvalid(`${field}.apiVersion`, apiVersion, 'must be <group>/<version> or <version>'));
    }
    for (const part of ['apiVersion', 'kind', 'name', 'uid']) {
      if (textAt(owner, part) === '') errors.push(fieldRequired(`${field}.${part}`, 'must not be empty'));
    }
    if (apiVersion === 'v1' && textAt(owner, 'kind') === 'Event') {
      errors.push(fieldInvalid(field, owner, '/v1, Kind=Event is disallowed from being an owner'));
    }
    if (at(owner, 'controller') !== true) continue;
    const named = `${textAt(owner, 'kind')}/${textAt(owner, 'name')}`;
    if (controller !== '') {
      const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${named}`;
      errors.push(fieldInvalid('metadata.ownerReferences', owners, why));
    } else controller = named;
  }
  return errors;
}

function validateFinalizers(finalizers: readonly string[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const finalizer of finalizers) {
    for (const text of qualifiedName(finalizer)) errors.push(fieldInvalid('metadata.finalizers', finalizer, text));
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const why = 'finalizer orphan and foregroundDeletion cannot be both set';
    errors.push(fieldInvalid('metadata.finalizers', finalizers, why));
  }
  return errors;
}

function texts(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter(isString) : [];
}
