import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { temporaryFolder } from '../kit/cluster.ts';
import { type RealEtcd, startRealEtcd } from '../kit/etcd.ts';
import { eventually } from '../kit/process.ts';
import { type Members, startMembers } from '../rpc/members.ts';

/**
 * What dashboards and alerts for etcd ask for is there under the same name, with the same type and labels, and lives. Source of the list:
 * etcd contrib/mixin (dashboards, alerts; kube-prometheus takes them from there), and the metrics that etcd's operations guide names.
 */

const TIMEOUT = { timeout: 60_000 };

/** What a value must be on a member that leads, has written and has answered. */
const POSITIVE = (value: number): boolean => value > 0;
const ONE = (value: number): boolean => value === 1;
const ZERO = (value: number): boolean => value === 0;
const ANY = (value: number): boolean => value >= 0;

const CALL = ['grpc_method', 'grpc_service', 'grpc_type'];

type Row = readonly [name: string, type: string, labels: readonly string[], value: (value: number) => boolean];

const WANTED: readonly Row[] = [
  // The mixin.
  ['etcd_disk_backend_commit_duration_seconds', 'histogram', [], POSITIVE],
  ['etcd_disk_wal_fsync_duration_seconds', 'histogram', [], POSITIVE],
  ['etcd_mvcc_db_total_size_in_bytes', 'gauge', [], POSITIVE],
  ['etcd_mvcc_db_total_size_in_use_in_bytes', 'gauge', [], POSITIVE],
  ['etcd_network_client_grpc_received_bytes_total', 'counter', [], POSITIVE],
  ['etcd_network_client_grpc_sent_bytes_total', 'counter', [], POSITIVE],
  ['etcd_network_peer_received_bytes_total', 'counter', ['From'], POSITIVE],
  ['etcd_network_peer_round_trip_time_seconds', 'histogram', ['To'], POSITIVE],
  ['etcd_network_peer_sent_bytes_total', 'counter', ['To'], POSITIVE],
  ['etcd_server_has_leader', 'gauge', [], ONE],
  ['etcd_server_leader_changes_seen_total', 'counter', [], POSITIVE],
  ['etcd_server_proposals_applied_total', 'gauge', [], POSITIVE],
  ['etcd_server_proposals_committed_total', 'gauge', [], POSITIVE],
  ['etcd_server_proposals_failed_total', 'counter', [], ANY],
  ['etcd_server_proposals_pending', 'gauge', [], ANY],
  ['etcd_server_quota_backend_bytes', 'gauge', [], POSITIVE],
  ['grpc_server_handled_total', 'counter', ['grpc_code', ...CALL], ANY],
  ['grpc_server_handling_seconds', 'histogram', CALL, ANY],
  ['grpc_server_started_total', 'counter', CALL, ANY],
  ['grpc_server_msg_received_total', 'counter', CALL, ANY],
  ['grpc_server_msg_sent_total', 'counter', CALL, ANY],
  ['process_resident_memory_bytes', 'gauge', [], POSITIVE],
  // What older dashboards and the operations guide name besides.
  ['etcd_server_id', 'gauge', ['server_id'], ONE],
  ['etcd_server_is_leader', 'gauge', [], ONE],
  ['etcd_server_is_learner', 'gauge', [], ZERO],
  ['etcd_server_version', 'gauge', ['server_version'], ONE],
  ['etcd_cluster_version', 'gauge', ['cluster_version'], ONE],
  ['etcd_server_client_requests_total', 'counter', ['client_api_version', 'type'], POSITIVE],
  ['etcd_server_health_success', 'counter', [], POSITIVE],
  ['etcd_server_health_failures', 'counter', [], ANY],
  ['etcd_server_healthcheck', 'gauge', ['name', 'type'], ONE],
  ['etcd_server_healthchecks_total', 'counter', ['name', 'status', 'type'], POSITIVE],
  ['etcd_server_slow_read_indexes_total', 'counter', [], ANY],
  ['etcd_server_read_indexes_failed_total', 'counter', [], ANY],
  ['etcd_network_active_peers', 'gauge', ['Local', 'Remote'], ONE],
  ['etcd_mvcc_put_total', 'counter', [], POSITIVE],
  ['etcd_mvcc_delete_total', 'counter', [], ANY],
  ['etcd_mvcc_range_total', 'counter', [], POSITIVE],
  ['etcd_mvcc_txn_total', 'counter', [], ANY],
  ['etcd_debugging_mvcc_keys_total', 'gauge', [], POSITIVE],
  ['etcd_debugging_mvcc_current_revision', 'gauge', [], POSITIVE],
  ['etcd_debugging_mvcc_compact_revision', 'gauge', [], ANY],
  ['etcd_debugging_mvcc_events_total', 'counter', [], ANY],
  ['etcd_debugging_mvcc_pending_events_total', 'gauge', [], ZERO],
  ['etcd_debugging_mvcc_slow_watcher_total', 'gauge', [], ZERO],
  ['etcd_debugging_mvcc_watcher_total', 'gauge', [], ZERO],
  ['etcd_debugging_mvcc_watch_stream_total', 'gauge', [], ZERO],
  ['etcd_debugging_lease_granted_total', 'counter', [], POSITIVE],
  ['etcd_debugging_lease_renewed_total', 'counter', [], ANY],
  ['etcd_debugging_lease_revoked_total', 'counter', [], ANY],
  ['etcd_debugging_server_lease_expired_total', 'counter', [], ANY],
  ['etcd_debugging_auth_revision', 'gauge', [], POSITIVE],
  ['etcd_disk_defrag_inflight', 'gauge', [], ZERO],
  ['process_cpu_seconds_total', 'counter', [], POSITIVE],
  ['process_max_fds', 'gauge', [], POSITIVE],
  ['process_open_fds', 'gauge', [], POSITIVE],
  ['process_start_time_seconds', 'gauge', [], POSITIVE],
  ['process_virtual_memory_bytes', 'gauge', [], POSITIVE],
];

