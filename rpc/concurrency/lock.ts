import { EMPTY_BYTES } from '../../base/bytes.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { GrpcCode } from '../../client/status.ts';
import {
  EMPTY_DELETE_RANGE_REQUEST,
  EMPTY_RANGE_REQUEST,
  type LockRequest,
  type LockResponse,
  LockService,
} from '../../proto/gen/etcd.ts';
import { RpcError } from '../errors.ts';
import { type Binding, type CallContext, unary } from '../service.ts';
import { asClientOfTheStore } from './callers.ts';
import { abandonPlace, type Place, sessionLease, takePlace, untilFirst } from './queue.ts';

/** v3lockpb.Lock. A lock is held as long as its key exists; the key's create revision is the fencing token. */
export function lockService(kv: KvClient): readonly Binding[] {
  return [
    unary(LockService.Lock, (request, context) => asClientOfTheStore(() => lock(kv, request, context))),
    unary(LockService.Unlock, ({ key }, context) =>
      asClientOfTheStore(async () => ({
        header: (await kv.deleteRange({ ...EMPTY_DELETE_RANGE_REQUEST, key }, context)).header,
      })),
    ),
  ];
}

async function lock(kv: KvClient, request: LockRequest, context: CallContext): Promise<LockResponse> {
  const lease = await sessionLease(kv, request.lease, context);
  const taken = await takePlace(kv, { name: request.name, lease, value: EMPTY_BYTES }, context);
  const { place, header, first, previous } = taken;
  const leftMeanwhile = context.signal.aborted && previous === undefined;
  if (first?.createRevision === place.createRevision && !leftMeanwhile) return { header, key: place.key };
  try {
    await untilFirst(kv, place, context);
    return await held(kv, place, context);
  } catch (error) {
    await abandonPlace(kv, place, context);
    throw error;
  }
}

/** Whoever waited longer than their lease lived has not got the lock. */
async function held(kv: KvClient, place: Place, context: CallContext): Promise<LockResponse> {
  const { header, kvs } = await kv.range({ ...EMPTY_RANGE_REQUEST, key: place.key }, context);
  if (kvs.length === 0) throw new RpcError(GrpcCode.UNKNOWN, 'mutex: session is expired');
  return { header, key: place.key };
}
