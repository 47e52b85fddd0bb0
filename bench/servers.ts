import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../test/kit/cluster.ts';
import { type Store, startKeelson, startRealEtcd } from '../test/kit/etcd.ts';
import { installClients } from './clients.ts';
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

export interface KeelsonOptions {
  /** Where the members of Keelson leave profiles of their CPU, each time they are told to (`profile/hook.ts`). */
  readonly profileFolder?: string | undefined;
  readonly members: number;
}

/** Starts Keelson and, unless it is alone, etcd in a new folder, calls `use`, stops them and removes the folder: also when interrupted. */
export async function withSides(
  options: KeelsonOptions & { readonly against: 'etcd' | 'none' },
  use: (sides: readonly Side[], folder: string) => Promise<void>,
): Promise<void> {
  const folder = await temporaryFolder();
  const sides: Side[] = [];
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ending ??= Promise.all(sides.map((side) => side.stop())).then(() => folder.remove());
    return ending;
  };
  const interrupted = (): void => {
    end().finally(() => process.exit(130));
  };
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    sides.push(await startOurs(join(folder.path, 'keelson'), options));
    if (options.against === 'etcd') sides.push(await startEtcd(join(folder.path, 'etcd'), options));
    await use(sides, folder.path);
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupted);
    await end();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Members of Keelson, as processes of their own. */
async function startOurs(folder: string, options: KeelsonOptions): Promise<Side> {
  const { profileFolder, members } = options;
  return sideOf('keelson', await startKeelson(folder, members, QUOTA, { nodeArgs: hookArgs(profileFolder) }));
}

/** As many members of the real etcd, with the same flags. */
async function startEtcd(folder: string, { members }: KeelsonOptions): Promise<Side> {
  installClients();
  return sideOf('etcd', await startRealEtcd(folder, members, { args: QUOTA }));
}

/** Room for ten million keys: the default of etcd ends at 2 GiB. */
const QUOTA = ['--quota-backend-bytes', String(16 * 1024 ** 3)];

/**
 * `--inspect-port` alone opens nothing: it is there because with a flag of the inspector a member loads its modules instead of its bundle
 * (cli/bundle.ts), and so the functions of a profile have files.
 */
function hookArgs(profileFolder: string | undefined): readonly string[] {
  if (profileFolder === undefined) return [];
  mkdirSync(profileFolder, { recursive: true });
  const hook = pathToFileURL(join(import.meta.dirname, 'profile', 'hook.js'));
  hook.searchParams.set('folder', profileFolder);
  return ['--inspect-port=0', '--import', hook.href];
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
