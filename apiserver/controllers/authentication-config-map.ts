import type { KubeObject } from '../scheme/json.ts';
import { textAt } from '../scheme/json.ts';
import { builtIn, type ControllerServices, isAlreadyThere, isConflict, unless } from './controller.ts';

const NAMESPACE = 'kube-system';
const NAME = 'extension-apiserver-authentication';

/** Publishes the client CA where controllers and extension servers look for it: kube-system/extension-apiserver-authentication. */
export async function publishClientCa(services: ControllerServices, clientCaPem: string): Promise<void> {
  const configMaps = builtIn(services.catalog, '', 'v1', 'configmaps');
  if (configMaps === undefined) return;
  const { registry } = services;
  const object: KubeObject = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: NAME, namespace: NAMESPACE },
    data: { 'client-ca-file': clientCaPem },
  };
  const created = await unless(registry.create(configMaps, NAMESPACE, object), isAlreadyThere);
  if (created !== undefined) return;
  const current = await registry.get(configMaps, NAMESPACE, NAME);
  if (textAt(current, 'data', 'client-ca-file').includes(clientCaPem.trim())) return;
  // Another server may trust another CA: both are published.
  const add = (now: KubeObject | undefined): KubeObject => {
    const before = textAt(now, 'data', 'client-ca-file');
    return { ...now, data: { ...(now?.['data'] as object | undefined), 'client-ca-file': before + clientCaPem } };
  };
  await unless(registry.update(configMaps, NAMESPACE, NAME, add), isConflict);
}
