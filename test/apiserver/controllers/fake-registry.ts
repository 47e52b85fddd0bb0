import type { CachedObject, CacheEvent, ResourceCache } from '../../../apiserver/cache/types.ts';
import { crdStrategy } from '../../../apiserver/crd/strategy.ts';
import { alreadyExists, notFound } from '../../../apiserver/errors.ts';
import { Catalog } from '../../../apiserver/registry/catalog.ts';
import type { ResourceDefinition } from '../../../apiserver/registry/definition.ts';
import type { DeleteOptions, Registry, WriteOptions } from '../../../apiserver/registry/registry.ts';
import { builtInResources } from '../../../apiserver/resources/built-ins.ts';
import type { KubeObject } from '../../../apiserver/scheme/json.ts';

/** A watch cache filled by hand. */
export class FakeCache implements ResourceCache {
  readonly #objects = new Map<string, CachedObject>();
  readonly #listeners = new Set<(events: readonly CacheEvent[]) => void>();
  revision = 1;

  readonly closed: AbortSignal = new AbortController().signal;

  get size(): number {
    return this.#objects.size;
  }
  since(): undefined {
    return undefined;
  }
  async storeHistory(): Promise<{ readonly events: readonly CacheEvent[]; readonly upTo: number }> {
    return { events: [], upTo: this.revision };
  }
  async ready(): Promise<void> {}
  async waitFor(): Promise<void> {}
  async waitFresh(): Promise<void> {}
  close(): void {}

  get(namespace: string, name: string): CachedObject | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }
  list(namespace?: string): readonly CachedObject[] {
    return [...this.#objects.values()].filter((object) => namespace === undefined || object.namespace === namespace);
  }
  page(namespace: string): { readonly objects: readonly CachedObject[]; readonly remaining: number } {
    return { objects: this.list(namespace === '' ? undefined : namespace), remaining: 0 };
  }
  subscribe(listener: (events: readonly CacheEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  put(object: KubeObject): void {
    const metadata = object.metadata ?? {};
    const [namespace, name] = [String(metadata['namespace'] ?? ''), String(metadata['name'])];
    const previous = this.get(namespace, name);
    const cached = this.#cached(namespace, name, {
      ...object,
      metadata: { ...metadata, resourceVersion: String(++this.revision) },
    });
    this.#objects.set(`${namespace}/${name}`, cached);
    this.#tell({
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      object: cached,
      previous,
      resourceVersion: this.revision,
    });
  }

  remove(namespace: string, name: string): void {
    const previous = this.get(namespace, name);
    if (previous === undefined) return;
    this.#objects.delete(`${namespace}/${name}`);
    this.#tell({ type: 'DELETED', object: previous, previous, resourceVersion: ++this.revision });
  }

  #cached(namespace: string, name: string, object: KubeObject): CachedObject {
    return {
      namespace,
      name,
      resourceVersion: this.revision,
      bytes: Buffer.from(JSON.stringify(object)),
      labels: {},
      bodyStart: 0,
      object: () => object,
    };
  }

  #tell(event: CacheEvent): void {
    for (const listener of this.#listeners) listener([event]);
  }
}

/** A registry over such caches with the rules that controllers lean on: subresources, deletion with finalizers. */
export class FakeRegistry implements Registry {
  readonly writes: string[] = [];
  readonly #caches = new Map<string, FakeCache>();

  cache(definition: Pick<ResourceDefinition, 'storagePath'>): FakeCache {
    let cache = this.#caches.get(definition.storagePath);
    if (cache === undefined) this.#caches.set(definition.storagePath, (cache = new FakeCache()));
    return cache;
  }

  async get(definition: ResourceDefinition, namespace: string, name: string): Promise<KubeObject> {
    const found = this.cache(definition).get(namespace, name);
    if (found === undefined) throw notFound({ group: definition.group, resource: definition.plural }, name);
    return structuredClone(found.object());
  }

