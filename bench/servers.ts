import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../test/kit/cluster.ts';
import { leaderOf, type Store, startKeelson, startRealEtcd } from '../test/kit/etcd.ts';
import { installClients } from './clients.ts';
import { type DiskUse, diskUseOf } from './metrics.ts';
import { type Usage, usageOf } from './usage.ts';

/** A store under load. */
export interface Side {
  readonly name: 'keelson' | 'etcd';
  readonly store: Store;
  /** Where its members serve clients, the leader first: one client alone is nearer to it by two messages than at another member. */
  readonly urls: readonly string[];
  usage(): Usage;
  /** What the members' logs have asked of the disk so far, together. */
  diskUse(): Promise<DiskUse>;
  stop(): Promise<void>;
}

export interface KeelsonOptions {
  readonly members: number;
}

/** Where the sides are. */
export interface Stage {
  /** On the disk that the members use. */
  readonly folder: string;
  /**
   * Starts members of Keelson that leave profiles of their CPU in `profileFolder` each time they are told to (`profile/hook.ts`), calls `use` and
   * stops them. They are a little slower than members as a user starts them: those are what counts.
   */
  withProfiled<T>(profileFolder: string, use: (side: Side) => Promise<T>): Promise<T>;
}

/** Starts Keelson and, unless it is alone, etcd in a new folder, calls `use`, stops them and removes the folder: also when interrupted. */
export async function withSides(
  options: KeelsonOptions & { readonly against: 'etcd' | 'none' },
  use: (sides: readonly Side[], stage: Stage) => Promise<void>,
): Promise<void> {
  const folder = await temporaryFolder();
  /** Also those that are not there yet: who is interrupted while they start waits for them. */
  const running = new Set<Promise<Side>>();
  let ending: Promise<void> | undefined;
  const stopOne = (side: Promise<Side>): Promise<void> =>
    side.then(
      (started) => started.stop(),
      () => undefined, // a start that fails stops what it has started
    );
  const end = (): Promise<void> => {
    ending ??= Promise.all([...running].map(stopOne)).then(() => folder.remove());
    return ending;
  };
  const interrupted = (): void => {
    end().finally(() => process.exit(130));
  };
  const started = (start: () => Promise<Side>): Promise<Side> => {
    if (ending !== undefined) return Promise.reject(new Error('interrupted'));
    const starting = start();
    running.add(starting);
    return starting;
  };
  const withProfiled: Stage['withProfiled'] = async (profileFolder, useProfiled) => {
    const data = await mkdtemp(join(folder.path, 'profiled-'));
    const starting = started(() => startOurs(data, options, hookArgs(profileFolder)));
    try {
      return await useProfiled(await starting);
    } finally {
      await stopOne(starting);
      running.delete(starting);
      await rm(data, { recursive: true, force: true });
    }
  };
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    const sides = [await started(() => startOurs(join(folder.path, 'keelson'), options))];
    if (options.against === 'etcd') sides.push(await started(() => startEtcd(join(folder.path, 'etcd'), options)));
    await use(sides, { folder: folder.path, withProfiled });
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupted);
    await end();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Members of Keelson, as processes of their own; without `nodeArgs` as a user starts them. */
async function startOurs(folder: string, { members }: KeelsonOptions, nodeArgs: readonly string[] = []): Promise<Side> {
  return sideOf('keelson', await startKeelson(folder, members, QUOTA, { nodeArgs }));
}

/**
 * `--inspect-port` alone opens nothing: it is there because with a flag of the inspector a member loads its modules instead of its bundle
 * (cli/bundle.ts), and so the functions of a profile have files.
 */
function hookArgs(profileFolder: string): readonly string[] {
  mkdirSync(profileFolder, { recursive: true });
  const hook = pathToFileURL(join(import.meta.dirname, 'profile', 'hook.js'));
  hook.searchParams.set('folder', profileFolder);
  return ['--inspect-port=0', '--import', hook.href];
}

/** As many members of the real etcd, with the same flags. */
async function startEtcd(folder: string, { members }: KeelsonOptions): Promise<Side> {
  installClients();
  return sideOf('etcd', await startRealEtcd(folder, members, { args: QUOTA }));
}

/** Room for ten million keys: the default of etcd ends at 2 GiB. */
const QUOTA = ['--quota-backend-bytes', String(16 * 1024 ** 3)];

async function sideOf(name: Side['name'], store: Store): Promise<Side> {
  const leader = await leaderOf(store).catch(async (error: unknown) => {
    await store.stop();
    throw error;
  });
  return {
    name,
    store,
    urls: [...store.clientUrls.slice(leader), ...store.clientUrls.slice(0, leader)],
    usage: () => usageOf(store.processes.map(({ pid }) => pid)), // a member that was started again has a new one
    diskUse: () => diskUseOf(store.clientUrls),
    stop: () => store.stop(),
  };
}
