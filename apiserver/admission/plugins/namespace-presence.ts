import { ApiError } from '../../errors.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import type { Namespaces } from './namespace-lifecycle.ts';

const concerns = ({ definition, namespace, operation }: AdmissionRequest): boolean =>
  namespace !== '' &&
  operation !== 'DELETE' &&
  definition.plural !== 'namespaces' &&
  definition.group !== 'authorization.k8s.io';

/** Refuses what is written into a namespace that does not exist. */
export function namespaceExists(namespaces: Namespaces): AdmissionPlugin {
  return {
    name: 'NamespaceExists',
    async validate(request: AdmissionRequest): Promise<void> {
      if (concerns(request) && namespaces.cached(request.namespace) === undefined)
        await namespaces.live(request.namespace);
    },
  };
}

/** Makes the namespace that something is created in. `create` may find that it exists. */
export function namespaceAutoProvision(
  namespaces: Namespaces,
  create: (name: string) => Promise<unknown>,
): AdmissionPlugin {
  return {
    name: 'NamespaceAutoProvision',
    async mutate(request: AdmissionRequest): Promise<void> {
      if (!concerns(request) || request.operation !== 'CREATE' || request.dryRun) return;
      if (namespaces.cached(request.namespace) !== undefined) return;
      await create(request.namespace).catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
      });
    },
  };
}
