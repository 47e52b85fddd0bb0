import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { StoreError } from '../../base/store-error.ts';
import { connectKvClient } from '../../client/grpc-client.ts';
import type { KvClient } from '../../client/kv-client.ts';
import {
  decodeKeyValue,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  type RangeRequest,
  type RangeResponse,
  SortOrder,
  SortTarget,
} from '../../proto/gen/etcd.ts';
import { RealCluster } from '../member/kit.ts';
import { type FakeServer, serveFake } from './fake-kv.ts';

const TIMEOUT = { timeout: 30_000 };
const KEYS = 300;
const ALL: RangeRequest = { ...EMPTY_RANGE_REQUEST, key: 's/', rangeEnd: 's0' };
const BIG: RangeRequest = { ...EMPTY_RANGE_REQUEST, key: 'big/', rangeEnd: 'big0' };

/** RangeStream of a member, asked in its own process and over gRPC. */
for (const where of ['here', 'over gRPC'] as const) {
  suite(`a range in pieces, ${where}`, () => {
    let cluster: RealCluster;
    let server: FakeServer;
    let kv: KvClient;

    before(async () => {
      cluster = await RealCluster.create(1);
      await cluster.start();
      const local = cluster.client('m1');
      server = await serveFake(local);
      kv = where === 'here' ? local : connectKvClient({ endpoints: [server.url] });
      for (let i = 0; i < KEYS; i++) await put(`s/${String(i).padStart(3, '0')}`, `v${i}`);
      const value = 'x'.repeat(300_000);
      for (let i = 0; i < 30; i++) await put(`big/${String(i).padStart(2, '0')}`, value);
    }, TIMEOUT);
    after(async () => {
      if (where !== 'here') await kv?.close();
      await server?.server.close();
      await cluster?.destroy();
    });

    const put = (key: string, value: string): Promise<unknown> =>
      kv.put({ ...EMPTY_PUT_REQUEST, key, value: Buffer.from(value) });

    for (const more of [
      {},
      { limit: 1 },
      { limit: 10 },
      { limit: 11 },
      { limit: 250 },
      { limit: 1000 },
      { keysOnly: true },
      { serializable: true },
      { revision: 100 },
      { revision: 100, limit: 50 },
      { sortOrder: SortOrder.ASCEND },
      { countOnly: true },
      { key: 's/007', rangeEnd: '' },
      { key: 'nothing', rangeEnd: '' },
      { key: '\0', rangeEnd: '\0', keysOnly: true },
    ]) {
      test(`is the range itself: ${JSON.stringify(more)}`, TIMEOUT, async () => {
        const request = { ...ALL, ...more };
        const whole = await kv.range(request);
        const pieces = await piecesOf(kv.rangeStream(request));
        const last = pieces.at(-1);
        assert.deepEqual(
          pieces.slice(0, -1).map(({ header, more: isMore, count }) => [header, isMore, count]),
          pieces.slice(0, -1).map(() => [undefined, false, 0]),
        );
        const { header, more: isMore, count } = last as RangeResponse;
        const kvs = pieces.flatMap((piece) => piece.kvs.map(decodeKeyValue));
        assert.deepEqual({ header, more: isMore, count, kvs }, { ...whole, kvs: whole.kvs.map(decodeKeyValue) });
      });
    }

    test('pieces grow with what is found, and stay near the greatest request', TIMEOUT, async () => {
      const sizes = (await piecesOf(kv.rangeStream(ALL))).map(({ kvs }) => kvs.length);
      assert.deepEqual(sizes, [10, 20, 40, 80, 150]);
      const bytes = (await piecesOf(kv.rangeStream(BIG))).map(({ kvs }) => Buffer.concat(kvs).length);
      assert.ok(Math.max(...bytes.slice(1)) < 3_500_000, String(bytes));
    });

    test('what is written meanwhile is not in it', TIMEOUT, async () => {
      const before = await kv.range(ALL);
      const stream = kv.rangeStream(ALL)[Symbol.asyncIterator]();
      const pieces = [(await stream.next()).value as RangeResponse];
      await put('s/250', 'changed');
      await put('s/999', 'new');
      await kv.deleteRange({ key: 's/260', rangeEnd: '', prevKv: false });
      pieces.push(...(await piecesOf({ [Symbol.asyncIterator]: () => stream })));
      assert.deepEqual(
        pieces.flatMap(({ kvs }) => kvs.map(decodeKeyValue)),
        before.kvs.map(decodeKeyValue),
      );
      assert.equal(pieces.at(-1)?.count, before.count);
      assert.equal(pieces.at(-1)?.header?.revision, before.header?.revision);
    });

    // Over gRPC the rest may be on its way by then.
    test('it breaks off when its revision is compacted', { ...TIMEOUT, skip: where !== 'here' }, async () => {
      const stream = kv.rangeStream(BIG)[Symbol.asyncIterator]();
      await stream.next();
      const { header } = (await put('s/000', 'now')) as RangeResponse;
      await kv.compact({ revision: header?.revision ?? 0, physical: false });
      await assert.rejects(piecesOf({ [Symbol.asyncIterator]: () => stream }), { code: 'COMPACTED' });
    });

    for (const [request, code, message] of [
      [{ key: '' }, 'KEY_EMPTY', ''],
      [{ sortOrder: 9 }, 'INVALID_SORT_OPTION', ''],
      [{ sortOrder: SortOrder.DESCEND }, 'UNIMPLEMENTED', 'RangeStream does not support custom sort orders'],
      [
        { sortOrder: SortOrder.ASCEND, sortTarget: SortTarget.MOD },
        'UNIMPLEMENTED',
        'RangeStream does not support custom sort orders',
      ],
      [{ minModRevision: 3 }, 'UNIMPLEMENTED', 'RangeStream does not support revision filters'],
      [{ revision: 1_000_000 }, 'FUTURE_REVISION', ''],
    ] as const) {
      test(`refused: ${JSON.stringify(request)}`, TIMEOUT, async () => {
        await assert.rejects(piecesOf(kv.rangeStream({ ...ALL, ...request })), (error) => {
          assert.ok(error instanceof StoreError);
          assert.equal(error.code, code);
          if (message !== '') assert.equal(error.message, message);
          return true;
        });
      });
    }
  });
}

async function piecesOf(stream: AsyncIterable<RangeResponse>): Promise<RangeResponse[]> {
  const pieces: RangeResponse[] = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}
