import { StoreError } from '../../base/store-error.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { EMPTY_WATCH_CREATE_REQUEST, type WatchCreateRequest, type WatchResponse } from '../../proto/gen/etcd.ts';
import type { CallContext } from '../service.ts';
import { checkCaller } from './callers.ts';

/**
 * What happens from a revision on, response by response. Ends when that revision was compacted: the caller reads again.
 * Errors: REQUEST_CANCELED when the caller has left, WATCH_CANCELED, and what the store's watch fails with.
 */
export async function* eventsOf(
  kv: KvClient,
  request: Partial<WatchCreateRequest>,
  context: CallContext,
): AsyncGenerator<WatchResponse> {
  const stream = kv.watch(context.credentials === undefined ? {} : { credentials: context.credentials });
  const close = (): void => stream.close();
  context.signal.addEventListener('abort', close, { once: true });
  try {
    checkCaller(context);
    stream.create({ ...EMPTY_WATCH_CREATE_REQUEST, ...request });
    for (let batch = await stream.next(); batch !== undefined; batch = await stream.next()) {
      for (const response of batch) {
        if (response.canceled && response.compactRevision > 0) return;
        if (response.canceled) throw new StoreError('WATCH_CANCELED', response.cancelReason);
        if (response.events.length > 0) yield response;
      }
    }
    checkCaller(context);
    throw new StoreError('UNKNOWN', 'lost watcher');
  } finally {
    context.signal.removeEventListener('abort', close);
    stream.close();
  }
}
