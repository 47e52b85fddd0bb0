import { assert } from '../base/assert.ts';

/** The bounds of a member, and what happens at each. Sizes in bytes, times in milliseconds of the monotonic clock. */
export const MEMBER_LIMITS = {
  /** An encoded command above this is refused with REQUEST_TOO_LARGE. Source: etcd --max-request-bytes. */
  maxRequestBytes: 1_572_864,
  /** Entries committed and not yet applied; above it proposals are refused with TOO_MANY_REQUESTS. Source: etcd maxGapBetweenApplyAndCommitIndex. */
  maxApplyGap: 5000,
  /** Proposals of this member that wait for their outcome; above it they are refused with TOO_MANY_REQUESTS. */
  maxPendingProposals: 50_000,
  /** Linearizable reads that wait; above it they are refused with TOO_MANY_REQUESTS. */
  maxWaitingReads: 100_000,
  /** A proposal or a read that nobody answered by then fails; two election timeouts are added. Source: etcd ReqTimeout. */
  requestTimeoutMs: 5000,
  /** A round for linearizable reads that was not answered by then is asked again. Source: etcd readIndexRetryTime. */
  readRetryMs: 500,
  /** A proposal that no leader took is offered again after this. */
  proposeRetryMs: 50,
  /** Proposals that go to the leader in one message: so many bytes, or one that is larger. */
  forwardBytes: 1024 * 1024,
  /** Readys that may be on their way to the disk; while they are, new entries gather. */
  maxUnpersistedReadys: 8,
  /** While the log is being written new entries gather at most so long before they are sent and written too: one write carries them all. */
  gatherMs: 2,
  /** How long a follower where nobody waits may go without hearing that the commit moved; half as long again when the timer ran for another. */
  commitNoticeMs: 1,
  /** How long entries may be held back from a follower that no quorum needs and where nobody waits. */
  deferMs: 10,
  /** Somebody waits where there are more watchers than these, or a command or linearizable read was asked for within so many ticks. */
  patientWatchers: 0,
  attendedTicks: 10,
  /** Operations and bytes that the backend may lag behind what is applied and compacted; beyond it, both wait for the backend. */
  maxUnwrittenOps: 100_000,
  maxUnwrittenBytes: 64 * 1024 * 1024,
  /** Pause between two batches for the backend, unless somebody waits for them. Source: etcd's backend batch interval. */
  backendPauseMs: 100,
  /** So many operations or bytes make a batch as soon as this pause is over: rows that wait for long are a burden to the collector. */
  backendBatchOps: 256,
  backendBatchBytes: 1024 * 1024,
  backendLeastPauseMs: 20,
  /** Entries and bytes after which the log is shortened. Source (entries): etcd --snapshot-count. */
  compactEveryEntries: 10_000,
  compactEveryBytes: 64 * 1024 * 1024,
  /** Entries kept behind for followers that are slow. Source: etcd snapshot-catchup-entries. */
  catchUpEntries: 5000,
  /** Superseded revisions deleted at a time after a compaction, and the pause between. Source: etcd compaction-batch-limit and -sleep-interval. */
  compactionBatchKeys: 1000,
  compactionPauseMs: 10,
  /** Deleted bytes that the backend is asked to give back after a compaction: at least so many, and so much of what lies there. */
  minReclaimBytes: 8 * 1024 * 1024,
  minReclaimShare: 0.25,
  /** Rows looked at between two pauses where useless ones are deleted together, and the pause, in times of what that took. */
  sweepRows: 1024,
  sweepBytes: 256 * 1024,
  sweepRestShare: 2,
  /** It is asked for about so much at a time: what a stop may have to wait for. */
  reclaimPieceBytes: 64 * 1024 * 1024,
  /** The rest afterwards, in times of what it took: the backend is busy with it for a tenth of the time at most. */
  reclaimRestShare: 9,
  /** How often leases are looked at, and how many are revoked each time. Source: etcd leaseRevokeRate / 2. */
  leaseCheckMs: 500,
  maxRevokesPerCheck: 500,
  /** Keys in the first piece of a Range that streams, and how large pieces then become. Source: etcd 3.7, rangeStream. */
  firstPieceKeys: 10,
  pieceBytes: 1_572_864,
  /** Pause between the steps of watchers that catch up from the backend while more are owed. */
  catchUpPauseMs: 0,
  /** Who reads the whole backend while somebody waits for the member works so long, then rests for this share of it, and no longer than that. */
  longReadTurnMs: 2,
  longReadRestShare: 2,
  longReadRestMs: 50,
  /** Etcd snapshots that are being made; more are refused with TOO_MANY_REQUESTS. Each keeps old data on disk. */
  maxEtcdSnapshots: 4,
  /** How often a member measures the way to each other one. Source: etcd's ConnReadTimeout-bound prober, less often. */
  probeMs: 3000,
  /** A member whose backend is damaged asks another one for its state in pieces of this size, and waits so long for each. */
  rebuildChunkBytes: 512 * 1024,
  rebuildCallTimeoutMs: 30_000,
  /** How long another member may take to hash what it has, when members are compared. */
  hashCallTimeoutMs: 30_000,
  /** Shares of the election timeout. A write of the log that hangs for so long, or writes that take so long on average: the disk is slow. */
  stalledDiskShare: 0.5,
  slowDiskShare: 0.25,
  /** Below this it is good again. */
  goodDiskShare: 0.1,
  /** What the latest write counts in the average. */
  diskAverageShare: 0.2,
  /** A leader that left office for its disk, and was elected again, keeps it for so many election timeouts. */
  slowDiskRestElectionTimeouts: 20,
  /** How often the members compare the hashes of their states, when something has changed. */
  stateHashMs: 10_000,
  /** How often a member looks at the space it has. */
  spaceCheckMs: 1000,
  /** A disk with less left counts as full: the NOSPACE alarm is raised while the log can still be written. Twice as much is room again. */
  minFreeDiskBytes: 32 * 1024 * 1024,
  /** A NOSPACE alarm that a member raised by itself is cleared when the live data was below this share of the quota for so long. */
  clearAlarmShare: 0.8,
  clearAlarmMs: 15_000,
  /** Election timeouts for which a connection must have lasted to count when members are changed (5 s at the defaults, as in etcd). */
  healthElectionTimeouts: 5,
  /** A joining member asks the others so often, with this pause between, before it gives up: they may not have heard of it yet. */
  joinAttempts: 6,
  joinPauseMs: 500,
  /** After a start an election may come before its timeout: for so many ticks, and so long after the connection that made it possible. */
  startElectionTicks: 20,
  startElectionSettleMs: 4,
  /**
   * A member that stops keeps a checkpoint when it has so many keys, and not more bytes. It waits so long for its backend first, and gives up a
   * file that takes longer: whoever asked it to stop does not wait for ever.
   */
  checkpointKeys: 10_000,
  maxCheckpointBytes: 2 * 1024 * 1024 * 1024,
  checkpointWaitMs: 1000,
  checkpointWriteMs: 8000,
  /** About what a key takes in a checkpoint beside its value. */
  checkpointKeyBytes: 128,
  /** Blocks (1 MiB, some 4) of it that are read at a time at a start. */
  checkpointReaders: 3,
  /** Pause between two of those whose values nobody has asked for, once the member serves. */
  storedValuesPauseMs: 10,
  /** Waiting for another member to take over at a clean stop, in election timeouts. */
  transferElectionTimeouts: 2,
} as const;

