import { prefixEnd } from '../../base/bytes.ts';
import type { CancelSignal } from '../../base/cancel.ts';
import type { CallOptions, KvClient } from '../../client/kv-client.ts';
import {
  CompareResult,
  CompareTarget,
  decodeKeyValue,
  type KeyValue,
  type RangeRequest,
  type RangeResponse,
  type TxnResponse,
} from '../../proto/gen/etcd.ts';
import type { GroupResource } from '../errors.ts';
import { LeasePool } from './lease-pool.ts';
import { STORE_LIMITS } from './limits.ts';
import { type Attempt, storeFailure } from './store-failure.ts';

/** One value and the revision that wrote it, which is its resourceVersion. */
export interface StoredValue {
  readonly key: string;
  readonly value: Buffer;
  readonly revision: number;
}

export interface StoredPage {
  readonly items: readonly StoredValue[];
  /** The store's revision this page is a snapshot of. */
  readonly revision: number;
  readonly more: boolean;
  /** All keys of the range, from `start` on. */
  readonly count: number;
}

export type WriteResult =
  | { readonly done: true; readonly revision: number }
  /** Somebody else was faster: what is there now (undefined: nothing). */
  | { readonly done: false; readonly current: StoredValue | undefined };

export interface StoreCall {
  readonly resource: GroupResource;
  readonly signal?: CancelSignal | undefined;
}

/**
 * Optimistic reads and writes of single keys, in the transactions that kube-apiserver uses (etcd3 store: OptimisticPut and OptimisticDelete).
 * Errors are ApiError.
 */
export class ObjectStore {
  readonly kv: KvClient;
  /** `/registry`, without a slash at the end. */
  readonly prefix: string;
  readonly #leases: LeasePool;

  constructor(kv: KvClient, options: { readonly prefix?: string; readonly now: () => number }) {
    this.kv = kv;
    this.prefix = (options.prefix ?? '/registry').replace(/\/+$/, '');
    this.#leases = new LeasePool(kv, options.now);
  }

  /** A linearizable read of one key. */
  async get(
    key: string,
    call: StoreCall,
  ): Promise<{ readonly value: StoredValue | undefined; readonly revision: number }> {
    const response = await this.#guard('get', false, call, (o) =>
      this.kv.range(rangeOf({ key }), { ...o, ...ONE_KEY }),
    );
    return { value: storedValues(response.kvs)[0], revision: revisionOf(response) };
  }

  /** Writes a key that must not exist, while another one is `unchanged`. */
  create(
    key: string,
    value: Buffer,
    ttlSeconds: number,
    call: StoreCall,
    unchanged?: { readonly key: string; readonly revision: number },
  ): Promise<WriteResult> {
    return this.#put('create', key, value, { expected: 0, ttlSeconds, unchanged }, call);
  }

  /** Writes a key that must still be at `expected`. */
  update(key: string, value: Buffer, expected: number, ttlSeconds: number, call: StoreCall): Promise<WriteResult> {
    return this.#put('update', key, value, { expected, ttlSeconds }, call);
  }

  async delete(key: string, expected: number, call: StoreCall): Promise<WriteResult> {
    const response = await this.#guard('delete', true, call, (o) =>
      this.kv.txn(
        {
          compare: [isAt(key, expected)],
          success: [
            { request: { case: 'requestDeleteRange', requestDeleteRange: { key, rangeEnd: '', prevKv: false } } },
          ],
          failure: [{ request: { case: 'requestRange', requestRange: rangeOf({ key }) } }],
        },
        o,
      ),
    );
    return resultOf(response);
  }

  /**
   * Keys with `prefix` from `start` (a path below it) on, at most `limit` (0 = all), as of `revision` (0 = now, linearizable).
   * Errors: ApiError Expired for a compacted revision, Timeout for a future one.
   */
  async list(
    prefix: string,
    options: { readonly start?: string; readonly limit?: number; readonly revision?: number },
    call: StoreCall,
  ): Promise<StoredPage> {
    const request = rangeOf({
      key: prefix + (options.start ?? ''),
      rangeEnd: prefixEnd(prefix),
      limit: options.limit ?? 0,
      revision: options.revision ?? 0,
    });
    const response = await this.#guard('list', false, call, (o) => this.kv.range(request, o));
    return {
      items: storedValues(response.kvs),
      revision: options.revision ? options.revision : revisionOf(response),
      more: response.more,
      count: response.count,
    };
  }

  /** The revision of everything committed so far: a cheap linearizable read. */
  async currentRevision(call: StoreCall): Promise<number> {
    const request = rangeOf({ key: `${this.prefix}\0`, countOnly: true });
    return revisionOf(await this.#guard('get', false, call, (o) => this.kv.range(request, { ...o, ...ONE_KEY })));
  }

  /** Errors: ApiError Expired when the store has compacted the revision. */
  async checkKept(revision: number, call: StoreCall): Promise<void> {
    const request = rangeOf({ key: `${this.prefix}\0`, countOnly: true, revision });
    await this.#guard('list', false, call, (o) => this.kv.range(request, { ...o, ...ONE_KEY }));
  }

  async #put(
    verb: string,
    key: string,
    value: Buffer,
    { expected, ttlSeconds, unchanged }: PutConditions,
    call: StoreCall,
  ): Promise<WriteResult> {
    const response = await this.#guard(verb, true, call, async (o) => {
      const lease = ttlSeconds > 0 ? await this.#leases.leaseFor(ttlSeconds) : 0n;
      const requestPut = { key, value, lease, prevKv: false, ignoreValue: false, ignoreLease: false };
      return this.kv.txn(
        {
          compare: [isAt(key, expected), ...(unchanged ? [isAt(unchanged.key, unchanged.revision)] : [])],
          success: [{ request: { case: 'requestPut', requestPut } }],
          failure: [{ request: { case: 'requestRange', requestRange: rangeOf({ key }) } }],
        },
        o,
      );
    });
    return resultOf(response);
  }

  async #guard<T>(
    verb: string,
    write: boolean,
    call: StoreCall,
    run: (options: CallOptions) => Promise<T>,
  ): Promise<T> {
    const attempt: Attempt = { verb, resource: call.resource, write };
    try {
      // A write that was sent is not called off when its client goes away: its outcome would be unknown to everybody.
      const signal = write ? undefined : call.signal;
      return await run({ timeoutMs: STORE_LIMITS.callTimeoutMs, ...(signal ? { signal } : {}) });
    } catch (error) {
      throw storeFailure(error, attempt);
    }
  }
}

