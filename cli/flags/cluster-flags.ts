import { resolve } from 'node:path';
import type { KvClientOptions } from '../../client/grpc-client.ts';
import { UsageError } from '../usage-error.ts';
import { type Flag, FlagReader, type Given, urlFault } from './flag.ts';
import { SAVE_FLAGS } from './snapshot-flags.ts';
import { tlsOf, userOf } from './snapshot-options.ts';

/** The flags of `keelson cluster replace`. */
export const REPLACE_FLAGS: readonly Flag[] = [
  { name: 'endpoints', value: 'URLS', help: 'members of the cluster', default: 'http://127.0.0.1:2379' },
  ...SAVE_FLAGS.filter(({ name }) => name !== 'endpoints'),
  { name: 'dead', value: 'ID|NAME', help: 'the member that goes' },
  { name: 'name', value: 'NAME', help: 'name of the member that comes' },
  { name: 'peer-url', value: 'URL', help: 'where other members will reach it' },
  { name: 'timeout', value: 'DURATION', help: 'how long to wait for it to start and to catch up', default: '10m' },
];

export interface ReplaceSettings {
  readonly connection: KvClientOptions;
  readonly dead: string;
  readonly name: string;
  readonly peerUrl: string;
  readonly timeoutMs: number;
}

/** The flags of `keelson cluster rebuild`. */
export const REBUILD_FLAGS: readonly Flag[] = [
  { name: 'endpoints', value: 'URLS', help: 'the other members of the cluster', default: 'http://127.0.0.1:2379' },
  ...SAVE_FLAGS.filter(({ name }) => name !== 'endpoints'),
  { name: 'name', value: 'NAME', help: 'name of the damaged member' },
  { name: 'peer-url', value: 'URL', help: 'where other members reach it' },
  { name: 'data-dir', value: 'DIR', help: 'its data directory, on this machine' },
  { name: 'wal-dir', value: 'DIR', help: 'where its log lies, when it was started with --wal-dir' },
  { name: 'timeout', value: 'DURATION', help: 'how long to wait for it to start and to catch up', default: '10m' },
];

export interface RebuildSettings extends Omit<ReplaceSettings, 'dead'> {
  readonly dataDir: string;
  readonly walDir?: string;
}

/** Errors: UsageError. */
export function rebuildSettings(given: Given): RebuildSettings {
  const flags = new FlagReader(REBUILD_FLAGS, given);
  return { ...successorOf(flags, ['name', 'peer-url', 'data-dir']), ...dirsOf(flags) };
}

/** Errors: UsageError. */
export function replaceSettings(given: Given): ReplaceSettings {
  const flags = new FlagReader(REPLACE_FLAGS, given);
  return { ...successorOf(flags, ['dead', 'name', 'peer-url']), dead: flags.text('dead') };
}

function dirsOf(flags: FlagReader): Pick<RebuildSettings, 'dataDir' | 'walDir'> {
  const dataDir = resolve(flags.text('data-dir'));
  return flags.has('wal-dir') ? { dataDir, walDir: resolve(flags.text('wal-dir')) } : { dataDir };
}

/** What both commands say of the member that comes. */
function successorOf(flags: FlagReader, needed: readonly string[]): Omit<ReplaceSettings, 'dead'> {
  for (const name of needed) {
    if (flags.text(name) === '') throw new UsageError(`--${name} is needed`);
  }
  const peerUrl = flags.text('peer-url').replace(/\/$/, '');
  const why = urlFault(peerUrl);
  if (why !== undefined) throw new UsageError(`invalid value "${peerUrl}" for --peer-url: ${why}`);
  const endpoints = flags.list('endpoints');
  if (endpoints.length === 0) throw new UsageError('--endpoints needs at least one URL');
  if (flags.has('cert') !== flags.has('key')) throw new UsageError('--cert and --key go together');
  const [tls, user] = [tlsOf(flags), userOf(flags)];
  return {
    connection: { endpoints, ...(tls !== undefined && { tls }), ...(user !== undefined && { user }) },
    name: flags.text('name'),
    peerUrl,
    timeoutMs: flags.durationMs('timeout'),
  };
}
