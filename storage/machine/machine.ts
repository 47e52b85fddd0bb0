import type { Index, MemberId, Revision, Term } from '../../base/brand.ts';
import type { StoreError } from '../../base/store-error.ts';
import type { CommandBody } from '../../proto/command.ts';
import type { Identity } from '../../proto/gen/command.ts';
import type {
  CompactionResponse,
  DeleteRangeResponse,
  Event,
  LeaseGrantResponse,
  LeaseRevokeResponse,
  Member,
  RangeRequest,
  TxnRequest,
  TxnResponse,
} from '../../proto/gen/etcd.ts';
import type { ConfChange, ConfState, Entry } from '../../raft/types.ts';
import type { AuthStore } from '../auth/auth-store.ts';
import type { BackendOp, Keyspace } from '../backend/backend.ts';
import type { CheckpointBlock, StoredBlock } from '../mvcc/checkpoint.ts';
import type { HashKv } from '../mvcc/hash.ts';
import type { HistoryRow } from '../mvcc/history.ts';
import type { RangeAnswer, RevisionPair } from '../mvcc/range.ts';
import type { TxnPlan } from '../mvcc/txn.ts';
import type { ActiveAlarm } from './alarms.ts';
import type { StateHashView } from './state-hash.ts';

export type { CheckpointBlock, StoredBlock } from '../mvcc/checkpoint.ts';
export type { HashKv } from '../mvcc/hash.ts';
export type { HistoryRow } from '../mvcc/history.ts';
export type { RevisionPair } from '../mvcc/range.ts';
export type { StoredBytes } from '../mvcc/slabs.ts';
export type { TxnPlan } from '../mvcc/txn.ts';
export type { ActiveAlarm } from './alarms.ts';

/** One change, ready to be matched against watchers: `key` is the byte string of the key inside `event.kv`. */
export interface StoreEvent {
  readonly key: string;
  /** `prevKv` is always filled when there was a previous value; the watch room drops it for watchers that did not ask. */
  readonly event: Event;
}

/** What a command came to. Headers inside carry only `revision`; the member fills ids and term. */
export type Outcome =
  /** Its revision is the store's after this entry. */
  | { readonly type: 'put'; readonly prevKv: Uint8Array | undefined }
  | { readonly type: 'deleteRange'; readonly response: DeleteRangeResponse }
  | { readonly type: 'txn'; readonly response: TxnResponse }
  | { readonly type: 'compact'; readonly response: CompactionResponse }
  | { readonly type: 'leaseGrant'; readonly response: LeaseGrantResponse }
  | { readonly type: 'leaseRevoke'; readonly response: LeaseRevokeResponse }
  | { readonly type: 'member'; readonly members: readonly Member[]; readonly conf: ConfState }
  | { readonly type: 'alarm'; readonly alarms: readonly ActiveAlarm[] }
  /** Users, roles or permissions; the answer says no more than that. */
  | { readonly type: 'auth' }
  | { readonly type: 'none' }
  | { readonly type: 'error'; readonly error: StoreError };

/** What members must know of tokens, which are no replicated state. */
export type AuthFact =
  /** Whoever shows the token with this digest is the user. */
  | { readonly type: 'token'; readonly user: string; readonly digest: string }
  /** The user's password is another one, or the user is gone. */
  | { readonly type: 'tokensVoid'; readonly user: string }
  | { readonly type: 'disabled' };

export interface Applied {
  readonly index: Index;
  /** The proposer's id of the command, 0n for entries that carry none (a new leader's empty entry). */
  readonly commandId: bigint;
  readonly outcome: Outcome;
  /** The store's revision after this entry. */
  readonly revision: Revision;
  /** All of one revision; empty when nothing changed. */
  readonly events: readonly StoreEvent[];
  /** Facts about leases for the leader's deadlines. */
  readonly leases: readonly (
    | { readonly type: 'granted'; readonly id: bigint; readonly ttlSeconds: number }
    | { readonly type: 'revoked'; readonly id: bigint }
  )[];
  readonly auth: AuthFact | undefined;
  /** This member's own state is not that of the majority: it must not serve it. */
  readonly diverged: Divergence | undefined;
}

/** The hashes of this member and of the majority at the mark with the index `mark`. */
export interface Divergence {
  readonly mark: number;
  readonly own: number;
  readonly majority: number;
}

/**
 * A Range answered in two steps: what memory holds is there, the rest is named so that the driver can fetch it in one batch
 * and continue with `finish`. Fetch only when everything that `takeWrites` gave (take first!) has been written; a value
 * that is missing then was compacted meanwhile: COMPACTED.
 */
export type RangePlan = RangeAnswer;

/**
 * The replicated state machine: the same entries give the same state on every member, whatever their timing. Pure: no clock,
 * no dice, no I/O; `apply` never throws for any bytes a proposer could have committed.
 */
