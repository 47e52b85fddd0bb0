import { join } from 'node:path';
import { client } from './cluster.ts';
import { freePorts } from './ports.ts';
import { eventually, type Running, start } from './process.ts';

/** Debian's etcd: one member, or several that know each other. */
export interface RealEtcd {
  readonly clientUrls: readonly string[];
  readonly processes: readonly Running[];
  stop(): Promise<void>;
}

export async function startRealEtcd(folder: string, members = 1, flags: readonly string[] = []): Promise<RealEtcd> {
  const ports = await freePorts(2 * members);
  const names = Array.from({ length: members }, (_, i) => ({
    name: `etcd${i}`,
    client: `http://127.0.0.1:${ports[2 * i]}`,
    peer: `http://127.0.0.1:${ports[2 * i + 1]}`,
  }));
  const processes = names.map((m) =>
    start(client('ETCD'), [
      '--name',
      m.name,
      '--data-dir',
      join(folder, m.name),
      '--log-level',
      'error',
      '--listen-client-urls',
      m.client,
      '--advertise-client-urls',
      m.client,
      '--listen-peer-urls',
      m.peer,
      '--initial-advertise-peer-urls',
      m.peer,
      '--initial-cluster',
      names.map((n) => `${n.name}=${n.peer}`).join(','),
      ...flags,
    ]),
  );
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((p) => p.stop()));
  };
  try {
    for (const m of names) {
      await eventually(
        `etcd ${m.name} is healthy`,
        async () => ((await fetch(`${m.client}/health`)).status === 200 ? true : undefined),
        { timeoutMs: 30_000 },
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { clientUrls: names.map((m) => m.client), processes, stop };
}
