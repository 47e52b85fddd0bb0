import type { KubeObject } from '../scheme/json.ts';

/** One object as it is served: its JSON bytes (in the storage version, resourceVersion spliced in), decoded only when asked. */
export interface CachedObject {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: number;
  /** Starts with `{"kind":…,"apiVersion":…,"metadata":{` so that list writers can cut kind and apiVersion off. */
  readonly bytes: Buffer;
  readonly labels: Readonly<Record<string, string>>;
  /** Where the bytes go on after kind and apiVersion. */
  readonly bodyStart: number;
  /** Frozen; copy before changing. */
  object(): KubeObject;
}

export interface CacheEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** With DELETED: the last state, with the deletion's resourceVersion. */
  readonly object: CachedObject;
  readonly previous: CachedObject | undefined;
  readonly resourceVersion: number;
}

export interface ObjectsPage {
  readonly objects: readonly CachedObject[];
  readonly remaining: number;
}

/** The watch cache of one stored resource (all its versions). Fed by one watch on the store; never behind what it says in `revision`. */
export interface ResourceCache {
  /** Resolves when first filled. Errors: ApiError when it cannot be filled in time. */
  ready(): Promise<void>;
  /** Everything up to this store revision is in. */
  readonly revision: number;
  /** Number of objects, of all namespaces. */
  readonly size: number;
  get(namespace: string, name: string): CachedObject | undefined;
  /** In key order (namespace, name); of one namespace or of all. */
  list(namespace?: string): readonly CachedObject[];
  /** `limit` objects of them from the path `start` on (below the namespace, or with it when it is ''), and how many come after. */
  page(namespace: string, start: string, limit: number): ObjectsPage;
  /** Waits until `revision` is in. Errors: ApiError Timeout "Too large resource version" after `timeoutMs`. */
  waitFor(revision: number, timeoutMs: number): Promise<void>;
  /** Waits until everything the store had committed when called is in (a linearizable point). */
  waitFresh(): Promise<void>;
  /** The events after `revision` up to now; undefined when the window does not reach back so far. */
  since(revision: number): readonly CacheEvent[] | undefined;
  /**
   * The same when the window does not reach back: reads the store's own history up to where the window begins. Follow it with `since`
   * of the last revision returned. Errors: ApiError Expired when the store has compacted it.
   */
  storeHistory(
    revision: number,
    signal: AbortSignal,
  ): Promise<{ readonly events: readonly CacheEvent[]; readonly upTo: number }>;
  /**
   * `onEvents` is called in revision order, synchronously, after the cache holds the change. When the store has compacted what happened in between, only
   * what differs can be told: changes are missing in it, and an object that was deleted and made anew looks modified. Who keeps up with a state gets
   * that; who passes on what happened gives `onGap`, is called there instead, and must end.
   */
  subscribe(onEvents: (events: readonly CacheEvent[]) => void, onGap?: () => void): () => void;
  /** Aborted by close(): the resource is gone or has changed its shape, and watchers must end. */
  readonly closed: AbortSignal;
  close(): void;
}
