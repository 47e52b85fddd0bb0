import type { Flag } from './flag.ts';

const NO_BBOLT = 'there is no bbolt file';
const NO_V2 = "etcd's v2 store is not there";
const NO_DISCOVERY = 'founding members are named by --initial-cluster';
const NO_TRACING = 'no traces are collected';
const PROFILE = 'Node has its own: start it with --cpu-prof, or --inspect for a debugger';
const SPACE = 'space comes back by itself, Defragment is done at once';
const ROTATION = 'log files are rotated from outside, or by systemd';

/** Flags of etcd 3.5 and 3.6 that are taken with any value and change nothing; given ones are named in the log. */
const IDLE: readonly (readonly [name: string, isSwitch: boolean, why: string])[] = [
  [
    'initial-election-tick-advance',
    true,
    'a member alone leads at once, one among others waits out an election timeout',
  ],
  ['max-snapshots', false, 'one state snapshot is kept while it is sent'],
  ['max-wals', false, 'log segments go when they are no longer needed'],
  ['memory-mlock', true, 'pages of RocksDB are not locked'],
  ['backend-bbolt-freelist-type', false, NO_BBOLT],
  ['backend-batch-interval', false, 'the backend is written behind the log, which alone is waited for'],
  ['backend-batch-limit', false, 'the backend is written behind the log, which alone is waited for'],
  ['txn-mode-write-with-shared-buffer', true, NO_BBOLT],
  ['compaction-batch-limit', false, 'compaction never stands in the way of requests'],
  ['compaction-sleep-interval', false, 'compaction never stands in the way of requests'],
  ['bootstrap-defrag-threshold-megabytes', false, SPACE],
  ['stop-grpc-service-on-defrag', true, SPACE],
  ['socket-reuse-address', true, 'it is always so'],
  ['raft-read-timeout', false, 'a connection between members is watched by heartbeats'],
  ['raft-write-timeout', false, 'a connection between members is closed when nothing moves for 30 s'],
  ['v2-deprecation', false, NO_V2],
  ['proxy-failure-wait', false, NO_V2],
  ['proxy-refresh-interval', false, NO_V2],
  ['proxy-dial-timeout', false, NO_V2],
  ['proxy-write-timeout', false, NO_V2],
  ['proxy-read-timeout', false, NO_V2],
  ['enable-pprof', true, PROFILE],
  ['metrics', false, 'every metric is always there'],
  ['logger', false, 'lines always have the shape of zap'],
  ['log-rotation-config-json', false, ROTATION],
  ['enable-lease-checkpoint', true, 'a new leader gives every lease its full time, as etcd does without it'],
  ['enable-lease-checkpoint-persist', true, 'a new leader gives every lease its full time, as etcd does without it'],
  ['downgrade-check-time', false, 'a cluster cannot be downgraded'],
  ['warning-apply-duration', false, 'the histograms in /metrics tell'],
  ['warning-unary-request-duration', false, 'the histograms in /metrics tell'],
  ['discovery-fallback', false, NO_DISCOVERY],
  ['discovery-dial-timeout', false, NO_DISCOVERY],
  ['discovery-request-timeout', false, NO_DISCOVERY],
  ['discovery-keepalive-time', false, NO_DISCOVERY],
  ['discovery-keepalive-timeout', false, NO_DISCOVERY],
  ['discovery-insecure-transport', true, NO_DISCOVERY],
  ['discovery-insecure-skip-tls-verify', true, NO_DISCOVERY],
  ['distributed-tracing-address', false, NO_TRACING],
  ['distributed-tracing-service-name', false, NO_TRACING],
  ['distributed-tracing-instance-id', false, NO_TRACING],
  ['distributed-tracing-sampling-rate', false, NO_TRACING],
];

/** Flags that would change what is promised: only values that ask for nothing are taken. */
const REFUSED: readonly (readonly [name: string, only: readonly string[], why: string])[] = [
  ['socket-reuse-port', ['false'], 'Node 20 cannot ask for it'],
  ['enable-v2', ['false'], NO_V2],
  ['enable-v2v3', [''], NO_V2],
  ['proxy', ['off'], NO_V2],
  ['enable-log-rotation', ['false'], ROTATION],
  ['enable-distributed-tracing', ['false'], NO_TRACING],
  ['max-learners', ['1'], 'one member learns at a time'],
  ...[
    'discovery',
    'discovery-proxy',
    'discovery-srv',
    'discovery-srv-name',
    'discovery-token',
    'discovery-endpoints',
    'discovery-cert',
    'discovery-key',
    'discovery-cacert',
    'discovery-user',
    'discovery-password',
  ].map((name) => [name, [''], NO_DISCOVERY] as const),
];

/** Both kinds. */
export const FLAGS_WITHOUT_EFFECT: readonly Flag[] = [
  ...IDLE.map(
    ([name, isSwitch, why]): Flag => ({ name, help: '', idle: true, why, ...(isSwitch ? {} : { value: 'VALUE' }) }),
  ),
  ...REFUSED.map(
    ([name, only, why]): Flag => ({
      name,
      help: '',
      only,
      why,
      ...(only.includes('false') ? {} : { value: 'VALUE' }),
    }),
  ),
];

/** What etcd 3.5 called experimental, and what it is called since. */
const EXPERIMENTAL: readonly string[] = [
  'initial-corrupt-check',
  'corrupt-check-time',
  'compact-hash-check-enabled',
  'compact-hash-check-time',
  'enable-v2v3',
  'enable-lease-checkpoint',
  'enable-lease-checkpoint-persist',
  'compaction-batch-limit',
  'compaction-sleep-interval',
  'peer-skip-client-san-verification',
  'watch-progress-notify-interval',
  'downgrade-check-time',
  'memory-mlock',
  'warning-apply-duration',
  'warning-unary-request-duration',
  'txn-mode-write-with-shared-buffer',
  'bootstrap-defrag-threshold-megabytes',
  'stop-grpc-service-on-defrag',
  'snapshot-catchup-entries',
  'max-learners',
  'enable-distributed-tracing',
  'distributed-tracing-address',
  'distributed-tracing-service-name',
  'distributed-tracing-instance-id',
  'distributed-tracing-sampling-rate',
];

/** Old names, which mean the same. */
export const RENAMED: ReadonlyMap<string, string> = new Map([
  ...EXPERIMENTAL.map((name) => [`experimental-${name}`, name] as const),
  ['experimental-snapshot-catch-up-entries', 'snapshot-catchup-entries'], // in etcd's YAML
]);
