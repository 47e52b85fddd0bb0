import assert from 'node:assert/strict';
import { request } from 'node:http';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { EMPTY_BYTES } from '../../base/bytes.ts';
import type { CancelSignal } from '../../base/cancel.ts';
import { StoreError, type StoreErrorCode } from '../../base/store-error.ts';
import type { KvClient, WatchStream } from '../../client/kv-client.ts';
import {
  EMPTY_KEY_VALUE,
  EMPTY_RANGE_RESPONSE,
  EMPTY_WATCH_RESPONSE,
  encodeKeyValue,
  type WatchCreateRequest,
  type WatchResponse,
} from '../../proto/gen/etcd.ts';
import type { CallContext } from '../../rpc/service.ts';
import { eventually } from '../kit/process.ts';
import { type FakeServer, fakeKv, serveFake } from './fake-kv.ts';
import { b64, exchange, lines, openPost } from './raw-http.ts';

const TIMEOUT = { timeout: 20_000 };
const SOON = { timeoutMs: 10_000, everyMs: 10 };

async function withServer(overrides: Partial<KvClient>, use: (served: FakeServer) => Promise<void>): Promise<void> {
  const served = await serveFake(fakeKv(overrides));
  try {
    await use(served);
    assert.deepEqual(served.defects, []);
  } finally {
    await served.server.close();
  }
}

/** Watchers that are there until they are cancelled; with `flood`, each is sent large events without end. */
class Watchers implements WatchStream {
  readonly created: WatchCreateRequest[] = [];
  readonly canceled: number[] = [];
  pulled = 0;
  closed = false;
  readonly #flood: boolean;
  readonly #ready: WatchResponse[] = [];
  #wake: (() => void) | undefined;

  constructor(flood: boolean) {
    this.#flood = flood;
  }

  create(wanted: WatchCreateRequest): void {
    this.created.push(wanted);
    this.#push({ ...EMPTY_WATCH_RESPONSE, watchId: wanted.watchId, created: true });
  }

  cancel(watchId: number): void {
    this.canceled.push(watchId);
    this.#push({ ...EMPTY_WATCH_RESPONSE, watchId, canceled: true });
  }

  requestProgress(): void {
    this.#push({ ...EMPTY_WATCH_RESPONSE, watchId: -1 });
  }

