import { join } from 'node:path';
import { after, before } from 'node:test';
import { Cluster, client, Kubectl, temporaryFolder } from '../kit/cluster.ts';
import { kubectlSuite } from './kubectl-suite.ts';

/** Two generations of kubectl on `keelson up`. */

let folder: { readonly path: string; remove(): Promise<void> };
let cluster: Cluster;
let old: Kubectl;
let current: Kubectl;

before(async () => {
  folder = await temporaryFolder();
  cluster = await Cluster.start(join(folder.path, 'data'));
  old = new Kubectl(client('KUBECTL'), cluster.endpoints.kubeconfig, join(folder.path, 'cache-old'));
  current = new Kubectl(client('KUBECTL_NEW'), cluster.endpoints.kubeconfig, join(folder.path, 'cache-new'));
});
after(async () => {
  await cluster?.stop();
  await folder?.remove();
});

kubectlSuite('k132', () => old);
kubectlSuite('k136', () => current);
