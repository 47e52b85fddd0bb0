import type { CancelSignal } from '../../base/cancel.ts';
import { Entry } from '../cache/entry.ts';
import type { CachedObject } from '../cache/types.ts';
import { notFound } from '../errors.ts';
import type { KubeObject } from '../scheme/json.ts';
import { objectKey, parseObjectPath, resourcePrefix } from '../store/keys.ts';
import type { ObjectStore, StoredValue } from '../store/object-store.ts';
import type { CachePool } from './cache-pool.ts';
import type { ResourceDefinition } from './definition.ts';
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

  constructor(store: ObjectStore, caches: CachePool) {
    this.#store = store;
    this.#caches = caches;
  }

  /** One object as it is served in the definition's version, read from the store itself. Errors: ApiError 404. */
  async getBytes(
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
