import { join } from 'node:path';
import { KEELSON, temporaryFolder } from '../kit/cluster.ts';
import { freePorts } from '../kit/ports.ts';
import { eventually, type Running, start } from '../kit/process.ts';

/** Members of ours that run as processes of their own. */
export interface Members {
  readonly urls: readonly string[];
  readonly processes: readonly Running[];
  stop(): Promise<void>;
}

/** Starts a cluster and waits until each member serves. `more`: further flags of each; `healthUrl`: where a member tells its health. */
export async function startMembers(
  count: number,
  more: readonly string[] = [],
  healthUrl: (clientUrl: string) => string = (clientUrl) => clientUrl,
): Promise<Members> {
  const folder = await temporaryFolder();
  const ports = await freePorts(2 * count);
  const at = (index: number): string => `http://127.0.0.1:${ports[index]}`;
  const names = Array.from({ length: count }, (_, i) => ({ name: `m${i}`, client: at(2 * i), peer: at(2 * i + 1) }));
  const initialCluster = names.map(({ name, peer }) => `${name}=${peer}`).join(',');
  const processes = names.map(({ name, client, peer }) =>
    start(process.execPath, [
      ...[KEELSON, 'member', '--name', name, '--data-dir', join(folder.path, name), '--log-level', 'error'],
      ...['--listen-client-urls', client, '--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', initialCluster, ...more],
    ]),
  );
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((process) => process.stop('SIGKILL')));
    await folder.remove();
  };
  try {
    for (const { name, client } of names) {
      const isHealthy = async (): Promise<true | undefined> => {
        const response = await fetch(`${healthUrl(client)}/health`);
        await response.text();
        return response.ok || undefined;
      };
      await eventually(`member ${name} is healthy`, isHealthy, { timeoutMs: 30_000 });
    }
  } catch (error) {
    const said = processes.map((process) => process.errors()).join('\n');
    await stop();
    throw new Error(`${String(error)}\n${said}`);
  }
  return { urls: names.map(({ client }) => client), processes, stop };
}
