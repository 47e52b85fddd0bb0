import { prefixEnd } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import type { KvClient } from '../../client/kv-client.ts';
import {
  CompareResult,
  CompareTarget,
  decodeKeyValue,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  EventType,
  type KeyValue,
  KVService,
  type RangeResponse,
  type RequestOp,
  type ResponseHeader,
  SortOrder,
  SortTarget,
  type TxnRequest,
  type TxnResponse,
  WatchFilter,
} from '../../proto/gen/etcd.ts';
import { RPC_LIMITS } from '../limits.ts';
import type { CallContext } from '../service.ts';
import { checkCaller, withoutCaller } from './callers.ts';
import { eventsOf } from './events.ts';

/**
 * A queue is a prefix with one key for each session: `<name>/<lease id in hexadecimal>`. The order is that of the keys'
 * creation, and the first is the holder. A key goes with its lease, so nobody waits for the dead longer than their TTL.
 * Source: etcd client/v3/concurrency.
 */
export interface Place {
  readonly prefix: string;
  readonly key: string;
  readonly createRevision: number;
}

/** The prefix of a queue, which keeps `a` and `a/b` apart. */
export function prefixOf(name: string): string {
  return `${name}/`;
}

/** How a place was taken: the transaction's answer, and what stood there when the session was in the queue already. */
export interface Taken {
  readonly place: Place;
  readonly header: ResponseHeader | undefined;
  readonly previous: KeyValue | undefined;
  /** The queue's first key in the transaction's view. */
  readonly first: KeyValue | undefined;
}

/** Takes a place at the end of the queue, or finds the one that the session has. */
export async function takePlace(
  kv: KvClient,
  queue: { readonly name: string; readonly lease: bigint; readonly value: Uint8Array },
  context: CallContext,
): Promise<Taken> {
  const prefix = prefixOf(queue.name);
  const key = prefix + queue.lease.toString(16);
  const first: RequestOp = { request: { case: 'requestRange', requestRange: firstIn(prefix) } };
  const put = { ...EMPTY_PUT_REQUEST, key, value: queue.value, lease: queue.lease };
  const request: TxnRequest = {
    compare: [createdAt(key, 0)],
    success: [{ request: { case: 'requestPut', requestPut: put } }, first],
    failure: [{ request: { case: 'requestRange', requestRange: { ...EMPTY_RANGE_REQUEST, key } } }, first],
  };
  checkSize(request);
  checkCaller(context);
  // Not cut off when the caller leaves: whoever does not know whether there is a place cannot give it back.
  const response = await kv.txn(request, withoutCaller(context));
  const previous = response.succeeded ? undefined : keyValueIn(response, 0);
  return {
    place: { prefix, key, createRevision: previous?.createRevision ?? response.header?.revision ?? 0 },
    header: response.header,
    previous,
    first: keyValueIn(response, 1),
  };
}

/** Waits until every place before this one is free. */
export async function untilFirst(kv: KvClient, place: Place, context: CallContext): Promise<void> {
  for (;;) {
    checkCaller(context);
    const before = await kv.range(
      {
        ...EMPTY_RANGE_REQUEST,
        key: place.prefix,
        rangeEnd: prefixEnd(place.prefix),
        sortTarget: SortTarget.CREATE,
        sortOrder: SortOrder.DESCEND,
        maxCreateRevision: place.createRevision - 1,
        limit: 1,
      },
      context,
    );
    const neighbour = firstOf(before);
    if (neighbour === undefined) return;
    await untilDeleted(kv, neighbour.key, before.header?.revision ?? 0, context);
  }
}

/** The key that was created first, as the queue stands now. */
export async function firstPlace(
  kv: KvClient,
  prefix: string,
  context: CallContext,
): Promise<{ readonly header: ResponseHeader | undefined; readonly kv: Uint8Array | undefined }> {
  const response = await kv.range(firstIn(prefix), context);
  return { header: response.header, kv: response.kvs[0] };
}

/** Gives a place back after a failure; what cannot be given back now goes with its lease. */
export async function abandonPlace(kv: KvClient, place: Place, context: CallContext): Promise<void> {
  try {
    await leavePlace(kv, place, withoutCaller(context));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
}

/** Deletes a place if it is still the one that was taken. */
export function leavePlace(kv: KvClient, place: Omit<Place, 'prefix'>, context: CallContext): Promise<TxnResponse> {
  const requestDeleteRange = { key: place.key, rangeEnd: '', prevKv: false };
  return ifStillThere(kv, place, { case: 'requestDeleteRange', requestDeleteRange }, context);
}

/** Does something with a place if it is still the one that was taken. */
export function ifStillThere(
  kv: KvClient,
  place: Omit<Place, 'prefix'>,
  request: Exclude<RequestOp['request'], undefined>,
  context: CallContext,
): Promise<TxnResponse> {
  const txn = { compare: [createdAt(place.key, place.createRevision)], success: [{ request }], failure: [] };
  checkSize(txn);
  return kv.txn(txn, context);
}

/** The session's lease: the one given, or a new one, which nobody keeps alive. */
export async function sessionLease(kv: KvClient, lease: bigint, context: CallContext): Promise<bigint> {
  if (lease !== 0n) return lease;
  return (await kv.leaseGrant({ TTL: RPC_LIMITS.sessionTtlSeconds, ID: 0n }, context)).ID;
}

async function untilDeleted(kv: KvClient, key: string, revision: number, context: CallContext): Promise<void> {
  const request = { key, startRevision: revision + 1, filters: [WatchFilter.NOPUT] };
  for await (const { events } of eventsOf(kv, request, context)) {
    if (events.some(({ type }) => type === EventType.DELETE)) return;
  }
}

const firstIn = (prefix: string): typeof EMPTY_RANGE_REQUEST => ({
  ...EMPTY_RANGE_REQUEST,
  key: prefix,
  rangeEnd: prefixEnd(prefix),
  sortTarget: SortTarget.CREATE,
  sortOrder: SortOrder.ASCEND,
  limit: 1,
});

const createdAt = (key: string, createRevision: number): TxnRequest['compare'][number] => ({
  result: CompareResult.EQUAL,
  target: CompareTarget.CREATE,
  key,
  targetUnion: { case: 'createRevision', createRevision },
  rangeEnd: '',
});

function keyValueIn(response: TxnResponse, index: number): KeyValue | undefined {
  const op = response.responses[index]?.response;
  return op?.case === 'responseRange' ? firstOf(op.responseRange) : undefined;
}

function firstOf(response: RangeResponse): KeyValue | undefined {
  const [bytes] = response.kvs;
  return bytes === undefined ? undefined : decodeKeyValue(bytes);
}

function checkSize(request: TxnRequest): void {
  if (KVService.Txn.encodeRequest(request).length > RPC_LIMITS.maxRequestBytes) {
    throw new StoreError('REQUEST_TOO_LARGE');
  }
}
