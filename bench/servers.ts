import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { client } from '../test/kit/cluster.ts';
import { type Store, startKeelson, startRealEtcd } from '../test/kit/etcd.ts';
import { type DiskUse, diskUseOf } from './metrics.ts';
import { type Usage, usageOf } from './usage.ts';

/** A store under load. */
export interface Side {
  readonly name: 'keelson' | 'etcd';
  readonly store: Store;
  readonly urls: readonly string[];
  usage(): Usage;
  /** What the members' logs have asked of the disk so far, together. */
  diskUse(): Promise<DiskUse>;
  stop(): Promise<void>;
}

/** Where the members of Keelson leave profiles of their CPU, each time they are told to (`profile/hook.ts`). */
export interface KeelsonOptions {
  readonly profileFolder?: string | undefined;
  readonly members?: number;
}

/** Members of Keelson, as processes of their own. */
export async function startOurs(folder: string, options: KeelsonOptions = {}): Promise<Side> {
  const { profileFolder, members = 3 } = options;
  return sideOf('keelson', await startKeelson(folder, members, QUOTA, { nodeArgs: hookArgs(profileFolder) }));
}

/** As many members of the real etcd, with the same flags. */
export async function startEtcd(folder: string, { members = 3 }: { readonly members?: number } = {}): Promise<Side> {
  installClients();
  return sideOf('etcd', await startRealEtcd(folder, members, { args: QUOTA }));
}

/** Room for ten million keys: the default of etcd ends at 2 GiB. */
const QUOTA = ['--quota-backend-bytes', String(16 * 1024 ** 3)];

function hookArgs(profileFolder: string | undefined): readonly string[] {
  if (profileFolder === undefined) return [];
  mkdirSync(profileFolder, { recursive: true });
  const hook = pathToFileURL(join(import.meta.dirname, 'profile', 'hook.js'));
  hook.searchParams.set('folder', profileFolder);
  return ['--import', hook.href];
}

function sideOf(name: Side['name'], store: Store): Side {
  return {
    name,
    store,
    urls: store.clientUrls,
    usage: () => usageOf(store.processes.map(({ pid }) => pid)), // a member that was started again has a new one
    diskUse: () => diskUseOf(store.clientUrls),
    stop: () => store.stop(),
  };
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
