import { StoreError } from '../base/store-error.ts';
import type { KvClient } from '../client/kv-client.ts';
import { KVService, type RequestOp, type TxnRequest } from '../proto/gen/etcd.ts';
import { RPC_LIMITS } from './limits.ts';
import { type Binding, serverStream, unary } from './service.ts';

/** etcdserverpb.KV. */
export function kvService(kv: KvClient, maxRequestBytes: number = RPC_LIMITS.maxRequestBytes): readonly Binding[] {
  const checkSize = (sizeBytes: number): void => {
    if (sizeBytes > maxRequestBytes) throw new StoreError('REQUEST_TOO_LARGE');
  };
  return [
    unary(KVService.Range, (request, context) => kv.range(request, context)),
    unary(KVService.Put, (request, context, sizeBytes) => {
      checkSize(sizeBytes);
      return kv.put(request, context);
    }),
    unary(KVService.DeleteRange, (request, context, sizeBytes) => {
      checkSize(sizeBytes);
      return kv.deleteRange(request, context);
    }),
    unary(KVService.Txn, (request, context, sizeBytes) => {
      // Only what goes through the log is bounded: a transaction of reads does not.
      if (writes(request)) checkSize(sizeBytes);
      return kv.txn(request, context);
    }),
    unary(KVService.Compact, (request, context) => kv.compact(request, context)),
    serverStream(KVService.RangeStream, async (request, responses, context) => {
      for await (const rangeResponse of kv.rangeStream(request, context)) {
        if (context.signal.aborted) throw new StoreError('REQUEST_CANCELED');
        await responses.write({ rangeResponse });
      }
    }),
  ];
}

function writes(request: TxnRequest): boolean {
  const isWrite = (op: RequestOp): boolean => op.request !== undefined && op.request.case !== 'requestRange';
  return request.success.some(isWrite) || request.failure.some(isWrite);
}
