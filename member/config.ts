import type { KeyObject } from 'node:crypto';
import { StoreError } from '../base/store-error.ts';
import { RAFT_DEFAULTS } from '../raft/limits.ts';
import type { WatchLimits } from '../watch/limits.ts';
import type { AutoCompaction } from './auto-compactor.ts';

/** How a member is set up. Times in milliseconds. */
export interface MemberConfig {
  readonly name: string;
  /** Absolute; made if need be. */
  readonly dataDir: string;
  /** Absolute; where the log lies when it is not inside `dataDir`. */
  readonly walDir?: string;
  /** Each `host:port` on which other members are listened to; port 0 takes a free one. */
  readonly listenPeerAddresses: readonly string[];
  /** URLs under which others reach this member; they identify it in `initialCluster`. */
  readonly advertisePeerUrls: readonly string[];
  /** Told to clients in the member list. */
  readonly advertiseClientUrls: readonly string[];
  /** Every founding member with its peer URLs, this one included; used only while the data directory is empty. */
  readonly initialCluster: readonly InitialMember[];
  /** `new`: found a cluster of exactly these members. `existing`: one of the others knows this member already. */
  readonly initialClusterState: 'new' | 'existing';
  readonly initialClusterToken: string;
  /** Go on alone with the data that is there: everybody else is removed, what was not committed is dropped. Unsafe while others live. */
  readonly forceNewCluster?: boolean;
  /** The version that is reported to clients. */
  readonly serverVersion: string;
  readonly tickMs?: number;
  readonly electionTicks?: number;
  /** Ask before an election whether it can be won; true unless given. */
  readonly preVote?: boolean;
  readonly heartbeatTicks?: number;
  /** Bytes of live data at which writes are refused; 0: no bound. Reported in the status. */
  readonly quotaBytes?: number;
  /** The newest format of commands that it understands, as of an older version: so tests can run two side by side. COMMAND_FORMAT unless given. */
  readonly format?: number;
  /** The newest format of data directories that it reads and writes, likewise. DIRECTORY_FORMAT unless given. */
  readonly directoryFormat?: number;
  /** None: history is kept until a client compacts it. */
  readonly autoCompaction?: AutoCompaction;
  /** Comparisons of what lies in the members' backends; none unless given. */
  readonly corruptChecks?: CorruptChecks;
  /** Refuse changes of members that would endanger the quorum; true unless given. */
  readonly strictReconfigCheck?: boolean;
  /** MAX_TXN_OPS unless given. */
  readonly maxTxnOps?: number;
  readonly watchProgressIntervalMs?: number;
  /** DEFAULT_AUTH unless given. */
  readonly auth?: MemberAuthConfig;
  /** Replaces parts of MEMBER_LIMITS, for tests of what happens at the bounds. */
  readonly limits?: Partial<MemberLimits>;
  /** Replaces parts of WATCH_LIMITS, for the same purpose. */
  readonly watchLimits?: Partial<WatchLimits>;
  /** Replaces parts of RAFT_DEFAULTS, for the same purpose. */
  readonly raftLimits?: { readonly maxMessageBytes: number };
}

/** When a member compares the rows of its backend with those of the others; reads all of them each time. 0: never. */
export interface CorruptChecks {
  /** Before it takes part. */
  readonly initial: boolean;
  /** At its current revision. */
  readonly everyMs: number;
  /** At the compact revision, when that is another one than the last time. */
  readonly compactedEveryMs: number;
}

/** How clients show who they are once authentication is enabled. */
export interface MemberAuthConfig {
  readonly tokens: TokenConfig;
  /** bcrypt's: each one more doubles the work of hashing a password. 4 to 31. */
  readonly bcryptCost: number;
}

/** `simple`: random, known to every member for as long as it is used. `jwt`: signed, and known to nobody. Times in milliseconds. */
export type TokenConfig =
  | { readonly type: 'simple'; readonly ttlMs: number }
  | {
      readonly type: 'jwt';
      /** A name of RFC 7518: HS256, RS256, PS256, ES256, EdDSA ... */
      readonly signMethod: string;
      readonly ttlMs: number;
      readonly verifyKey: KeyObject;
      /** Without it tokens are accepted, but come from elsewhere. */
      readonly signKey?: KeyObject;
    };

/** The defaults of etcd. */
export const DEFAULT_AUTH: MemberAuthConfig = { tokens: { type: 'simple', ttlMs: 300_000 }, bcryptCost: 10 };

export interface InitialMember {
  readonly name: string;
  readonly peerUrls: readonly string[];
}

/** The bounds that a test may tighten; see limits.ts. */
export interface MemberLimits {
  readonly compactEveryEntries: number;
  readonly compactEveryBytes: number;
  readonly catchUpEntries: number;
  readonly requestTimeoutMs: number;
  readonly maxPendingProposals: number;
  readonly maxApplyGap: number;
  readonly maxWaitingReads: number;
  readonly patientWatchers: number;
  readonly maxRequestBytes: number;
  readonly spaceCheckMs: number;
  readonly checkpointKeys: number;
  readonly stateHashMs: number;
  readonly sweepRows: number;
  readonly clearAlarmMs: number;
  readonly minFreeDiskBytes: number;
  /** Of the log's files; storage/wal/limits.ts unless given. */
  readonly walSegmentBytes?: number;
  readonly walAllocateStepBytes?: number;
}

/** Every time that follows from the configuration, in milliseconds. */
export interface MemberTimes {
  readonly tickMs: number;
  readonly electionMs: number;
  readonly requestTimeoutMs: number;
  /** The least TTL of a lease, in seconds. Source: etcd server.go, minTTL = ceil(3 x election timeout / 2). */
  readonly minLeaseSeconds: number;
  readonly progressIntervalMs: number;
}

/** The defaults of etcd: 100 ms ticks, 1 s elections, progress notifications every 10 minutes. */
export function timesOf(config: MemberConfig, limits: MemberLimits): MemberTimes {
  const tickMs = config.tickMs ?? 100;
  const electionMs = tickMs * (config.electionTicks ?? RAFT_DEFAULTS.electionTicks);
  return {
    tickMs,
    electionMs,
    requestTimeoutMs: limits.requestTimeoutMs + 2 * electionMs,
    minLeaseSeconds: Math.ceil((1.5 * electionMs) / 1000),
    progressIntervalMs: config.watchProgressIntervalMs ?? 600_000,
  };
}

/** The `host:port` of a peer URL. Errors: INTERNAL with a text for the operator. */
export function peerAddressOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) {
    throw new StoreError('INTERNAL', `"${url}" is not a peer URL such as http://10.0.0.1:2380`);
  }
  const port = parsed.port === '' ? (parsed.protocol === 'https:' ? '443' : '80') : parsed.port;
  return `${parsed.hostname}:${port}`;
}
