import type { Flag } from './flag.ts';

/** The flags of `keelson apiserver`: kube-apiserver's names. */
export const APISERVER_FLAGS: readonly Flag[] = [
  { name: 'bind-address', value: 'ADDRESS', help: 'address to listen on', default: '0.0.0.0' },
  { name: 'secure-port', value: 'PORT', help: 'port of the HTTPS API; 0 picks a free one', default: '6443' },
  { name: 'advertise-address', value: 'ADDRESS', help: 'one more address for the serving certificate' },
  { name: 'external-hostname', value: 'HOST', help: 'one more name for the serving certificate' },
  {
    name: 'cert-dir',
    value: 'DIR',
    help: 'where certificates and keys are made that no flag gives',
    default: './keelson-pki',
  },
  { name: 'tls-cert-file', value: 'FILE', help: 'serving certificate (default: made, with a CA in --cert-dir)' },
  { name: 'tls-private-key-file', value: 'FILE', help: 'its private key' },
  { name: 'client-ca-file', value: 'FILE', help: 'CA of client certificates (default: the one in --cert-dir)' },
  { name: 'token-auth-file', value: 'FILE', help: 'static tokens: token,user,uid,"group1,group2"' },
  { name: 'anonymous-auth', help: 'requests without credentials are system:anonymous', default: 'true' },
  {
    name: 'service-account-key-file',
    value: 'FILE',
    help: 'keys that service-account tokens are verified with; repeatable',
    repeatable: true,
  },
  { name: 'service-account-signing-key-file', value: 'FILE', help: 'key that signs service-account tokens' },
  {
    name: 'service-account-issuer',
    value: 'URL',
    help: 'issuer of service-account tokens; repeatable, the first one signs',
    default: 'https://kubernetes.default.svc.cluster.local',
    repeatable: true,
  },
  { name: 'service-account-jwks-uri', value: 'URL', help: 'where others find the verifying keys' },
  {
    name: 'service-account-max-token-expiration',
    value: 'DURATION',
    help: 'longest life of a token; 0: no bound',
    default: '0',
  },
  { name: 'api-audiences', value: 'NAMES', help: 'audiences a token may be for (default: the issuers)' },
  {
    name: 'authorization-mode',
    value: 'MODES',
    help: 'RBAC, AlwaysAllow, AlwaysDeny, Node; asked in this order',
    default: 'RBAC',
  },
  { name: 'enable-admission-plugins', value: 'NAMES', help: 'more admission plugins' },
  { name: 'disable-admission-plugins', value: 'NAMES', help: 'fewer admission plugins' },
  { name: 'max-requests-inflight', value: 'N', help: 'reads at once; 0: no bound', default: '400' },
  { name: 'max-mutating-requests-inflight', value: 'N', help: 'writes at once; 0: no bound', default: '200' },
  {
    name: 'controllers',
    value: 'NAMES',
    help: '* or names: namespace-deletion, namespace-furniture, role-aggregation; -NAME leaves one out',
    default: '*',
  },
  {
    name: 'admin-kubeconfig',
    value: 'FILE',
    help: 'where a kubeconfig for the administrator is written (default: CERT-DIR/admin.kubeconfig; none: nowhere)',
  },
  { name: 'log-level', value: 'LEVEL', help: 'debug, info, warn, error, panic or fatal', default: 'info' },
  only('storage-backend', 'etcd3'),
  only('insecure-port', '0'),
  only('audit-log-path'),
  only('audit-policy-file'),
  only('audit-webhook-config-file'),
  only('encryption-provider-config'),
  only('authentication-config'),
  only('authorization-config'),
  only('authentication-token-webhook-config-file'),
  only('authorization-webhook-config-file'),
  only('authorization-policy-file'),
  only('oidc-issuer-url'),
  only('oidc-client-id'),
  only('admission-control-config-file'),
  only('egress-selector-config-file'),
  only('service-account-signing-endpoint'),

  ...idleFlags(),
];

/** Where the store is; `keelson server` has its own. */
export const STORE_FLAGS: readonly Flag[] = [
  { name: 'etcd-servers', value: 'URLS', help: 'the store: Keelson members or an etcd cluster (required)' },
  { name: 'etcd-cafile', value: 'FILE', help: "CA of the store's certificates" },
  { name: 'etcd-certfile', value: 'FILE', help: 'certificate shown to the store' },
  { name: 'etcd-keyfile', value: 'FILE', help: 'its private key' },
];
export const PREFIX_FLAG: Flag = {
  name: 'etcd-prefix',
  value: 'PREFIX',
  help: 'prefix of all keys',
  default: '/registry',
};

function only(name: string, ...values: readonly string[]): Flag {
  return { name, help: '', only: values, value: 'VALUE' };
}

/** Flags that manifests and test environments of kube-apiserver carry, about what is not served here. */
function idleFlags(): readonly Flag[] {
  const switches = [
    'allow-privileged',
    'enable-priority-and-fairness',
    'enable-aggregator-routing',
    'profiling',
    'logtostderr',
    'alsologtostderr',
    'enable-garbage-collector',
    'contention-profiling',
    'enable-bootstrap-token-auth',
  ];
  const valued = [
    'service-cluster-ip-range',
    'service-node-port-range',
    'endpoint-reconciler-type',
    'apiserver-count',
    'runtime-config',
    'feature-gates',
    'requestheader-client-ca-file',
    'requestheader-allowed-names',
    'requestheader-username-headers',
    'requestheader-uid-headers',
    'requestheader-group-headers',
    'requestheader-extra-headers-prefix',
    'proxy-client-cert-file',
    'proxy-client-key-file',
    'kubelet-client-certificate',
    'kubelet-client-key',
    'kubelet-certificate-authority',
    'kubelet-preferred-address-types',
    'insecure-bind-address',
    'storage-media-type',
    'tls-min-version',
    'default-watch-cache-size',
    'watch-cache-sizes',
    'v',
    'vmodule',
    'tracing-config-file',
    'goaway-chance',
    'kubernetes-service-node-port',
    'etcd-compaction-interval',
    'etcd-count-metric-poll-period',
  ];
  return [
    ...switches.map((name) => ({ name, help: '', idle: true })),
    ...valued.map((name) => ({ name, help: '', idle: true, value: 'VALUE' })),
  ];
}
