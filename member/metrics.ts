import type { RaftStatus } from '../raft/types.ts';
import type { WatchHubStats } from '../watch/hub.ts';
import { Histogram, type MemberFact, type MetricSample } from './observer.ts';

/** What the samples are taken from at the moment they are asked for. */
export interface MetricSources {
  readonly raft: RaftStatus;
  readonly pending: { readonly pending: number; readonly failed: number };
  readonly watch: WatchHubStats;
  readonly size: { readonly keys: number; readonly liveBytes: number };
  readonly quotaBytes: number;
}

/** What a member counts. The names are etcd's, so that its dashboards work. */
export class MemberMetrics {
  readonly walFsync = new Histogram(0.0001, 16);
  readonly backendCommit = new Histogram(0.0001, 16);
  readonly #roundTrip = new Histogram(0.0001, 16);
  #leaderChanges = 0;
  #leader = 0n;
  #expired = 0;

  fact(fact: MemberFact): void {
    if (fact.type === 'connected') this.#roundTrip.observe(fact.roundTripMs / 1000);
    else if (fact.type === 'leasesExpired') this.#expired += fact.count;
    else if (fact.type === 'leaderChanged' && fact.leader !== 0n && fact.leader !== this.#leader) {
      this.#leader = fact.leader;
      this.#leaderChanges++;
    }
  }

  samples({ raft, pending, watch, size, quotaBytes }: MetricSources): readonly MetricSample[] {
    const gauge = (name: string, help: string, value: number): MetricSample => ({ type: 'gauge', name, help, value });
    const counter = (name: string, help: string, value: number): MetricSample => ({
      type: 'counter',
      name,
      help,
      value,
    });
    const histogram = (name: string, help: string, from: Histogram): MetricSample => ({
      type: 'histogram',
      name,
      help,
      value: from.sample(),
    });
    return [
      gauge('etcd_server_has_leader', 'Whether a leader is known.', raft.leader === 0n ? 0 : 1),
      gauge('etcd_server_is_leader', 'Whether this member leads.', raft.role === 'leader' ? 1 : 0),
      counter('etcd_server_leader_changes_seen_total', 'Leader changes seen.', this.#leaderChanges),
      gauge('etcd_server_proposals_committed_total', 'Index of the last committed entry.', raft.commit),
      gauge('etcd_server_proposals_applied_total', 'Index of the last applied entry.', raft.applied),
      gauge('etcd_server_proposals_pending', 'Proposals that wait for their outcome.', pending.pending),
      counter('etcd_server_proposals_failed_total', 'Proposals that failed.', pending.failed),
      gauge('etcd_server_quota_backend_bytes', 'Bytes of data at which writes are refused.', quotaBytes),
      counter('etcd_debugging_lease_expired_total', 'Leases that ran out while this member led.', this.#expired),
      gauge('etcd_debugging_mvcc_keys_total', 'Live keys.', size.keys),
      gauge('etcd_mvcc_db_total_size_in_use_in_bytes', 'Bytes of live data.', size.liveBytes),
      gauge('etcd_debugging_mvcc_watcher_total', 'Watchers.', watch.watchers),
      gauge('etcd_debugging_mvcc_watch_stream_total', 'Watch streams.', watch.streams),
      gauge('etcd_debugging_mvcc_slow_watcher_total', 'Watchers that are behind.', watch.behind),
      histogram('etcd_disk_wal_fsync_duration_seconds', 'Durations of fsync of the log.', this.walFsync),
      histogram('etcd_disk_backend_commit_duration_seconds', 'Durations of writes to the backend.', this.backendCommit),
      histogram(
        'etcd_network_peer_round_trip_time_seconds',
        'Round trips to other members when connecting.',
        this.#roundTrip,
      ),
    ];
  }
}
