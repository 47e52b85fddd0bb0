// Written by proto/generate.mjs from kv.proto, auth.proto, rpc.proto, lock.proto, election.proto, health.proto; change those.

import type { JsonEnums, JsonMessages, JsonMethod } from '../json-fields.ts';
import {
  EventType,
  PermissionType,
  AlarmType,
  SortTarget,
  SortOrder,
  CompareTarget,
  CompareResult,
  WatchFilter,
  AlarmAction,
  DowngradeAction,
  ServingStatus,
} from './etcd.ts';

/** The enums of the public API. */
export const JSON_ENUMS: JsonEnums = {
  EventType,
  PermissionType,
  AlarmType,
  SortTarget,
  SortOrder,
  CompareTarget,
  CompareResult,
  WatchFilter,
  AlarmAction,
  DowngradeAction,
  ServingStatus,
};

/** The messages of the public API. */
export const JSON_MESSAGES: JsonMessages = {
  KeyValue: [
    { number: 1, name: 'key', type: 'bytes' },
    { number: 2, name: 'create_revision', type: 'int64' },
    { number: 3, name: 'mod_revision', type: 'int64' },
    { number: 4, name: 'version', type: 'int64' },
    { number: 5, name: 'value', type: 'bytes' },
    { number: 6, name: 'lease', type: 'int64' },
  ],
  Event: [
    { number: 1, name: 'type', type: 'enum', of: 'EventType' },
    { number: 2, name: 'kv', type: 'message', of: 'KeyValue' },
    { number: 3, name: 'prev_kv', type: 'message', of: 'KeyValue' },
  ],
  UserAddOptions: [
    { number: 1, name: 'no_password', type: 'bool' },
  ],
  User: [
    { number: 1, name: 'name', type: 'bytes' },
    { number: 2, name: 'password', type: 'bytes' },
    { number: 3, name: 'roles', type: 'string', repeated: true },
    { number: 4, name: 'options', type: 'message', of: 'UserAddOptions' },
  ],
  Permission: [
    { number: 1, name: 'permType', type: 'enum', of: 'PermissionType' },
    { number: 2, name: 'key', type: 'bytes' },
    { number: 3, name: 'range_end', type: 'bytes' },
  ],
  Role: [
    { number: 1, name: 'name', type: 'bytes' },
    { number: 2, name: 'keyPermission', type: 'message', of: 'Permission', repeated: true },
  ],
  ResponseHeader: [
    { number: 1, name: 'cluster_id', type: 'uint64' },
    { number: 2, name: 'member_id', type: 'uint64' },
    { number: 3, name: 'revision', type: 'int64' },
    { number: 4, name: 'raft_term', type: 'uint64' },
  ],
  RangeRequest: [
    { number: 1, name: 'key', type: 'bytes' },
    { number: 2, name: 'range_end', type: 'bytes' },
    { number: 3, name: 'limit', type: 'int64' },
    { number: 4, name: 'revision', type: 'int64' },
    { number: 5, name: 'sort_order', type: 'enum', of: 'SortOrder' },
    { number: 6, name: 'sort_target', type: 'enum', of: 'SortTarget' },
    { number: 7, name: 'serializable', type: 'bool' },
    { number: 8, name: 'keys_only', type: 'bool' },
    { number: 9, name: 'count_only', type: 'bool' },
    { number: 10, name: 'min_mod_revision', type: 'int64' },
    { number: 11, name: 'max_mod_revision', type: 'int64' },
    { number: 12, name: 'min_create_revision', type: 'int64' },
    { number: 13, name: 'max_create_revision', type: 'int64' },
  ],
  RangeResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'kvs', type: 'message', of: 'KeyValue', repeated: true },
    { number: 3, name: 'more', type: 'bool' },
    { number: 4, name: 'count', type: 'int64' },
  ],
  PutRequest: [
    { number: 1, name: 'key', type: 'bytes' },
    { number: 2, name: 'value', type: 'bytes' },
    { number: 3, name: 'lease', type: 'int64' },
    { number: 4, name: 'prev_kv', type: 'bool' },
    { number: 5, name: 'ignore_value', type: 'bool' },
    { number: 6, name: 'ignore_lease', type: 'bool' },
  ],
  PutResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'prev_kv', type: 'message', of: 'KeyValue' },
  ],
  DeleteRangeRequest: [
    { number: 1, name: 'key', type: 'bytes' },
    { number: 2, name: 'range_end', type: 'bytes' },
    { number: 3, name: 'prev_kv', type: 'bool' },
  ],
  DeleteRangeResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'deleted', type: 'int64' },
    { number: 3, name: 'prev_kvs', type: 'message', of: 'KeyValue', repeated: true },
  ],
  RequestOp: [
    { number: 1, name: 'request_range', type: 'message', of: 'RangeRequest', oneof: 'etcdserverpb.RequestOp.request' },
    { number: 2, name: 'request_put', type: 'message', of: 'PutRequest', oneof: 'etcdserverpb.RequestOp.request' },
    { number: 3, name: 'request_delete_range', type: 'message', of: 'DeleteRangeRequest', oneof: 'etcdserverpb.RequestOp.request' },
    { number: 4, name: 'request_txn', type: 'message', of: 'TxnRequest', oneof: 'etcdserverpb.RequestOp.request' },
  ],
  ResponseOp: [
    { number: 1, name: 'response_range', type: 'message', of: 'RangeResponse', oneof: 'etcdserverpb.ResponseOp.response' },
    { number: 2, name: 'response_put', type: 'message', of: 'PutResponse', oneof: 'etcdserverpb.ResponseOp.response' },
    { number: 3, name: 'response_delete_range', type: 'message', of: 'DeleteRangeResponse', oneof: 'etcdserverpb.ResponseOp.response' },
    { number: 4, name: 'response_txn', type: 'message', of: 'TxnResponse', oneof: 'etcdserverpb.ResponseOp.response' },
  ],
  Compare: [
    { number: 1, name: 'result', type: 'enum', of: 'CompareResult' },
    { number: 2, name: 'target', type: 'enum', of: 'CompareTarget' },
    { number: 3, name: 'key', type: 'bytes' },
    { number: 4, name: 'version', type: 'int64', oneof: 'etcdserverpb.Compare.target_union' },
    { number: 5, name: 'create_revision', type: 'int64', oneof: 'etcdserverpb.Compare.target_union' },
    { number: 6, name: 'mod_revision', type: 'int64', oneof: 'etcdserverpb.Compare.target_union' },
    { number: 7, name: 'value', type: 'bytes', oneof: 'etcdserverpb.Compare.target_union' },
    { number: 8, name: 'lease', type: 'int64', oneof: 'etcdserverpb.Compare.target_union' },
    { number: 64, name: 'range_end', type: 'bytes' },
  ],
  TxnRequest: [
    { number: 1, name: 'compare', type: 'message', of: 'Compare', repeated: true },
    { number: 2, name: 'success', type: 'message', of: 'RequestOp', repeated: true },
    { number: 3, name: 'failure', type: 'message', of: 'RequestOp', repeated: true },
  ],
  TxnResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'succeeded', type: 'bool' },
    { number: 3, name: 'responses', type: 'message', of: 'ResponseOp', repeated: true },
  ],
  CompactionRequest: [
    { number: 1, name: 'revision', type: 'int64' },
    { number: 2, name: 'physical', type: 'bool' },
  ],
  CompactionResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  HashRequest: [],
  HashKVRequest: [
    { number: 1, name: 'revision', type: 'int64' },
  ],
  HashKVResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'hash', type: 'uint32' },
    { number: 3, name: 'compact_revision', type: 'int64' },
    { number: 4, name: 'hash_revision', type: 'int64' },
  ],
  HashResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'hash', type: 'uint32' },
  ],
  SnapshotRequest: [],
  SnapshotResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'remaining_bytes', type: 'uint64' },
    { number: 3, name: 'blob', type: 'bytes' },
    { number: 4, name: 'version', type: 'string' },
  ],
  WatchRequest: [
    { number: 1, name: 'create_request', type: 'message', of: 'WatchCreateRequest', oneof: 'etcdserverpb.WatchRequest.request_union' },
    { number: 2, name: 'cancel_request', type: 'message', of: 'WatchCancelRequest', oneof: 'etcdserverpb.WatchRequest.request_union' },
    { number: 3, name: 'progress_request', type: 'message', of: 'WatchProgressRequest', oneof: 'etcdserverpb.WatchRequest.request_union' },
  ],
  WatchCreateRequest: [
    { number: 1, name: 'key', type: 'bytes' },
    { number: 2, name: 'range_end', type: 'bytes' },
    { number: 3, name: 'start_revision', type: 'int64' },
    { number: 4, name: 'progress_notify', type: 'bool' },
    { number: 5, name: 'filters', type: 'enum', of: 'WatchFilter', repeated: true },
    { number: 6, name: 'prev_kv', type: 'bool' },
    { number: 7, name: 'watch_id', type: 'int64' },
    { number: 8, name: 'fragment', type: 'bool' },
  ],
  WatchCancelRequest: [
    { number: 1, name: 'watch_id', type: 'int64' },
  ],
  WatchProgressRequest: [],
  WatchResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'watch_id', type: 'int64' },
    { number: 3, name: 'created', type: 'bool' },
    { number: 4, name: 'canceled', type: 'bool' },
    { number: 5, name: 'compact_revision', type: 'int64' },
    { number: 6, name: 'cancel_reason', type: 'string' },
    { number: 7, name: 'fragment', type: 'bool' },
    { number: 11, name: 'events', type: 'message', of: 'Event', repeated: true },
  ],
  LeaseGrantRequest: [
    { number: 1, name: 'TTL', type: 'int64' },
    { number: 2, name: 'ID', type: 'int64' },
  ],
  LeaseGrantResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'ID', type: 'int64' },
    { number: 3, name: 'TTL', type: 'int64' },
    { number: 4, name: 'error', type: 'string' },
  ],
  LeaseRevokeRequest: [
    { number: 1, name: 'ID', type: 'int64' },
  ],
  LeaseRevokeResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  LeaseCheckpoint: [
    { number: 1, name: 'ID', type: 'int64' },
    { number: 2, name: 'remaining_TTL', type: 'int64' },
  ],
  LeaseCheckpointRequest: [
    { number: 1, name: 'checkpoints', type: 'message', of: 'LeaseCheckpoint', repeated: true },
  ],
  LeaseCheckpointResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  LeaseKeepAliveRequest: [
    { number: 1, name: 'ID', type: 'int64' },
  ],
  LeaseKeepAliveResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'ID', type: 'int64' },
    { number: 3, name: 'TTL', type: 'int64' },
  ],
  LeaseTimeToLiveRequest: [
    { number: 1, name: 'ID', type: 'int64' },
    { number: 2, name: 'keys', type: 'bool' },
  ],
  LeaseTimeToLiveResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'ID', type: 'int64' },
    { number: 3, name: 'TTL', type: 'int64' },
    { number: 4, name: 'grantedTTL', type: 'int64' },
    { number: 5, name: 'keys', type: 'bytes', repeated: true },
  ],
  LeaseLeasesRequest: [],
  LeaseStatus: [
    { number: 1, name: 'ID', type: 'int64' },
  ],
  LeaseLeasesResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'leases', type: 'message', of: 'LeaseStatus', repeated: true },
  ],
  Member: [
    { number: 1, name: 'ID', type: 'uint64' },
    { number: 2, name: 'name', type: 'string' },
    { number: 3, name: 'peerURLs', type: 'string', repeated: true },
    { number: 4, name: 'clientURLs', type: 'string', repeated: true },
    { number: 5, name: 'isLearner', type: 'bool' },
  ],
  MemberAddRequest: [
    { number: 1, name: 'peerURLs', type: 'string', repeated: true },
    { number: 2, name: 'isLearner', type: 'bool' },
  ],
  MemberAddResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'member', type: 'message', of: 'Member' },
    { number: 3, name: 'members', type: 'message', of: 'Member', repeated: true },
  ],
  MemberRemoveRequest: [
    { number: 1, name: 'ID', type: 'uint64' },
  ],
  MemberRemoveResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'members', type: 'message', of: 'Member', repeated: true },
  ],
  MemberUpdateRequest: [
    { number: 1, name: 'ID', type: 'uint64' },
    { number: 2, name: 'peerURLs', type: 'string', repeated: true },
  ],
  MemberUpdateResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'members', type: 'message', of: 'Member', repeated: true },
  ],
  MemberListRequest: [
    { number: 1, name: 'linearizable', type: 'bool' },
  ],
  MemberListResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'members', type: 'message', of: 'Member', repeated: true },
  ],
  MemberPromoteRequest: [
    { number: 1, name: 'ID', type: 'uint64' },
  ],
  MemberPromoteResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'members', type: 'message', of: 'Member', repeated: true },
  ],
  DefragmentRequest: [],
  DefragmentResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  MoveLeaderRequest: [
    { number: 1, name: 'targetID', type: 'uint64' },
  ],
  MoveLeaderResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  AlarmRequest: [
    { number: 1, name: 'action', type: 'enum', of: 'AlarmAction' },
    { number: 2, name: 'memberID', type: 'uint64' },
    { number: 3, name: 'alarm', type: 'enum', of: 'AlarmType' },
  ],
  AlarmMember: [
    { number: 1, name: 'memberID', type: 'uint64' },
    { number: 2, name: 'alarm', type: 'enum', of: 'AlarmType' },
  ],
  AlarmResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'alarms', type: 'message', of: 'AlarmMember', repeated: true },
  ],
  DowngradeRequest: [
    { number: 1, name: 'action', type: 'enum', of: 'DowngradeAction' },
    { number: 2, name: 'version', type: 'string' },
  ],
  DowngradeResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'version', type: 'string' },
  ],
  DowngradeVersionTestRequest: [
    { number: 1, name: 'ver', type: 'string' },
  ],
  StatusRequest: [],
  StatusResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'version', type: 'string' },
    { number: 3, name: 'dbSize', type: 'int64' },
    { number: 4, name: 'leader', type: 'uint64' },
    { number: 5, name: 'raftIndex', type: 'uint64' },
    { number: 6, name: 'raftTerm', type: 'uint64' },
    { number: 7, name: 'raftAppliedIndex', type: 'uint64' },
    { number: 8, name: 'errors', type: 'string', repeated: true },
    { number: 9, name: 'dbSizeInUse', type: 'int64' },
    { number: 10, name: 'isLearner', type: 'bool' },
    { number: 11, name: 'storageVersion', type: 'string' },
    { number: 12, name: 'dbSizeQuota', type: 'int64' },
    { number: 13, name: 'downgradeInfo', type: 'message', of: 'DowngradeInfo' },
  ],
  DowngradeInfo: [
    { number: 1, name: 'enabled', type: 'bool' },
    { number: 2, name: 'targetVersion', type: 'string' },
  ],
  AuthEnableRequest: [],
  AuthDisableRequest: [],
  AuthStatusRequest: [],
  AuthenticateRequest: [
    { number: 1, name: 'name', type: 'string' },
    { number: 2, name: 'password', type: 'string' },
  ],
  AuthUserAddRequest: [
    { number: 1, name: 'name', type: 'string' },
    { number: 2, name: 'password', type: 'string' },
    { number: 3, name: 'options', type: 'message', of: 'UserAddOptions' },
    { number: 4, name: 'hashedPassword', type: 'string' },
  ],
  AuthUserGetRequest: [
    { number: 1, name: 'name', type: 'string' },
  ],
  AuthUserDeleteRequest: [
    { number: 1, name: 'name', type: 'string' },
  ],
  AuthUserChangePasswordRequest: [
    { number: 1, name: 'name', type: 'string' },
    { number: 2, name: 'password', type: 'string' },
    { number: 3, name: 'hashedPassword', type: 'string' },
  ],
  AuthUserGrantRoleRequest: [
    { number: 1, name: 'user', type: 'string' },
    { number: 2, name: 'role', type: 'string' },
  ],
  AuthUserRevokeRoleRequest: [
    { number: 1, name: 'name', type: 'string' },
    { number: 2, name: 'role', type: 'string' },
  ],
  AuthRoleAddRequest: [
    { number: 1, name: 'name', type: 'string' },
  ],
  AuthRoleGetRequest: [
    { number: 1, name: 'role', type: 'string' },
  ],
  AuthUserListRequest: [],
  AuthRoleListRequest: [],
  AuthRoleDeleteRequest: [
    { number: 1, name: 'role', type: 'string' },
  ],
  AuthRoleGrantPermissionRequest: [
    { number: 1, name: 'name', type: 'string' },
    { number: 2, name: 'perm', type: 'message', of: 'Permission' },
  ],
  AuthRoleRevokePermissionRequest: [
    { number: 1, name: 'role', type: 'string' },
    { number: 2, name: 'key', type: 'bytes' },
    { number: 3, name: 'range_end', type: 'bytes' },
  ],
  AuthEnableResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  AuthDisableResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  AuthStatusResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'enabled', type: 'bool' },
    { number: 3, name: 'authRevision', type: 'uint64' },
  ],
  AuthenticateResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'token', type: 'string' },
  ],
  AuthUserAddResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  AuthUserGetResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'roles', type: 'string', repeated: true },
  ],
  AuthUserDeleteResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  AuthUserChangePasswordResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  AuthUserGrantRoleResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  AuthUserRevokeRoleResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  AuthRoleAddResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  AuthRoleGetResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'perm', type: 'message', of: 'Permission', repeated: true },
  ],
  AuthRoleListResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'roles', type: 'string', repeated: true },
  ],
  AuthUserListResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'users', type: 'string', repeated: true },
  ],
  AuthRoleDeleteResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  AuthRoleGrantPermissionResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  AuthRoleRevokePermissionResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  RangeStreamResponse: [
    { number: 1, name: 'range_response', type: 'message', of: 'RangeResponse' },
  ],
  LockRequest: [
    { number: 1, name: 'name', type: 'bytes' },
    { number: 2, name: 'lease', type: 'int64' },
  ],
  LockResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'key', type: 'bytes' },
  ],
  UnlockRequest: [
    { number: 1, name: 'key', type: 'bytes' },
  ],
  UnlockResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  CampaignRequest: [
    { number: 1, name: 'name', type: 'bytes' },
    { number: 2, name: 'lease', type: 'int64' },
    { number: 3, name: 'value', type: 'bytes' },
  ],
  CampaignResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'leader', type: 'message', of: 'LeaderKey' },
  ],
  LeaderKey: [
    { number: 1, name: 'name', type: 'bytes' },
    { number: 2, name: 'key', type: 'bytes' },
    { number: 3, name: 'rev', type: 'int64' },
    { number: 4, name: 'lease', type: 'int64' },
  ],
  LeaderRequest: [
    { number: 1, name: 'name', type: 'bytes' },
  ],
  LeaderResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
    { number: 2, name: 'kv', type: 'message', of: 'KeyValue' },
  ],
  ResignRequest: [
    { number: 1, name: 'leader', type: 'message', of: 'LeaderKey' },
  ],
  ResignResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  ProclaimRequest: [
    { number: 1, name: 'leader', type: 'message', of: 'LeaderKey' },
    { number: 2, name: 'value', type: 'bytes' },
  ],
  ProclaimResponse: [
    { number: 1, name: 'header', type: 'message', of: 'ResponseHeader' },
  ],
  HealthCheckRequest: [
    { number: 1, name: 'service', type: 'string' },
  ],
  HealthCheckResponse: [
    { number: 1, name: 'status', type: 'enum', of: 'ServingStatus' },
  ],
};

