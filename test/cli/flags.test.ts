import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { apiServerSettings, storeSettings } from '../../cli/flags/apiserver-options.ts';
import { FlagReader } from '../../cli/flags/flag.ts';
import { MEMBER_FLAGS } from '../../cli/flags/member-flags.ts';
import { memberOptions } from '../../cli/flags/member-options.ts';
import { memberSettings } from '../../cli/flags/member-sources.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { VERSION } from '../../cli/version.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const given = (flags: Readonly<Record<string, string>>) => new Map(Object.entries(flags));
const refused = (run: () => unknown, text: RegExp) =>
  assert.throws(
    run,
    (error: unknown) => error instanceof UsageError && text.test(error.message) && !error.message.includes('\n'),
    String(text),
  );

it('the version is that of the package', () => {
  assert.equal(VERSION, (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version);
});

describe('a member', () => {
  const base = {
    name: 'm1',
    'initial-advertise-peer-urls': 'http://a:2380',
    'initial-cluster': 'm1=http://a:2380,m2=http://b:2380',
  };
  it('takes several URLs for peers and for clients', () => {
    const flags = {
      'listen-peer-urls': 'http://127.0.0.1:1,http://[::1]:80',
      'listen-client-urls': 'http://127.0.0.1:3,http://[::1]:4',
    };
    const { config, listenClientUrls } = memberOptions(new Map(Object.entries(flags)));
    assert.deepEqual(config.listenPeerAddresses, ['127.0.0.1:1', '[::1]:80']);
    assert.deepEqual(config.initialCluster[0]?.peerUrls, ['http://127.0.0.1:1', 'http://[::1]:80']);
    assert.deepEqual(listenClientUrls, ['http://127.0.0.1:3', 'http://[::1]:4']);
  });
  it("has etcd's defaults", () => {
    const { config, listenClientUrls } = memberOptions(new Map());
    assert.deepEqual(
      [config.name, config.listenPeerAddresses.join(), config.tickMs, config.electionTicks, config.quotaBytes],
      ['default', 'localhost:2380', 100, 10, 2 * 1024 ** 3],
    );
    assert.deepEqual(config.initialCluster, [{ name: 'default', peerUrls: ['http://localhost:2380'] }]);
    assert.deepEqual(listenClientUrls, ['http://localhost:2379']);
    assert.match(config.dataDir, /\/default\.etcd$/);
  });
  it('of a cluster', () => {
    assert.deepEqual(
      memberOptions(given(base)).config.initialCluster.map(({ name }) => name),
      ['m1', 'm2'],
    );
  });
  const rows: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [
      { 'listen-client-urls': 'localhost:2379' },
      /invalid value "localhost:2379" for --listen-client-urls: URL must begin with http:\/\/ or https:\/\//,
    ],
    [{ 'listen-client-urls': 'http://localhost' }, /URL must have a port/],
    [{ 'listen-client-urls': 'http://127.0.0.1:1/x' }, /URL must not contain a path/],
    [{ 'listen-client-urls': 'https://127.0.0.1:1' }, /--cert-file and --key-file are needed/],
    [
      { 'listen-client-urls': 'https://127.0.0.1:1', 'cert-file': '/nope', 'key-file': '/nope' },
      /--cert-file: \/nope: cannot be read: ENOENT/,
    ],
    [{ 'client-cert-auth': 'true' }, /--client-cert-auth needs an https URL/],
    [{ 'listen-peer-urls': 'https://127.0.0.1:1' }, /--peer-cert-file is needed/],
    [
      { 'election-timeout': '400' },
      /--election-timeout\[400ms\] should be at least as 5 times as --heartbeat-interval\[100ms\]/,
    ],
    [{ 'heartbeat-interval': 'x' }, /invalid value "x" for --heartbeat-interval/],
    [{ 'initial-cluster-state': 'old' }, /must be new or existing/],
    [{ ...base, name: 'm3' }, /couldn't find local name "m3" in the initial cluster configuration/],
    [
      { ...base, 'initial-advertise-peer-urls': 'http://c:2380' },
      /--initial-cluster has m1=http:\/\/a:2380 but --initial-advertise-peer-urls is http:\/\/c:2380/,
    ],
    [{ 'initial-cluster': 'm1' }, /"m1" is not NAME=URL/],
    [{ 'log-level': 'loud' }, /invalid value "loud" for --log-level/],
    [
      { 'socket-reuse-port': 'true' },
      /--socket-reuse-port is not supported with the value "true": only "false" is \(Node 20 cannot/,
    ],
    [{ 'discovery-srv': 'example.com' }, /--discovery-srv is not supported .* \(founding members are named by/],
    [{ discovery: 'https://discovery.etcd.io/x' }, /--discovery is not supported/],
    [{ 'enable-v2': 'true' }, /--enable-v2 is not supported .* \(etcd's v2 store is not there\)/],
    [{ 'listen-client-urls': 'http://example.com:1' }, /expected IP in URL for binding/],
    [{ 'listen-client-urls': 'http://0.0.0.0:1' }, /--advertise-client-urls is required when/],
    [{ 'tls-min-version': 'TLS1.1' }, /--tls-min-version: unexpected TLS version "TLS1.1"/],
    [{ 'tls-min-version': 'TLS1.3', 'tls-max-version': 'TLS1.2' }, /min version \(TLS1.3\) is greater than max/],
    [{ 'cipher-suites': 'TLS_NULL' }, /--cipher-suites: unexpected TLS cipher suite "TLS_NULL"/],
    [
      { 'cipher-suites': 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'tls-min-version': 'TLS1.3' },
      /cipher suites cannot be configured when only TLS1.3 is enabled/,
    ],
    [
      { 'listen-client-urls': 'https://127.0.0.1:1', 'auto-tls': 'true', 'client-cert-auth': 'true' },
      /--auto-tls and --client-cert-auth exclude each other/,
    ],
    [{ 'feature-gates': 'Foo=true' }, /--feature-gates: unrecognized feature gate: Foo/],
    [{ 'feature-gates': 'AllAlpha' }, /missing bool value for feature gate AllAlpha/],
    [{ 'log-format': 'xml' }, /invalid value "xml" for --log-format/],
    [{ 'log-outputs': 'default,stderr' }, /multi logoutput for "default" is not supported/],
    [{ 'watch-progress-notify-interval': '10ms' }, /must be at least 100ms/],
    [{ 'max-concurrent-streams': '0' }, /invalid value "0" for --max-concurrent-streams/],
    [{ 'client-cert-auth': 'maybe' }, /must be true or false/],
  ];
  for (const [flags, text] of rows)
    it(`refuses ${JSON.stringify(flags)}`, () => refused(() => memberOptions(given(flags)), text));

  it('takes the command line and the environment', () => {
    const { settings } = memberSettings(MEMBER_FLAGS, given({ name: 'flag' }), { ETCD_SNAPSHOT_COUNT: '7' });
    assert.deepEqual([settings.get('name'), settings.get('snapshot-count')], ['flag', '7']);
  });
  it('takes a file instead of both', () => {
    const path = file(
      'etcd.yaml',
      'name: file\ninitial-cluster-token: t\nheartbeat-interval: 200\nelection-timeout: 2000\nlisten-client-urls: http://127.0.0.1:1\nclient-transport-security:\n  client-cert-auth: false\n',
    );
    const { settings } = memberSettings(MEMBER_FLAGS, given({ name: 'flag', 'config-file': path }), {
      ETCD_SNAPSHOT_COUNT: '7',
    });
    assert.deepEqual(
      [settings.get('name'), settings.get('snapshot-count'), settings.get('client-cert-auth')],
      ['file', undefined, 'false'],
    );
    assert.equal(memberOptions(settings).config.tickMs, 200);
  });
  for (const [text, refusal] of [
    ['nmae: x', /unknown setting "nmae"/],
    ['- a', /must hold settings by name/],
    ['a: [', /is not YAML/],
    ['peer-transport-security: {foo: 1}', /unknown setting "peer-transport-security.foo"/],
  ] as const) {
    it(`refuses the file ${text}`, () =>
      refused(() => memberSettings(MEMBER_FLAGS, given({ 'config-file': file('bad.yaml', text) }), {}), refusal));
  }
});

describe('an API server', () => {
  it('has safe defaults', () => {
    const settings = apiServerSettings(new Map());
    assert.deepEqual(
      [settings.port, settings.authorizationModes, settings.anonymous, settings.storePrefix],
      [6443, ['RBAC'], true, '/registry'],
    );
    assert.deepEqual(settings.apiAudiences, ['https://kubernetes.default.svc.cluster.local']);
    assert.deepEqual(settings.controllers, ['namespace-deletion', 'namespace-furniture', 'role-aggregation']);
  });
  it('takes what manifests of kube-apiserver say', () => {
    const settings = apiServerSettings(
      given({
        'service-cluster-ip-range': '10.0.0.0/24',
        'allow-privileged': 'true',
        'disable-admission-plugins': 'ServiceAccount',
        'authorization-mode': 'Node,RBAC',
        'enable-admission-plugins': 'NodeRestriction',
      }),
    );
    assert.deepEqual(settings.idle, ['service-cluster-ip-range', 'allow-privileged']);
    assert.deepEqual(settings.authorizationModes, ['Node', 'RBAC']);
  });
  const csv = file('tokens.csv', 'a,b\n');
  const rows: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [{ 'secure-port': '70000' }, /must be a whole number from 0 to 65535/],
    [{ 'bind-address': 'localhost' }, /must be an IP address/],
    [{ 'authorization-mode': 'RBCA' }, /"RBCA" is not a valid mode/],
    [{ 'authorization-mode': 'Webhook' }, /"Webhook" is not supported/],
    [{ 'authorization-mode': 'RBAC,RBAC' }, /has a mode more than once/],
    [{ 'enable-admission-plugins': 'Foo' }, /enable-admission-plugins plugin "Foo" is unknown/],
    [{ 'token-auth-file': csv }, /must have at least 3 columns/],
    [{ 'token-auth-file': '/nope' }, /--token-auth-file: cannot read \/nope: ENOENT/],
    [{ 'tls-cert-file': csv }, /--tls-cert-file and --tls-private-key-file go together/],
    [{ 'client-ca-file': csv }, /--client-ca-file: .* holds no PEM certificate/],
    [{ 'service-account-key-file': csv }, /holds no RSA or EC key/],
    [{ 'audit-policy-file': 'x' }, /--audit-policy-file is not supported/],
    [{ 'encryption-provider-config': 'x' }, /--encryption-provider-config is not supported/],
    [{ 'anonymous-auth': 'perhaps' }, /must be true or false/],
    [{ controllers: 'all' }, /--controllers: "all" is not known/],
    [{ 'etcd-prefix': 'registry' }, /must begin with \//],
    [{ 'service-account-max-token-expiration': '10m' }, /must be at least 1h/],
  ];
  for (const [flags, text] of rows)
    it(`refuses ${JSON.stringify(flags)}`, () => refused(() => apiServerSettings(given(flags)), text));
  it('needs a store', () => {
    refused(() => storeSettings(new Map()), /--etcd-servers must be specified/);
    refused(() => storeSettings(given({ 'etcd-servers': 'http://a:1', 'etcd-certfile': 'x' })), /go together/);
    assert.deepEqual(storeSettings(given({ 'etcd-servers': 'http://a:1,http://b:1' })).endpoints, [
      'http://a:1',
      'http://b:1',
    ]);
  });
});

it("durations are Go's", () => {
  const rows: readonly (readonly [string, number])[] = [
    ['0', 0],
    ['10s', 10_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
  ];
  for (const [text, ms] of rows)
    assert.equal(new FlagReader([{ name: 'd', value: 'D', help: '' }], given({ d: text })).durationMs('d'), ms);
  for (const text of ['10', 's', '1x', '1s2', ''])
    refused(
      () => new FlagReader([{ name: 'd', value: 'D', help: '' }], given({ d: text })).durationMs('d'),
      /must be a duration/,
    );
});
