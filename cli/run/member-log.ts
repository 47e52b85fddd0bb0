import type { MemberFact } from '../../member/observer.ts';
import type { EtcdServer } from '../../rpc/server.ts';
import type { MemberOptions } from '../flags/member-options.ts';
import type { Logger } from '../log.ts';

const WARNINGS: ReadonlySet<string> = new Set([
  'authFailed',
  'failed',
  'fenced',
  'hashesDiffer',
  'rebuilt',
  'snapshotRefused',
  'gaveUpLeadership',
  'diskFull',
  'removed',
  'snapshotFailed',
  'repaired',
  'alarm',
]);

/** One line for what happened to a member. Ids are 64 bits: hexadecimal, as etcdctl prints them. */
export function logFact(logger: Logger, fact: MemberFact): void {
  const { type, ...facts } = fact;
  if (type === 'published') return; // said at greater length by logReady
  const fields = Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [key, typeof value === 'bigint' ? value.toString(16) : value]),
  );
  if (WARNINGS.has(type)) logger.warn(fields, type);
  else logger.info(fields, type);
}

/** What etcd says before it starts. */
export function logStart(logger: Logger, { config }: MemberOptions): void {
  const { name, dataDir, serverVersion, initialCluster, initialClusterState, initialClusterToken } = config;
  logger.info(
    {
      'etcd-version': serverVersion,
      name,
      'data-dir': dataDir,
      'initial-cluster': initialCluster.flatMap((each) => each.peerUrls.map((url) => `${each.name}=${url}`)).join(','),
      'initial-cluster-state': initialClusterState,
      'initial-cluster-token': initialClusterToken,
    },
    'starting an etcd server',
  );
}

/** What etcd says when a member takes part in its cluster and serves clients: scripts, tests and unit files wait for these words. */
export function logReady(logger: Logger, options: MemberOptions, server: EtcdServer): void {
  const { config } = options;
  logger.info(
    {
      'initial-advertise-peer-urls': config.advertisePeerUrls,
      'listen-peer-urls': config.listenPeerAddresses,
      'advertise-client-urls': config.advertiseClientUrls,
      'listen-client-urls': server.urls,
      'listen-metrics-urls': server.metricsUrls,
    },
    'now serving peer/client/metrics',
  );
  logger.info(
    { 'local-member-attributes': `{Name:${config.name} ClientURLs:[${config.advertiseClientUrls.join(' ')}]}` },
    'published local member to cluster through raft',
  );
  logger.info({}, 'ready to serve client requests');
  const isSplit = server.httpUrls.length > 0;
  for (const [urls, traffic] of [
    [server.urls, isSplit ? 'grpc' : 'grpc+http'],
    [server.httpUrls, 'http'],
  ] as const)
    for (const url of urls) logTraffic(logger, url, traffic);
  for (const url of server.metricsUrls) logger.info({ address: url }, 'serving metrics');
}

function logTraffic(logger: Logger, url: string, traffic: string): void {
  const message = url.startsWith('https:')
    ? 'serving client traffic securely'
    : 'serving client traffic insecurely; this is strongly discouraged!';
  logger.info({ traffic, address: new URL(url).host }, message);
}
