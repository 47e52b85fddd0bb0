import type { KvClient } from '../client/kv-client.ts';
import { LeaseService } from '../proto/gen/etcd.ts';
import { type Binding, bidi, unary } from './service.ts';

/** etcdserverpb.Lease. */
export function leaseService(kv: KvClient): readonly Binding[] {
  return [
    unary(LeaseService.LeaseGrant, (request, context) => kv.leaseGrant(request, context)),
    unary(LeaseService.LeaseRevoke, (request, context) => kv.leaseRevoke(request, context)),
    unary(LeaseService.LeaseTimeToLive, (request, context) => kv.leaseTimeToLive(request, context)),
    unary(LeaseService.LeaseLeases, (_request, context) => kv.leaseLeases(context)),
    // One renewal after the other, answered in order; a lease that is gone answers TTL 0, anything else ends the stream.
    bidi(LeaseService.LeaseKeepAlive, async (requests, responses, context) => {
      // Not the signal: a renewal that nobody waits for any more does no harm, and is over soon.
      const { credentials } = context;
      const options = credentials === undefined ? undefined : { credentials };
      for await (const { ID } of requests) {
        await responses.write(await kv.leaseKeepAlive(ID, options));
      }
    }),
  ];
}
