import type { KvClient } from '../client/kv-client.ts';
import { ClusterService } from '../proto/gen/etcd.ts';
import { unimplemented } from './errors.ts';
import { type Binding, refused, unary } from './service.ts';

/** etcdserverpb.Cluster. Membership is read here and changed with the members' own configuration. */
export function clusterService(kv: KvClient): readonly Binding[] {
  return [
    unary(ClusterService.MemberList, (request, context) => kv.memberList(request, context)),
    refused(ClusterService.MemberAdd, () => unimplemented('MemberAdd')),
    refused(ClusterService.MemberRemove, () => unimplemented('MemberRemove')),
    refused(ClusterService.MemberUpdate, () => unimplemented('MemberUpdate')),
    refused(ClusterService.MemberPromote, () => unimplemented('MemberPromote')),
  ];
}
