import { join } from 'node:path';
import { ensurePki } from '../../../apiserver/pki/store.ts';
import { untilReady } from '../../../cli/up/ready.ts';
import { CLUSTER_LIMITS } from '../limits.ts';
import type { ClusterUnderTest } from '../workload.ts';
import { lastingPorts } from './ports.ts';
import { ChaosProcess } from './process.ts';

export interface ApiServersOptions {
  /** Of the whole cluster; certificates and logs lie in it. */
  readonly directory: string;
  /** Client URLs of the store: there is one API server for each, which knows it first and the others besides. */
  readonly memberUrls: readonly string[];
  readonly script: string;
  /** One ended that nobody had killed. */
  readonly onDied: (apiServer: ChaosProcess, how: string) => void;
}

/** The API servers of a cluster: one beside each member, as on the masters of a Kubernetes cluster. */
export class ApiServers {
  readonly processes: readonly ChaosProcess[];
  readonly urls: readonly string[];
  /** Of somebody who may do anything. */
  readonly credentials: NonNullable<ClusterUnderTest['credentials']>;

  private constructor(
    processes: readonly ChaosProcess[],
    urls: readonly string[],
    credentials: NonNullable<ClusterUnderTest['credentials']>,
  ) {
    this.processes = processes;
    this.urls = urls;
    this.credentials = credentials;
  }

  /** Makes the certificates that they share; nothing runs yet. */
  static async plan(options: ApiServersOptions): Promise<ApiServers> {
    const { directory, memberUrls, script } = options;
    const { ca, admin } = await ensurePki(join(directory, 'pki'));
    const ports = await lastingPorts(memberUrls.length);
    const processes = ports.map((port, i): ChaosProcess => {
      const name = `api${i + 1}`;
      const own = memberUrls.slice(i, i + 1);
      const servers = [...own, ...memberUrls.filter((url) => !own.includes(url))];
      const apiServer: ChaosProcess = new ChaosProcess({
        name,
        script,
        args: () => [
          ...['apiserver', '--etcd-servers', servers.join(','), '--cert-dir', directory, '--admin-kubeconfig', 'none'],
          ...['--bind-address', '127.0.0.1', '--secure-port', String(port), '--log-level', 'info'],
        ],
        logPath: join(directory, 'logs', `${name}.log`),
        onDied: (how) => options.onDied(apiServer, how),
      });
      return apiServer;
    });
    const urls = ports.map((port) => `https://127.0.0.1:${port}`);
    return new ApiServers(processes, urls, { ca: ca.certificatePem, cert: admin.certificatePem, key: admin.keyPem });
  }

  /** Starts whoever is down. */
  start(): void {
    for (const process of this.processes) process.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stop()));
  }

  /** Resolves when all of them are worth asking. Errors: which one is not, and what it says, when the time is over. */
  async untilReady(): Promise<void> {
    const signal = AbortSignal.timeout(CLUSTER_LIMITS.readyMs);
    await Promise.all(this.urls.map((url) => untilReady(`${url}/readyz`, signal, this.credentials.ca)));
  }
}
