import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { ETCD_SERVER_VERSION } from '../../client/etcd-version.ts';
import type { AutoCompaction } from '../../member/auto-compactor.ts';
import { type InitialMember, type MemberConfig, peerAddressOf } from '../../member/config.ts';
import type { ConnectionOptions } from '../../rpc/connection-options.ts';
import { UsageError } from '../usage-error.ts';
import { authOptions } from './auth-options.ts';
import { enabledFeatureGates, SERVED_GATES } from './feature-gates.ts';
import { FlagReader, type Given, urlFault } from './flag.ts';
import { type LogOptions, logOptions } from './log-options.ts';
import { MEMBER_FLAGS } from './member-flags.ts';
import type { Notice } from './member-sources.ts';
import { clientTls, peerTls, type TlsChoice } from './tls-options.ts';

/** A member as the command line wants it; every file was read and every value checked. */
export interface MemberOptions {
  readonly config: MemberConfig;
  readonly listenClientUrls: readonly string[];
  readonly listenHttpUrls: readonly string[];
  readonly listenMetricsUrls: readonly string[];
  readonly cors: readonly string[];
  /** Host names that HTTP without TLS may be asked by; any when undefined. */
  readonly hostWhitelist: readonly string[] | undefined;
  readonly servesGateway: boolean;
  readonly connections: ConnectionOptions;
  readonly clientTls: TlsChoice | undefined;
  /** Common names in client certificates stand for users. */
  readonly trustsCertificates: boolean;
  readonly peerTls: TlsChoice | undefined;
  readonly log: LogOptions;
  /** Unsafe: nothing waits for the disk. */
  readonly withoutFsync: boolean;
  /** To be logged when there is a log. */
  readonly notices: readonly Notice[];
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
  const urls = urlsOf(flags);
  const clientUrls = [...urls.client, ...urls.http, ...urls.metrics];
  const hosts = flags.list('host-whitelist');
  return {
    config: configOf(flags, urls),
    listenClientUrls: urls.client,
    listenHttpUrls: urls.http,
    listenMetricsUrls: urls.metrics,
    cors: flags.list('cors'),
    hostWhitelist: hosts.length === 0 || hosts.includes('*') ? undefined : hosts,
    servesGateway: flags.bool('enable-grpc-gateway'),
    connections: connectionOptions(flags),
    clientTls: clientTls(flags, clientUrls),
    trustsCertificates: flags.bool('client-cert-auth'),
    peerTls: peerTls(flags, [...urls.peer, ...urls.advertisePeer]),
    log: logOptions(flags),
    withoutFsync: flags.bool('unsafe-no-fsync'),
    notices: noticesOf(flags, [...urls.client, ...urls.http]),
  };
}

interface MemberUrls {
  readonly client: readonly string[];
  readonly http: readonly string[];
  readonly metrics: readonly string[];
  readonly peer: readonly string[];
  readonly advertisePeer: readonly string[];
  readonly advertiseClient: readonly string[];
}

function urlsOf(flags: FlagReader): MemberUrls {
  const client = bindUrls(flags, 'listen-client-urls');
  const peer = bindUrls(flags, 'listen-peer-urls');
  const isEverywhere = client.some((url) => /^\[?(?:0\.0\.0\.0|::)\]?$/.test(new URL(url).hostname));
  if (isEverywhere && !flags.has('advertise-client-urls'))
    throw new UsageError('--advertise-client-urls is required when --listen-client-urls is set explicitly');
  return {
    client,
    http: flags.has('listen-client-http-urls') ? bindUrls(flags, 'listen-client-http-urls') : [],
    metrics: flags.has('listen-metrics-urls') ? bindUrls(flags, 'listen-metrics-urls') : [],
    peer,
    advertisePeer: flags.has('initial-advertise-peer-urls') ? flags.urls('initial-advertise-peer-urls') : peer,
    advertiseClient: flags.has('advertise-client-urls') ? flags.urls('advertise-client-urls') : client,
  };
}

/** A name may have any address, tomorrow another one. Source: etcd embed/config.go, checkBindURLs. */
function bindUrls(flags: FlagReader, name: string): readonly string[] {
  const urls = flags.urls(name);
  for (const url of urls) {
    const { hostname } = new URL(url);
    if (hostname === 'localhost' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) continue;
    throw new UsageError(`invalid value "${url}" for --${name}: expected IP in URL for binding`);
  }
  return urls;
}

