import type { CancelSignal } from '../../base/cancel.ts';
import { Entry } from '../cache/entry.ts';
import type { CachedObject, CacheEvent, ResourceCache } from '../cache/types.ts';
import { notFound } from '../errors.ts';
import type { KubeObject } from '../scheme/json.ts';
import { objectKey, parseObjectPath, resourcePrefix } from '../store/keys.ts';
import type { ObjectStore, StoredValue } from '../store/object-store.ts';
import type { CachePool } from './cache-pool.ts';
import type { ResourceDefinition } from './definition.ts';
import { REGISTRY_LIMITS } from './limits.ts';
import { groupResource } from './object-meta.ts';
import { objectFromStore, servedBytes } from './stored-form.ts';

export interface ObjectPage {
  readonly objects: readonly CachedObject[];
  readonly revision: number;
  /** Where the next page starts; undefined on the last. */
  readonly next: string | undefined;
  /** Objects of the range that come after this page. */
  readonly remaining: number;
}

/** Reads straight from the store: single objects linearizably, pages as of a revision. Errors are ApiError. */
export class ObjectReads {
  readonly #store: ObjectStore;
  readonly #caches: CachePool;
  #underWay = 0;

  constructor(store: ObjectStore, caches: CachePool) {
    this.#store = store;
    this.#caches = caches;
  }

  /**
   * One object as it is served in the storage version, linearizably. One read at a time asks the store for the object; many at once ask for the
   * store's revision together, which one small read answers for all of them, and take the objects from the watch cache when it has come so
   * far. Errors: ApiError 404.
   */
  async getBytes(
    definition: ResourceDefinition,
    namespace: string,
    name: string,
    signal: CancelSignal,
  ): Promise<CachedObject> {
    this.#underWay++;
    try {
      const cache = this.#underWay < REGISTRY_LIMITS.sharedReads ? undefined : this.#caches.warm(definition);
      if (cache === undefined || !(await isFresh(cache)))
        return await this.#getFromStore(definition, namespace, name, signal);
      const object = cache.get(definition.scope === 'Namespaced' ? namespace : '', name);
      if (object === undefined) throw notFound(groupResource(definition), name);
      return object;
    } finally {
      this.#underWay--;
    }
  }

  async #getFromStore(
    definition: ResourceDefinition,
    namespace: string,
    name: string,
    signal: CancelSignal,
  ): Promise<CachedObject> {
    const call = { resource: groupResource(definition), signal };
    const { value } = await this.#store.get(this.keyOf(definition, namespace, name), call);
    if (value === undefined) throw notFound(groupResource(definition), name);
    const bytes = servedBytes(this.#caches.storageOf(definition), value.value, value.revision);
    return new Entry({ namespace, name }, value.revision, bytes);
  }

  /**
   * The cache of a resource, when it holds the state at `revision` and what has happened since, and the store has that revision still. Undefined:
   * it does not. Errors: ApiError Expired when the store has compacted the revision.
   */
  async cacheAt(
    definition: ResourceDefinition,
    revision: number,
    signal: CancelSignal,
  ): Promise<{ readonly cache: ResourceCache; readonly since: readonly CacheEvent[] } | undefined> {
    const cache = this.#caches.warm(definition);
    if (cache === undefined || cache.revision < revision || cache.since(revision) === undefined) return undefined;
    await this.#store.checkKept(revision, { resource: groupResource(definition), signal });
    const since = cache.since(revision);
    return since === undefined || since.length > REGISTRY_LIMITS.maxUndoneEvents || cache.closed.aborted
      ? undefined
      : { cache, since };
  }

  /** A page of objects in key order straight from the store, as of `revision` (0 = now). `start`: a path below the namespace, or the resource. */
  async page(
    definition: ResourceDefinition,
    namespace: string,
    { start, limit, revision }: { readonly start: string; readonly limit: number; readonly revision: number },
    signal: CancelSignal,
  ): Promise<ObjectPage> {
    const root = resourcePrefix(this.#store.prefix, definition);
    const prefix = resourcePrefix(this.#store.prefix, definition, namespace);
    const page = await this.#store.list(
      prefix,
      { start, limit, revision },
      { resource: groupResource(definition), signal },
    );
    const storage = this.#caches.storageOf(definition);
    const objects = page.items.map(({ key, value, revision: written }) => {
      const place = parseObjectPath(storage, key.slice(root.length));
      return new Entry(place, written, servedBytes(storage, value, written));
    });
    const last = page.items.at(-1)?.key.slice(prefix.length);
    const next = page.more && last !== undefined ? `${last}\0` : undefined;
    return { objects, revision: page.revision, next, remaining: page.count - page.items.length };
  }

  /** What lies at an object's key. */
  async stored(
    definition: ResourceDefinition,
    namespace: string,
    name: string,
    signal: CancelSignal | undefined,
  ): Promise<StoredValue | undefined> {
    const call = { resource: groupResource(definition), signal };
    return (await this.#store.get(this.keyOf(definition, namespace, name), call)).value;
  }

  /** A stored value as an object of the definition's version; the caller owns it. */
  decode(definition: ResourceDefinition, stored: StoredValue): KubeObject {
    return objectFromStore(definition, this.#caches.storageOf(definition), stored.value, stored.revision);
  }

  keyOf(definition: ResourceDefinition, namespace: string, name: string): string {
    return objectKey(this.#store.prefix, definition, definition.scope === 'Namespaced' ? namespace : '', name);
  }
}

/** True when the cache holds everything that was committed when this was asked; false when that cannot be told in time. */
const isFresh = (cache: ResourceCache): Promise<boolean> =>
  cache.waitFresh().then(
    () => !cache.closed.aborted,
    () => false,
  );
