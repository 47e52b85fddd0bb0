import type { KubeObject } from '../scheme/json.ts';

/** One object as it is served: its JSON bytes (in the storage version, resourceVersion spliced in), decoded only when asked. */
export interface CachedObject {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: number;
  /** Starts with `{"kind":…,"apiVersion":…,` so that list writers can cut both off. */
  readonly bytes: Buffer;
  readonly labels: Readonly<Record<string, string>>;
  /** Frozen; copy before changing. */
  readonly object: () => KubeObject;
}

export interface CacheEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** With DELETED: the last state, with the deletion's resourceVersion. */
  readonly object: CachedObject;
  readonly previous: CachedObject | undefined;
  readonly resourceVersion: number;
}

/** The watch cache of one stored resource (all its versions). Fed by one watch on the store; never behind what it says in `revision`. */
export interface ResourceCache {
  /** Resolves when first filled. */
  ready(): Promise<void>;
  /** Everything up to this store revision is in. */
  readonly revision: number;
  get(namespace: string, name: string): CachedObject | undefined;
  /** In key order (namespace, name); of one namespace or of all. */
  list(namespace?: string): readonly CachedObject[];
  /** Waits until `revision` is in. Errors: ApiError Timeout "Too large resource version" after `timeoutMs`. */
  waitFor(revision: number, timeoutMs: number): Promise<void>;
  /** Waits until everything the store had committed when called is in (a linearizable point). */
  waitFresh(): Promise<void>;
  /** Called in revision order, synchronously, after the cache holds the change. */
  subscribe(listener: (events: readonly CacheEvent[]) => void): () => void;
  close(): void;
}
