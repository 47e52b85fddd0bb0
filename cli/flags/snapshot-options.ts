import { resolve } from 'node:path';
import type { ClientTls } from '../../client/channel.ts';
import type { KvClientOptions } from '../../client/grpc-client.ts';
import type { InitialMember } from '../../member/config.ts';
import { UsageError } from '../usage-error.ts';
import { readText } from './files.ts';
import { FlagReader, type Given } from './flag.ts';
import { checkSelf, clusterOf } from './member-options.ts';
import { RESTORE_FLAGS, SAVE_FLAGS } from './snapshot-flags.ts';

/** What `snapshot save` connects to. Errors: UsageError. */
export function saveSettings(given: Given): KvClientOptions {
  const flags = new FlagReader(SAVE_FLAGS, given);
  const endpoints = flags.list('endpoints');
  if (endpoints.length !== 1) throw new UsageError('--endpoints: a snapshot is of one selected member, not of several');
  if (flags.has('cert') !== flags.has('key')) throw new UsageError('--cert and --key go together');
  const user = userOf(flags);
  const tls = tlsOf(flags);
  return { endpoints, ...(tls === undefined ? {} : { tls }), ...(user === undefined ? {} : { user }) };
}

/** TLS of a client, from the flags of etcdctl. Errors: UsageError. */
export function tlsOf(flags: FlagReader): ClientTls | undefined {
  const file = (name: string): Buffer => Buffer.from(readText(flags.text(name), `--${name}`));
  const tls: ClientTls = {
    ...(flags.has('cacert') ? { ca: file('cacert') } : {}),
    ...(flags.has('cert') ? { cert: file('cert'), key: file('key') } : {}),
    ...(flags.bool('insecure-skip-tls-verify') ? { insecureSkipVerify: true } : {}),
  };
  return Object.keys(tls).length === 0 ? undefined : tls;
}

/** NAME:PASSWORD of --user. Errors: UsageError. */
export function userOf(flags: FlagReader): { readonly username: string; readonly password: string } | undefined {
  if (!flags.has('user')) return undefined;
  const text = flags.text('user');
  const colon = text.indexOf(':');
  if (colon < 1) throw new UsageError('--user: must be NAME:PASSWORD');
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A restore as the command line wants it. */
export interface RestoreSettings {
  readonly name: string;
  readonly dataDir: string;
  readonly advertisePeerUrls: readonly string[];
  readonly initialCluster: readonly InitialMember[];
  readonly initialClusterToken: string;
  readonly skipHashCheck: boolean;
  readonly bumpRevision: number;
  readonly dropAuth: boolean;
}

/** Reads and checks the flags of a restore. Errors: UsageError. */
export function restoreSettings(given: Given): RestoreSettings {
  const flags = new FlagReader(RESTORE_FLAGS, given);
  const name = flags.text('name');
  const advertisePeerUrls = flags.urls('initial-advertise-peer-urls');
  const initialCluster = flags.has('initial-cluster')
    ? clusterOf(flags.text('initial-cluster'))
    : [{ name, peerUrls: advertisePeerUrls }];
  checkSelf(name, advertisePeerUrls, initialCluster);
  return {
    name,
    dataDir: resolve(flags.has('data-dir') ? flags.text('data-dir') : `${name}.etcd`),
    advertisePeerUrls,
    initialCluster,
    initialClusterToken: flags.text('initial-cluster-token'),
    skipHashCheck: flags.bool('skip-hash-check'),
    bumpRevision: bumpOf(flags),
    dropAuth: flags.bool('drop-auth'),
  };
}

/** The two flags go together, as etcdutl has it; here both are on unless the bump is 0. */
function bumpOf(flags: FlagReader): number {
  const bump = flags.integer('bump-revision', 0);
  if (!flags.has('mark-compacted')) return bump;
  if (bump === 0 && flags.bool('mark-compacted'))
    throw new UsageError('--mark-compacted required if --bump-revision > 0, disallowed otherwise');
  if (bump > 0 && !flags.bool('mark-compacted'))
    throw new UsageError('--mark-compacted=false needs --bump-revision 0: a raised revision is compacted up to');
  return bump;
}
