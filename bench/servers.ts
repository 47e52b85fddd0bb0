import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { client } from '../test/kit/cluster.ts';
import { type Store, startKeelson, startRealEtcd } from '../test/kit/etcd.ts';
import { type Usage, usageOf } from './usage.ts';

/** A store under load. */
export interface Side {
  readonly name: 'keelson' | 'etcd';
  readonly urls: readonly string[];
  usage(): Usage;
  stop(): Promise<void>;
}

export interface KeelsonOptions {
  /** Where each member leaves a profile of its CPU (V8's format) when it stops; undefined: nowhere. */
  readonly profileFolder?: string | undefined;
}

/** Three members of Keelson, as processes of their own. */
export async function startOurs(folder: string, options: KeelsonOptions = {}): Promise<Side> {
  const { profileFolder } = options;
  const nodeArgs = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  return sideOf('keelson', await startKeelson(folder, 3, [], { nodeArgs }));
}

/** Three members of the real etcd, with the same flags. */
export async function startEtcd(folder: string): Promise<Side> {
  installClients();
  return sideOf('etcd', await startRealEtcd(folder, 3));
}

function sideOf(name: Side['name'], store: Store): Side {
  const pids = store.processes.map(({ pid }) => pid);
  return { name, urls: store.clientUrls, usage: () => usageOf(pids), stop: () => store.stop() };
}

/** The real clients' paths, as the acceptance tests have them. */
function installClients(): void {
  if (process.env['KEELSON_TEST_ETCD'] !== undefined) return;
  const clients = spawnSync('bash', [join('test', 'conformance', 'clients.sh'), '--env'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for (const line of clients.status === 0 ? clients.stdout.trim().split('\n') : []) {
    const [name, value] = line.split('=');
    if (name !== undefined && value !== undefined) process.env[name] = value;
  }
  client('ETCD'); // says what to do when it is missing
}
