import type { Flag } from './flag.ts';

/** The flags of `keelson member`: etcd's names and defaults. Each may also come as ETCD_NAME in the environment or in --config-file. */
export const MEMBER_FLAGS: readonly Flag[] = [
  { name: 'name', value: 'NAME', help: 'name of this member', default: 'default' },
  { name: 'data-dir', value: 'DIR', help: 'where everything is kept (default: NAME.etcd)' },
  {
    name: 'listen-client-urls',
    value: 'URLS',
    help: 'where clients are listened to',
    default: 'http://localhost:2379',
  },
  {
    name: 'listen-client-http-urls',
    value: 'URLS',
    help: 'where HTTP is served; --listen-client-urls then speaks gRPC alone',
  },
  { name: 'listen-metrics-urls', value: 'URLS', help: 'where /metrics and the health checks are served as well' },
  { name: 'cors', value: 'ORIGINS', help: 'origins that browsers may call from', default: '*' },
  { name: 'advertise-client-urls', value: 'URLS', help: 'what clients are told (default: --listen-client-urls)' },
  {
    name: 'listen-peer-urls',
    value: 'URL',
    help: 'where other members are listened to',
    default: 'http://localhost:2380',
  },
  {
    name: 'initial-advertise-peer-urls',
    value: 'URLS',
    help: 'what other members are told (default: --listen-peer-urls)',
  },
  { name: 'initial-cluster', value: 'NAME=URL,...', help: 'all founding members (default: this one)' },
  {
    name: 'initial-cluster-state',
    value: 'STATE',
    help: 'new, or existing to join a cluster that knows this member',
    default: 'new',
  },
  { name: 'initial-cluster-token', value: 'TEXT', help: 'keeps clusters apart', default: 'etcd-cluster' },
  { name: 'heartbeat-interval', value: 'MS', help: 'milliseconds between heartbeats', default: '100' },
  { name: 'election-timeout', value: 'MS', help: 'milliseconds until an election', default: '1000' },
  { name: 'snapshot-count', value: 'N', help: 'log entries kept before the log is cut', default: '10000' },
  {
    name: 'quota-backend-bytes',
    value: 'BYTES',
    help: 'size at which writes are refused; 0: 2 GiB, below 0: no bound',
    default: '0',
  },
  {
    name: 'auto-compaction-mode',
    value: 'MODE',
    help: 'periodic (keep a time of history) or revision (keep so many revisions)',
    default: 'periodic',
  },
  {
    name: 'auto-compaction-retention',
    value: 'AMOUNT',
    help: 'hours or a duration such as 30m, or revisions; 0: nothing is compacted by itself',
    default: '0',
  },
  { name: 'max-request-bytes', value: 'BYTES', help: 'greatest request that writes', default: '1572864' },
  { name: 'max-txn-ops', value: 'N', help: 'operations of a transaction', default: '128' },
  { name: 'strict-reconfig-check', help: 'refuse changes of members that endanger the quorum', default: 'true' },
  {
    name: 'watch-progress-notify-interval',
    value: 'DURATION',
    help: 'how often idle watchers are told the revision',
    default: '10m',
  },
  { name: 'cert-file', value: 'FILE', help: 'certificate shown to clients' },
  { name: 'key-file', value: 'FILE', help: 'its private key' },
  { name: 'trusted-ca-file', value: 'FILE', help: 'CA of client certificates' },
  { name: 'client-cert-auth', help: 'clients must show a certificate of --trusted-ca-file' },
  { name: 'peer-cert-file', value: 'FILE', help: 'certificate shown to other members' },
  { name: 'peer-key-file', value: 'FILE', help: 'its private key' },
  { name: 'peer-trusted-ca-file', value: 'FILE', help: "CA of other members' certificates" },
  { name: 'peer-client-cert-auth', help: 'other members must show a certificate of --peer-trusted-ca-file' },
  {
    name: 'auth-token',
    value: 'TYPE',
    help: 'how clients stay known: simple, or jwt,priv-key=FILE,sign-method=METHOD[,pub-key=FILE][,ttl=DURATION]',
    default: 'simple',
  },
  { name: 'auth-token-ttl', value: 'SECONDS', help: 'how long an unused simple token lives', default: '300' },
  { name: 'bcrypt-cost', value: 'N', help: 'work of hashing a password, from 4 to 31', default: '10' },
  { name: 'log-level', value: 'LEVEL', help: 'debug, info, warn, error, panic or fatal', default: 'info' },
  {
    name: 'config-file',
    value: 'FILE',
    help: 'YAML with the same names; all other flags and variables are then ignored',
  },
  ...only('logger', 'zap'),
  ...only('log-format', 'json'),
  ...only('log-outputs', 'stderr', 'default'),
  ...only('metrics', 'basic'),
  ...only('pre-vote', 'true'),
  ...only('auto-tls', 'false'),
  ...only('peer-auto-tls', 'false'),
  ...only('enable-pprof', 'false'),
  ...only('force-new-cluster', 'false'),
  ...only('unsafe-no-fsync', 'false'),
  ...only('proxy', 'off'),
  ...only('enable-v2', 'false'),
  ...only('max-snapshots', '5'),
  ...only('max-wals', '5'),
  ...['wal-dir', 'discovery', 'discovery-srv', 'cipher-suites', 'client-crl-file', 'peer-crl-file'].flatMap((name) =>
    only(name),
  ),
  ...['peer-cert-allowed-cn', 'host-whitelist', 'feature-gates', 'tls-min-version', 'tls-max-version'].flatMap((name) =>
    only(name),
  ),
  ...['socket-reuse-port', 'backend-batch-limit'].flatMap((name) => only(name)),
];

function only(name: string, ...values: readonly string[]): readonly Flag[] {
  const isSwitch = values.length === 1 && (values[0] === 'true' || values[0] === 'false');
  return [{ name, help: '', only: values, ...(isSwitch ? {} : { value: 'VALUE' }) }];
}

/** Sections of etcd's YAML file, and the flags their keys stand for. */
export const YAML_SECTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'client-transport-security': {
    'cert-file': 'cert-file',
    'key-file': 'key-file',
    'client-cert-auth': 'client-cert-auth',
    'trusted-ca-file': 'trusted-ca-file',
    'auto-tls': 'auto-tls',
  },
  'peer-transport-security': {
    'cert-file': 'peer-cert-file',
    'key-file': 'peer-key-file',
    'client-cert-auth': 'peer-client-cert-auth',
    'trusted-ca-file': 'peer-trusted-ca-file',
    'auto-tls': 'peer-auto-tls',
  },
};
