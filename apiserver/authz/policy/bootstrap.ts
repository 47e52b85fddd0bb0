import type { Json, JsonObject, KubeObject } from '../../scheme/json.ts';
import { AGGREGATED_ROLES, AGGREGATION_LABELS, CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS } from './bindings.ts';
import { COMPONENT_ROLES } from './components.ts';
import { CONTROLLER_ROLES } from './controllers.ts';
import { NAMESPACED_ROLES } from './namespaced.ts';
import { PEOPLE_ROLES } from './people.ts';
import { ruleOf } from './rule.ts';

export const AUTOUPDATE_ANNOTATION = 'rbac.authorization.kubernetes.io/autoupdate';
const API_VERSION = 'rbac.authorization.k8s.io/v1';
const GROUP = 'rbac.authorization.k8s.io';

/** Every RBAC object of a fresh cluster, roles before the bindings that name them. */
export function bootstrapPolicy(): {
  readonly clusterRoles: readonly KubeObject[];
  readonly clusterRoleBindings: readonly KubeObject[];
  readonly roles: readonly KubeObject[];
  readonly roleBindings: readonly KubeObject[];
} {
  return {
    clusterRoles: clusterRoles(),
    clusterRoleBindings: clusterRoleBindings(),
    roles: Object.entries(NAMESPACED_ROLES).map(([path, lines]) =>
      object('Role', metadataOf(path), { rules: rules(lines) }),
    ),
    roleBindings: Object.entries(ROLE_BINDINGS).map(([path, { role, subjects }]) =>
      binding('RoleBinding', metadataOf(path), 'Role', role, subjects),
    ),
  };
}

function clusterRoles(): readonly KubeObject[] {
  const aggregated = AGGREGATED_ROLES.map(({ name, from, into }) =>
    object(
      'ClusterRole',
      { name, labels: aggregation(into) },
      {
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregation(from) }] },
      },
    ),
  );
  const controllers = Object.entries(CONTROLLER_ROLES).map(
    ([name, lines]) => [`system:controller:${name}`, lines] as const,
  );
  const plain = [...Object.entries(PEOPLE_ROLES), ...Object.entries(COMPONENT_ROLES), ...controllers];
  return [
    ...aggregated,
    ...plain.map(([name, lines]) =>
      object('ClusterRole', { name, labels: aggregation(AGGREGATION_LABELS[name]) }, { rules: rules(lines) }),
    ),
  ];
}

function clusterRoleBindings(): readonly KubeObject[] {
  const people = Object.entries(CLUSTER_ROLE_BINDINGS).map(([name, subjects]) =>
    binding('ClusterRoleBinding', { name }, 'ClusterRole', name, subjects),
  );
  const controllers = Object.keys(CONTROLLER_ROLES).map((account) => {
    const name = `system:controller:${account}`;
    return binding('ClusterRoleBinding', { name }, 'ClusterRole', name, [`ServiceAccount kube-system/${account}`]);
  });
  return [...people, ...controllers];
}

const aggregation = (suffix: string | undefined): JsonObject =>
  suffix === undefined ? {} : { [`rbac.authorization.k8s.io/${suffix}`]: 'true' };

function metadataOf(path: string): JsonObject {
  const slash = path.indexOf('/');
  return { name: path.slice(slash + 1), namespace: path.slice(0, slash) };
}

const rules = (lines: readonly string[]): Json[] => lines.map((line) => ({ ...ruleOf(line) }) as unknown as JsonObject);

function object(kind: string, metadata: JsonObject, content: JsonObject): KubeObject {
  return {
    kind,
    apiVersion: API_VERSION,
    metadata: {
      ...metadata,
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...(metadata['labels'] as JsonObject | undefined) },
      annotations: { [AUTOUPDATE_ANNOTATION]: 'true' },
    },
    ...content,
  };
}

function binding(
  kind: string,
  metadata: JsonObject,
  roleKind: string,
  role: string,
  subjects: readonly string[],
): KubeObject {
  return object(kind, metadata, {
    ...(subjects.length === 0 ? {} : { subjects: subjects.map(subjectOf) }),
    roleRef: { apiGroup: GROUP, kind: roleKind, name: role },
  });
}

function subjectOf(text: string): JsonObject {
  const [kind = '', name = ''] = text.split(' ');
  if (kind !== 'ServiceAccount') return { kind, apiGroup: GROUP, name };
  const [namespace = '', account = ''] = name.split('/');
  return { kind, name: account, namespace };
}
