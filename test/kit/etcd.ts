import { join } from 'node:path';
import { client, KEELSON } from './cluster.ts';
import { freePorts } from './ports.ts';
import { eventually, type Running, start } from './process.ts';

/** A store that runs: one member, or several that know each other. */
export interface Store {
  readonly clientUrls: readonly string[];
  readonly peerUrls: readonly string[];
  readonly processes: readonly Running[];
  /** Starts a member again that has died, on the data it had. */
  restart(index: number): Promise<void>;
  stop(): Promise<void>;
}

export type RealEtcd = Store;

/** Debian's etcd (trixie's, or another `binary`). */
export function startRealEtcd(
  folder: string,
  members = 1,
  options: { readonly binary?: string; readonly args?: readonly string[] } = {},
): Promise<Store> {
  return startMembers(folder, members, (args) =>
    start(options.binary ?? client('ETCD'), [...args, '--log-level', 'error', ...(options.args ?? [])]),
  );
}

/** Members of Keelson alone, without API servers, on ports of their own. `nodeArgs` go to Node itself. */
export function startKeelson(
  folder: string,
  members: number,
  args: readonly string[] = [],
  options: { readonly nodeArgs?: readonly string[] } = {},
): Promise<Store> {
  const { nodeArgs = [] } = options;
  return startMembers(folder, members, (common) =>
    start(process.execPath, [...nodeArgs, KEELSON, 'member', ...common, '--log-level', 'error', ...args]),
  );
}

async function startMembers(
  folder: string,
  members: number,
  spawn: (args: readonly string[]) => Running,
): Promise<Store> {
  const ports = await freePorts(2 * members);
  const names = Array.from({ length: members }, (_, i) => ({
    name: `m${i}`,
    client: `http://127.0.0.1:${ports[2 * i]}`,
    peer: `http://127.0.0.1:${ports[2 * i + 1]}`,
  }));
  const initialCluster = names.map((n) => `${n.name}=${n.peer}`).join(',');
  const started = (m: (typeof names)[number]): Running =>
    spawn([
      ...['--name', m.name, '--data-dir', join(folder, m.name), '--initial-cluster', initialCluster],
      ...['--listen-client-urls', m.client, '--advertise-client-urls', m.client],
      ...['--listen-peer-urls', m.peer, '--initial-advertise-peer-urls', m.peer],
    ]);
  const healthy = (m: (typeof names)[number]): Promise<true> =>
    eventually(
      `${m.name} is healthy`,
      async () => ((await fetch(`${m.client}/health`)).status === 200 ? true : undefined),
      { timeoutMs: 60_000, about: () => logOf(processes[names.indexOf(m)]) },
    );
  const processes = names.map(started);
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((p) => p.stop()));
  };
  const restart = async (index: number): Promise<void> => {
    const name = names[index];
    if (name === undefined) throw new Error(`there is no member ${index}`);
    await processes[index]?.stop('SIGKILL');
    processes[index] = started(name);
    await healthy(name);
  };
  try {
    for (const m of names) await healthy(m);
  } catch (error) {
    await stop();
    throw error;
  }
  return { clientUrls: names.map((m) => m.client), peerUrls: names.map((m) => m.peer), processes, restart, stop };
}

function logOf(process: Running | undefined): string {
  return `exit code ${process?.child.exitCode}\n${process?.output().slice(-2000)}\n${process?.errors().slice(-2000)}`;
}

/** Which member leads, by its place among the store's; asks them all. */
export async function leaderOf(store: Store): Promise<number> {
  return eventually(
    'a leader',
    async () => {
      for (const [i, url] of store.clientUrls.entries()) {
        const answer = await fetch(`${url}/v3/maintenance/status`, { method: 'POST', body: '{}' }).catch(
          () => undefined,
        );
        if (answer?.status !== 200) continue;
        const { header, leader } = (await answer.json()) as { header: { member_id: string }; leader?: string };
        if (header.member_id === leader) return i;
      }
      return undefined;
    },
    { timeoutMs: 15_000 },
  );
}
