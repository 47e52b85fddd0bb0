import {
  type Compare,
  CompareTarget,
  type DeleteRangeRequest,
  EMPTY_COMPARE,
  EMPTY_DELETE_RANGE_REQUEST,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  EMPTY_WATCH_CREATE_REQUEST,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  type TxnRequest,
  type WatchCreateRequest,
  type WatchRequest,
} from '../../../proto/gen/etcd.ts';

/** Requests, as short as a table wants them. */

export const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

export function get(key: string, more: Partial<RangeRequest> = {}): RangeRequest {
  return { ...EMPTY_RANGE_REQUEST, key, ...more };
}

export function put(key: string, value = '', more: Partial<PutRequest> = {}): PutRequest {
  return { ...EMPTY_PUT_REQUEST, key, value: bytes(value), ...more };
}

export function del(key: string, more: Partial<DeleteRangeRequest> = {}): DeleteRangeRequest {
  return { ...EMPTY_DELETE_RANGE_REQUEST, key, ...more };
}

export const doGet = (key: string, more: Partial<RangeRequest> = {}): RequestOp => ({
  request: { case: 'requestRange', requestRange: get(key, more) },
});
export const doPut = (key: string, value = '', more: Partial<PutRequest> = {}): RequestOp => ({
  request: { case: 'requestPut', requestPut: put(key, value, more) },
});
export const doDel = (key: string, more: Partial<DeleteRangeRequest> = {}): RequestOp => ({
  request: { case: 'requestDeleteRange', requestDeleteRange: del(key, more) },
});
export const doTxn = (request: TxnRequest): RequestOp => ({
  request: { case: 'requestTxn', requestTxn: request },
});
export const doNothing: RequestOp = { request: undefined };

export function txn(
  compare: readonly Compare[],
  success: readonly RequestOp[],
  failure: readonly RequestOp[] = [],
): TxnRequest {
  return { compare, success, failure };
}

type Operand = Exclude<Compare['targetUnion'], undefined>;

/** `key` compared by `result` with an operand of any target. */
export function when(key: string, result: number, operand: Operand, more: Partial<Compare> = {}): Compare {
  return { ...EMPTY_COMPARE, key, result, target: TARGETS[operand.case], targetUnion: operand, ...more };
}

const TARGETS: Readonly<Record<Operand['case'], number>> = {
  version: CompareTarget.VERSION,
  createRevision: CompareTarget.CREATE,
  modRevision: CompareTarget.MOD,
  value: CompareTarget.VALUE,
  lease: CompareTarget.LEASE,
};

export function watch(key: string, more: Partial<WatchCreateRequest> = {}): WatchRequest {
  return {
    requestUnion: { case: 'createRequest', createRequest: { ...EMPTY_WATCH_CREATE_REQUEST, key, ...more } },
  };
}

export const cancel = (watchId: number): WatchRequest => ({
  requestUnion: { case: 'cancelRequest', cancelRequest: { watchId } },
});

export const progress: WatchRequest = { requestUnion: { case: 'progressRequest', progressRequest: {} } };

/** The end of the range of all keys that begin with `prefix`. */
export function prefixEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
