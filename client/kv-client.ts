import type { CancelSignal } from '../base/cancel.ts';
import type {
  CompactionRequest,
  CompactionResponse,
  DeleteRangeRequest,
  DeleteRangeResponse,
  HashKVResponse,
  HashResponse,
  LeaseGrantRequest,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseRevokeRequest,
  LeaseRevokeResponse,
  LeaseTimeToLiveRequest,
  LeaseTimeToLiveResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  SnapshotResponse,
  StatusResponse,
  TxnRequest,
  TxnResponse,
  WatchCreateRequest,
  WatchResponse,
} from '../proto/gen/etcd.ts';
import type { ClusterClient } from './cluster-client.ts';

export interface CallOptions {
  /** Gives up waiting; a write's outcome is then unknown. Errors: REQUEST_CANCELED, DEADLINE_EXCEEDED. */
  readonly signal?: CancelSignal;
  readonly timeoutMs?: number;
  /**
   * Of a read: a server that has not answered by then is left for another one, which gets longer each time round. Of several servers one that stands
   * still then costs a read this much, and not its whole time.
   */
  readonly attemptTimeoutMs?: number;
  /** In whose name, where that is asked. */
  readonly credentials?: CallCredentials;
}

/** How a client shows who it is. */
export interface CallCredentials {
  /** What Authenticate gave it. */
  readonly token?: string;
  /** The common name in its certificate, which was verified. A token counts more. */
  readonly certificateName?: string;
}

/**
 * One stream of many watchers, as the etcd API has it: `created` comes before any event of a watcher, all events of a
 * revision come together (unless `fragment`), and a consumer that does not pull slows only itself.
 */
export interface WatchStream {
  /** Starts a watcher; the response with `created` carries its id. */
  create(request: WatchCreateRequest): void;
  cancel(watchId: number): void;
  /** Asks for one response with watch id -1, sent when every watcher of the stream is synced. */
  requestProgress(): void;
  /** The responses that are ready, at least one; `undefined` when the stream has ended. One call at a time. Errors: StoreError. */
  next(): Promise<readonly WatchResponse[] | undefined>;
  close(): void;
}

/** What `rpc/` and `apiserver/` see of the store: local in a member's process, or etcd v3 over gRPC. Errors are StoreError. */
export interface KvClient extends ClusterClient {
  range(request: RangeRequest, options?: CallOptions): Promise<RangeResponse>;
  /**
   * The same in pieces, at one revision: `kvs` are disjoint and in key order, `header`, `more` and `count` come with the last. A piece is
   * read when the one before was taken. Errors besides those of `range`: UNIMPLEMENTED for orders and filters, and by etcd before 3.7.
   */
  rangeStream(request: RangeRequest, options?: CallOptions): AsyncIterable<RangeResponse>;
  put(request: PutRequest, options?: CallOptions): Promise<PutResponse>;
  deleteRange(request: DeleteRangeRequest, options?: CallOptions): Promise<DeleteRangeResponse>;
  txn(request: TxnRequest, options?: CallOptions): Promise<TxnResponse>;
  compact(request: CompactionRequest, options?: CallOptions): Promise<CompactionResponse>;
  /** `requireLeader`: refuse and end with NO_LEADER while the member has no leader (metadata `hasleader`). */
  watch(options?: { readonly requireLeader?: boolean; readonly credentials?: CallCredentials }): WatchStream;
  leaseGrant(request: LeaseGrantRequest, options?: CallOptions): Promise<LeaseGrantResponse>;
  leaseRevoke(request: LeaseRevokeRequest, options?: CallOptions): Promise<LeaseRevokeResponse>;
  /** Renews once; a missing lease answers TTL 0. */
  leaseKeepAlive(id: bigint, options?: CallOptions): Promise<LeaseKeepAliveResponse>;
  leaseTimeToLive(request: LeaseTimeToLiveRequest, options?: CallOptions): Promise<LeaseTimeToLiveResponse>;
  leaseLeases(options?: CallOptions): Promise<LeaseLeasesResponse>;
  status(options?: CallOptions): Promise<StatusResponse>;
  hashKv(request: { readonly revision: number }, options?: CallOptions): Promise<HashKVResponse>;
  /** Of everything that a snapshot of the member would hold now but its place in the log; for tests, as in etcd. */
  hash(options?: CallOptions): Promise<HashResponse>;
  /**
   * The store of one member, at one moment, as an etcd snapshot file in pieces; the last is the 32-byte SHA-256 of the others. Nothing is
   * made before it is asked for: break off, or end the iterator, to stop. Without `timeoutMs` it may take as long as it takes.
   */
  snapshot(options?: CallOptions): AsyncIterable<SnapshotResponse>;
  close(): Promise<void>;
}
