import type { CancelSignal } from '../base/cancel.ts';
import { StoreError } from '../base/store-error.ts';
import {
  AlarmAction,
  type AlarmRequest,
  type AlarmResponse,
  ClusterService,
  type CompactionRequest,
  type CompactionResponse,
  type DefragmentResponse,
  type DeleteRangeRequest,
  type DeleteRangeResponse,
  type DowngradeRequest,
  type DowngradeResponse,
  type HashKVResponse,
  type HashResponse,
  KVService,
  type LeaseGrantRequest,
  type LeaseGrantResponse,
  type LeaseKeepAliveResponse,
  type LeaseLeasesResponse,
  type LeaseRevokeRequest,
  type LeaseRevokeResponse,
  LeaseService,
  type LeaseTimeToLiveRequest,
  type LeaseTimeToLiveResponse,
  MaintenanceService,
  type MemberAddRequest,
  type MemberAddResponse,
  type MemberListResponse,
  type MemberPromoteRequest,
  type MemberPromoteResponse,
  type MemberRemoveRequest,
  type MemberRemoveResponse,
  type MemberUpdateRequest,
  type MemberUpdateResponse,
  type MoveLeaderRequest,
  type MoveLeaderResponse,
  type PutRequest,
  type PutResponse,
  type RangeRequest,
  type RangeResponse,
  type RequestOp,
  type SnapshotResponse,
  type StatusResponse,
  type TxnRequest,
  type TxnResponse,
  WatchService,
} from '../proto/gen/etcd.ts';
import type { Method } from '../proto/method.ts';
import type { ClientTls } from './channel.ts';
import { Credentials } from './credentials.ts';
import { type Endpoint, Endpoints } from './endpoints.ts';
import { type CallContext, CallError, callOnce, callUnary, deadlineOf, responsesOf } from './grpc-call.ts';
import { type CallEvents, GrpcStream } from './grpc-stream.ts';
import { GrpcWatchStream } from './grpc-watch.ts';
import type { CallCredentials, CallOptions, KvClient, WatchStream } from './kv-client.ts';
import { CLIENT_LIMITS } from './limits.ts';
import { GrpcCode } from './status.ts';

export interface KvClientOptions {
  /** `http://host:port`, `https://host:port` or `host:port`; at least one. */
  readonly endpoints: readonly string[];
  readonly tls?: ClientTls;
  /** For clusters with authentication. */
  readonly user?: { readonly username: string; readonly password: string };
}

/**
 * A client of any etcd v3 cluster. Connects when first used. Reads are repeated on another endpoint while the cluster
 * answers Unavailable; writes only when they surely were not processed, as etcd's own client does.
 */
export function connectKvClient(options: KvClientOptions): KvClient {
  return new GrpcKvClient(options);
}

/** A read may be repeated; a write whose outcome is unknown may not. */
type Repeatable = 'read' | 'write';

class GrpcKvClient implements KvClient {
  readonly #endpoints: Endpoints;
  readonly #credentials: Credentials;
  readonly #streams = new Set<GrpcWatchStream>();
  #closed = false;

  constructor(options: KvClientOptions) {
    this.#endpoints = new Endpoints(options.endpoints, options.tls);
    this.#credentials = new Credentials(options.user);
  }

  range(request: RangeRequest, options?: CallOptions): Promise<RangeResponse> {
    return this.#unary(KVService.Range, request, 'read', options);
  }

  /** A stream that broke off has to be begun anew, which is the caller's to decide: it has taken a part. */
  async *rangeStream(request: RangeRequest, options?: CallOptions): AsyncGenerator<RangeResponse, void> {
    for await (const { rangeResponse } of this.#responses(KVService.RangeStream, request, options)) {
      if (rangeResponse !== undefined) yield rangeResponse;
    }
  }

  put(request: PutRequest, options?: CallOptions): Promise<PutResponse> {
    return this.#unary(KVService.Put, request, 'write', options);
  }

  deleteRange(request: DeleteRangeRequest, options?: CallOptions): Promise<DeleteRangeResponse> {
    return this.#unary(KVService.DeleteRange, request, 'write', options);
  }

  txn(request: TxnRequest, options?: CallOptions): Promise<TxnResponse> {
    return this.#unary(KVService.Txn, request, onlyReads(request) ? 'read' : 'write', options);
  }

  compact(request: CompactionRequest, options?: CallOptions): Promise<CompactionResponse> {
    return this.#unary(KVService.Compact, request, 'write', options);
  }

