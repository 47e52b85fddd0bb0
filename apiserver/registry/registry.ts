import type { ResourceCache } from '../cache/types.ts';
import type { RequestContext, UserInfo } from '../request.ts';
import type { JsonObject, KubeObject } from '../scheme/json.ts';
import type { ResourceDefinition } from './definition.ts';
import type { Within } from './within.ts';

export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  /** Who; decides admission. Absent: the server itself, which no admission stops. */
  readonly context?: RequestContext;
  /** Of a create without a context: the namespace must still be as it was found. With one, admission says so. */
  readonly within?: Within;
}

export interface DeleteOptions extends WriteOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly orphanDependents?: boolean;
  readonly gracePeriodSeconds?: number;
}

/**
 * CRUD over any resource with all the rules of metadata, concurrency, finalizers and deletion. Handlers use it for clients, controllers and
 * bootstrap for themselves. Objects go in and out in the definition's version, decoded. Errors are ApiError.
 */
export interface Registry {
  get(definition: ResourceDefinition, namespace: string, name: string): Promise<KubeObject>;
  create(
    definition: ResourceDefinition,
    namespace: string,
    object: KubeObject,
    options?: WriteOptions,
  ): Promise<KubeObject>;
  /**
   * Read, change, write if unchanged; again on a conflict unless `change` set a resourceVersion of its own that is stale. `change` gets a private copy of the
   * stored object (undefined: none exists, and returning one creates it where allowed) and returns the wanted one.
   */
  update(
    definition: ResourceDefinition,
    namespace: string,
    name: string,
    change: (current: KubeObject | undefined) => KubeObject | Promise<KubeObject>,
    options?: WriteOptions & { readonly subresource?: string; readonly allowCreate?: boolean },
  ): Promise<{ readonly object: KubeObject; readonly created: boolean }>;
  /** `gone`: the object left at once; else it stays with a deletionTimestamp. */
  delete(
    definition: ResourceDefinition,
    namespace: string,
    name: string,
    options?: DeleteOptions,
  ): Promise<{ readonly object: KubeObject; readonly gone: boolean }>;
  /** The cache of a stored resource, started on first use. */
  cache(definition: ResourceDefinition): ResourceCache;
}

/** For things that run as the server itself. */
export const SYSTEM_USER: UserInfo = { name: 'system:apiserver', uid: '', groups: ['system:masters'], extra: {} };
export type { JsonObject };
