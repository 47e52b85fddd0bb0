import { AlarmType, EventType } from '../proto/gen/etcd.ts';
import type { RaftStatus } from '../raft/types.ts';
import type { ActiveAlarm, Applied } from '../storage/machine/machine.ts';
import type { WatchHubStats } from '../watch/hub.ts';
import { type GiveUpReason, Histogram, type MemberFact, type MetricSample } from './observer.ts';
import { hex } from './peers/hello.ts';
import type { PeerTraffic } from './peers/peers.ts';

/** What the samples are taken from at the moment they are asked for. */
export interface MetricSources {
  readonly id: bigint;
  readonly raft: RaftStatus;
  readonly pending: { readonly pending: number; readonly failed: number };
  readonly watch: WatchHubStats;
  readonly size: { readonly keys: number; readonly usedBytes: number };
  readonly disk: { readonly totalBytes: number; readonly liveBytes: number };
  readonly traffic: readonly PeerTraffic[];
  readonly alarms: readonly ActiveAlarm[];
  readonly revision: number;
  readonly compactRevision: number;
  readonly reads: { readonly slow: number; readonly failed: number };
  readonly renewedLeases: number;
  readonly authRevision: number;
  readonly quotaBytes: number;
  readonly serverVersion: string;
  readonly isLearner: boolean;
  readonly isFenced: boolean;
  /** How long the write of the log that is under way has taken. */
  readonly diskWaitedMs: number;
  readonly isDiskSlow: boolean;
}

/** Round trips in a local network take a tenth of a millisecond, around the world half a second. Source: etcd rafthttp/metrics.go. */
const ROUND_TRIP = { firstSeconds: 0.0001, buckets: 15 };

/** What a member counts. The names are etcd's, so that its dashboards work. */
export class MemberMetrics {
  readonly walFsync = new Histogram(0.0001, 16);
  readonly backendCommit = new Histogram(0.0001, 16);
  /** Ranges that clients have read here. */
  ranges = 0;
  readonly #roundTrips = new Map<bigint, Histogram>();
  #leaderChanges = 0;
  #leader = 0n;
  #expired = 0;
  #granted = 0;
  #revoked = 0;
  #events = 0;
  #puts = 0;
  #deletes = 0;
  #txns = 0;
  #snapshots = 0;
  #refusedSnapshots = 0;
  #rebuilt = 0;
  readonly #gaveUp: Record<GiveUpReason, number> = { corrupt: 0, 'slow-disk': 0 };

  fact(fact: MemberFact): void {
    if (fact.type === 'connected') this.roundTrip(fact.peer, fact.roundTripMs);
    else if (fact.type === 'leasesExpired') this.#expired += fact.count;
    else if (fact.type === 'snapshotInstalled') this.#snapshots++;
    else if (fact.type === 'snapshotRefused') this.#refusedSnapshots++;
    else if (fact.type === 'rebuilt') this.#rebuilt++;
    else if (fact.type === 'gaveUpLeadership') this.#gaveUp[fact.reason]++;
    else if (fact.type === 'leaderChanged' && fact.leader !== 0n && fact.leader !== this.#leader) {
      this.#leader = fact.leader;
      this.#leaderChanges++;
    }
  }

  applied({ events, leases }: Applied): void {
    for (const lease of leases) {
      if (lease.type === 'granted') this.#granted++;
      else this.#revoked++;
    }
    for (const { event } of events) {
      if (event.type === EventType.PUT) this.#puts++;
      else this.#deletes++;
    }
    this.#events += events.length;
    if (events.length > 1) this.#txns++;
  }

  roundTrip(to: bigint, durationMs: number): void {
    let histogram = this.#roundTrips.get(to);
    if (histogram === undefined) {
      histogram = new Histogram(ROUND_TRIP.firstSeconds, ROUND_TRIP.buckets);
      this.#roundTrips.set(to, histogram);
    }
    histogram.observe(durationMs / 1000);
  }

