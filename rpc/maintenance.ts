import type { KvClient } from '../client/kv-client.ts';
import {
  AlarmAction,
  type AlarmRequest,
  type AlarmResponse,
  AlarmType,
  MaintenanceService,
} from '../proto/gen/etcd.ts';
import { alarmNumber, alarmsOf } from './alarms.ts';
import { unimplemented } from './errors.ts';
import { type Binding, type CallContext, refused, unary } from './service.ts';

/** etcdserverpb.Maintenance. */
export function maintenanceService(kv: KvClient): readonly Binding[] {
  return [
    unary(MaintenanceService.Status, (_request, context) => kv.status(context)),
    unary(MaintenanceService.HashKV, (request, context) => kv.hashKv(request, context)),
    unary(MaintenanceService.Alarm, (request, context) => listAlarms(kv, request, context)),
    refused(MaintenanceService.Defragment, () => unimplemented('Defragment')),
    refused(MaintenanceService.Hash, () => unimplemented('Hash')),
    refused(MaintenanceService.Snapshot, () => unimplemented('Snapshot')),
    refused(MaintenanceService.MoveLeader, () => unimplemented('MoveLeader')),
    refused(MaintenanceService.Downgrade, () => unimplemented('Downgrade')),
  ];
}

/** Alarms can be read (`etcdctl endpoint health` does); the store raises and clears them itself. */
async function listAlarms(kv: KvClient, request: AlarmRequest, context: CallContext): Promise<AlarmResponse> {
  if (request.action !== AlarmAction.GET) throw unimplemented('Alarm ACTIVATE and DEACTIVATE');
  const status = await kv.status(context);
  const alarms = alarmsOf(status)
    .map((alarm) => ({ memberID: alarm.memberId, alarm: alarmNumber(alarm) }))
    .filter(({ alarm }) => request.alarm === AlarmType.NONE || request.alarm === alarm);
  return { header: status.header, alarms };
}