  async create(definition: ResourceDefinition, namespace: string, input: KubeObject): Promise<KubeObject> {
    const object: KubeObject = structuredClone(input);
    const name = String(object.metadata?.['name']);
    if (this.cache(definition).get(namespace, name) !== undefined)
      throw alreadyExists({ group: definition.group, resource: definition.plural }, name);
    object.metadata = { ...object.metadata, ...(namespace === '' ? {} : { namespace }), uid: `uid-${name}` };
    definition.strategy.prepareForCreate?.(object);
    this.writes.push(`create ${definition.plural} ${namespace}/${name}`);
    this.cache(definition).put(object);
    return object;
  }

  async update(
    definition: ResourceDefinition,
    namespace: string,
    name: string,
    change: (current: KubeObject | undefined) => KubeObject | Promise<KubeObject>,
    options: WriteOptions & { readonly subresource?: string } = {},
  ): Promise<{ readonly object: KubeObject; readonly created: boolean }> {
    const old = await this.get(definition, namespace, name);
    const next = structuredClone(await change(structuredClone(old)));
    const subresource = definition.subresources.find((each) => each.name === options.subresource);
    if (subresource === undefined) definition.strategy.prepareForUpdate?.(next, old);
    else subresource.prepareForUpdate?.(next, old);
    if (JSON.stringify(next) === JSON.stringify(old)) return { object: next, created: false };
    this.writes.push(
      `update ${definition.plural} ${namespace}/${name}${options.subresource === undefined ? '' : `/${options.subresource}`}`,
    );
    const finalizers = next.metadata?.['finalizers'];
    const isHeld = Array.isArray(finalizers) && finalizers.length > 0;
    const mayGo = definition.strategy.isFinalized?.(next) ?? true;
    if (next.metadata?.['deletionTimestamp'] !== undefined && !isHeld && mayGo)
      this.cache(definition).remove(namespace, name);
    else this.cache(definition).put(next);
    return { object: next, created: false };
  }

  async delete(
    definition: ResourceDefinition,
    namespace: string,
    name: string,
    _options?: DeleteOptions,
  ): Promise<{ readonly object: KubeObject; readonly gone: boolean }> {
    const object = await this.get(definition, namespace, name);
    this.writes.push(`delete ${definition.plural} ${namespace}/${name}`);
    const stays = definition.strategy.beginDeletion?.(object) ?? false;
    const finalizers = object.metadata?.['finalizers'];
    if (!stays && !(Array.isArray(finalizers) && finalizers.length > 0)) {
      this.cache(definition).remove(namespace, name);
      return { object, gone: true };
    }
    object.metadata = { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
    this.cache(definition).put(object);
    return { object, gone: false };
  }
}

const nothing = async (review: KubeObject): Promise<KubeObject> => review;

/** A cluster in memory: the built-in kinds and an empty registry. */
export function fakeCluster(): {
  readonly registry: FakeRegistry;
  readonly catalog: Catalog;
  readonly troubles: string[];
  readonly onTrouble: (what: string, error: unknown) => void;
  definition(group: string, plural: string): ResourceDefinition;
} {
  const catalog = new Catalog();
  const services = {
    createToken: nothing,
    reviewToken: nothing,
    reviewSelf: nothing,
    reviewSubjectAccess: nothing,
    reviewSelfAccess: nothing,
    reviewLocalAccess: nothing,
    reviewSelfRules: nothing,
    customResourceDefinitions: crdStrategy,
  };
  catalog.replace([], builtInResources(services));
  const troubles: string[] = [];
  return {
    registry: new FakeRegistry(),
    catalog,
    troubles,
    onTrouble: (what, error) => troubles.push(`${what}: ${String(error)}`),
    definition: (group, plural) => {
      const found = catalog.lookup(group, 'v1', plural);
      if (found === undefined) throw notFound({ group, resource: plural }, '');
      return found;
    },
  };
}