/** Such a read is as quick to repeat as it was to ask. */
const ONE_KEY: CallOptions = { attemptTimeoutMs: STORE_LIMITS.attemptTimeoutMs };

/** A Range with everything that is not named left at zero. */
export function rangeOf(wanted: Partial<RangeRequest> & { readonly key: string }): RangeRequest {
  return { ...EMPTY_RANGE, ...wanted };
}
const EMPTY_RANGE: RangeRequest = {
  key: '',
  rangeEnd: '',
  limit: 0,
  revision: 0,
  sortOrder: 0,
  sortTarget: 0,
  serializable: false,
  keysOnly: false,
  countOnly: false,
  minModRevision: 0,
  maxModRevision: 0,
  minCreateRevision: 0,
  maxCreateRevision: 0,
};

const isAt = (key: string, modRevision: number) => ({
  result: CompareResult.EQUAL,
  target: CompareTarget.MOD,
  key,
  rangeEnd: '',
  targetUnion: { case: 'modRevision', modRevision } as const,
});

interface PutConditions {
  readonly expected: number;
  readonly ttlSeconds: number;
  readonly unchanged?: { readonly key: string; readonly revision: number } | undefined;
}

/** The value as a Buffer over the same bytes. */
export function valueBuffer({ value }: Pick<KeyValue, 'value'>): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.length);
}

function storedValues(kvs: readonly Uint8Array[]): readonly StoredValue[] {
  return kvs.map((bytes) => {
    const kv = decodeKeyValue(bytes);
    return { key: kv.key, value: valueBuffer(kv), revision: kv.modRevision };
  });
}

const revisionOf = (response: RangeResponse | TxnResponse): number => response.header?.revision ?? 0;

function resultOf(response: TxnResponse): WriteResult {
  if (response.succeeded) return { done: true, revision: revisionOf(response) };
  const first = response.responses[0]?.response;
  const kvs = first?.case === 'responseRange' ? first.responseRange.kvs : [];
  return { done: false, current: storedValues(kvs)[0] };
}
