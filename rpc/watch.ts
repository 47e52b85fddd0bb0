import { concatBytes } from '../base/bytes.ts';
import type { KvClient, WatchStream } from '../client/kv-client.ts';
import {
  type Event,
  encodeWatchResponse,
  type WatchRequest,
  type WatchResponse,
  WatchService,
} from '../proto/gen/etcd.ts';
import type { Method } from '../proto/method.ts';
import { type Binding, bidi, type CallContext, type ResponseStream } from './service.ts';

/** etcdserverpb.Watch. */
export function watchService(kv: KvClient): readonly Binding[] {
  return [bidi(SHARED_WATCH, (requests, responses, context) => serveWatch(kv, requests, responses, context))];
}

/**
 * One stream of watchers. A batch is pulled only when the previous one was taken by the transport, so a client that does not
 * read slows its own watchers and nobody else. The client's half-close ends nothing: watchers go on until the call does.
 * Source: etcd api/v3rpc/watch.go, where the end of recvLoop is no result.
 */
async function serveWatch(
  kv: KvClient,
  requests: AsyncIterable<WatchRequest>,
  responses: ResponseStream<WatchResponse>,
  context: CallContext,
): Promise<void> {
  const stream = kv.watch({
    requireLeader: context.metadata('hasleader') === 'true',
    ...(context.credentials !== undefined && { credentials: context.credentials }),
  });
  const close = (): void => stream.close();
  context.signal.addEventListener('abort', close, { once: true });
  let malformed: unknown;
  passRequests(requests, stream).catch((error: unknown) => {
    malformed = error;
    close();
  });
  try {
    for (let batch = await stream.next(); batch !== undefined; batch = await stream.next()) {
      for (const response of batch) await responses.write(response);
    }
  } finally {
    context.signal.removeEventListener('abort', close);
    stream.close();
  }
  if (malformed !== undefined) throw malformed;
}

async function passRequests(requests: AsyncIterable<WatchRequest>, stream: WatchStream): Promise<void> {
  for await (const { requestUnion } of requests) {
    switch (requestUnion?.case) {
      case 'createRequest':
        stream.create(requestUnion.createRequest);
        break;
      case 'cancelRequest':
        stream.cancel(requestUnion.cancelRequest.watchId);
        break;
      case 'progressRequest':
        stream.requestProgress();
        break;
      case undefined: // A kind of request that we do not know: passed over, as in etcd.
    }
  }
}

/** Events are encoded once for all watchers that share them: the same array of events is the same bytes. */
const eventBytes = new WeakMap<readonly Event[], Uint8Array>();

const SHARED_WATCH: Method<WatchRequest, WatchResponse> = { ...WatchService.Watch, encodeResponse: encodeShared };

/** Fields may come in any order, and one message after the other is both: the watcher's own part, then the shared events. */
function encodeShared(response: WatchResponse): Uint8Array {
  const { events } = response;
  if (events.length === 0) return encodeWatchResponse(response);
  let shared = eventBytes.get(events);
  if (shared === undefined) {
    shared = encodeWatchResponse({ ...EVENTS_ONLY, events });
    eventBytes.set(events, shared);
  }
  return concatBytes([encodeWatchResponse({ ...response, events: [] }), shared]);
}

const EVENTS_ONLY: Omit<WatchResponse, 'events'> = {
  header: undefined,
  watchId: 0,
  created: false,
  canceled: false,
  compactRevision: 0,
  cancelReason: '',
  fragment: false,
};