/** The bounds of tokens and passwords. */
export const TOKEN_LIMITS = {
  /** Simple tokens that are valid at one time; the one used longest ago is forgotten for one more. */
  maxSimpleTokens: 100_000,
  /** Signed tokens whose signature need not be verified again; the one seen longest ago is forgotten for one more. */
  maxVerifiedTokens: 10_000,
  /** A token longer than this is none. */
  maxTokenBytes: 8192,
  /** How often a call begins anew when users and roles change while it is under way. */
  maxTries: 4,
  /** Requests of one watch stream that wait until it is known who made it; one more ends the stream with TOO_MANY_REQUESTS. */
  maxPendingWatchRequests: 1000,
  /** bcrypt knows no more of a password. Source: golang.org/x/crypto/bcrypt. */
  maxPasswordBytes: 72,
} as const;

/** The bounds between members. */
export const PEER_LIMITS = {
  /** The greatest frame: an append of raft's maximum, or one entry of the greatest request, or a snapshot chunk, with room to spare. */
  maxFrameBytes: 16 * 1024 * 1024,
  /** Bytes that wait for one connection; what does not fit is dropped, and raft sends again. */
  maxQueuedBytes: 32 * 1024 * 1024,
  /** Calls of one other member that are being answered; more are refused with TOO_MANY_REQUESTS. */
  maxCallsInProgress: 20_000,
  /** Members that are answered though they are not known here yet, and addresses of each; one more takes the place of the first. */
  maxStrangers: 8,
  maxStrangerAddresses: 8,
  connectTimeoutMs: 2000,
  /** Time for the hello of a new connection. */
  helloTimeoutMs: 5000,
  /** Pause before connecting again: doubles from the first to the last, less a random part up to a half. */
  firstBackoffMs: 50,
  lastBackoffMs: 1000,
} as const;

assert(MEMBER_LIMITS.goodDiskShare < MEMBER_LIMITS.slowDiskShare, 'a disk is not good and slow at once');
assert(MEMBER_LIMITS.slowDiskShare <= MEMBER_LIMITS.stalledDiskShare, 'one slow write is less than many');
assert(PEER_LIMITS.maxFrameBytes > 2 * MEMBER_LIMITS.maxRequestBytes, 'the greatest request fits into a frame');
assert(PEER_LIMITS.maxFrameBytes > 2 * MEMBER_LIMITS.forwardBytes, 'proposals that go together fit into a frame');
assert(PEER_LIMITS.maxQueuedBytes >= PEER_LIMITS.maxFrameBytes, 'the greatest frame fits into an empty queue');
assert(PEER_LIMITS.firstBackoffMs <= PEER_LIMITS.lastBackoffMs, 'pauses grow');
