import { resolve } from 'node:path';
import { ETCD_SERVER_VERSION } from '../../client/etcd-version.ts';
import type { AutoCompaction } from '../../member/auto-compactor.ts';
import type { InitialMember, MemberConfig } from '../../member/config.ts';
import { UsageError } from '../usage-error.ts';
import { authOptions } from './auth-options.ts';
import { readPem } from './files.ts';
import { FlagReader, type Given, urlFault } from './flag.ts';
import { type LogLevel, logLevelOf } from './log-level.ts';
import { MEMBER_FLAGS } from './member-flags.ts';

/** A member as the command line wants it; every file was read and every value checked. */
export interface MemberOptions {
  readonly config: MemberConfig;
  readonly listenClientUrls: readonly string[];
  readonly listenHttpUrls: readonly string[];
  readonly listenMetricsUrls: readonly string[];
  readonly cors: readonly string[];
  readonly clientTls?: {
    readonly cert: Buffer;
    readonly key: Buffer;
    readonly clientCa?: Buffer;
    readonly requireClientCert: boolean;
  };
  readonly peerTls?: {
    readonly cert: string;
    readonly key: string;
    readonly ca: string;
    readonly requireClientCertificate: boolean;
  };
  readonly logLevel: LogLevel;
}

const HOUR_MS = 3_600_000;
/** A greater request would not fit between members, with room to spare. */
const MAX_REQUEST_BYTES = 7 * 1024 * 1024;
const DEFAULT_QUOTA_BYTES = 2 * 1024 ** 3;
/** etcd refuses elections that are not clearly longer than heartbeats, and those beyond this. */
const MAX_ELECTION_MS = 50_000;

/** Reads and checks the settings of a member. Errors: UsageError, one line that names the flag. */
export function memberOptions(settings: Given): MemberOptions {
  const flags = new FlagReader(MEMBER_FLAGS, settings);
  const name = flags.text('name');
  const listenClientUrls = flags.urls('listen-client-urls');
  const listenHttpUrls = optionalUrls(flags, 'listen-client-http-urls');
  const listenMetricsUrls = optionalUrls(flags, 'listen-metrics-urls');
  const listenPeerUrls = flags.urls('listen-peer-urls');
  const [listenPeerUrl = ''] = listenPeerUrls;
  if (listenPeerUrls.length > 1) throw new UsageError('--listen-peer-urls: only one URL is supported');
  const advertisePeerUrls = flags.has('initial-advertise-peer-urls')
    ? flags.urls('initial-advertise-peer-urls')
    : listenPeerUrls;
  const initialCluster = flags.has('initial-cluster')
    ? clusterOf(flags.text('initial-cluster'))
    : [{ name, peerUrls: advertisePeerUrls }];
  checkSelf(name, advertisePeerUrls, initialCluster);
  const tls = clientTls(flags, [...listenClientUrls, ...listenHttpUrls, ...listenMetricsUrls]);
  const peer = peerTls(flags, [...listenPeerUrls, ...advertisePeerUrls]);
  return {
    config: {
      name,
      dataDir: resolve(flags.has('data-dir') ? flags.text('data-dir') : `${name}.etcd`),
      listenPeerAddress: new URL(listenPeerUrl).host,
      advertisePeerUrls,
      advertiseClientUrls: flags.has('advertise-client-urls') ? flags.urls('advertise-client-urls') : listenClientUrls,
      initialCluster,
      initialClusterState: clusterState(flags),
      initialClusterToken: flags.text('initial-cluster-token'),
      serverVersion: ETCD_SERVER_VERSION,
      ...timing(flags),
      auth: authOptions(flags),
      quotaBytes: quota(flags),
      watchProgressIntervalMs: flags.durationMs('watch-progress-notify-interval'),
      ...autoCompaction(flags),
      strictReconfigCheck: flags.bool('strict-reconfig-check'),
      maxTxnOps: flags.integer('max-txn-ops', 1, 100_000),
      limits: {
        compactEveryEntries: flags.integer('snapshot-count', 1),
        maxRequestBytes: flags.integer('max-request-bytes', 1, MAX_REQUEST_BYTES),
      },
    },
    listenClientUrls,
    listenHttpUrls,
    listenMetricsUrls,
    cors: flags.list('cors'),
    ...(tls === undefined ? {} : { clientTls: tls }),
    ...(peer === undefined ? {} : { peerTls: peer }),
    logLevel: logLevelOf(flags.text('log-level')),
  };
}

/** etcd reads a plain number as hours, or as revisions. 0: off. */
function autoCompaction(flags: FlagReader): { readonly autoCompaction?: AutoCompaction } {
  const mode = flags.text('auto-compaction-mode');
  if (mode !== 'periodic' && mode !== 'revision')
    throw new UsageError(`invalid value "${mode}" for --auto-compaction-mode: must be periodic or revision`);
  const text = flags.text('auto-compaction-retention');
  if (mode === 'revision') {
    const retention = flags.integer('auto-compaction-retention', 0);
    return retention === 0 ? {} : { autoCompaction: { mode, retention } };
  }
  const retentionMs = /^\d+$/.test(text) ? Number(text) * HOUR_MS : flags.durationMs('auto-compaction-retention');
  return retentionMs === 0 ? {} : { autoCompaction: { mode, retentionMs } };
}