export interface Machine {
  readonly applied: Index;
  /** Of the entry at `applied`. */
  readonly appliedTerm: Term;
  readonly revision: Revision;
  /** 0: nothing was ever compacted. */
  readonly compactRevision: Revision;
  /** The newest format of commands that may be proposed: all members understand it. */
  readonly clusterFormat: number;
  readonly stateHash: StateHashView;

  /**
   * Old values that apply() of this entry will want, to be fetched by the driver first (empty nearly always): as a
   * RangePlan's, after everything taken was written. To be asked right before apply() of the same entry.
   */
  needs(entry: Entry): readonly RevisionPair[];
  /** `values`: what needs() asked for, in order. The machine keeps copies of what it needs of entry.data. */
  apply(entry: Entry, values: readonly Uint8Array[]): Applied;
  /**
   * `conf` entries: tells what the driver must hand to raft's applyConfChange, the entry's change or, when the machine has
   * refused it, one that raft refuses too. To be asked right after apply(); undefined after other entries.
   */
  confChange(): ConfChange | undefined;
  /** The backend writes of everything applied since the last call, the applied index among them: one batch. */
  takeWrites(): readonly BackendOp[];

  range(request: RangeRequest): RangePlan;
  /** A transaction of which isReadOnlyTxn (storage/mvcc/txn.ts) is true, without the log. */
  readTxn(request: TxnRequest): TxnPlan;
  /**
   * The changes of revisions [from, to], oldest first, for a watcher that catches up; at most `limitRevisions` revisions,
   * each whole; only keys in [key, rangeEnd) when a range is given. Values are fetched as for a RangePlan.
   */
  history(
    from: Revision,
    to: Revision,
    limitRevisions: number,
    range?: { readonly key: string; readonly rangeEnd: string },
  ): readonly HistoryRow[];
  /** Starts HashKV at a revision (0: current); the driver streams the rows. Errors: COMPACTED, FUTURE_REVISION. */
  hashKv(revision: number): HashKv | { readonly error: StoreError };

  /**
   * Deletes of superseded revisions still owed after a compaction, about `maxKeys` of them; undefined when none are.
   * An empty batch only means that there is more to look at. They must be written after all writes taken before.
   */
  compactionStep(maxKeys: number): readonly BackendOp[] | undefined;
  /**
   * Whether there is still use for this row of the `revision` keyspace. One that is not wanted may be deleted when all that are before it are, too,
   * and its revision is not above a compact revision for which no step is owed any more: then no key comes back.
   */
  isWanted(key: Uint8Array, value: Uint8Array): boolean;

  lease(id: bigint): { readonly grantedTtlSeconds: number; readonly keys: readonly string[] } | undefined;
  leaseIds(): readonly bigint[];
  /** Why a command in the name of `identity` would not be permitted now. Errors (as a value): those of storage/auth/authorize.ts. */
  forbids(identity: Identity | undefined, body: CommandBody): StoreError | undefined;
  /** Users, roles and permissions: to be read, never changed but by apply(). */
  readonly auth: AuthStore;
  members(): readonly Member[];
  conf(): ConfState;
  isMemberRemoved(id: MemberId): boolean;

  /** Active alarms of a type (AlarmType.NONE: of all), by type, then by member. */
  alarms(type: number): readonly ActiveAlarm[];
  /** Why a command would not be applied now if its proposer allowed `quotaBytes` (0: no bound). Errors (as a value): NO_SPACE, CORRUPT. */
  refusal(body: CommandBody, quotaBytes: number): StoreError | undefined;

  /** Undefined while a compaction is not done: what it still owes is known to memory alone. */
  checkpoint(): Checkpoint | undefined;

  /** Live keys and their bytes, for status; `usedBytes` is what counts towards the quota. */
  size(): { readonly keys: number; readonly liveBytes: number; readonly usedBytes: number };
}

/**
 * Builds a machine from a backend's rows. Keyspaces come in the order of RESTORE_ORDER, rows in byte order of the key.
 * Errors: StoreError CORRUPT, naming the row that cannot be.
 */
export interface MachineRestore {
  row(space: Keyspace, key: Uint8Array, value: Uint8Array): void;
  /** What the rows of `meta` say was applied. */
  readonly applied: { readonly index: number; readonly term: number };
  /**
   * From here on blocks come instead of the rows of `revision`. False, and nothing has changed, when they are not of the state that the rows
   * before are of.
   */
  beginBlocks(of: CheckpointOf): boolean;
  /** Errors: CORRUPT when there can be no such block. */
  block(block: StoredBlock): void;
  finish(): Machine;
}

/** Which state a checkpoint is of. */
export interface CheckpointOf {
  readonly applied: number;
  readonly appliedTerm: number;
  readonly revision: number;
  readonly compactRevision: number;
}

/** The revisions of a state as they are in memory, to be taken before anything more is applied. */
export interface Checkpoint extends CheckpointOf {
  readonly blocks: Iterable<CheckpointBlock>;
}

/** Leases and the compact revision must be known before the revisions that refer to them. */
export const RESTORE_ORDER = [
  'meta',
  'member',
  'alarm',
  'auth',
  'lease',
  'revision',
] as const satisfies readonly Keyspace[];
