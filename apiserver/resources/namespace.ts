import { type FieldError, fieldInvalid } from '../errors.ts';
import { defineResource, type ResourceDefinition, type Subresource } from '../registry/definition.ts';
import { at, isArray, type Json, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import { labelName, qualifiedName } from '../scheme/names.ts';
import type { Schema } from '../scheme/schema.ts';
import { kind, list, message, shape, text, time } from '../scheme/shapes.ts';
import { ageColumn, column, nameColumn } from './columns.ts';

export const namespaceSpec: Schema = shape('io.k8s.api.core.v1.NamespaceSpec', 'What is wanted of a namespace.', {
  finalizers: list(1, 'string', 'Who has to clean up before the namespace may go.', { listType: 'atomic' }),
});

export const namespaceCondition: Schema = shape(
  'io.k8s.api.core.v1.NamespaceCondition',
  'One observation about a namespace.',
  {
    type: text(1, 'What is observed.', { required: true }),
    status: text(2, 'True, False or Unknown.', { required: true }),
    lastTransitionTime: time(4, 'When status last changed.'),
    reason: text(5, 'Machine-readable reason.'),
    message: text(6, 'The same for people.'),
  },
);

export const namespaceStatus: Schema = shape('io.k8s.api.core.v1.NamespaceStatus', 'What is observed of a namespace.', {
  phase: text(1, 'Active, or Terminating while its content is removed.', { enum: ['Active', 'Terminating'] }),
  conditions: list(2, namespaceCondition, 'Observations, for instance on a deletion that does not come to an end.', {
    listType: 'map',
    listMapKeys: ['type'],
    merge: 'type',
  }),
});

export const namespace: Schema = kind(
  'io.k8s.api.core.v1.Namespace',
  { group: '', version: 'v1', kind: 'Namespace' },
  'A scope for names.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    spec: message(2, namespaceSpec, 'What is wanted.'),
    status: message(3, namespaceStatus, 'What is observed.'),
  },
);

/** The label that every namespace carries its own name in. */
const NAME_LABEL = 'kubernetes.io/metadata.name';
/** Keeps a namespace until its content is gone. */
const FINALIZER = 'kubernetes';
const STANDARD_FINALIZERS = [FINALIZER, 'orphan', 'foregroundDeletion'];

const status: Subresource = {
  name: 'status',
  verbs: ['get', 'update', 'patch'],
  prepareForUpdate: (next, old) => takeAllBut('status', next, old),
  validateUpdate: validateStatus,
};
const finalize: Subresource = {
  name: 'finalize',
  verbs: ['update'],
  prepareForUpdate: (next, old) => keep('status', next, old),
  validateUpdate: (next) => validateFinalizers(next),
};

/** Namespace: a scope for names. Source: Kubernetes core/v1, registry/core/namespace. */
export const namespaces: ResourceDefinition = defineResource({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  scope: 'Cluster',
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  schema: namespace,
  subresources: [finalize, status],
  fieldSelectors: { 'status.phase': (object) => textAt(object, 'status', 'phase') },
  strategy: {
    validateName: labelName,
    defaults: labelWithName,
    prepareForCreate,
    prepareForUpdate: (next, old) => {
      keep('spec', next, old);
      keep('status', next, old);
    },
    validate: validateFinalizers,
    beginDeletion: terminate,
    isFinalized,
  },
  columns: [
    nameColumn,
    column('Status', 'Active or Terminating.', (object) => textAt(object, 'status', 'phase')),
    ageColumn,
  ],
});

function labelWithName(object: KubeObject): void {
  const name = textAt(object, 'metadata', 'name');
  if (name === '') return;
  const metadata = object.metadata as JsonObject;
  metadata['labels'] = { ...(metadata['labels'] as JsonObject | undefined), [NAME_LABEL]: name };
}

function prepareForCreate(object: KubeObject): void {
  labelWithName(object);
  object['status'] = { phase: 'Active' };
  const finalizers = finalizersOf(object);
  if (!finalizers.includes(FINALIZER)) object['spec'] = { finalizers: [...finalizers, FINALIZER] };
}

function terminate(object: KubeObject): boolean {
  object['status'] = { ...(object['status'] as JsonObject | undefined), phase: 'Terminating' };
  return finalizersOf(object).length > 0;
}

function isFinalized(object: KubeObject): boolean {
  return (
    at(object, 'metadata', 'deletionTimestamp') !== undefined &&
    finalizersOf(object).length === 0 &&
    textAtList(at(object, 'metadata', 'finalizers')).length === 0
  );
}

function validateFinalizers(object: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, finalizer] of finalizersOf(object).entries()) {
    const field = `spec.finalizers[${i}]`;
    for (const text of qualifiedName(finalizer)) errors.push(fieldInvalid(field, finalizer, text));
    if (!finalizer.includes('/') && !STANDARD_FINALIZERS.includes(finalizer)) {
      errors.push(
        fieldInvalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'),
      );
    }
  }
  return errors;
}

function validateStatus(next: KubeObject): readonly FieldError[] {
  const phase = textAt(next, 'status', 'phase');
  const deleting = at(next, 'metadata', 'deletionTimestamp') !== undefined;
  if (deleting && phase !== 'Terminating') {
    return [fieldInvalid('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")];
  }
  if (!deleting && phase !== 'Active') {
    return [fieldInvalid('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty")];
  }
  return [];
}

const finalizersOf = (object: KubeObject): readonly string[] => textAtList(at(object, 'spec', 'finalizers'));
const textAtList = (value: Json | undefined): readonly string[] =>
  isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

function keep(field: string, next: KubeObject, old: KubeObject): void {
  if (old[field] === undefined) delete next[field];
  else next[field] = old[field];
}

function takeAllBut(field: string, next: KubeObject, old: KubeObject): void {
  for (const name of new Set([...Object.keys(next), ...Object.keys(old)])) {
    if (name !== field && name !== 'metadata') keep(name, next, old);
  }
}