  async next(): Promise<readonly WatchResponse[] | undefined> {
    while (!this.closed) {
      const ready = this.#ready.splice(0);
      if (ready.length > 0) return ready;
      if (this.#flood && this.created.length > 0) {
        this.pulled++;
        const kv = encodeKeyValue({ ...EMPTY_KEY_VALUE, key: 'k', value: new Uint8Array(100_000) });
        return [{ ...EMPTY_WATCH_RESPONSE, events: [{ type: 0, kv, prevKv: undefined }] }];
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return undefined;
  }

  close(): void {
    this.closed = true;
    this.#wake?.();
  }

  #push(response: WatchResponse): void {
    this.#ready.push(response);
    this.#wake?.();
  }
}

suite('the JSON gateway', () => {
  const statuses: readonly (readonly [StoreErrorCode, number, number])[] = [
    ['KEY_EMPTY', 400, 3],
    ['COMPACTED', 400, 11],
    ['LEASE_NOT_FOUND', 404, 5],
    ['NO_SPACE', 429, 8],
    ['LEASE_EXISTS', 400, 9],
    ['NO_LEADER', 503, 14],
    ['CORRUPT', 500, 15],
    ['DEADLINE_EXCEEDED', 504, 4],
    ['REQUEST_CANCELED', 499, 1],
    ['UNIMPLEMENTED', 501, 12],
  ];
  for (const [code, httpStatus, grpcCode] of statuses) {
    test(`${code} is ${httpStatus}`, TIMEOUT, () =>
      withServer({ range: () => Promise.reject(new StoreError(code)) }, async ({ url }) => {
        const { status, body } = await exchange(`${url}/v3/kv/range`, { body: '{}' });
        assert.equal(status, httpStatus);
        assert.equal((JSON.parse(body) as { code: number }).code, grpcCode);
      }),
    );
  }

  test('a defect tells nothing and is logged', TIMEOUT, async () => {
    const served = await serveFake(fakeKv({ range: () => Promise.reject(new TypeError('secret')) }));
    const { status, body } = await exchange(`${served.url}/v3/kv/range`, { body: '{}' });
    assert.deepEqual([status, body], [500, '{"code":13,"message":"internal error"}']);
    assert.equal(served.defects.length, 1);
    await served.server.close();
  });

  test('headers are metadata: what a caller may insist on', TIMEOUT, async () => {
    const member = { hasLeader: () => false, isLearner: () => false };
    const served = await serveFake(fakeKv(), member);
    const headers = { 'Grpc-Metadata-hasleader': 'true' };
    const refused = await exchange(`${served.url}/v3/kv/range`, { body: '{}', headers });
    assert.deepEqual([refused.status, refused.body], [503, '{"code":14,"message":"etcdserver: no leader"}']);
    assert.equal((await exchange(`${served.url}/v3/kv/range`, { body: '{}' })).status, 200);
    await served.server.close();
  });

  test('headers are metadata: who calls', TIMEOUT, async () => {
    const seen: (string | undefined)[] = [];
    const range: KvClient['range'] = (_request, options) => {
      const { metadata } = options as CallContext;
      seen.push(metadata('authorization'), metadata('token'), metadata('user-agent'));
      return Promise.resolve(EMPTY_RANGE_RESPONSE);
    };
    await withServer({ range }, async ({ url }) => {
      const headers = { Authorization: 'abc.1', 'Grpc-Metadata-Token': 'abc.2', 'User-Agent': 'x' };
      await exchange(`${url}/v3/kv/range`, { body: '{}', headers });
      assert.deepEqual(seen, ['abc.1', 'abc.2', undefined]);
    });
  });

  test('calls are counted as those of gRPC', TIMEOUT, () =>
    withServer({}, async ({ url, registry }) => {
      await exchange(`${url}/v3/kv/range`, { body: '{}' });
      await exchange(`${url}/v3/kv/range`, { body: '{' });
      const metrics = await registry.metrics();
      assert.match(metrics, /^grpc_server_handled_total\{.*grpc_method="Range",grpc_code="OK"\} 1$/m);
      assert.match(metrics, /^grpc_server_handled_total\{.*grpc_method="Range",grpc_code="InvalidArgument"\} 1$/m);
    }),
  );

  test('a Grpc-Timeout ends the call', TIMEOUT, () =>
    withServer({ range: (_request, options) => untilAborted(options?.signal) }, async ({ url }) => {
      const answer = await exchange(`${url}/v3/kv/range`, { body: '{}', headers: { 'grpc-timeout': '50m' } });
      assert.deepEqual([answer.status, answer.body], [504, '{"code":4,"message":"context deadline exceeded"}']);
    }),
  );

  test('a client that goes cancels its call', TIMEOUT, async () => {
    let started = false;
    let ended = false;
    const range: KvClient['range'] = (_request, options) => {
      started = true;
      return untilAborted(options?.signal).finally(() => {
        ended = true;
      });
    };
    await withServer({ range }, async ({ url }) => {
      const sent = openPost(`${url}/v3/kv/range`, () => undefined);
      sent.on('error', () => undefined);
      sent.end('{}');
      await eventually('the call runs', () => started || undefined, SOON);
      sent.destroy();
      await eventually('the call ends', () => ended || undefined, SOON);
    });
  });

  test('a request that is too large is refused, by gRPC or before', TIMEOUT, () =>
    withServer({}, async ({ url }) => {
      const large = await exchange(`${url}/v3/kv/put`, { body: `{"value":"${'A'.repeat(4_000_000)}"}` });
      assert.equal(large.status, 429);
      assert.match(large.body, /"grpc: received message larger than max \(\d+ vs\. 2097152\)"/);
      const write = await exchange(`${url}/v3/kv/put`, { body: `{"key":"YQ==","value":"${'A'.repeat(2_200_000)}"}` });
      assert.deepEqual([write.status, write.body], [400, '{"code":3,"message":"etcdserver: request is too large"}']);
      const vast = openPost(`${url}/v3/kv/put`, () => undefined);
      const status = new Promise((resolve) => {
        vast.on('response', ({ statusCode }) => resolve(statusCode));
        vast.on('error', () => undefined);
      });
      vast.write('{"value":"');
      const more = Buffer.alloc(1_000_000, 'A');
      for (let i = 0; i < 20; i++) vast.write(more);
      assert.equal(await status, 429);
      vast.destroy();
    }),
  );

  test('requests of a stream are served as they come, and answers as there are', TIMEOUT, async () => {
    const watchers = new Watchers(false);
    await withServer({ watch: () => watchers }, async ({ url }) => {
      let got = '';
      const sent = openPost(`${url}/v3/watch`, (response) => {
        response.setEncoding('utf8').on('data', (text: string) => {
          got += text;
        });
        response.on('error', () => undefined);
      });
      sent.on('error', () => undefined);
      const untilGot = (count: number): Promise<unknown> =>
        eventually(`${count} lines`, () => got.split('\n').length === count + 1 || undefined, SOON);
      sent.write('{"create_request":{"key":"YQ==","wat');
      await delay(20);
      assert.equal(watchers.created.length, 0);
      sent.write('ch_id":"5"}}');
      await untilGot(1);
      sent.write('{"progress_request":{}}{"cancel_request":{"watch_id":5}}');
      await untilGot(3);
      assert.equal(
        got,
        '{"result":{"watch_id":"5","created":true}}\n{"result":{"watch_id":"-1"}}\n{"result":{"watch_id":"5","canceled":true}}\n',
      );
      assert.deepEqual([watchers.created[0]?.key, watchers.canceled], ['a', [5]]);
      sent.end();
      await delay(50);
      assert.equal(watchers.closed, false, 'the end of the requests is not the end of the watchers');
      sent.destroy();
      await eventually('the watchers are gone', () => watchers.closed || undefined, SOON);
    });
  });

  test('a client that does not read is not pulled for', TIMEOUT, async () => {
    const watchers = new Watchers(true);
    await withServer({ watch: () => watchers }, async ({ url }) => {
      const sent = openPost(`${url}/v3/watch`, (response) => void response.pause());
      sent.on('error', () => undefined);
      sent.end('{"create_request":{}}');
      let before = -1;
      await eventually(
        'no more is pulled',
        async () => {
          const isStill = watchers.pulled > 0 && watchers.pulled === before;
          before = watchers.pulled;
          await delay(100);
          return isStill || undefined;
        },
        SOON,
      );
      assert.ok(watchers.pulled < 200, `${watchers.pulled} batches were pulled`);
      sent.destroy();
      await eventually('the watchers are gone', () => watchers.closed || undefined, SOON);
    });
  });

  test('a stream that fails says so: in its last line, or as the answer', TIMEOUT, () =>
    withServer(
      {
        leaseKeepAlive: (id) =>
          id === 1n
            ? Promise.reject(new StoreError('NO_LEADER'))
            : Promise.resolve({ header: undefined, ID: id, TTL: 5 }),
      },
      async ({ url }) => {
        const error = '{"error":{"code":14,"message":"etcdserver: no leader"}}\n';
        const first = await lines(`${url}/v3/lease/keepalive`, { body: '{"ID":"1"}', count: 9, timeoutMs: 5_000 });
        assert.deepEqual([first.status, first.body], [503, error]);
        const second = await lines(`${url}/v3/lease/keepalive`, {
          body: '{"ID":"2"}{"ID":1}',
          count: 9,
          timeoutMs: 5_000,
        });
        assert.deepEqual([second.status, second.body], [200, `{"result":{"ID":"2","TTL":"5"}}\n${error}`]);
        const malformed = await lines(`${url}/v3/lease/keepalive`, { body: '{"ID":', count: 9, timeoutMs: 5_000 });
        assert.equal(malformed.status, 400);
        assert.match(malformed.body, /^{"error":{"code":3,"message":"Failed to decode request: unexpected EOF"}}\n$/);
      },
    ),
  );

  test('a connection serves one request after the other', TIMEOUT, () =>
    withServer({}, async ({ url }) => {
      const { Agent } = await import('node:http');
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const ask = (path: string, body: string): Promise<number | undefined> =>
        new Promise((resolve, reject) => {
          const sent = request(`${url}${path}`, { method: 'POST', agent }, (response) => {
            response.resume().on('end', () => resolve(response.statusCode));
          });
          sent.on('error', reject);
          sent.end(body);
        });
      const bodies = ['{}', '{', '', '{}  trailing', '{"limit":"x"}'];
      const got = [];
      for (const body of bodies) got.push(await ask('/v3/kv/range', body));
      assert.deepEqual(got, [200, 400, 200, 200, 400]);
      agent.destroy();
    }),
  );

  test('a server that closes ends its streams', TIMEOUT, async () => {
    const watchers = new Watchers(false);
    const served = await serveFake(fakeKv({ watch: () => watchers }));
    const ended = new Promise<void>((resolve) => {
      const sent = openPost(`${served.url}/v3/watch`, (response) => {
        response.on('error', () => undefined).on('close', resolve);
        response.once('data', () => void served.server.close());
      });
      sent.on('error', () => undefined);
      sent.end('{"create_request":{}}');
    });
    await ended;
    await eventually('the watchers are gone', () => watchers.closed || undefined, SOON);
  });

  test('many malformed requests at once leave nothing behind', TIMEOUT, () =>
    withServer({}, async ({ url, registry }) => {
      const bodies = ['\0', '{"key":', '[[[[', '{"a":"\\ud800"}', '{"key":"\xff"}', `{"a":${'['.repeat(50_000)}`];
      await Promise.all(
        Array.from({ length: 60 }, async (_, i) => {
          const { status } = await exchange(`${url}/v3/kv/range`, { body: bodies[i % bodies.length] ?? '' });
          assert.ok(status === 400 || status === 200);
        }),
      );
      const open = /^keelson_client_connections (\d+)$/m;
      await eventually(
        'the connections are closed',
        async () => open.exec(await registry.metrics())?.[1] === '0' || undefined,
        SOON,
      );
    }),
  );

  test('values are base64, and text in lines can stand in HTML', TIMEOUT, () =>
    withServer(
      {
        range: () => {
          const kv = encodeKeyValue({ ...EMPTY_KEY_VALUE, key: '\xff', value: EMPTY_BYTES, lease: -1n });
          return Promise.resolve({ ...EMPTY_RANGE_RESPONSE, kvs: [kv], count: 2 ** 53 });
        },
        leaseKeepAlive: () => Promise.reject(new StoreError('UNKNOWN', 'a<b>&"c"')),
      },
      async ({ url }) => {
        const range = await exchange(`${url}/v3/kv/range`, { body: `{"key":"${b64('\xff')}"}` });
        assert.equal(range.body, '{"kvs":[{"key":"/w==","lease":"-1"}],"count":"9007199254740992"}');
        const failed = await lines(`${url}/v3/lease/keepalive`, { body: '{}', count: 1, timeoutMs: 5_000 });
        assert.equal(failed.body, '{"error":{"code":2,"message":"a\\u003cb\\u003e\\u0026\\"c\\""}}\n');
      },
    ),
  );
});

function untilAborted(signal: CancelSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new StoreError('REQUEST_CANCELED')));
  });
}
