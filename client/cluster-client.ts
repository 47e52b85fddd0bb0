import type {
  AlarmRequest,
  AlarmResponse,
  DefragmentResponse,
  DowngradeRequest,
  DowngradeResponse,
  MemberAddRequest,
  MemberAddResponse,
  MemberListResponse,
  MemberPromoteRequest,
  MemberPromoteResponse,
  MemberRemoveRequest,
  MemberRemoveResponse,
  MemberUpdateRequest,
  MemberUpdateResponse,
  MoveLeaderRequest,
  MoveLeaderResponse,
} from '../proto/gen/etcd.ts';
import type { CallOptions } from './kv-client.ts';

/** What operators do with a cluster: who belongs to it, who leads, which alarms are active. Errors are StoreError. */
export interface ClusterClient {
  memberList(request: { readonly linearizable: boolean }, options?: CallOptions): Promise<MemberListResponse>;
  /** Errors: MEMBER_URLS_INVALID, PEER_URL_EXISTS, TOO_MANY_LEARNERS, NOT_ENOUGH_STARTED_MEMBERS, UNHEALTHY. */
  memberAdd(request: MemberAddRequest, options?: CallOptions): Promise<MemberAddResponse>;
  /** Errors: MEMBER_NOT_FOUND, NOT_ENOUGH_STARTED_MEMBERS, UNHEALTHY. */
  memberRemove(request: MemberRemoveRequest, options?: CallOptions): Promise<MemberRemoveResponse>;
  /** Gives a member other peer URLs. Errors: MEMBER_URLS_INVALID, MEMBER_NOT_FOUND, PEER_URL_EXISTS. */
  memberUpdate(request: MemberUpdateRequest, options?: CallOptions): Promise<MemberUpdateResponse>;
  /** Makes a learner a voter. Errors: MEMBER_NOT_FOUND, NOT_LEARNER, LEARNER_NOT_READY, NOT_ENOUGH_STARTED_MEMBERS. */
  memberPromote(request: MemberPromoteRequest, options?: CallOptions): Promise<MemberPromoteResponse>;
  /** To be asked of the leader. Errors: NOT_LEADER, BAD_LEADER_TRANSFEREE, TIMEOUT. */
  moveLeader(request: MoveLeaderRequest, options?: CallOptions): Promise<MoveLeaderResponse>;
  /** Lists, raises or clears alarms. */
  alarm(request: AlarmRequest, options?: CallOptions): Promise<AlarmResponse>;
  defragment(options?: CallOptions): Promise<DefragmentResponse>;
  /** Errors: DOWNGRADE_VERSION_MALFORMED, DOWNGRADE_TARGET_INVALID, NO_DOWNGRADE. */
  downgrade(request: DowngradeRequest, options?: CallOptions): Promise<DowngradeResponse>;
}
