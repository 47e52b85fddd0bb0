import { assert } from '../base/assert.ts';
import type { RaftOptions } from './types.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * What a member runs with unless it is told otherwise. Times are in ticks, sizes in bytes of entry data plus
 * ENTRY_OVERHEAD_BYTES each.
 */
export const RAFT_DEFAULTS = {
  electionTicks: 10,
  heartbeatTicks: 1,
  preVote: true,
  checkQuorum: true,
  /** An append message carries at most this much, but always one entry. */
  maxMessageBytes: 1 * MIB,
  /** Appends on the way to one follower; when full, replication to it waits for an answer. */
  maxInflightMessages: 256,
  maxInflightBytes: 16 * MIB,
  /** A leader's tail that is not committed; when full, proposals are dropped. */
  maxUncommittedBytes: 128 * MIB,
  snapshotChunkBytes: 512 * KIB,
} as const satisfies Omit<RaftOptions, 'id' | 'seed'>;

/** What an entry weighs beyond its data, in every bound that counts bytes. */
export const ENTRY_OVERHEAD_BYTES = 24;

/** Committed entries in one Ready; more wait for the next one. At least one entry is always handed out. */
export const MAX_COMMITTED_BYTES_PER_READY = 4 * MIB;

/** Committed entries handed out and not yet applied; when full, no more are handed out until applied() is called. */
export const MAX_APPLYING_BYTES = 32 * MIB;

/** Reads that wait for their quorum round (on the leader) or for the leader's answer (elsewhere); more are dropped. */
export const MAX_WAITING_READS = 65_536;

/** Read rounds on the way at once; while all are, new reads gather for the next round. */
export const MAX_READ_ROUNDS_IN_FLIGHT = 4;

/** Log bytes held back from a follower that no quorum needs; more leave at once. */
export const MAX_DEFERRED_BYTES = 64 * KIB;

/** Snapshot chunks read or sent ahead of what the follower acknowledged. */
export const MAX_SNAPSHOT_CHUNKS_IN_FLIGHT = 4;

/** Silent election timeouts, or refused reads, after which a snapshot transfer starts anew with the newest snapshot. */
export const MAX_SNAPSHOT_FAILURES = 5;

/** Log bytes that a running snapshot transfer may hold back from compaction, so that its follower can go on from the log. */
export const MAX_BYTES_HELD_FOR_SNAPSHOTS = 128 * MIB;

/** Changes in one membership change. */
export const MAX_CONF_CHANGES = 64;

/** Stops on options that contradict each other. */
export function assertOptions(options: RaftOptions): void {
  assert(options.id !== 0n, 'member id 0 means none');
  assert(options.heartbeatTicks >= 1, 'a heartbeat takes at least a tick');
  assert(options.heartbeatTicks < options.electionTicks, 'a leader must be heard before it is doubted');
  assert(options.maxInflightMessages >= 1, 'at least one append must be allowed on its way');
  assert(options.maxMessageBytes > 0 && options.snapshotChunkBytes > 0, 'messages need room');
  assert(options.maxInflightBytes >= options.maxMessageBytes, 'what is in flight holds at least one message');
  assert(options.maxUncommittedBytes >= options.maxMessageBytes, 'the uncommitted tail holds at least one message');
}
