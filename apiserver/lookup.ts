import type { Namespaces } from './admission/plugins/namespace-lifecycle.ts';
import type { ObjectLookup } from './authn/service-account.ts';
import { isNotFound, unless } from './controllers/controller.ts';
import { namespaceObject } from './controllers/system-namespaces.ts';
import { notFound } from './errors.ts';
import type { Catalog } from './registry/catalog.ts';
import type { ResourceDefinition } from './registry/definition.ts';
import type { Registry } from './registry/registry.ts';
import type { KubeObject } from './scheme/json.ts';

/** Objects that tokens are bound to: from the cache, and from the store before one is said to be gone. */
export function clusterLookup(catalog: Catalog, registry: Registry): ObjectLookup {
  return {
    async find(resource, namespace, name): Promise<KubeObject | undefined> {
      const definition = catalog.lookup('', 'v1', resource);
      if (definition === undefined) return undefined;
      const cached = registry.cache(definition).get(namespace, name);
      return cached?.object() ?? unless(registry.get(definition, namespace, name), isNotFound);
    },
  };
}

/** Namespaces as admission sees them. */
export function clusterNamespaces(
  catalog: Catalog,
  registry: Registry,
): Namespaces & { readonly create: (name: string) => Promise<unknown> } {
  const definition = (): ResourceDefinition => {
    const found = catalog.lookup('', 'v1', 'namespaces');
    if (found === undefined) throw notFound({ group: '', resource: 'namespaces' }, '');
    return found;
  };
  return {
    cached: (name) => registry.cache(definition()).get('', name)?.object(),
    live: (name) => registry.get(definition(), '', name),
    create: (name) => registry.create(definition(), '', namespaceObject(name)),
  };
}

/** Several built-in resources of a v1 group; undefined when one of them is not served. */
export function builtInsOf<Name extends string>(
  catalog: Catalog,
  group: string,
  plurals: readonly Name[],
): Readonly<Record<Name, ResourceDefinition>> | undefined {
  const found = plurals.map((plural) => [plural, catalog.lookup(group, 'v1', plural)] as const);
  if (found.some(([, definition]) => definition === undefined)) return undefined;
  return Object.fromEntries(found) as Record<Name, ResourceDefinition>;
}
