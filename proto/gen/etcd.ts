// The types of the etcd v3 API as they are in memory. Replaced by the generator's output (same names, same shapes).

export interface ResponseHeader { readonly clusterId: bigint; readonly memberId: bigint; readonly revision: number; readonly raftTerm: number }

export interface KeyValue {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  readonly value: Uint8Array;
  readonly lease: bigint;
}

export const SortOrder = { NONE: 0, ASCEND: 1, DESCEND: 2 } as const;
export const SortTarget = { KEY: 0, VERSION: 1, CREATE: 2, MOD: 3, VALUE: 4 } as const;

export interface RangeRequest {
  readonly key: string; readonly rangeEnd: string; readonly limit: number; readonly revision: number;
  readonly sortOrder: number; readonly sortTarget: number; readonly serializable: boolean;
  readonly keysOnly: boolean; readonly countOnly: boolean;
  readonly minModRevision: number; readonly maxModRevision: number;
  readonly minCreateRevision: number; readonly maxCreateRevision: number;
}
export interface RangeResponse { readonly header: ResponseHeader | undefined; readonly kvs: readonly Uint8Array[]; readonly more: boolean; readonly count: number }

export interface PutRequest {
  readonly key: string; readonly value: Uint8Array; readonly lease: bigint;
  readonly prevKv: boolean; readonly ignoreValue: boolean; readonly ignoreLease: boolean;
}
export interface PutResponse { readonly header: ResponseHeader | undefined; readonly prevKv: Uint8Array | undefined }

export interface DeleteRangeRequest { readonly key: string; readonly rangeEnd: string; readonly prevKv: boolean }
export interface DeleteRangeResponse { readonly header: ResponseHeader | undefined; readonly deleted: number; readonly prevKvs: readonly Uint8Array[] }

export const CompareResult = { EQUAL: 0, GREATER: 1, LESS: 2, NOT_EQUAL: 3 } as const;
export const CompareTarget = { VERSION: 0, CREATE: 1, MOD: 2, VALUE: 3, LEASE: 4 } as const;
export interface Compare {
  readonly result: number; readonly target: number; readonly key: string; readonly rangeEnd: string;
  readonly targetUnion:
    | { readonly case: 'version'; readonly version: number }
    | { readonly case: 'createRevision'; readonly createRevision: number }
    | { readonly case: 'modRevision'; readonly modRevision: number }
    | { readonly case: 'value'; readonly value: Uint8Array }
    | { readonly case: 'lease'; readonly lease: bigint }
    | undefined;
}
export interface RequestOp {
  readonly request:
    | { readonly case: 'requestRange'; readonly requestRange: RangeRequest }
    | { readonly case: 'requestPut'; readonly requestPut: PutRequest }
    | { readonly case: 'requestDeleteRange'; readonly requestDeleteRange: DeleteRangeRequest }
    | { readonly case: 'requestTxn'; readonly requestTxn: TxnRequest }
    | undefined;
}
export interface ResponseOp {
  readonly response:
    | { readonly case: 'responseRange'; readonly responseRange: RangeResponse }
    | { readonly case: 'responsePut'; readonly responsePut: PutResponse }
    | { readonly case: 'responseDeleteRange'; readonly responseDeleteRange: DeleteRangeResponse }
    | { readonly case: 'responseTxn'; readonly responseTxn: TxnResponse }
    | undefined;
}
export interface TxnRequest { readonly compare: readonly Compare[]; readonly success: readonly RequestOp[]; readonly failure: readonly RequestOp[] }
export interface TxnResponse { readonly header: ResponseHeader | undefined; readonly succeeded: boolean; readonly responses: readonly ResponseOp[] }

export interface CompactionRequest { readonly revision: number; readonly physical: boolean }
export interface CompactionResponse { readonly header: ResponseHeader | undefined }

export const EventType = { PUT: 0, DELETE: 1 } as const;
export interface Event { readonly type: number; readonly kv: Uint8Array | undefined; readonly prevKv: Uint8Array | undefined }

export const WatchFilter = { NOPUT: 0, NODELETE: 1 } as const;
export interface WatchCreateRequest {
  readonly key: string; readonly rangeEnd: string; readonly startRevision: number; readonly progressNotify: boolean;
  readonly filters: readonly number[]; readonly prevKv: boolean; readonly watchId: number; readonly fragment: boolean;
}
export interface WatchCancelRequest { readonly watchId: number }
export interface WatchProgressRequest {}
export interface WatchRequest {
  readonly requestUnion:
    | { readonly case: 'createRequest'; readonly createRequest: WatchCreateRequest }
    | { readonly case: 'cancelRequest'; readonly cancelRequest: WatchCancelRequest }
    | { readonly case: 'progressRequest'; readonly progressRequest: WatchProgressRequest }
    | undefined;
}
export interface WatchResponse {
  readonly header: ResponseHeader | undefined; readonly watchId: number; readonly created: boolean; readonly canceled: boolean;
  readonly compactRevision: number; readonly cancelReason: string; readonly fragment: boolean; readonly events: readonly Event[];
}

export interface LeaseGrantRequest { readonly TTL: number; readonly ID: bigint }
export interface LeaseGrantResponse { readonly header: ResponseHeader | undefined; readonly ID: bigint; readonly TTL: number; readonly error: string }
export interface LeaseRevokeRequest { readonly ID: bigint }
export interface LeaseRevokeResponse { readonly header: ResponseHeader | undefined }
export interface LeaseKeepAliveRequest { readonly ID: bigint }
export interface LeaseKeepAliveResponse { readonly header: ResponseHeader | undefined; readonly ID: bigint; readonly TTL: number }
export interface LeaseTimeToLiveRequest { readonly ID: bigint; readonly keys: boolean }
export interface LeaseTimeToLiveResponse { readonly header: ResponseHeader | undefined; readonly ID: bigint; readonly TTL: number; readonly grantedTTL: number; readonly keys: readonly string[] }
export interface LeaseStatus { readonly ID: bigint }
export interface LeaseLeasesResponse { readonly header: ResponseHeader | undefined; readonly leases: readonly LeaseStatus[] }

export interface Member { readonly ID: bigint; readonly name: string; readonly peerURLs: readonly string[]; readonly clientURLs: readonly string[]; readonly isLearner: boolean }
export interface MemberListResponse { readonly header: ResponseHeader | undefined; readonly members: readonly Member[] }

export interface StatusResponse {
  readonly header: ResponseHeader | undefined; readonly version: string; readonly dbSize: number; readonly leader: bigint;
  readonly raftIndex: number; readonly raftTerm: number; readonly raftAppliedIndex: number; readonly errors: readonly string[];
  readonly dbSizeInUse: number; readonly isLearner: boolean; readonly storageVersion: string; readonly dbSizeQuota: number;
}
export interface HashKVResponse { readonly header: ResponseHeader | undefined; readonly hash: number; readonly compactRevision: number; readonly hashRevision: number }
