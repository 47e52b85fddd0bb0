import { StoreError } from '../base/store-error.ts';
import type { KvClient } from '../client/kv-client.ts';
import {
  AlarmAction,
  type AlarmRequest,
  type AlarmResponse,
  AlarmType,
  MaintenanceService,
  type SnapshotResponse,
} from '../proto/gen/etcd.ts';
import { alarmNumber, alarmsOf } from './alarms.ts';
import { unimplemented } from './errors.ts';
import { RPC_LIMITS } from './limits.ts';
import { type Binding, type CallContext, type ResponseStream, refused, serverStream, unary } from './service.ts';

/** etcdserverpb.Maintenance. */
export function maintenanceService(kv: KvClient): readonly Binding[] {
  return [
    unary(MaintenanceService.Status, (_request, context) => kv.status(context)),
    unary(MaintenanceService.HashKV, (request, context) => kv.hashKv(request, context)),
    unary(MaintenanceService.Alarm, (request, context) => listAlarms(kv, request, context)),
    refused(MaintenanceService.Defragment, () => unimplemented('Defragment')),
    refused(MaintenanceService.Hash, () => unimplemented('Hash')),
    serverStream(MaintenanceService.Snapshot, (_request, responses, context) => sendSnapshot(kv, responses, context)),
    refused(MaintenanceService.MoveLeader, () => unimplemented('MoveLeader')),
    refused(MaintenanceService.Downgrade, () => unimplemented('Downgrade')),
  ];
}

/** The next piece is made when the transport has taken the one before. */
async function sendSnapshot(
  kv: KvClient,
  responses: ResponseStream<SnapshotResponse>,
  context: CallContext,
): Promise<void> {
  for await (const piece of kv.snapshot(context)) {
    if (context.signal.aborted) throw new StoreError('REQUEST_CANCELED');
    await inTime(responses.write(piece), RPC_LIMITS.snapshotStallMs);
  }
}

function inTime(written: Promise<void>, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new StoreError('DEADLINE_EXCEEDED')), timeoutMs);
    written.then(resolve, reject).finally(() => clearTimeout(timer));
  });
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