  samples(sources: MetricSources): readonly MetricSample[] {
    const present = new Set(sources.traffic.map(({ id }) => id as bigint));
    for (const id of this.#roundTrips.keys()) if (!present.has(id)) this.#roundTrips.delete(id);
    return [
      ...this.#serverSamples(sources),
      ...this.#healthSamples(sources),
      ...this.#storeSamples(sources),
      ...this.#networkSamples(sources),
    ];
  }

  #serverSamples(sources: MetricSources): MetricSample[] {
    const { id, raft, pending, serverVersion, isLearner, alarms, quotaBytes } = sources;
    const [major, minor] = serverVersion.split('.');
    return [
      gauge('etcd_server_id', 'The id of this member.', 1, { server_id: hex(id) }),
      gauge('etcd_server_version', 'The version that clients are told.', 1, { server_version: serverVersion }),
      gauge('etcd_cluster_version', 'The version that all members speak.', 1, { cluster_version: `${major}.${minor}` }),
      gauge('etcd_server_has_leader', 'Whether a leader is known.', raft.leader === 0n ? 0 : 1),
      gauge('etcd_server_is_leader', 'Whether this member leads.', raft.role === 'leader' ? 1 : 0),
      gauge('etcd_server_is_learner', 'Whether this member only learns.', isLearner ? 1 : 0),
      counter('etcd_server_leader_changes_seen_total', 'Leader changes seen.', this.#leaderChanges),
      gauge('etcd_server_proposals_committed_total', 'Index of the last committed entry.', raft.commit),
      gauge('etcd_server_proposals_applied_total', 'Index of the last applied entry.', raft.applied),
      gauge('etcd_server_proposals_pending', 'Proposals that wait for their outcome.', pending.pending),
      counter('etcd_server_proposals_failed_total', 'Proposals that failed.', pending.failed),
      gauge(
        'etcd_server_quota_backend_bytes',
        'Bytes of live data at which writes are refused; 0: no bound.',
        quotaBytes,
      ),
      counter('etcd_debugging_server_lease_expired_total', 'Leases that ran out while this member led.', this.#expired),
      counter('etcd_debugging_lease_granted_total', 'Leases granted.', this.#granted),
      counter('etcd_debugging_lease_revoked_total', 'Leases revoked.', this.#revoked),
      counter('etcd_debugging_lease_renewed_total', 'Renewals while this member led.', sources.renewedLeases),
      gauge('etcd_debugging_auth_revision', 'The revision of users and roles.', sources.authRevision),
      counter('etcd_server_slow_read_indexes_total', 'Rounds of linearizable reads asked again.', sources.reads.slow),
      counter('etcd_server_read_indexes_failed_total', 'Linearizable reads that gave up.', sources.reads.failed),
      counter('keelson_snapshots_installed_total', 'Snapshots of other members installed here.', this.#snapshots),
      ...alarms.map(({ memberID, alarm }) =>
        gauge('etcd_debugging_server_alarms', 'Active alarms.', 1, {
          server_id: hex(memberID),
          alarm_type: alarm === AlarmType.CORRUPT ? 'CORRUPT' : 'NOSPACE',
        }),
      ),
    ];
  }

  /** Whether this member trusts what it holds, and why it left office. */
  #healthSamples({ isFenced, diskWaitedMs, isDiskSlow }: MetricSources): MetricSample[] {
    return [
      gauge('keelson_fenced', 'Whether this member does not trust its own state, and serves nobody.', isFenced ? 1 : 0),
      counter(
        'keelson_backend_rebuilt_total',
        'Times that a damaged backend was replaced at the start.',
        this.#rebuilt,
      ),
      counter('keelson_snapshots_refused_total', 'Snapshots that came damaged.', this.#refusedSnapshots),
      ...Object.entries(this.#gaveUp).map(([reason, count]) =>
        counter('keelson_leader_gave_up_total', 'Times that this member left office by itself.', count, { reason }),
      ),
      gauge('keelson_disk_slow', 'Whether the log is too slow for a leader.', isDiskSlow ? 1 : 0),
      gauge('keelson_disk_write_waiting_seconds', 'Age of the write of the log under way.', diskWaitedMs / 1000),
    ];
  }

  #storeSamples({ size, disk, watch, revision, compactRevision }: MetricSources): MetricSample[] {
    return [
      gauge('etcd_mvcc_db_total_size_in_bytes', 'Bytes on disk.', disk.totalBytes),
      gauge('etcd_mvcc_db_total_size_in_use_in_bytes', 'Bytes on disk in use, history included.', disk.liveBytes),
      gauge('keelson_quota_used_bytes', 'Bytes of live data, which count towards the quota.', size.usedBytes),
      counter('etcd_mvcc_put_total', 'Puts applied.', this.#puts),
      counter('etcd_mvcc_delete_total', 'Deletes applied.', this.#deletes),
      counter('etcd_mvcc_txn_total', 'Revisions of more than one change.', this.#txns),
      counter('etcd_mvcc_range_total', 'Ranges read by clients.', this.ranges),
      counter('etcd_debugging_mvcc_events_total', 'Changes that watchers could see.', this.#events),
      gauge('etcd_debugging_mvcc_keys_total', 'Live keys.', size.keys),
      gauge('etcd_debugging_mvcc_current_revision', 'The revision of the store.', revision),
      gauge('etcd_debugging_mvcc_compact_revision', 'History begins after this revision.', compactRevision),
      gauge('etcd_debugging_mvcc_watcher_total', 'Watchers.', watch.watchers),
      gauge('etcd_debugging_mvcc_watch_stream_total', 'Watch streams.', watch.streams),
      gauge('etcd_debugging_mvcc_slow_watcher_total', 'Watchers that are behind.', watch.behind),
      gauge(
        'etcd_debugging_mvcc_pending_events_total',
        'Changes that wait for watchers to take them.',
        watch.pendingEvents,
      ),
      gauge('etcd_disk_defrag_inflight', 'Always 0: space is given back in the background.', 0),
      gauge('keelson_watch_recent_bytes', 'Bytes of recent changes kept for watchers.', watch.recentBytes),
      histogram('etcd_disk_wal_fsync_duration_seconds', 'Durations of fsync of the log.', this.walFsync),
      histogram('etcd_disk_backend_commit_duration_seconds', 'Durations of writes to the backend.', this.backendCommit),
    ];
  }

  #networkSamples({ id, traffic, raft }: MetricSources): MetricSample[] {
    const followers = raft.progress.filter(({ member }) => member !== id);
    const to = (peer: bigint): Readonly<Record<string, string>> => ({ To: hex(peer) });
    const each = (make: (peer: PeerTraffic) => MetricSample): readonly MetricSample[] => traffic.map(make);
    const between = (peer: bigint): Readonly<Record<string, string>> => ({ Local: hex(id), Remote: hex(peer) });
    return [
      ...each(({ id: peer, isConnected }) =>
        gauge('etcd_network_active_peers', 'Whether another member is connected.', isConnected ? 1 : 0, between(peer)),
      ),
      ...each(({ id: peer, sentBytes }) =>
        counter('etcd_network_peer_sent_bytes_total', 'Bytes sent to another member.', sentBytes, to(peer)),
      ),
      ...each(({ id: peer, failedSends }) =>
        counter('etcd_network_peer_sent_failures_total', 'Messages that were dropped.', failedSends, to(peer)),
      ),
      ...each(({ id: peer, receivedBytes }) =>
        counter('etcd_network_peer_received_bytes_total', 'Bytes received from another member.', receivedBytes, {
          From: hex(peer),
        }),
      ),
      ...followers.map(({ member, match }) =>
        gauge(
          'keelson_follower_lag_entries',
          'Entries that a follower has not confirmed.',
          raft.lastIndex - match,
          to(member),
        ),
      ),
      ...followers.map(({ member, deferred }) =>
        gauge(
          'keelson_follower_held_back',
          'Whether a follower gets entries a little later than the others: no quorum needs it, and nobody waits there.',
          deferred ? 1 : 0,
          to(member),
        ),
      ),
      ...[...this.#roundTrips].map(([peer, from]) =>
        histogram('etcd_network_peer_round_trip_time_seconds', 'Round trips to another member.', from, to(peer)),
      ),
    ];
  }
}

type Labels = Readonly<Record<string, string>>;

function gauge(name: string, help: string, value: number, labels: Labels = {}): MetricSample {
  return { type: 'gauge', name, help, value, labels };
}

function counter(name: string, help: string, value: number, labels: Labels = {}): MetricSample {
  return { type: 'counter', name, help, value, labels };
}

function histogram(name: string, help: string, from: Histogram, labels: Labels = {}): MetricSample {
  return { type: 'histogram', name, help, value: from.sample(), labels };
}
