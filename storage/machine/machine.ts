import type { Index, MemberId, Revision } from '../../base/brand.ts';
import type { StoreError } from '../../base/store-error.ts';
import type {
  CompactionResponse,
  DeleteRangeResponse,
  Event,
  LeaseGrantResponse,
  LeaseRevokeResponse,
  Member,
  PutResponse,
  RangeRequest,
  TxnResponse,
} from '../../proto/gen/etcd.ts';
import type { ConfState, Entry } from '../../raft/types.ts';
import type { BackendOp } from '../backend/backend.ts';

/** One change, ready to be matched against watchers: `key` is the byte string of the key inside `event.kv`. */
export interface StoreEvent {
  readonly key: string;
  /** `prevKv` is always filled when there was a previous value; the watch room drops it for watchers that did not ask. */
  readonly event: Event;
}

/** What a command came to. Headers inside carry only `revision`; the member fills ids and term. */
export type Outcome =
  | { readonly type: 'put'; readonly response: PutResponse }
  | { readonly type: 'deleteRange'; readonly response: DeleteRangeResponse }
  | { readonly type: 'txn'; readonly response: TxnResponse }
  | { readonly type: 'compact'; readonly response: CompactionResponse }
  | { readonly type: 'leaseGrant'; readonly response: LeaseGrantResponse }
  | { readonly type: 'leaseRevoke'; readonly response: LeaseRevokeResponse }
  | { readonly type: 'member'; readonly members: readonly Member[]; readonly conf: ConfState }
  | { readonly type: 'none' }
  | { readonly type: 'error'; readonly error: StoreError };

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
}

/** A revision in the backend: `main` of the transaction, `sub` its place inside it. */
export interface RevisionPair {
  readonly main: number;
  readonly sub: number;
}

/** A Range answered in two steps: what memory holds is there, the rest is named so that the driver can fetch it in one batch. */
export type RangePlan =
  | { readonly type: 'error'; readonly error: StoreError }
  | {
      readonly type: 'ready';
      readonly kvs: readonly Uint8Array[];
      readonly more: boolean;
      readonly count: number;
      readonly revision: Revision;
    }
  | {
      readonly type: 'fetch';
      readonly revisions: readonly RevisionPair[];
      /** Continues with the encoded KeyValues of `revisions`, in their order. */
      readonly finish: (values: readonly Uint8Array[]) => Extract<RangePlan, { type: 'ready' }>;
    };

/**
 * The replicated state machine: the same entries give the same state on every member, whatever their timing. Pure: no clock,
 * no dice, no I/O; `apply` never throws for any bytes a proposer could have committed.
 */
export interface Machine {
  readonly applied: Index;
  readonly revision: Revision;
  readonly compactRevision: Revision;

  /** Old values that apply() of this entry will want, to be fetched by the driver first (empty nearly always). */
  needs(entry: Entry): readonly RevisionPair[];
  /** `values`: what needs() asked for, in order. The machine keeps copies of what it needs of entry.data. */
  apply(entry: Entry, values: readonly Uint8Array[]): Applied;
  /** The backend writes of everything applied since the last call, the applied index among them: one batch. */
  takeWrites(): readonly BackendOp[];

  range(request: RangeRequest): RangePlan;
  /** The revisions in [from, to] that touch [key, rangeEnd), for a watcher that catches up: events are rebuilt from the values. */
  history(from: Revision, to: Revision, limitRevisions: number): readonly RevisionPair[];

  /** Deletes of superseded revisions still owed after a compaction, at most `maxKeys`; undefined when none are. */
  compactionStep(maxKeys: number): readonly BackendOp[] | undefined;

  lease(id: bigint): { readonly grantedTtlSeconds: number; readonly keys: readonly string[] } | undefined;
  leaseIds(): readonly bigint[];
  members(): readonly Member[];
  conf(): ConfState;
  isMemberRemoved(id: MemberId): boolean;

  /** Live keys and their bytes, for quota and status. */
  size(): { readonly keys: number; readonly liveBytes: number };
}
