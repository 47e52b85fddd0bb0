import type { ResourceDefinition } from '../registry/definition.ts';

/** How kube-apiserver orders its own groups. Source: group priorities of its APIService registration. */
const ORDER: readonly string[] = [
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
];

export interface ServedVersion {
  readonly version: string;
  /** By name. */
  readonly resources: readonly ResourceDefinition[];
}

export interface ServedGroup {
  readonly group: string;
  /** Best first. */
  readonly versions: readonly ServedVersion[];
}

/** Definitions by group and version, in the order in which discovery shows them: our own groups first, then those of CRDs by name. */
export function servedGroups(definitions: readonly ResourceDefinition[]): readonly ServedGroup[] {
  const groups = new Map<string, Map<string, ResourceDefinition[]>>();
  for (const definition of definitions) {
    const versions = groups.get(definition.group) ?? new Map<string, ResourceDefinition[]>();
    groups.set(definition.group, versions);
    const resources = versions.get(definition.version) ?? [];
    versions.set(definition.version, resources);
    resources.push(definition);
  }
  return [...groups]
    .sort(([a], [b]) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))
    .map(([group, versions]) => ({
      group,
      versions: [...versions]
        .sort(([a], [b]) => compareVersions(a, b))
        .map(([version, resources]) => ({
          version,
          resources: resources.sort((a, b) => (a.plural < b.plural ? -1 : 1)),
        })),
    }));
}

const rankOf = (group: string): number => {
  const rank = ORDER.indexOf(group);
  return rank < 0 ? ORDER.length : rank;
};

/**
 * Orders versions as Kubernetes prefers them: stable before beta before alpha, the higher number first, what is no such version last by
 * name. Source: apimachinery pkg/version CompareKubeAwareVersionStrings.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  if (left === undefined || right === undefined) {
    return left === right ? (a < b ? -1 : a > b ? 1 : 0) : left === undefined ? 1 : -1;
  }
  for (const [i, value] of left.entries()) {
    const difference = (right[i] as number) - value;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Stability (2 stable, 1 beta, 0 alpha), major, minor. */
function partsOf(version: string): readonly number[] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return undefined;
  const stability = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
  return [stability, Number(match[1]), Number(match[3] ?? 0)];
}
