import { ApiError, forbidden } from '../../errors.ts';
import { withinNamespace } from '../../registry/within.ts';
import { type KubeObject, textAt } from '../../scheme/json.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { refused } from '../refusal.ts';

/** Namespaces as the plugins see them. */
export interface Namespaces {
  /** From the watch cache: quick, may be behind. */
  cached(name: string): KubeObject | undefined;
  /** From the store. Errors: ApiError 404 `namespaces "x" not found`. */
  live(name: string): Promise<KubeObject>;
}

/** Not even an administrator deletes these. */
export const IMMORTAL_NAMESPACES: readonly string[] = ['default', 'kube-system', 'kube-public'];

/**
 * Nothing is made in a namespace that does not exist or is being deleted, and some namespaces stay. A cache that does not know the namespace is
 * not believed: the store is asked, so that creating a namespace and then an object in it never fails. Nor is one that knows it as it was: the write is
 * bound to the namespace as it was seen, and the real server's race, in which a server that is behind lets something into a namespace that is then gone, is not there.
 * Source: apiserver plugin/namespace/lifecycle.
 */
export function namespaceLifecycle(namespaces: Namespaces): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    async mutate(request: AdmissionRequest): Promise<void> {
      const { definition, operation, name } = request;
      if (definition.group === '' && definition.plural === 'namespaces') {
        if (operation === 'DELETE' && IMMORTAL_NAMESPACES.includes(name)) {
          throw forbidden({ group: '', resource: 'namespaces' }, name, 'this namespace may not be deleted');
        }
        return;
      }
      if (request.namespace === '' || operation === 'DELETE' || definition.group === 'authorization.k8s.io') return;
      const live = () => namespaces.live(request.namespace);
      const namespace = namespaces.cached(request.namespace) ?? (await live());
      if (operation === 'CREATE') request.within = withinNamespace(namespace, { check: notTerminating(request), live });
    },
  };
}

const notTerminating =
  (request: AdmissionRequest) =>
  (namespace: KubeObject): void => {
    if (textAt(namespace, 'status', 'phase') === 'Terminating') throw terminating(request);
  };

function terminating(request: AdmissionRequest): ApiError {
  const { namespace } = request;
  const base = refused(
    request,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  return new ApiError(base.code, base.reason, base.message, {
    ...base.details,
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  });
}