  watch(options?: { readonly requireLeader?: boolean; readonly credentials?: CallCredentials }): WatchStream {
    const stream = new GrpcWatchStream(
      (events) => this.#openWatch(options ?? {}, events),
      () => this.#streams.delete(stream),
    );
    this.#streams.add(stream);
    return stream;
  }

  leaseGrant(request: LeaseGrantRequest, options?: CallOptions): Promise<LeaseGrantResponse> {
    return this.#unary(LeaseService.LeaseGrant, request, 'write', options);
  }

  leaseRevoke(request: LeaseRevokeRequest, options?: CallOptions): Promise<LeaseRevokeResponse> {
    return this.#unary(LeaseService.LeaseRevoke, request, 'write', options);
  }

  leaseKeepAlive(id: bigint, options?: CallOptions): Promise<LeaseKeepAliveResponse> {
    return this.#repeat('read', options, (endpoint, context) =>
      callOnce(endpoint.channel, LeaseService.LeaseKeepAlive, { ID: id }, context),
    );
  }

  leaseTimeToLive(request: LeaseTimeToLiveRequest, options?: CallOptions): Promise<LeaseTimeToLiveResponse> {
    return this.#unary(LeaseService.LeaseTimeToLive, request, 'read', options);
  }

  leaseLeases(options?: CallOptions): Promise<LeaseLeasesResponse> {
    return this.#unary(LeaseService.LeaseLeases, {}, 'read', options);
  }

  memberList(request: { readonly linearizable: boolean }, options?: CallOptions): Promise<MemberListResponse> {
    return this.#unary(ClusterService.MemberList, request, 'read', options);
  }

  memberAdd(request: MemberAddRequest, options?: CallOptions): Promise<MemberAddResponse> {
    return this.#unary(ClusterService.MemberAdd, request, 'write', options);
  }

  memberRemove(request: MemberRemoveRequest, options?: CallOptions): Promise<MemberRemoveResponse> {
    return this.#unary(ClusterService.MemberRemove, request, 'write', options);
  }

  memberUpdate(request: MemberUpdateRequest, options?: CallOptions): Promise<MemberUpdateResponse> {
    return this.#unary(ClusterService.MemberUpdate, request, 'write', options);
  }

  memberPromote(request: MemberPromoteRequest, options?: CallOptions): Promise<MemberPromoteResponse> {
    return this.#unary(ClusterService.MemberPromote, request, 'write', options);
  }

  moveLeader(request: MoveLeaderRequest, options?: CallOptions): Promise<MoveLeaderResponse> {
    return this.#unary(MaintenanceService.MoveLeader, request, 'write', options);
  }

  alarm(request: AlarmRequest, options?: CallOptions): Promise<AlarmResponse> {
    return this.#unary(
      MaintenanceService.Alarm,
      request,
      request.action === AlarmAction.GET ? 'read' : 'write',
      options,
    );
  }

  defragment(options?: CallOptions): Promise<DefragmentResponse> {
    return this.#unary(MaintenanceService.Defragment, {}, 'write', options);
  }

  downgrade(request: DowngradeRequest, options?: CallOptions): Promise<DowngradeResponse> {
    return this.#unary(MaintenanceService.Downgrade, request, 'write', options);
  }

  status(options?: CallOptions): Promise<StatusResponse> {
    return this.#unary(MaintenanceService.Status, {}, 'read', options);
  }

  hashKv(request: { readonly revision: number }, options?: CallOptions): Promise<HashKVResponse> {
    return this.#unary(MaintenanceService.HashKV, request, 'read', options);
  }

  hash(options?: CallOptions): Promise<HashResponse> {
    return this.#unary(MaintenanceService.Hash, {}, 'read', options);
  }

  /** A snapshot that broke off has to be begun anew, which is the caller's to decide: it is of another moment then. */
  snapshot(options?: CallOptions): AsyncGenerator<SnapshotResponse, void> {
    return this.#responses(MaintenanceService.Snapshot, {}, options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stream of this.#streams) stream.close();
    this.#endpoints.close();
  }

  #unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    repeatable: Repeatable,
    options: CallOptions | undefined,
  ): Promise<Response> {
    return this.#repeat(repeatable, options, (endpoint, context) =>
      callUnary(endpoint.channel, method, request, context),
    );
  }

  /** What answers with a stream: from one endpoint, as long as it takes unless a time is given. */
  async *#responses<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions | undefined,
  ): AsyncGenerator<Response, void> {
    if (this.#closed) throw new StoreError('STOPPED', 'the client is closed');
    const deadlineMs = options?.timeoutMs === undefined ? undefined : deadlineOf(options, options.timeoutMs);
    const { channel } = this.#endpoints.pick('other');
    try {
      const metadata = await this.#credentials.metadata(channel, options?.credentials);
      yield* responsesOf(channel, method, request, { metadata, deadlineMs, signal: options?.signal });
    } catch (error) {
      throw error instanceof CallError ? error.storeError : error;
    }
  }

  async #repeat<Response>(
    repeatable: Repeatable,
    options: CallOptions | undefined,
    call: (endpoint: Endpoint, context: CallContext) => Promise<Response>,
  ): Promise<Response> {
    const deadlineMs = deadlineOf(options, CLIENT_LIMITS.defaultTimeoutMs);
    const signal = options?.signal;
    for (let attempt = 1; ; attempt++) {
      if (this.#closed) throw new StoreError('STOPPED', 'the client is closed');
      if (signal?.aborted) throw new StoreError('REQUEST_CANCELED');
      const patience = repeatable === 'read' ? this.#patienceOf(attempt, options) : undefined;
      const endpoint = this.#endpoints.pick(patience === undefined ? 'other' : 'trial');
      try {
        const known = this.#credentials.metadata(endpoint.channel, options?.credentials);
        const metadata = known instanceof Promise ? await known : known;
        const response = await call(endpoint, {
          metadata,
          deadlineMs: Math.min(deadlineMs, patience ?? deadlineMs),
          signal,
        });
        endpoint.suspectSinceMs = undefined;
        return response;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        const ranOut = patience !== undefined && error.grpcCode === GrpcCode.DEADLINE_EXCEEDED;
        if (ranOut) endpoint.suspectSinceMs = Date.now();
        const mayRepeat = ranOut || this.#mayRepeat(error, repeatable, options?.credentials);
        const again = mayRepeat && attempt < CLIENT_LIMITS.maxAttempts;
        if (!again || Date.now() >= deadlineMs) throw error.storeError;
      }
      // Each endpoint gets one chance before the first wait.
      if (attempt >= this.#endpoints.count) await backoff(attempt - this.#endpoints.count, deadlineMs, signal);
    }
  }

  /** Until when one attempt of a read may take: twice as long each time round, so that a store that is only slow is waited for in the end. */
  #patienceOf(attempt: number, options: CallOptions | undefined): number | undefined {
    if (options?.attemptTimeoutMs === undefined || this.#endpoints.count < 2) return undefined;
    const round = Math.floor((attempt - 1) / this.#endpoints.count);
    return Date.now() + options.attemptTimeoutMs * 2 ** round;
  }

  #mayRepeat(error: CallError, repeatable: Repeatable, credentials: CallCredentials | undefined): boolean {
    // A token that came with the call is not ours to renew.
    if (credentials?.token === undefined && this.#credentials.forgetStale(error.message)) return true;
    return error.grpcCode === GrpcCode.UNAVAILABLE && (repeatable === 'read' || error.notSent);
  }

  async #openWatch(
    {
      requireLeader = false,
      credentials,
    }: { readonly requireLeader?: boolean; readonly credentials?: CallCredentials },
    events: CallEvents,
  ): Promise<GrpcStream> {
    if (this.#closed) throw new StoreError('STOPPED', 'the client is closed');
    const { channel } = this.#endpoints.pick('other');
    try {
      const known = await this.#credentials.metadata(channel, credentials);
      const metadata = requireLeader ? [...known, ['hasleader', 'true'] as const] : known;
      return new GrpcStream(channel, { path: WatchService.Watch.path, metadata, deadlineMs: undefined }, events);
    } catch (error) {
      throw error instanceof CallError ? error.storeError : error;
    }
  }
}

/** A transaction that writes nothing may be repeated like a read. */
function onlyReads(request: TxnRequest): boolean {
  const isRead = (op: RequestOp): boolean =>
    op.request?.case === 'requestRange' || (op.request?.case === 'requestTxn' && onlyReads(op.request.requestTxn));
  return request.success.every(isRead) && request.failure.every(isRead);
}

function backoff(round: number, deadlineMs: number, signal: CancelSignal | undefined): Promise<void> {
  const wanted = Math.min(CLIENT_LIMITS.firstBackoffMs * 2 ** Math.min(round, 20), CLIENT_LIMITS.maxBackoffMs);
  const waitMs = Math.max(0, Math.min(wanted, deadlineMs - Date.now()));
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    signal?.addEventListener('abort', done, { once: true });
  });
}