/** The methods of the public API that HTTP serves, too. */
export const JSON_METHODS: readonly JsonMethod[] = [
  { path: '/etcdserverpb.KV/Range', post: ['/v3/kv/range'], request: 'RangeRequest', response: 'RangeResponse' },
  { path: '/etcdserverpb.KV/Put', post: ['/v3/kv/put'], request: 'PutRequest', response: 'PutResponse' },
  { path: '/etcdserverpb.KV/DeleteRange', post: ['/v3/kv/deleterange'], request: 'DeleteRangeRequest', response: 'DeleteRangeResponse' },
  { path: '/etcdserverpb.KV/Txn', post: ['/v3/kv/txn'], request: 'TxnRequest', response: 'TxnResponse' },
  { path: '/etcdserverpb.KV/Compact', post: ['/v3/kv/compaction'], request: 'CompactionRequest', response: 'CompactionResponse' },
  { path: '/etcdserverpb.Watch/Watch', post: ['/v3/watch'], request: 'WatchRequest', response: 'WatchResponse' },
  { path: '/etcdserverpb.Lease/LeaseGrant', post: ['/v3/lease/grant'], request: 'LeaseGrantRequest', response: 'LeaseGrantResponse' },
  { path: '/etcdserverpb.Lease/LeaseRevoke', post: ['/v3/lease/revoke', '/v3/kv/lease/revoke'], request: 'LeaseRevokeRequest', response: 'LeaseRevokeResponse' },
  { path: '/etcdserverpb.Lease/LeaseKeepAlive', post: ['/v3/lease/keepalive'], request: 'LeaseKeepAliveRequest', response: 'LeaseKeepAliveResponse' },
  { path: '/etcdserverpb.Lease/LeaseTimeToLive', post: ['/v3/lease/timetolive', '/v3/kv/lease/timetolive'], request: 'LeaseTimeToLiveRequest', response: 'LeaseTimeToLiveResponse' },
  { path: '/etcdserverpb.Lease/LeaseLeases', post: ['/v3/lease/leases', '/v3/kv/lease/leases'], request: 'LeaseLeasesRequest', response: 'LeaseLeasesResponse' },
  { path: '/etcdserverpb.Cluster/MemberAdd', post: ['/v3/cluster/member/add'], request: 'MemberAddRequest', response: 'MemberAddResponse' },
  { path: '/etcdserverpb.Cluster/MemberRemove', post: ['/v3/cluster/member/remove'], request: 'MemberRemoveRequest', response: 'MemberRemoveResponse' },
  { path: '/etcdserverpb.Cluster/MemberUpdate', post: ['/v3/cluster/member/update'], request: 'MemberUpdateRequest', response: 'MemberUpdateResponse' },
  { path: '/etcdserverpb.Cluster/MemberList', post: ['/v3/cluster/member/list'], request: 'MemberListRequest', response: 'MemberListResponse' },
  { path: '/etcdserverpb.Cluster/MemberPromote', post: ['/v3/cluster/member/promote'], request: 'MemberPromoteRequest', response: 'MemberPromoteResponse' },
  { path: '/etcdserverpb.Maintenance/Alarm', post: ['/v3/maintenance/alarm'], request: 'AlarmRequest', response: 'AlarmResponse' },
  { path: '/etcdserverpb.Maintenance/Status', post: ['/v3/maintenance/status'], request: 'StatusRequest', response: 'StatusResponse' },
  { path: '/etcdserverpb.Maintenance/Defragment', post: ['/v3/maintenance/defragment'], request: 'DefragmentRequest', response: 'DefragmentResponse' },
  { path: '/etcdserverpb.Maintenance/Hash', post: ['/v3/maintenance/hash'], request: 'HashRequest', response: 'HashResponse' },
  { path: '/etcdserverpb.Maintenance/HashKV', post: ['/v3/maintenance/hashkv'], request: 'HashKVRequest', response: 'HashKVResponse' },
  { path: '/etcdserverpb.Maintenance/Snapshot', post: ['/v3/maintenance/snapshot'], request: 'SnapshotRequest', response: 'SnapshotResponse' },
  { path: '/etcdserverpb.Maintenance/MoveLeader', post: ['/v3/maintenance/transfer-leadership'], request: 'MoveLeaderRequest', response: 'MoveLeaderResponse' },
  { path: '/etcdserverpb.Maintenance/Downgrade', post: ['/v3/maintenance/downgrade'], request: 'DowngradeRequest', response: 'DowngradeResponse' },
  { path: '/etcdserverpb.Auth/AuthEnable', post: ['/v3/auth/enable'], request: 'AuthEnableRequest', response: 'AuthEnableResponse' },
  { path: '/etcdserverpb.Auth/AuthDisable', post: ['/v3/auth/disable'], request: 'AuthDisableRequest', response: 'AuthDisableResponse' },
  { path: '/etcdserverpb.Auth/AuthStatus', post: ['/v3/auth/status'], request: 'AuthStatusRequest', response: 'AuthStatusResponse' },
  { path: '/etcdserverpb.Auth/Authenticate', post: ['/v3/auth/authenticate'], request: 'AuthenticateRequest', response: 'AuthenticateResponse' },
  { path: '/etcdserverpb.Auth/UserAdd', post: ['/v3/auth/user/add'], request: 'AuthUserAddRequest', response: 'AuthUserAddResponse' },
  { path: '/etcdserverpb.Auth/UserGet', post: ['/v3/auth/user/get'], request: 'AuthUserGetRequest', response: 'AuthUserGetResponse' },
  { path: '/etcdserverpb.Auth/UserList', post: ['/v3/auth/user/list'], request: 'AuthUserListRequest', response: 'AuthUserListResponse' },
  { path: '/etcdserverpb.Auth/UserDelete', post: ['/v3/auth/user/delete'], request: 'AuthUserDeleteRequest', response: 'AuthUserDeleteResponse' },
  { path: '/etcdserverpb.Auth/UserChangePassword', post: ['/v3/auth/user/changepw'], request: 'AuthUserChangePasswordRequest', response: 'AuthUserChangePasswordResponse' },
  { path: '/etcdserverpb.Auth/UserGrantRole', post: ['/v3/auth/user/grant'], request: 'AuthUserGrantRoleRequest', response: 'AuthUserGrantRoleResponse' },
  { path: '/etcdserverpb.Auth/UserRevokeRole', post: ['/v3/auth/user/revoke'], request: 'AuthUserRevokeRoleRequest', response: 'AuthUserRevokeRoleResponse' },
  { path: '/etcdserverpb.Auth/RoleAdd', post: ['/v3/auth/role/add'], request: 'AuthRoleAddRequest', response: 'AuthRoleAddResponse' },
  { path: '/etcdserverpb.Auth/RoleGet', post: ['/v3/auth/role/get'], request: 'AuthRoleGetRequest', response: 'AuthRoleGetResponse' },
  { path: '/etcdserverpb.Auth/RoleList', post: ['/v3/auth/role/list'], request: 'AuthRoleListRequest', response: 'AuthRoleListResponse' },
  { path: '/etcdserverpb.Auth/RoleDelete', post: ['/v3/auth/role/delete'], request: 'AuthRoleDeleteRequest', response: 'AuthRoleDeleteResponse' },
  { path: '/etcdserverpb.Auth/RoleGrantPermission', post: ['/v3/auth/role/grant'], request: 'AuthRoleGrantPermissionRequest', response: 'AuthRoleGrantPermissionResponse' },
  { path: '/etcdserverpb.Auth/RoleRevokePermission', post: ['/v3/auth/role/revoke'], request: 'AuthRoleRevokePermissionRequest', response: 'AuthRoleRevokePermissionResponse' },
  { path: '/v3lockpb.Lock/Lock', post: ['/v3/lock/lock'], request: 'LockRequest', response: 'LockResponse' },
  { path: '/v3lockpb.Lock/Unlock', post: ['/v3/lock/unlock'], request: 'UnlockRequest', response: 'UnlockResponse' },
  { path: '/v3electionpb.Election/Campaign', post: ['/v3/election/campaign'], request: 'CampaignRequest', response: 'CampaignResponse' },
  { path: '/v3electionpb.Election/Proclaim', post: ['/v3/election/proclaim'], request: 'ProclaimRequest', response: 'ProclaimResponse' },
  { path: '/v3electionpb.Election/Leader', post: ['/v3/election/leader'], request: 'LeaderRequest', response: 'LeaderResponse' },
  { path: '/v3electionpb.Election/Observe', post: ['/v3/election/observe'], request: 'LeaderRequest', response: 'LeaderResponse' },
  { path: '/v3electionpb.Election/Resign', post: ['/v3/election/resign'], request: 'ResignRequest', response: 'ResignResponse' },
];
