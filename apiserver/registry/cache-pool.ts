import { FreshRevision } from '../cache/fresh-revision.ts';
import type { ResourceCache } from '../cache/types.ts';
import { WatchCache } from '../cache/watch-cache.ts';
import { apiVersionOf } from '../scheme/decode.ts';
import { parseObjectPath, resourcePrefix } from '../store/keys.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { Catalog } from './catalog.ts';
import type { ResourceDefinition } from './definition.ts';
import { groupResource } from './object-meta.ts';
import { servedBytes, storedApiVersion } from './stored-form.ts';

interface Pooled {
  readonly cache: WatchCache;
  /** The definition of the storage version: how stored values are read. */
  readonly storage: ResourceDefinition;
}

/** One cache per stored resource, started on first use. A resource that changes its shape gets a new one, one that goes takes its cache along. */
export class CachePool {
  readonly #store: ObjectStore;
  readonly #catalog: Catalog;
  readonly #now: () => number;
  readonly #onTrouble: (what: string, error: unknown) => void;
  readonly #pooled = new Map<string, Pooled>();
  readonly #fresh: FreshRevision;
  readonly #unsubscribe: () => void;
  #closed = false;

  constructor(options: {
    readonly store: ObjectStore;
    readonly catalog: Catalog;
    readonly now: () => number;
    readonly onTrouble: (what: string, error: unknown) => void;
  }) {
    this.#store = options.store;
    this.#catalog = options.catalog;
    this.#now = options.now;
    this.#onTrouble = options.onTrouble;
    // One read of the store's revision serves the waiting readers of all resources.
    this.#fresh = new FreshRevision(() =>
      this.#store.currentRevision({ resource: { group: '', resource: 'revisions' } }),
    );
    this.#unsubscribe = this.#catalog.onChange(() => this.#dropChanged());
  }

  get(definition: ResourceDefinition): ResourceCache {
    const pooled = this.#pooled.get(definition.storagePath);
    if (pooled !== undefined) return pooled.cache;
    const storage = this.storageOf(definition);
    const cache = this.#open(storage);
    if (this.#closed) cache.close();
    else this.#pooled.set(definition.storagePath, { cache, storage });
    return cache;
  }

  /** The cache of a resource that somebody has begun to read and that is filled. */
  warm(definition: ResourceDefinition): ResourceCache | undefined {
    const cache = this.#pooled.get(definition.storagePath)?.cache;
    return cache?.isFilled ? cache : undefined;
  }

  /** How many objects each started cache holds: for metrics. */
  sizes(): readonly { readonly definition: ResourceDefinition; readonly objects: number }[] {
    return [...this.#pooled.values()].map(({ storage, cache }) => ({ definition: storage, objects: cache.size }));
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    for (const { cache } of this.#pooled.values()) cache.close();
    this.#pooled.clear();
  }

  #open(storage: ResourceDefinition): WatchCache {
    return new WatchCache({
      source: {
        kv: this.#store.kv,
        prefix: resourcePrefix(this.#store.prefix, storage),
        placeOf: (path) => parseObjectPath(storage, path),
        toServed: (value, revision) => servedBytes(storage, value, revision),
      },
      fresh: this.#fresh,
      call: { resource: groupResource(storage) },
      now: this.#now,
      onTrouble: this.#onTrouble,
    });
  }

  /** The definition of the version objects are stored in; a version that is stored but not served borrows the shape of `definition`. */
  storageOf(definition: ResourceDefinition): ResourceDefinition {
    if (storedApiVersion(definition) === apiVersionOf(definition)) return definition;
    const group = definition.storageGroup ?? definition.group;
    return (
      this.#catalog.lookup(group, definition.storageVersion, definition.plural) ?? {
        ...definition,
        group,
        version: definition.storageVersion,
      }
    );
  }

  #dropChanged(): void {
    const served = new Map(this.#catalog.all().map((definition) => [definition.storagePath, definition]));
    for (const [path, { cache, storage }] of this.#pooled) {
      const definition = served.get(path);
      const now = definition === undefined ? undefined : this.storageOf(definition);
      const same =
        now !== undefined && now.version === storage.version && (now.builtIn || now.schema === storage.schema);
      if (same) continue;
      this.#pooled.delete(path);
      cache.close();
    }
  }
}
