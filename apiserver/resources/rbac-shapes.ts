/** Shapes that roles and bindings share. Source: Kubernetes rbac.authorization.k8s.io/v1. */
import { labelSelector } from '../scheme/meta-v1.ts';
import type { Schema } from '../scheme/schema.ts';
import { list, shape, text } from '../scheme/shapes.ts';

export const policyRule: Schema = shape('io.k8s.api.rbac.v1.PolicyRule', 'What may be done to what.', {
  verbs: list(1, 'string', 'Verbs; * is all.', { required: true, listType: 'atomic' }),
  apiGroups: list(2, 'string', 'API groups; "" is the core group, * is all.', { listType: 'atomic' }),
  resources: list(3, 'string', 'Resources, also as resource/subresource; * is all.', { listType: 'atomic' }),
  resourceNames: list(4, 'string', 'Only objects with these names; empty is all.', { listType: 'atomic' }),
  nonResourceURLs: list(5, 'string', 'Paths, whole or with * as the last segment; only in cluster roles.', {
    listType: 'atomic',
  }),
});

export const subject: Schema = shape(
  'io.k8s.api.rbac.v1.Subject',
  'Who: a user, a group or a service account.',
  {
    kind: text(1, 'User, Group or ServiceAccount.', { required: true }),
    apiGroup: text(2, '"" for ServiceAccount, rbac.authorization.k8s.io for the others.'),
    name: text(3, 'Name of the subject.', { required: true }),
    namespace: text(4, 'Namespace of a service account.'),
  },
  { mapType: 'atomic' },
);

export const roleRef: Schema = shape(
  'io.k8s.api.rbac.v1.RoleRef',
  'The role that is granted.',
  {
    apiGroup: text(1, 'API group of the role.', { default: '' }),
    kind: text(2, 'Role or ClusterRole.', { required: true }),
    name: text(3, 'Its name.', { required: true }),
  },
  { mapType: 'atomic' },
);

export const aggregationRule: Schema = shape(
  'io.k8s.api.rbac.v1.AggregationRule',
  'Where a cluster role gathers its rules from.',
  {
    clusterRoleSelectors: list(1, labelSelector, 'Cluster roles chosen by any of these lend their rules.', {
      listType: 'atomic',
    }),
  },
);
