import type { CacheEvent } from '../cache/types.ts';
import { isTrue, setCondition } from '../crd/conditions.ts';
import { storageDefinitionOf } from '../crd/definitions-of.ts';
import { CLEANUP_CONCURRENCY } from '../crd/limits.ts';
import { acceptedNames, settleNames } from '../crd/names.ts';
import { CLEANUP_FINALIZER } from '../crd/strategy.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { copyJson } from '../scheme/defaults.ts';
import { at, isArray, type KubeObject, textAt } from '../scheme/json.ts';
import {
  builtIn,
  type Controller,
  type ControllerServices,
  forEachBounded,
  isConflict,
  isNotFound,
  timestamp,
  unless,
} from './controller.ts';
import { WorkQueue } from './work-queue.ts';

/** How soon a CRD whose objects wait for finalizers is looked at again. */
const CLEANUP_RETRY_MS = 1_000;

/**
 * Gives new CRDs their names and establishes them; deletes the objects of CRDs that are being deleted and lets those go. One CRD at a time, so that
 * two of them never get the same name. Source: apiextensions naming, establishing and finalizer controllers.
 */
export function crdLifecycle(services: ControllerServices): Controller {
  const { registry, catalog } = services;
  return {
    name: 'crd-lifecycle',
    async start() {
      const crds = builtIn(catalog, 'apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
      if (crds === undefined) return async () => {};
      const cache = registry.cache(crds);
      await cache.ready();
      const queue = new WorkQueue((name) => settle(crds, name, queue), {
        concurrency: 1,
        onFailure: (name, error) => services.onTrouble(`custom resource definition ${name}`, error),
      });
      const unsubscribe = cache.subscribe((events) => {
        for (const event of events) {
          queue.add(event.object.name);
          if (!freesNames(event)) continue;
          const group = groupOf(event.object.object());
          for (const other of cache.list()) if (groupOf(other.object()) === group) queue.add(other.name);
        }
      });
      for (const crd of cache.list()) queue.add(crd.name);
      return async () => {
        unsubscribe();
        await queue.close();
      };
    },
  };

  async function settle(crds: ResourceDefinition, name: string, queue: WorkQueue): Promise<void> {
    // The cache may be behind our own last write; names must be settled on what is stored.
    const crd = registry.cache(crds).get('', name)?.object();
    if (crd === undefined) return;
    if (at(crd, 'metadata', 'deletionTimestamp') !== undefined) return cleanUp(crds, name, queue);
    if (settleNames(copyJson(crd), othersOf(crds, crd), timestamp())) {
      await registry.cache(crds).waitFresh();
      const change = (current: KubeObject | undefined): KubeObject => {
        const next = copyJson(current ?? {});
        settleNames(next, othersOf(crds, next), timestamp());
        return next;
      };
      await unless(registry.update(crds, '', name, change, { subresource: 'status' }), isNotFound);
    }
  }

  function othersOf(crds: ResourceDefinition, crd: KubeObject): readonly KubeObject[] {
    return registry
      .cache(crds)
      .list()
      .map((other) => other.object())
      .filter(
        (other) =>
          groupOf(other) === groupOf(crd) && textAt(other, 'metadata', 'name') !== textAt(crd, 'metadata', 'name'),
      );
  }

  async function cleanUp(crds: ResourceDefinition, name: string, queue: WorkQueue): Promise<void> {
    const crd = await unless(registry.get(crds, '', name), isNotFound);
    const finalizers = at(crd, 'metadata', 'finalizers');
    if (crd === undefined || !isArray(finalizers) || !finalizers.includes(CLEANUP_FINALIZER)) return;
    if (isTrue(crd, 'Established')) {
      await say(crds, name, 'True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress');
      const left = await deleteObjects(crd);
      if (left > 0) return queue.addAfter(name, CLEANUP_RETRY_MS);
      await say(crds, name, 'False', 'InstanceDeletionCompleted', 'removed all instances');
    } else await say(crds, name, 'False', 'NeverEstablished', 'resource was never established');
    const release = (current: KubeObject | undefined): KubeObject => {
      const next = copyJson(current ?? {});
      const held = at(next, 'metadata', 'finalizers');
      next.metadata = {
        ...next.metadata,
        finalizers: (isArray(held) ? held : []).filter((finalizer) => finalizer !== CLEANUP_FINALIZER),
      };
      return next;
    };
    await unless(registry.update(crds, '', name, release), isNotFound);
  }

  /** Tells every object to go; answers how many stay for now. */
  async function deleteObjects(crd: KubeObject): Promise<number> {
    const stored = storageDefinitionOf(crd);
    if (stored === undefined) return 0;
    const definition = catalog.lookup(stored.group, stored.version, stored.plural) ?? stored;
    const cache = registry.cache(definition);
    await cache.ready();
    await cache.waitFresh();
    let left = 0;
    await forEachBounded(cache.list(), CLEANUP_CONCURRENCY, async ({ namespace, name }) => {
      const deleted = await unless(
        registry.delete(definition, namespace, name),
        (error) => isNotFound(error) || isConflict(error),
      );
      if (deleted !== undefined && !deleted.gone) left++;
    });
    return left;
  }

  async function say(
    crds: ResourceDefinition,
    name: string,
    status: 'True' | 'False',
    reason: string,
    message: string,
  ): Promise<void> {
    const change = (current: KubeObject | undefined): KubeObject => {
      const next = copyJson(current ?? {});
      setCondition(next, { type: 'Terminating', status, reason, message }, timestamp());
      return next;
    };
    await unless(registry.update(crds, '', name, change, { subresource: 'status' }), isNotFound);
  }
}

/** A CRD that went, or took other names, frees some: its neighbours may get them now. */
function freesNames({ type, object, previous }: CacheEvent): boolean {
  if (type === 'DELETED') return true;
  return (
    previous !== undefined &&
    JSON.stringify(acceptedNames(previous.object())) !== JSON.stringify(acceptedNames(object.object()))
  );
}

const groupOf = (crd: KubeObject): string => textAt(crd, 'spec', 'group');
