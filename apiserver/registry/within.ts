import { type KubeObject, textAt } from '../scheme/json.ts';
import { objectKey, type Stored } from '../store/keys.ts';
import type { ObjectStore, StoreCall, WriteResult } from '../store/object-store.ts';
import { serverTimeout } from '../store/store-failure.ts';
import { REGISTRY_LIMITS } from './limits.ts';

/** A namespace as whoever makes something in it has found it: the write only happens while it still is so. */
export interface Within {
  readonly namespace: string;
  readonly resourceVersion: number;
  /** The namespace as it is now, for when it has changed. Errors: ApiError when nothing may be made in it any more. */
  again(): Promise<Within>;
}

/** `check` throws the refusal when nothing may be made in this namespace. */
export function withinNamespace(
  namespace: KubeObject,
  how: { readonly check: (namespace: KubeObject) => void; readonly live: () => Promise<KubeObject> },
): Within {
  how.check(namespace);
  return {
    namespace: textAt(namespace, 'metadata', 'name'),
    resourceVersion: Number(textAt(namespace, 'metadata', 'resourceVersion')),
    again: async () => withinNamespace(await how.live(), how),
  };
}

const NAMESPACES: Stored = { storagePath: 'namespaces', scope: 'Cluster' };

/**
 * Writes a key that must not exist; with `within` in one transaction that holds the namespace to what was seen of it. However old the view of this
 * server was, nothing is made in a namespace that is being deleted, so nothing can be left behind in one that is gone. Errors: ApiError.
 */
export async function createWithin(
  store: ObjectStore,
  what: {
    readonly key: string;
    readonly value: Buffer;
    readonly ttlSeconds: number;
    readonly within: Within | undefined;
  },
  call: StoreCall,
): Promise<WriteResult> {
  const { key, value, ttlSeconds } = what;
  let { within } = what;
  for (let attempt = 1; ; attempt++) {
    const unchanged = within && {
      key: objectKey(store.prefix, NAMESPACES, '', within.namespace),
      revision: within.resourceVersion,
    };
    const result = await store.create(key, value, ttlSeconds, call, unchanged);
    // The key itself is free: so it was the namespace that did not hold.
    const hasMoved = within !== undefined && !result.done && result.current === undefined;
    if (within === undefined || !hasMoved) return result;
    if (attempt === REGISTRY_LIMITS.updateAttempts) throw serverTimeout({ verb: 'create', resource: call.resource });
    within = await within.again();
  }
}
