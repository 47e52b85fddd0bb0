import type { Flag } from './flag.ts';
import { FLAGS_WITHOUT_EFFECT, RENAMED } from './member-flags-without-effect.ts';

/** A group of flags with its heading. */
export interface FlagSection {
  readonly title: string;
  readonly flags: readonly Flag[];
}

/** The flags of `keelson member` that do something: etcd's names, and its defaults unless `help` says otherwise. */
export const MEMBER_SECTIONS: readonly FlagSection[] = [
  {
    title: 'Member',
    flags: [
      { name: 'name', value: 'NAME', help: 'name of this member', default: 'default' },
      { name: 'data-dir', value: 'DIR', help: 'where everything is kept (default: NAME.etcd)' },
      { name: 'wal-dir', value: 'DIR', help: 'where the log is kept instead of in --data-dir: a faster disk' },
      urls('listen-client-urls', 'where clients are listened to', 'http://localhost:2379'),
      urls('listen-client-http-urls', 'where HTTP is served; --listen-client-urls then speaks gRPC alone'),
      urls('listen-peer-urls', 'where other members are listened to', 'http://localhost:2380'),
      millis('heartbeat-interval', 'milliseconds between heartbeats', '100'),
      millis('election-timeout', 'milliseconds until an election', '1000'),
      count('snapshot-count', 'log entries kept before the log is cut', '10000'),
      count('snapshot-catchup-entries', 'log entries kept for members that lag when the log is cut', '5000'),
      bytes('quota-backend-bytes', 'size at which writes are refused; 0: 2 GiB, below 0: no bound', '0'),
      bytes('max-request-bytes', 'greatest request that writes', '1572864'),
      count('max-txn-ops', 'operations of a transaction', '128'),
      count('max-concurrent-streams', 'calls at once on one connection; never more than 100000', '4294967295'),
      duration('grpc-keepalive-min-time', 'how often a client may ping', '5s'),
      duration('grpc-keepalive-interval', 'silence after which a client is pinged (etcd: 2h); 0: never', '30s'),
      duration('grpc-keepalive-timeout', 'how long a pinged client may take to answer', '20s'),
      duration('watch-progress-notify-interval', 'how often idle watchers are told the revision', '10m'),
      { name: 'enable-grpc-gateway', help: 'serve the API as JSON under /v3', default: 'true' },
    ],
  },
  {
    title: 'Cluster',
    flags: [
      urls('initial-advertise-peer-urls', 'what other members are told (default: --listen-peer-urls)'),
      { name: 'initial-cluster', value: 'NAME=URL,...', help: 'all founding members (default: this one)' },
      {
        name: 'initial-cluster-state',
        value: 'STATE',
        help: 'new, or existing to join a cluster that knows this member',
        default: 'new',
      },
      { name: 'initial-cluster-token', value: 'TEXT', help: 'keeps clusters apart', default: 'etcd-cluster' },
      urls('advertise-client-urls', 'what clients are told (default: --listen-client-urls)'),
      { name: 'strict-reconfig-check', help: 'refuse changes of members that endanger the quorum', default: 'true' },
      { name: 'pre-vote', help: 'ask before an election whether it can be won', default: 'true' },
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
    ],
  },
  {
    title: 'Security',
    flags: [
      file('cert-file', 'certificate shown to clients'),
      file('key-file', 'its private key'),
      file('trusted-ca-file', 'CA of client certificates, which clients then must show'),
      { name: 'client-cert-auth', help: 'the common name in a client certificate stands for a user' },
      file('client-crl-file', 'client certificates that are revoked; PEM or DER'),
      names('client-cert-allowed-hostname', 'host names, for one of which client certificates must be good'),
      file('client-cert-file', 'certificate with which this member would call itself; only checked'),
      file('client-key-file', 'its private key'),
      { name: 'auto-tls', help: 'make a self-signed certificate for clients when --cert-file is not given' },
      file('peer-cert-file', 'certificate shown to other members'),
      file('peer-key-file', 'its private key'),
      file('peer-trusted-ca-file', "CA of other members' certificates, which they must show"),
      { name: 'peer-client-cert-auth', help: 'other members must show certificates; so with --peer-trusted-ca-file' },
      file('peer-client-cert-file', 'certificate shown when connecting to other members (default: --peer-cert-file)'),
      file('peer-client-key-file', 'its private key'),
      file('peer-crl-file', 'certificates of members that are revoked; PEM or DER'),
      names('peer-cert-allowed-cn', 'common names, of which a member must have one'),
      names('peer-cert-allowed-hostname', "host names, for one of which members' certificates must be good"),
      {
        name: 'peer-skip-client-san-verification',
        help: 'a member may connect from an address that its certificate is not for',
      },
      { name: 'peer-auto-tls', help: 'make a self-signed certificate for members: encrypted, but anyone may connect' },
      { name: 'self-signed-cert-validity', value: 'YEARS', help: 'how long those are good', default: '1' },
      names('cipher-suites', "ciphers of TLS 1.2, by Go's names"),
      { name: 'tls-min-version', value: 'VERSION', help: 'TLS1.2 or TLS1.3', default: 'TLS1.2' },
      { name: 'tls-max-version', value: 'VERSION', help: 'TLS1.2 or TLS1.3 (default: the newest)' },
      names('cors', 'origins that browsers may call from', '*'),
      names('host-whitelist', 'host names that HTTP without TLS may be asked by', '*'),
      {
        name: 'auth-token',
        value: 'TYPE',
        help: 'how clients stay known: simple, or jwt,priv-key=FILE,sign-method=METHOD[,pub-key=FILE][,ttl=DURATION]',
        default: 'simple',
      },
      { name: 'auth-token-ttl', value: 'SECONDS', help: 'how long an unused simple token lives', default: '300' },
      count('bcrypt-cost', 'work of hashing a password, from 4 to 31', '10'),
    ],
  },
  {
    title: 'Watching it',
    flags: [
      urls('listen-metrics-urls', 'where /metrics and the health checks are served as well'),
      { name: 'log-level', value: 'LEVEL', help: 'debug, info, warn, error, panic or fatal', default: 'info' },
      { name: 'log-format', value: 'FORMAT', help: 'json or console', default: 'json' },
      names('log-outputs', 'stderr, stdout, default (stderr) or files', 'default'),
    ],
  },
  {
    title: 'Corruption',
    flags: [
      { name: 'initial-corrupt-check', help: 'compare the data with the other members before taking part' },
      duration('corrupt-check-time', 'how often the data is compared with the other members; 0: never', '0s'),
      { name: 'compact-hash-check-enabled', help: 'compare the data with the other members after compactions' },
      duration('compact-hash-check-time', 'how often it is looked whether there was one', '1m'),
    ],
  },
  {
    title: 'Other',
    flags: [
      {
        name: 'config-file',
        value: 'FILE',
        help: 'YAML with the same names; all other flags and variables are then ignored',
      },
      {
        name: 'feature-gates',
        value: 'NAME=BOOL,...',
        help: "etcd's feature gates; InitialCorruptCheck and CompactHashCheck are the flags of those names",
      },
      { name: 'force-new-cluster', help: 'UNSAFE: go on alone with the data that is there' },
      { name: 'unsafe-no-fsync', help: 'UNSAFE: do not wait for the disk; a crash of the machine loses data' },
    ],
  },
];

