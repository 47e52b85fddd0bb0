import type { KubeObject } from '../scheme/json.ts';
import { builtIn, type ControllerServices, forEachBounded, isAlreadyThere, unless } from './controller.ts';

export const SYSTEM_NAMESPACES: readonly string[] = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Makes the namespaces that every cluster has, where they are missing. */
export async function ensureSystemNamespaces(services: ControllerServices): Promise<void> {
  const namespaces = builtIn(services.catalog, '', 'v1', 'namespaces');
  if (namespaces === undefined) return;
  const cache = services.registry.cache(namespaces);
  await cache.ready();
  const missing = SYSTEM_NAMESPACES.filter((name) => cache.get('', name) === undefined);
  await forEachBounded(missing, SYSTEM_NAMESPACES.length, (name) =>
    unless(services.registry.create(namespaces, '', namespaceObject(name)), isAlreadyThere),
  );
}

export const namespaceObject = (name: string): KubeObject => ({
  kind: 'Namespace',
  apiVersion: 'v1',
  metadata: { name },
});
