import { join } from 'node:path';
import { after, before } from 'node:test';
import { client, KEELSON, Kubectl, temporaryFolder } from '../kit/cluster.ts';
import { type RealEtcd, startRealEtcd } from '../kit/etcd.ts';
import { freePorts } from '../kit/ports.ts';
import { eventually, type Running, start } from '../kit/process.ts';
import { kubectlSuite } from './kubectl-suite.ts';

/** The same API server, the same suite, on Debian's etcd: whoever outgrows one store keeps the other. */

let folder: { readonly path: string; remove(): Promise<void> };
let etcd: RealEtcd;
let apiserver: Running;
let kubectl: Kubectl;

before(async () => {
  folder = await temporaryFolder();
  etcd = await startRealEtcd(folder.path);
  const [port] = await freePorts(1);
  const certificates = join(folder.path, 'certs');
  apiserver = start(process.execPath, [
    KEELSON,
    'apiserver',
    '--etcd-servers',
    etcd.clientUrls.join(','),
    '--bind-address',
    '127.0.0.1',
    '--secure-port',
    String(port),
    '--cert-dir',
    certificates,
    '--authorization-mode',
    'RBAC',
  ]);
  kubectl = new Kubectl(client('KUBECTL'), join(certificates, 'admin.kubeconfig'), join(folder.path, 'cache'));
  await eventually(
    'the API server is ready',
    async () => ((await kubectl.try(['get', '--raw', '/readyz'])).stdout === 'ok' ? true : undefined),
    { timeoutMs: 30_000, everyMs: 200 },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${apiserver.errors()}`);
  });
});
after(async () => {
  await apiserver?.stop();
  await etcd?.stop();
  await folder?.remove();
});

kubectlSuite('etcd', () => kubectl);
