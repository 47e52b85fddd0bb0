import { utf8Bytes, utf8Text } from '../../../base/bytes.ts';
import type { CallOptions, KvClient } from '../../../client/kv-client.ts';
import {
  type Compare,
  CompareResult,
  CompareTarget,
  decodeKeyValue,
  EMPTY_COMPARE,
  EMPTY_DELETE_RANGE_REQUEST,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  type RequestOp,
} from '../../../proto/gen/etcd.ts';
import type { KvInput, KvOutput } from '../../models/kv.ts';

/** What the store answered. `wrote`: the revision is this call's own. */
export interface KvAnswer {
  readonly output: KvOutput;
  readonly revision: number;
  readonly wrote: boolean;
}

/** Does what `input` says, in one call of the etcd API. */
export function callStore(kv: KvClient, input: KvInput, options: CallOptions): Promise<KvAnswer> {
  switch (input.type) {
    case 'get':
      return input.keys.length === 1 ? get(kv, input.keys[0] ?? '', options) : getAll(kv, input.keys, options);
    case 'put':
      return input.keys.length === 1
        ? put(kv, input.keys[0] ?? '', input.value, options)
        : putAll(kv, input.keys, input.value, options);
    case 'delete':
      return remove(kv, input.keys[0], options);
    case 'cas':
      return compareAndSwap(kv, input, options);
  }
}

async function get(kv: KvClient, key: string, options: CallOptions): Promise<KvAnswer> {
  const { header, kvs } = await kv.range({ ...EMPTY_RANGE_REQUEST, key }, options);
  return { output: { values: [valueIn(kvs[0])] }, revision: header?.revision ?? 0, wrote: false };
}

async function getAll(kv: KvClient, keys: readonly string[], options: CallOptions): Promise<KvAnswer> {
  const { header, responses } = await kv.txn({ compare: [], success: keys.map(getOp), failure: [] }, options);
  const values = responses.map(({ response }) =>
    valueIn(response?.case === 'responseRange' ? response.responseRange.kvs[0] : undefined),
  );
  return { output: { values }, revision: header?.revision ?? 0, wrote: false };
}

async function put(kv: KvClient, key: string, value: string, options: CallOptions): Promise<KvAnswer> {
  const { header } = await kv.put({ ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(value) }, options);
  return { output: {}, revision: header?.revision ?? 0, wrote: true };
}

async function putAll(kv: KvClient, keys: readonly string[], value: string, options: CallOptions): Promise<KvAnswer> {
  const success = keys.map((key) => putOp(key, value));
  const { header } = await kv.txn({ compare: [], success, failure: [] }, options);
  return { output: {}, revision: header?.revision ?? 0, wrote: true };
}

async function remove(kv: KvClient, key: string, options: CallOptions): Promise<KvAnswer> {
  const { header, deleted } = await kv.deleteRange({ ...EMPTY_DELETE_RANGE_REQUEST, key }, options);
  return { output: { done: deleted > 0 }, revision: header?.revision ?? 0, wrote: deleted > 0 };
}

async function compareAndSwap(
  kv: KvClient,
  { keys: [key], expected, value }: Extract<KvInput, { type: 'cas' }>,
  options: CallOptions,
): Promise<KvAnswer> {
  const { header, succeeded } = await kv.txn(
    {
      compare: [expected === undefined ? createdAt(key, 0) : holds(key, expected)],
      success: [putOp(key, value)],
      failure: [getOp(key)],
    },
    options,
  );
  return { output: { done: succeeded }, revision: header?.revision ?? 0, wrote: succeeded };
}

/** Compares the revision at which a key was created; 0: it must not exist. */
export function createdAt(key: string, createRevision: number): Compare {
  const targetUnion = { case: 'createRevision', createRevision } as const;
  return { ...EMPTY_COMPARE, result: CompareResult.EQUAL, target: CompareTarget.CREATE, key, targetUnion };
}

function holds(key: string, value: string): Compare {
  const targetUnion = { case: 'value', value: utf8Bytes(value) } as const;
  return { ...EMPTY_COMPARE, result: CompareResult.EQUAL, target: CompareTarget.VALUE, key, targetUnion };
}

export function putOp(key: string, value: string, lease = 0n): RequestOp {
  return { request: { case: 'requestPut', requestPut: { ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(value), lease } } };
}

export function getOp(key: string): RequestOp {
  return { request: { case: 'requestRange', requestRange: { ...EMPTY_RANGE_REQUEST, key } } };
}

function valueIn(row: Uint8Array | undefined): string | undefined {
  return row === undefined ? undefined : utf8Text(decodeKeyValue(row).value);
}
