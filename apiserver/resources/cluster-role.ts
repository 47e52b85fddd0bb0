import { defineResource, type ResourceDefinition } from '../registry/definition.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import { pathSegment } from '../scheme/names.ts';
import type { Schema } from '../scheme/schema.ts';
import { kind, list, message } from '../scheme/shapes.ts';
import { nameColumn } from './columns.ts';
import { createdAtColumn, RBAC_GROUP, validateRules } from './rbac-rules.ts';
import { aggregationRule, policyRule } from './rbac-shapes.ts';

export const clusterRole: Schema = kind(
  'io.k8s.api.rbac.v1.ClusterRole',
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole' },
  'A set of permissions in the cluster, or for use by role bindings.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    rules: list(2, policyRule, 'The permissions.', { listType: 'atomic' }),
    aggregationRule: message(3, aggregationRule, 'When set, the rules are gathered from other cluster roles.', {
      optional: true,
    }),
  },
);

/** ClusterRole. Source: Kubernetes rbac.authorization.k8s.io/v1. */
export const clusterRoles: ResourceDefinition = defineResource({
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
  schema: clusterRole,
  strategy: {
    allowCreateOnUpdate: true,
    validateName: pathSegment,
    validate: (object) => validateRules(object, false),
  },
  columns: [nameColumn, createdAtColumn],
});
