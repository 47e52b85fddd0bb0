import { StoreError } from '../base/store-error.ts';
import type { KvClient } from '../client/kv-client.ts';
import { MaintenanceService, type SnapshotResponse } from '../proto/gen/etcd.ts';
import { RPC_LIMITS } from './limits.ts';
import { type Binding, type CallContext, type ResponseStream, serverStream, unary } from './service.ts';

/** etcdserverpb.Maintenance. */
export function maintenanceService(kv: KvClient): readonly Binding[] {
  return [
    unary(MaintenanceService.Status, (_request, context) => kv.status(context)),
    unary(MaintenanceService.HashKV, (request, context) => kv.hashKv(request, context)),
    unary(MaintenanceService.Alarm, (request, context) => kv.alarm(request, context)),
    // Space is given back in the background: there is nothing to stop the world for, and it has succeeded already.
    unary(MaintenanceService.Defragment, (_request, context) => kv.defragment(context)),
    unary(MaintenanceService.Hash, (_request, context) => kv.hash(context)),
    serverStream(MaintenanceService.Snapshot, (_request, responses, context) => sendSnapshot(kv, responses, context)),
    unary(MaintenanceService.MoveLeader, (request, context) => kv.moveLeader(request, context)),
    unary(MaintenanceService.Downgrade, (request, context) => kv.downgrade(request, context)),
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

function inTime(written: Promise<void> | undefined, timeoutMs: number): Promise<void> | undefined {
  if (written === undefined) return undefined;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new StoreError('DEADLINE_EXCEEDED')), timeoutMs);
    written.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
