import { createHash } from 'node:crypto';
import type { ResourceDefinition, Subresource } from '../registry/definition.ts';
import type { JsonObject } from '../scheme/json.ts';
import type { ServedGroup, ServedVersion } from './group-order.ts';

/** The discovery documents, made of what is served. Source: Kubernetes meta/v1 and apidiscovery.k8s.io/v2. */

export const groupVersion = (group: string, version: string): string =>
  group === '' ? version : `${group}/${version}`;

/** GET /api */
export const apiVersions = (versions: readonly string[], serverAddress: string): JsonObject => ({
  kind: 'APIVersions',
  versions: [...versions],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
});

/** GET /apis */
export const apiGroupList = (groups: readonly ServedGroup[]): JsonObject => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groups.filter(({ group }) => group !== '').map(groupEntry),
});

/** GET /apis/<group> */
export const apiGroup = (group: ServedGroup): JsonObject => ({
  kind: 'APIGroup',
  apiVersion: 'v1',
  ...groupEntry(group),
});

function groupEntry({ group, versions }: ServedGroup): JsonObject {
  const entries = versions.map(({ version }) => ({ groupVersion: groupVersion(group, version), version }));
  return { name: group, versions: entries, preferredVersion: { ...(entries[0] as JsonObject) } };
}

/** GET /api/v1 and /apis/<group>/<version>. The core group's document has never carried an apiVersion. */
export const apiResourceList = (group: string, { version, resources }: ServedVersion): JsonObject => ({
  kind: 'APIResourceList',
  ...(group === '' ? {} : { apiVersion: 'v1' }),
  groupVersion: groupVersion(group, version),
  resources: resources.flatMap((definition) => [
    resourceEntry(definition),
    ...subresourcesOf(definition).map((subresource) => subresourceEntry(definition, subresource)),
  ]),
});

const byName = (a: Subresource, b: Subresource): number => (a.name < b.name ? -1 : 1);
const subresourcesOf = (definition: ResourceDefinition): readonly Subresource[] =>
  [...definition.subresources].sort(byName);

function resourceEntry(definition: ResourceDefinition): JsonObject {
  return {
    name: definition.plural,
    singularName: definition.singular,
    namespaced: definition.scope === 'Namespaced',
    kind: definition.kind,
    verbs: [...definition.verbs].sort(),
    ...names(definition),
    ...(definition.stored ? { storageVersionHash: storageVersionHash(definition) } : {}),
  };
}

function subresourceEntry(definition: ResourceDefinition, subresource: Subresource): JsonObject {
  const { kind } = subresource;
  return {
    name: `${definition.plural}/${subresource.name}`,
    singularName: '',
    namespaced: definition.scope === 'Namespaced',
    ...(kind === undefined ? {} : { group: kind.group, version: kind.version }),
    kind: kind?.kind ?? definition.kind,
    verbs: [...subresource.verbs].sort(),
  };
}

const names = ({ shortNames, categories }: ResourceDefinition): JsonObject => ({
  ...(shortNames.length > 0 ? { shortNames: [...shortNames] } : {}),
  ...(categories.length > 0 ? { categories: [...categories] } : {}),
});

/** Tells clients whether the stored form changed: the first eight bytes of SHA-256. Source: apiserver discovery.StorageVersionHash. */
export function storageVersionHash(definition: ResourceDefinition): string {
  const group = definition.storageGroup ?? definition.group;
  const hash = createHash('sha256').update(`${group}/${definition.storageVersion}/${definition.kind}`).digest();
  return hash.subarray(0, 8).toString('base64');
}

export type DiscoveryVersion = 'v2' | 'v2beta1';

/** GET /api and /apis, aggregated. */
export const aggregated = (groups: readonly ServedGroup[], version: DiscoveryVersion): JsonObject => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: `apidiscovery.k8s.io/${version}`,
  metadata: {},
  items: groups.map(({ group, versions }) => ({
    metadata: group === '' ? {} : { name: group },
    versions: versions.map(({ version: name, resources }) => ({
      version: name,
      resources: resources.map(resourceDiscovery),
      freshness: 'Current',
    })),
  })),
});

function resourceDiscovery(definition: ResourceDefinition): JsonObject {
  const subresources = subresourcesOf(definition);
  return {
    resource: definition.plural,
    responseKind: responseKind(definition),
    scope: definition.scope === 'Cluster' ? 'Cluster' : 'Namespaced',
    singularResource: definition.singular,
    verbs: [...definition.verbs].sort(),
    ...names(definition),
    ...(subresources.length === 0
      ? {}
      : {
          subresources: subresources.map((subresource) => ({
            subresource: subresource.name,
            responseKind:
              subresource.kind === undefined
                ? responseKind(definition)
                : { group: subresource.kind.group, version: subresource.kind.version, kind: subresource.kind.kind },
            verbs: [...subresource.verbs].sort(),
          })),
        }),
  };
}

/** Built-in kinds leave out what the place says already; custom ones say it. */
const responseKind = ({ builtIn, group, version, kind }: ResourceDefinition): JsonObject =>
  builtIn ? { group: '', version: '', kind } : { group, version, kind };