/** The one of the mixin that neither has before something fails. */
const FAILED_SENDS = 'etcd_network_peer_sent_failures_total';

suite('metrics', () => {
  let folder: { readonly path: string; remove(): Promise<void> };
  let etcd: RealEtcd;
  let members: Members;
  let theirs: Metrics;
  let ours: Metrics;

  before(async () => {
    folder = await temporaryFolder();
    etcd = await startRealEtcd(folder.path, 3, { args: ['--metrics', 'extensive'] });
    members = await startMembers(3);
    theirs = await metricsOfLeader(etcd.clientUrls);
    ours = await metricsOfLeader(members.urls);
  }, TIMEOUT);
  after(async () => {
    await members?.stop();
    await etcd?.stop();
    await folder?.remove();
  });

  for (const [name, type, labels, value] of WANTED) {
    test(name, () => {
      const [expected, found] = [theirs.get(name), ours.get(name)];
      assert.ok(expected, 'etcd has it');
      assert.ok(found, 'Keelson has it');
      assert.deepEqual([found.type, found.labels], [type, [...labels].sort()]);
      assert.deepEqual([found.type, found.labels], [expected.type, expected.labels]);
      for (const sample of found.values) assert.ok(value(sample), String(sample));
    });
  }

  test('methods that nobody has called are there with zeros, under the same names as in etcd', () => {
    const lines = (metrics: Metrics): readonly string[] =>
      [...(metrics.get('grpc_server_handled_total')?.lines ?? [])].filter((line) =>
        /etcdserverpb|grpc.health/.test(line),
      );
    const ofOurs = new Set(lines(ours));
    assert.deepEqual(
      lines(theirs).filter((line) => !ofOurs.has(line)),
      [],
    );
    assert.ok(lines(theirs).length > 500);
  });

  test('messages that could not be sent are counted by member once there are some', async () => {
    await members.processes[2]?.stop('SIGKILL');
    const url = members.urls[0] ?? '';
    await eventually(
      FAILED_SENDS,
      async () => {
        const found = (await scrape(url)).get(FAILED_SENDS);
        return found?.type === 'counter' && found.labels.join() === 'To' ? true : undefined;
      },
      { timeoutMs: 15_000 },
    );
  });
});

interface Metric {
  readonly type: string;
  readonly labels: readonly string[];
  readonly values: readonly number[];
  /** The samples without their values, labels in order. */
  readonly lines: ReadonlySet<string>;
}

type Metrics = ReadonlyMap<string, Metric>;

/** Gives a cluster something to count, and reads what its leader has counted. */
async function metricsOfLeader(urls: readonly string[]): Promise<Metrics> {
  const post = async (url: string, path: string, body: object): Promise<void> => {
    await (await fetch(`${url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) })).text();
  };
  return eventually(
    'a leader has counted',
    async () => {
      for (const url of urls) {
        await post(url, 'kv/put', { key: 'YQ==', value: 'YQ==' });
        await post(url, 'kv/range', { key: 'YQ==' });
        await post(url, 'lease/grant', { TTL: 600 });
        for (const path of ['health', 'readyz', 'livez']) await (await fetch(`${url}/${path}`)).text();
      }
      for (const url of urls) {
        const metrics = await scrape(url);
        const isLeader = metrics.get('etcd_server_is_leader')?.values[0] === 1;
        if (isLeader && metrics.has('etcd_network_peer_round_trip_time_seconds')) return metrics;
      }
      return undefined;
    },
    { timeoutMs: 40_000, everyMs: 1_000 },
  );
}

async function scrape(url: string): Promise<Metrics> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  const metrics = new Map<string, { type: string; labels: string[]; values: number[]; lines: Set<string> }>();
  for (const [, full = '', inside = '', value = ''] of text.matchAll(/^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/gm)) {
    const base = full.replace(/_(bucket|sum|count)$/, '');
    const name = types.get(base) === 'histogram' ? base : full;
    const pairs = [...inside.matchAll(/(\w+)="([^"]*)"/g)].filter(([, label]) => label !== 'le');
    const labels = pairs.map(([, label = '']) => label).sort();
    const metric = metrics.get(name) ?? { type: types.get(name) ?? '', labels, values: [], lines: new Set<string>() };
    metric.values.push(Number(value));
    metric.lines.add(
      `${name} ${pairs
        .map(([, label, content]) => `${label}=${content}`)
        .sort()
        .join(' ')}`,
    );
    metrics.set(name, metric);
  }
  // A histogram is judged by its number of samples.
  for (const [name, metric] of metrics) if (metric.type === 'histogram') metric.values = [counted(text, name)];
  return metrics;
}

function counted(text: string, name: string): number {
  return [...text.matchAll(new RegExp(`^${name}_count(?:\\{.*\\})? (\\S+)$`, 'gm'))]
    .map(([, count]) => Number(count))
    .reduce((sum, count) => sum + count, 0);
}