function configOf(flags: FlagReader, urls: MemberUrls): MemberConfig {
  const name = flags.text('name');
  const initialCluster = flags.has('initial-cluster')
    ? clusterOf(flags.text('initial-cluster'))
    : [{ name, peerUrls: urls.advertisePeer }];
  checkSelf(name, urls.advertisePeer, initialCluster);
  return {
    name,
    dataDir: resolve(flags.has('data-dir') ? flags.text('data-dir') : `${name}.etcd`),
    ...(flags.has('wal-dir') ? { walDir: resolve(flags.text('wal-dir')) } : {}),
    listenPeerAddresses: urls.peer.map(peerAddressOf),
    advertisePeerUrls: urls.advertisePeer,
    advertiseClientUrls: urls.advertiseClient,
    initialCluster,
    initialClusterState: clusterState(flags),
    initialClusterToken: flags.text('initial-cluster-token'),
    forceNewCluster: flags.bool('force-new-cluster'),
    serverVersion: ETCD_SERVER_VERSION,
    ...timing(flags),
    preVote: flags.bool('pre-vote'),
    auth: authOptions(flags),
    quotaBytes: quota(flags),
    watchProgressIntervalMs: progressInterval(flags),
    ...autoCompaction(flags),
    ...corruptChecks(flags),
    strictReconfigCheck: flags.bool('strict-reconfig-check'),
    maxTxnOps: flags.integer('max-txn-ops', 1, 100_000),
    limits: {
      compactEveryEntries: flags.integer('snapshot-count', 1),
      catchUpEntries: flags.integer('snapshot-catchup-entries', 1),
      maxRequestBytes: flags.integer('max-request-bytes', 1, MAX_REQUEST_BYTES),
    },
  };
}

/** Off, as in etcd, unless a flag or a feature gate turns it on. Source: etcd embed/config.go. */
function corruptChecks(flags: FlagReader): Pick<MemberConfig, 'corruptChecks'> {
  const gates = enabledFeatureGates(flags);
  const initial = flags.bool('initial-corrupt-check') || gates.includes('InitialCorruptCheck');
  const everyMs = flags.durationMs('corrupt-check-time');
  const compacted = flags.bool('compact-hash-check-enabled') || gates.includes('CompactHashCheck');
  const compactedEveryMs = flags.durationMs('compact-hash-check-time');
  if (compactedEveryMs === 0) throw new UsageError('--compact-hash-check-time must be >0');
  if (!initial && everyMs === 0 && !compacted) return {};
  return { corruptChecks: { initial, everyMs, compactedEveryMs: compacted ? compactedEveryMs : 0 } };
}

function connectionOptions(flags: FlagReader): ConnectionOptions {
  return {
    maxStreams: flags.integer('max-concurrent-streams', 1, 2 ** 32 - 1),
    keepaliveMinTimeMs: flags.durationMs('grpc-keepalive-min-time'),
    keepaliveTimeMs: flags.durationMs('grpc-keepalive-interval'),
    keepaliveTimeoutMs: flags.durationMs('grpc-keepalive-timeout'),
  };
}

/** Source: etcd mvcc, minWatchProgressInterval. */
function progressInterval(flags: FlagReader): number {
  const ms = flags.durationMs('watch-progress-notify-interval');
  if (ms >= 100) return ms;
  throw new UsageError('--watch-progress-notify-interval must be at least 100ms');
}

/** What was given and does not do what its words may promise. */
function noticesOf(flags: FlagReader, clientUrls: readonly string[]): readonly Notice[] {
  const notices: Notice[] = flags.idle().map((name) => ({
    level: 'warn',
    message: 'flag without effect',
    fields: { flag: name, why: MEMBER_FLAGS.find((flag) => flag.name === name)?.why },
  }));
  const gates = enabledFeatureGates(flags).filter((gate) => !SERVED_GATES.includes(gate));
  if (gates.length > 0) notices.push({ level: 'warn', message: 'feature gates without effect', fields: { gates } });
  for (const url of clientUrls.filter((each) => each.startsWith('http:'))) {
    if (flags.has('cert-file'))
      notices.push({
        level: 'warn',
        message: 'scheme is http or unix while key and cert files are present; ignoring key and cert files',
        fields: { 'client-url': url },
      });
    if (flags.bool('client-cert-auth'))
      notices.push({
        level: 'warn',
        message: 'scheme is http or unix while --client-cert-auth is enabled; ignoring client cert auth for this URL',
        fields: { 'client-url': url },
      });
  }
  return notices;
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
