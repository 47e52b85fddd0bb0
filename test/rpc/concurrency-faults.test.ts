import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EMPTY_BYTES } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import type { CallOptions, KvClient, WatchStream } from '../../client/kv-client.ts';
import { GrpcCode } from '../../client/status.ts';
import {
  ElectionService,
  EMPTY_KEY_VALUE,
  EMPTY_RANGE_RESPONSE,
  EMPTY_RESPONSE_HEADER,
  EMPTY_WATCH_RESPONSE,
  EventType,
  encodeKeyValue,
  LockService,
  type RangeRequest,
  type TxnRequest,
  type TxnResponse,
  type WatchResponse,
} from '../../proto/gen/etcd.ts';
import type { Method } from '../../proto/method.ts';
import { electionService } from '../../rpc/concurrency/election.ts';
import { lockService } from '../../rpc/concurrency/lock.ts';
import { RpcError } from '../../rpc/errors.ts';
import { RPC_LIMITS } from '../../rpc/limits.ts';
import { fakeKv } from './fake-kv.ts';

const HEADER = { ...EMPTY_RESPONSE_HEADER, revision: 10 };
const OTHER = encodeKeyValue({ ...EMPTY_KEY_VALUE, key: 'q/1', createRevision: 5 });
const OWN = encodeKeyValue({ ...EMPTY_KEY_VALUE, key: 'q/7', createRevision: 10 });

/** A queue in which somebody stands before the caller, until `free` is set. */
class Queue {
  free = false;
  readonly transactions: TxnRequest[] = [];
  /** What each watch finds, in turn; an error is what it fails with. */
  readonly watches: (readonly WatchResponse[] | Error)[] = [];
  onTxn: (options: CallOptions | undefined) => void = () => undefined;

  readonly kv: KvClient = fakeKv({
    txn: async (request, options): Promise<TxnResponse> => {
      this.transactions.push(request);
      this.onTxn(options);
      const kvs = [this.free ? OWN : OTHER];
      const first = { ...EMPTY_RANGE_RESPONSE, kvs };
      const put = { response: undefined };
      const range = { response: { case: 'responseRange' as const, responseRange: first } };
      return { header: HEADER, succeeded: true, responses: [put, range] };
    },
    range: async (request: RangeRequest) => {
      if (request.rangeEnd === '') return { ...EMPTY_RANGE_RESPONSE, header: HEADER, kvs: [OWN] };
      return { ...EMPTY_RANGE_RESPONSE, header: HEADER, kvs: this.free ? [] : [OTHER] };
    },
    watch: () => this.#watch(),
  });

  get deletions(): number {
    return this.transactions.filter(({ success }) => success[0]?.request?.case === 'requestDeleteRange').length;
  }

  #watch(): WatchStream {
    let close = (): void => undefined;
    const closed = new Promise<undefined>((resolve) => {
      close = () => resolve(undefined);
    });
    return {
      create: () => undefined,
      cancel: () => undefined,
      requestProgress: () => undefined,
      next: async () => {
        const next = this.watches.shift();
        if (next instanceof Error) throw next;
        this.free ||= next?.some(({ events }) => events.length > 0) === true;
        return next ?? closed;
      },
      close,
    };
  }
}

async function call<Request, Response>(
  kv: KvClient,
  method: Method<Request, Response>,
  request: Request,
  signal = new AbortController().signal,
): Promise<Response> {
  const binding = [...lockService(kv), ...electionService(kv)].find(({ path }) => path === method.path);
  if (binding?.type !== 'unary') throw new TypeError('not a unary method');
  const context = { signal, metadata: () => undefined };
  return method.decodeResponse(await binding.call(method.encodeRequest(request), context));
}

const LOCK = { name: 'q', lease: 7n };
const CAMPAIGN = { name: 'q', lease: 7n, value: EMPTY_BYTES };

suite('locks and elections when things go wrong', () => {
  test('compaction behind a wait: the queue is looked at again', async () => {
    const queue = new Queue();
    queue.watches.push([{ ...EMPTY_WATCH_RESPONSE, canceled: true, compactRevision: 20 }]);
    queue.watches.push([
      { ...EMPTY_WATCH_RESPONSE, created: true },
      { ...EMPTY_WATCH_RESPONSE, events: [{ type: EventType.DELETE, kv: OTHER, prevKv: undefined }] },
    ]);
    assert.equal((await call(queue.kv, LockService.Lock, LOCK)).key, 'q/7');
    assert.equal(queue.deletions, 0);
  });

  const failures: readonly (readonly [string, readonly WatchResponse[] | Error, string])[] = [
    ['no leader', new StoreError('NO_LEADER'), 'etcdserver: no leader'],
    ['canceled', [{ ...EMPTY_WATCH_RESPONSE, canceled: true }], 'etcdserver: watch canceled'],
  ];
  for (const [name, failure, text] of failures) {
    test(`a watch that fails (${name}) ends the wait, and the place is given back`, async () => {
      for (const attempt of [
        (kv: KvClient) => call(kv, LockService.Lock, LOCK),
        (kv: KvClient) => call(kv, ElectionService.Campaign, CAMPAIGN),
      ]) {
        const queue = new Queue();
        queue.watches.push(failure);
        await assert.rejects(attempt(queue.kv), (error) => {
          assert.ok(error instanceof RpcError);
          assert.deepEqual(error.status, { code: GrpcCode.UNKNOWN, text });
          return true;
        });
        assert.equal(queue.deletions, 1);
      }
    });
  }

  for (const free of [false, true]) {
    test(`a caller that leaves while the ${free ? 'first' : 'second'} place is taken does not keep it`, async () => {
      const queue = new Queue();
      queue.free = free;
      const abort = new AbortController();
      queue.onTxn = (options) => {
        abort.abort();
        assert.equal(options?.signal?.aborted, false, 'what was begun is not cut off');
      };
      await assert.rejects(call(queue.kv, LockService.Lock, LOCK, abort.signal), { code: 'REQUEST_CANCELED' });
      assert.equal(queue.deletions, 1);
    });
  }

  test('a place that cannot be given back is left to its lease', async () => {
    const queue = new Queue();
    queue.watches.push(new StoreError('NO_LEADER'));
    let transactions = 0;
    queue.onTxn = () => {
      if (++transactions > 1) throw new StoreError('TIMEOUT');
    };
    await assert.rejects(call(queue.kv, LockService.Lock, LOCK), { message: 'etcdserver: no leader' });
  });

  test('a name that is too large is refused before anything is written', async () => {
    const queue = new Queue();
    const name = 'n'.repeat(RPC_LIMITS.maxRequestBytes);
    await assert.rejects(call(queue.kv, LockService.Lock, { name, lease: 7n }), {
      message: 'etcdserver: request is too large',
    });
    assert.equal(queue.transactions.length, 0);
  });
});