function optionalUrls(flags: FlagReader, name: string): readonly string[] {
  return flags.has(name) ? flags.urls(name) : [];
}

function clusterState(flags: FlagReader): 'new' | 'existing' {
  const state = flags.text('initial-cluster-state');
  if (state === 'new' || state === 'existing') return state;
  throw new UsageError(`invalid value "${state}" for --initial-cluster-state: must be new or existing`);
}

function timing(flags: FlagReader): {
  readonly tickMs: number;
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
} {
  const tickMs = flags.integer('heartbeat-interval', 1, 60_000);
  const electionMs = flags.integer('election-timeout', 1);
  if (electionMs < 5 * tickMs) {
    throw new UsageError(
      `--election-timeout[${electionMs}ms] should be at least as 5 times as --heartbeat-interval[${tickMs}ms]`,
    );
  }
  if (electionMs > MAX_ELECTION_MS)
    throw new UsageError(
      `--election-timeout[${electionMs}ms] is too long, and should be set less than ${MAX_ELECTION_MS}ms`,
    );
  return { tickMs, electionTicks: Math.floor(electionMs / tickMs), heartbeatTicks: 1 };
}

function quota(flags: FlagReader): number {
  const bytes = flags.integer('quota-backend-bytes', Number.MIN_SAFE_INTEGER);
  if (bytes < 0) return 0;
  return bytes === 0 ? DEFAULT_QUOTA_BYTES : bytes;
}

/** `m1=http://a:2380,m2=http://b:2380`; a name may come twice, with another URL. */
export function clusterOf(text: string): readonly InitialMember[] {
  const members = new Map<string, string[]>();
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, equals).trim();
    const url = part.slice(equals + 1).trim();
    if (equals < 1 || url === '')
      throw new UsageError(`invalid value "${text}" for --initial-cluster: "${part}" is not NAME=URL`);
    const why = urlFault(url);
    if (why !== undefined) throw new UsageError(`invalid value "${url}" for --initial-cluster: ${why}`);
    members.set(name, [...(members.get(name) ?? []), url]);
  }
  return [...members].map(([name, peerUrls]) => ({ name, peerUrls }));
}

/** Errors: UsageError when a cluster does not have this member, or has it with other URLs. */
export function checkSelf(name: string, advertised: readonly string[], cluster: readonly InitialMember[]): void {
  const self = cluster.find((member) => member.name === name);
  if (self === undefined)
    throw new UsageError(`couldn't find local name "${name}" in the initial cluster configuration`);
  const plain = (urls: readonly string[]): string =>
    urls
      .map((url) => url.replace(/\/$/, ''))
      .sort()
      .join(',');
  if (plain(self.peerUrls) !== plain(advertised)) {
    throw new UsageError(
      `--initial-cluster has ${name}=${plain(self.peerUrls)} but --initial-advertise-peer-urls is ${plain(advertised)}`,
    );
  }
}

function clientTls(flags: FlagReader, urls: readonly string[]): MemberOptions['clientTls'] {
  const wanted = urls.some((url) => url.startsWith('https:'));
  if (!wanted) {
    if (flags.bool('client-cert-auth'))
      throw new UsageError('--client-cert-auth needs an https URL in --listen-client-urls');
    return undefined;
  }
  if (!flags.has('cert-file') || !flags.has('key-file'))
    throw new UsageError('--listen-client-urls has https URLs: --cert-file and --key-file are needed');
  const requireClientCert = flags.bool('client-cert-auth');
  if (requireClientCert && !flags.has('trusted-ca-file'))
    throw new UsageError('--client-cert-auth needs --trusted-ca-file');
  return {
    cert: Buffer.from(readPem(flags, 'cert-file')),
    key: Buffer.from(readPem(flags, 'key-file')),
    ...(flags.has('trusted-ca-file') ? { clientCa: Buffer.from(readPem(flags, 'trusted-ca-file')) } : {}),
    requireClientCert,
  };
}

function peerTls(flags: FlagReader, urls: readonly string[]): MemberOptions['peerTls'] {
  if (!urls.some((url) => url.startsWith('https:'))) return undefined;
  if (!urls.every((url) => url.startsWith('https:')))
    throw new UsageError('--listen-peer-urls and --initial-advertise-peer-urls must be all http or all https');
  for (const name of ['peer-cert-file', 'peer-key-file', 'peer-trusted-ca-file']) {
    if (!flags.has(name)) throw new UsageError(`--listen-peer-urls has https URLs: --${name} is needed`);
  }
  return {
    cert: readPem(flags, 'peer-cert-file'),
    key: readPem(flags, 'peer-key-file'),
    ca: readPem(flags, 'peer-trusted-ca-file'),
    requireClientCertificate: flags.bool('peer-client-cert-auth'),
  };
}
