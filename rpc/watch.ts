import { allocateBytes } from '../base/bytes.ts';
import type { KvClient, WatchStream } from '../client/kv-client.ts';
import {
  type Event,
  encodeWatchResponse,
  type ResponseHeader,
  type WatchRequest,
  type WatchResponse,
  WatchService,
} from '../proto/gen/etcd.ts';
import { type Binding, type CallContext, decoding, type ResponseStream } from './service.ts';

/** etcdserverpb.Watch. */
export function watchService(kv: KvClient): readonly Binding[] {
  const { path } = WatchService.Watch;
  return [
    {
      type: 'bidi',
      path,
      call: (requests, responses, context) =>
        serveWatch(kv, decoding(WatchService.Watch, requests), sharing(responses), context),
    },
  ];
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
      for (const response of batch) {
        const isTaken = responses.write(response);
        if (isTaken !== undefined) await isTaken;
      }
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

/** What watchers share is encoded once: the same array of events is the same bytes, and so is the same header. */
const eventBytes = new WeakMap<readonly Event[], Uint8Array>();
const headerBytes = new WeakMap<ResponseHeader, Uint8Array>();

const NO_RESPONSE: WatchResponse = {
  header: undefined,
  watchId: 0,
  created: false,
  canceled: false,
  compactRevision: 0,
  cancelReason: '',
  fragment: false,
  events: [],
};
/** Field numbers of WatchResponse, as tags. */
const WATCH_ID = 2 << 3;
const FRAGMENT = 7 << 3;
/** A watch id takes at most ten bytes, and the two tags and the flag three. */
const OWN_BYTES = 13;

/** The responses of one stream. Fields may come in any order: the header, then what is the watcher's own, then the events. */
function sharing(responses: ResponseStream<Uint8Array>): ResponseStream<WatchResponse> {
  return {
    write: (response) => {
      const { header, watchId, events, fragment } = response;
      if (events.length === 0 || header === undefined || watchId < 0 || watchId > MAX_SMALL_ID)
        return responses.write(encodeWatchResponse(response));
      const head = sharedHeader(header);
      const own = allocateBytes(head.length + OWN_BYTES);
      own.set(head);
      let at = head.length;
      if (watchId !== 0) {
        own[at++] = WATCH_ID;
        at = putVarint(own, at, watchId);
      }
      if (fragment) {
        own[at++] = FRAGMENT;
        own[at++] = 1;
      }
      return responses.write(own.subarray(0, at), sharedEvents(events));
    },
  };
}

/** Larger ids, which a client has to choose itself, are left to the general encoder. */
const MAX_SMALL_ID = 2 ** 28 - 1;

function putVarint(target: Uint8Array, at: number, value: number): number {
  let left = value;
  let end = at;
  for (; left > 0x7f; left >>>= 7) target[end++] = (left & 0x7f) | 0x80;
  target[end++] = left;
  return end;
}

function sharedHeader(header: ResponseHeader): Uint8Array {
  let bytes = headerBytes.get(header);
  if (bytes === undefined) headerBytes.set(header, (bytes = encodeWatchResponse({ ...NO_RESPONSE, header })));
  return bytes;
}

function sharedEvents(events: readonly Event[]): Uint8Array {
  let bytes = eventBytes.get(events);
  if (bytes === undefined) eventBytes.set(events, (bytes = encodeWatchResponse({ ...NO_RESPONSE, events })));
  return bytes;
}
