import type { KvClient } from '../client/kv-client.ts';
import { ClusterService } from '../proto/gen/etcd.ts';
import { type Binding, unary } from './service.ts';

/** etcdserverpb.Cluster: who belongs to the cluster. Headers carry no revision, as in etcd. */
export function clusterService(kv: KvClient): readonly Binding[] {
  return [
    unary(ClusterService.MemberList, (request, context) => kv.memberList(request, context)),
    unary(ClusterService.MemberAdd, (request, context) => kv.memberAdd(request, context)),
    unary(ClusterService.MemberRemove, (request, context) => kv.memberRemove(request, context)),
    unary(ClusterService.MemberUpdate, (request, context) => kv.memberUpdate(request, context)),
    unary(ClusterService.MemberPromote, (request, context) => kv.memberPromote(request, context)),
  ];
}
