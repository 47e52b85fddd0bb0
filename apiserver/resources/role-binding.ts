import { defineResource, type ResourceDefinition } from '../registry/definition.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import { pathSegment } from '../scheme/names.ts';
import type { Schema } from '../scheme/schema.ts';
import { kind, list, message } from '../scheme/shapes.ts';
import { ageColumn, nameColumn } from './columns.ts';
import {
  defaultBinding,
  RBAC_GROUP,
  roleColumn,
  subjectColumns,
  validateBinding,
  validateBindingUpdate,
} from './rbac-rules.ts';
import { roleRef, subject } from './rbac-shapes.ts';

export const roleBinding: Schema = kind(
  'io.k8s.api.rbac.v1.RoleBinding',
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding' },
  'Grants a role in its namespace.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    subjects: list(2, subject, 'Who gets it.', { listType: 'atomic' }),
    roleRef: message(3, roleRef, 'The role; cannot change.', { required: true }),
  },
);

/** RoleBinding. Source: Kubernetes rbac.authorization.k8s.io/v1. */
export const roleBindings: ResourceDefinition = defineResource({
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  scope: 'Namespaced',
  schema: roleBinding,
  strategy: {
    allowCreateOnUpdate: true,
    validateName: pathSegment,
    defaults: defaultBinding,
    validate: (object) => validateBinding(object, true),
    validateUpdate: validateBindingUpdate,
  },
  columns: [nameColumn, roleColumn, ageColumn, ...subjectColumns],
});
