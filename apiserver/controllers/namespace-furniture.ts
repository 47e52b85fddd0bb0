import { notFound } from '../errors.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { type Within, withinNamespace } from '../registry/within.ts';
import { at, type KubeObject, textAt } from '../scheme/json.ts';
import { builtIn, type Controller, type ControllerServices, isAlreadyThere, isNotFound, unless } from './controller.ts';
import { WorkQueue } from './work-queue.ts';

const ROOT_CA_NAME = 'kube-root-ca.crt';
const ROOT_CA_TEXT =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/**
 * Puts into each namespace what clients expect there: the ServiceAccount `default` and, when a CA is given, the ConfigMap kube-root-ca.crt.
 * Source: KCM serviceaccount and root-ca-certificate-publisher controllers.
 */
export function namespaceFurniture(services: ControllerServices, options: { readonly rootCaPem?: string }): Controller {
  const furniture = furnitureOf(services, options.rootCaPem);
  return {
    name: 'namespace-furniture',
    async start() {
      const namespaces = builtIn(services.catalog, '', 'v1', 'namespaces');
      if (namespaces === undefined) return async () => {};
      const { registry } = services;
      const caches = [namespaces, ...furniture.map(({ definition }) => definition)].map((definition) =>
        registry.cache(definition),
      );
      await Promise.all(caches.map((cache) => cache.ready()));
      const queue = new WorkQueue(furnish, {
        onFailure: (key, error) => services.onTrouble(`namespace ${key}`, error),
      });
      const unsubscribe = [
        registry.cache(namespaces).subscribe((events) => {
          for (const { type, object } of events) if (type === 'ADDED') queue.add(object.name);
        }),
        ...furniture.map(({ definition, name }) =>
          registry.cache(definition).subscribe((events) => {
            for (const { object } of events) if (object.name === name) queue.add(object.namespace);
          }),
        ),
      ];
      for (const namespace of registry.cache(namespaces).list()) queue.add(namespace.name);
      return async () => {
        for (const stop of unsubscribe) stop();
        await queue.close();
      };

      async function furnish(name: string): Promise<void> {
        if (namespaces === undefined) return;
        const namespace = registry.cache(namespaces).get('', name)?.object();
        if (namespace === undefined || isLeaving(namespace)) return;
        for (const piece of furniture) {
          const within = withinNamespace(namespace, {
            check: (seen) => {
              if (isLeaving(seen)) throw notFound({ group: '', resource: 'namespaces' }, name);
            },
            live: () => registry.get(namespaces, '', name),
          });
          await unless(place(services, piece, within), isNotFound);
        }
      }
    },
  };
}

interface Piece {
  readonly definition: ResourceDefinition;
  readonly name: string;
  readonly object: KubeObject;
  /** Data that is put right when somebody changed it. */
  readonly data?: Readonly<Record<string, string>>;
}

const isLeaving = (namespace: KubeObject): boolean =>
  textAt(namespace, 'status', 'phase') === 'Terminating' ||
  at(namespace, 'metadata', 'deletionTimestamp') !== undefined;

function furnitureOf({ catalog }: ControllerServices, rootCaPem: string | undefined): readonly Piece[] {
  const pieces: Piece[] = [];
  const serviceAccounts = builtIn(catalog, '', 'v1', 'serviceaccounts');
  const configMaps = builtIn(catalog, '', 'v1', 'configmaps');
  if (serviceAccounts !== undefined) {
    const object = { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name: 'default' } };
    pieces.push({ definition: serviceAccounts, name: 'default', object });
  }
  if (configMaps !== undefined && rootCaPem !== undefined) {
    const data = { 'ca.crt': rootCaPem };
    const metadata = { name: ROOT_CA_NAME, annotations: { 'kubernetes.io/description': ROOT_CA_TEXT } };
    pieces.push({
      definition: configMaps,
      name: ROOT_CA_NAME,
      object: { kind: 'ConfigMap', apiVersion: 'v1', metadata, data },
      data,
    });
  }
  return pieces;
}

async function place({ registry }: ControllerServices, piece: Piece, within: Within): Promise<void> {
  const { definition, name, object, data } = piece;
  const { namespace } = within;
  const cached = registry.cache(definition).get(namespace, name)?.object();
  if (cached === undefined) {
    await unless(registry.create(definition, namespace, object, { within }), isAlreadyThere);
    return;
  }
  if (data === undefined || Object.entries(data).every(([key, text]) => textAt(cached, 'data', key) === text)) return;
  const mend = (current: KubeObject | undefined): KubeObject => ({ ...current, data: { ...data } });
  await unless(registry.update(definition, namespace, name, mend), isNotFound);
}
