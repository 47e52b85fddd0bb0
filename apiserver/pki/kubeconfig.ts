import { yaml } from '../scheme/yaml-library.ts';
import type { KeyPair } from './certificate.ts';
import { writePrivate } from './store.ts';

/** A kubeconfig with one cluster and one user, everything inside it. `caPem` undefined: plain http. */
export function kubeconfig(server: string, caPem: string | undefined, client: KeyPair | undefined): string {
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  return yaml().stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'keelson',
        cluster: { server, ...(caPem === undefined ? {} : { 'certificate-authority-data': base64(caPem) }) },
      },
    ],
    users: [
      {
        name: 'kubernetes-admin',
        user:
          client === undefined
            ? {}
            : {
                'client-certificate-data': base64(client.certificatePem),
                'client-key-data': base64(client.keyPem),
              },
      },
    ],
    contexts: [{ name: 'keelson', context: { cluster: 'keelson', user: 'kubernetes-admin' } }],
    'current-context': 'keelson',
  });
}

/** Writes a kubeconfig with mode 0600. */
export function writeKubeconfig(
  path: string,
  server: string,
  caPem: string | undefined,
  client: KeyPair | undefined,
): Promise<void> {
  return writePrivate(path, kubeconfig(server, caPem, client));
}
