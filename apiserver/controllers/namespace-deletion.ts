import type { ResourceDefinition } from '../registry/definition.ts';
import { at, isArray, isObject, type Json, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
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
import { CONTROLLER_LIMITS } from './limits.ts';
import { WorkQueue } from './work-queue.ts';

/** What is left of a resource in a namespace after its objects were told to go. */
interface Remains {
  readonly definition: ResourceDefinition;
  readonly count: number;
  /** Objects still held, by finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
  readonly error: unknown;
}

const FINALIZER = 'kubernetes';
/** How soon a namespace whose content waits for finalizers is looked at again; its objects going also wakes it. */
const CONTENT_RETRY_MS = 1_000;

/**
 * Empties namespaces that are being deleted (custom resources included), tells in their conditions what still holds them, and takes the `kubernetes`
 * finalizer away when nothing is left. Source: KCM namespace controller, pkg/controller/namespace/deletion.
 */
export function namespaceDeletion(services: ControllerServices): Controller {
  const { registry, catalog } = services;
  return {
    name: 'namespace-deletion',
    async start() {
      const namespaces = builtIn(catalog, '', 'v1', 'namespaces');
      if (namespaces === undefined) return async () => {};
      const cache = registry.cache(namespaces);
      await cache.ready();
      const queue = new WorkQueue((name) => empty(namespaces, name, queue), {
        onFailure: (name, error) => services.onTrouble(`deletion of namespace ${name}`, error),
      });
      const unsubscribe = cache.subscribe((events) => {
        for (const { type, object } of events) if (type !== 'DELETED') queue.add(object.name);
      });
      for (const namespace of cache.list()) queue.add(namespace.name);
      return async () => {
        unsubscribe();
        await queue.close();
      };
    },
  };

  async function empty(namespaces: ResourceDefinition, name: string, queue: WorkQueue): Promise<void> {
    const namespace = registry.cache(namespaces).get('', name)?.object();
    if (namespace === undefined || at(namespace, 'metadata', 'deletionTimestamp') === undefined) return;
    const finalizers = at(namespace, 'spec', 'finalizers');
    if (!isArray(finalizers) || !finalizers.includes(FINALIZER)) return;
    const remains = await Promise.all(contentOf().map((definition) => deleteContent(definition, name)));
    const left = remains.filter(({ count, error }) => count > 0 || error !== undefined);
    await tell(namespaces, name, left);
    if (left.length > 0) queue.addAfter(name, CONTENT_RETRY_MS);
    else await finalize(namespaces, name);
  }

  /** One version of each stored, namespaced, deletable resource. */
  function contentOf(): readonly ResourceDefinition[] {
    const byPath = new Map<string, ResourceDefinition>();
    for (const definition of catalog.all()) {
      const fits = definition.scope === 'Namespaced' && definition.stored && definition.verbs.includes('delete');
      if (fits && !byPath.has(definition.storagePath)) byPath.set(definition.storagePath, definition);
    }
    return [...byPath.values()];
  }

  async function deleteContent(definition: ResourceDefinition, namespace: string): Promise<Remains> {
    const finalizers = new Map<string, number>();
    let count = 0;
    try {
      const cache = registry.cache(definition);
      await cache.ready();
      // What was created a moment ago through another server must be seen.
      await cache.waitFresh();
      await forEachBounded(cache.list(namespace), CONTROLLER_LIMITS.deletionConcurrency, async ({ name }) => {
        const deleted = await unless(
          registry.delete(definition, namespace, name, { propagationPolicy: 'Background' }),
          isNotFound,
        );
        if (deleted === undefined || deleted.gone) return;
        count++;
        const held = at(deleted.object, 'metadata', 'finalizers');
        for (const finalizer of isArray(held) ? held : []) {
          finalizers.set(String(finalizer), (finalizers.get(String(finalizer)) ?? 0) + 1);
        }
      });
      return { definition, count, finalizers, error: undefined };
    } catch (error) {
      return { definition, count, finalizers, error };
    }
  }

  async function tell(namespaces: ResourceDefinition, name: string, left: readonly Remains[]): Promise<void> {
    const change = (current: KubeObject | undefined): KubeObject => {
      const namespace = current ?? {};
      const status: JsonObject = isObject(namespace['status']) ? { ...namespace['status'] } : {};
      const old = isArray(status['conditions']) ? status['conditions'] : [];
      // A namespace that goes without delay never needs to say why it does not.
      if (left.length === 0 && old.length === 0) return namespace;
      return { ...namespace, status: { ...status, conditions: conditionsOf(left, old) } };
    };
    await unless(
      registry.update(namespaces, '', name, change, { subresource: 'status' }),
      (e) => isNotFound(e) || isConflict(e),
    );
  }

  async function finalize(namespaces: ResourceDefinition, name: string): Promise<void> {
    const change = (current: KubeObject | undefined): KubeObject => {
      const namespace = current ?? {};
      const finalizers = at(namespace, 'spec', 'finalizers');
      const kept = (isArray(finalizers) ? finalizers : []).filter((finalizer) => finalizer !== FINALIZER);
      return { ...namespace, spec: { ...(namespace['spec'] as JsonObject | undefined), finalizers: kept } };
    };
    await unless(registry.update(namespaces, '', name, change, { subresource: 'finalize' }), isNotFound);
  }
}

/** The five conditions of a namespace on its way out, in kube-controller-manager's words. */
function conditionsOf(left: readonly Remains[], old: readonly Json[]): Json[] {
  const failed = left.filter(({ error }) => error !== undefined);
  const held = left.filter(({ count }) => count > 0);
  const waiting = new Map<string, number>();
  for (const { finalizers } of held)
    for (const [name, count] of finalizers) waiting.set(name, (waiting.get(name) ?? 0) + count);
  const resourceName = ({ definition }: Remains): string => `${definition.plural}.${definition.group}`;
  const wanted = [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'False',
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    failed.length === 0
      ? {
          type: 'NamespaceDeletionContentFailure',
          status: 'False',
          reason: 'ContentDeleted',
          message: 'All content successfully deleted, may be waiting on finalization',
        }
      : {
          type: 'NamespaceDeletionContentFailure',
          status: 'True',
          reason: 'ContentDeletionFailed',
          message: `Failed to delete all resource types, ${failed.length} remaining: ${failed.map(({ error }) => (error instanceof Error ? error.message : String(error))).join(', ')}`,
        },
    held.length === 0
      ? {
          type: 'NamespaceContentRemaining',
          status: 'False',
          reason: 'ContentRemoved',
          message: 'All content successfully removed',
        }
      : {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${held
            .map((one) => `${resourceName(one)} has ${one.count} resource instances`)
            .sort()
            .join(', ')}`,
        },
    waiting.size === 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${[...waiting]
            .map(([name, count]) => `${name} in ${count} resource instances`)
            .sort()
            .join(', ')}`,
        },
  ];
  const others = old.filter((condition) => !wanted.some(({ type }) => type === textAt(condition, 'type')));
  return [...others, ...wanted.map((condition) => withTransition(condition, old))];
}

function withTransition(condition: JsonObject, old: readonly Json[]): JsonObject {
  const before = old.find((other) => textAt(other, 'type') === condition['type']);
  const same = textAt(before, 'status') === condition['status'];
  return { ...condition, lastTransitionTime: same ? textAt(before, 'lastTransitionTime') : timestamp() };
}
