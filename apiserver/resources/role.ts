import { defineResource, type ResourceDefinition } from '../registry/definition.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import { pathSegment } from '../scheme/names.ts';
import type { Schema } from '../scheme/schema.ts';
import { kind, list, message } from '../scheme/shapes.ts';
import { nameColumn } from './columns.ts';
import { createdAtColumn, RBAC_GROUP, validateRules } from './rbac-rules.ts';
import { policyRule } from './rbac-shapes.ts';

export const role: Schema = kind(
  'io.k8s.api.rbac.v1.Role',
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role' },
  'A set of permissions in one namespace.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    rules: list(2, policyRule, 'The permissions.', { listType: 'atomic' }),
  },
);

/** Role. Source: Kubernetes rbac.authorization.k8s.io/v1. */
export const roles: ResourceDefinition = defineResource({
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  scope: 'Namespaced',
  schema: role,
  strategy: {
    allowCreateOnUpdate: true,
    validateName: pathSegment,
    validate: (object) => validateRules(object, true),
  },
  columns: [nameColumn, createdAtColumn],
});