/** Every flag of etcd 3.5 and 3.6. Each may also come as ETCD_NAME in the environment or in --config-file. */
export const MEMBER_FLAGS: readonly Flag[] = withOldNames([
  ...MEMBER_SECTIONS.flatMap(({ flags }) => flags),
  ...FLAGS_WITHOUT_EFFECT,
]);

function withOldNames(flags: readonly Flag[]): readonly Flag[] {
  const old = [...RENAMED].flatMap(([name, renamed]): readonly Flag[] => {
    const flag = flags.find((each) => each.name === renamed);
    return flag === undefined ? [] : [{ name, renamed, help: '', ...(flag.value && { value: flag.value }) }];
  });
  return [...flags, ...old];
}

function urls(name: string, help: string, usual?: string): Flag {
  return { name, value: 'URLS', help, ...(usual && { default: usual }) };
}
function file(name: string, help: string): Flag {
  return { name, value: 'FILE', help };
}
function names(name: string, help: string, usual?: string): Flag {
  return { name, value: 'NAMES', help, ...(usual && { default: usual }) };
}
function duration(name: string, help: string, usual: string): Flag {
  return { name, value: 'DURATION', help, default: usual };
}
function millis(name: string, help: string, usual: string): Flag {
  return { name, value: 'MS', help, default: usual };
}
function bytes(name: string, help: string, usual: string): Flag {
  return { name, value: 'BYTES', help, default: usual };
}
function count(name: string, help: string, usual: string): Flag {
  return { name, value: 'N', help, default: usual };
}

/** Sections of etcd's YAML file, and the flags their keys stand for. */
export const YAML_SECTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'client-transport-security': {
    'cert-file': 'cert-file',
    'key-file': 'key-file',
    'client-cert-file': 'client-cert-file',
    'client-key-file': 'client-key-file',
    'client-cert-auth': 'client-cert-auth',
    'trusted-ca-file': 'trusted-ca-file',
    'auto-tls': 'auto-tls',
    'allowed-hostname': 'client-cert-allowed-hostname',
  },
  'peer-transport-security': {
    'cert-file': 'peer-cert-file',
    'key-file': 'peer-key-file',
    'client-cert-file': 'peer-client-cert-file',
    'client-key-file': 'peer-client-key-file',
    'client-cert-auth': 'peer-client-cert-auth',
    'trusted-ca-file': 'peer-trusted-ca-file',
    'auto-tls': 'peer-auto-tls',
    'allowed-cn': 'peer-cert-allowed-cn',
    'allowed-hostname': 'peer-cert-allowed-hostname',
    'skip-client-san-verification': 'peer-skip-client-san-verification',
  },
  'socket-options': { 'reuse-port': 'socket-reuse-port', 'reuse-address': 'socket-reuse-address' },
  'discovery-config': {
    token: 'discovery-token',
    endpoints: 'discovery-endpoints',
    'dial-timeout': 'discovery-dial-timeout',
    'request-timeout': 'discovery-request-timeout',
    'keepalive-time': 'discovery-keepalive-time',
    'keepalive-timeout': 'discovery-keepalive-timeout',
  },
};
