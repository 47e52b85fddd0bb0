import { ApiConnection, type ApiTarget } from './api-connection.ts';

/** JSON bytes of one object, more or less. */
export const OBJECT_BYTES = 2_048;
const CONNECTIONS = 4;
const WINDOW = 8;

export const collectionPath = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps`;
export const nameOf = (n: number): string => `object-${String(n).padStart(6, '0')}`;

/** A ConfigMap of about OBJECT_BYTES; `round` is in its data, so that updates change something. */
export function configMap(namespace: string, name: string, round = 0): Buffer {
  const object = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name, namespace, labels: { app: 'bench', tier: 'one' } },
    data: { round: String(round).padStart(8, '0'), text: '' },
  };
  object.data.text = 'a'.repeat(OBJECT_BYTES - JSON.stringify(object).length);
  return Buffer.from(JSON.stringify(object));
}

export async function makeNamespace(target: ApiTarget, name: string): Promise<void> {
  const connection = await ApiConnection.open(target);
  const namespace = { kind: 'Namespace', apiVersion: 'v1', metadata: { name } };
  const { status, body } = await connection.fetch('POST', '/api/v1/namespaces', namespace);
  connection.close();
  if (status !== 201 && status !== 409) throw new Error(`no namespace was made: ${status} ${body}`);
}

/** Creates objects 0 to `count` in a namespace of their own. */
export async function populate(target: ApiTarget, namespace: string, count: number): Promise<void> {
  await makeNamespace(target, namespace);
  const connections = await ApiConnection.openAll(target, CONNECTIONS);
  const path = collectionPath(namespace);
  let n = 0;
  const creator = async (connection: ApiConnection): Promise<void> => {
    while (n < count) {
      const body = configMap(namespace, nameOf(n++));
      const status = await new Promise<number>((onEnd) => connection.request('POST', path, body, { onEnd }));
      if (status !== 201) throw new Error(`an object was not created: ${status}`);
    }
  };
  await Promise.all(connections.flatMap((connection) => Array.from({ length: WINDOW }, () => creator(connection))));
  for (const connection of connections) connection.close();
}
