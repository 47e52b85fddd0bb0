import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrpcCode } from '../../client/status.ts';
import { decodeHealthCheckResponse, encodeHealthCheckRequest, ServingStatus } from '../../proto/gen/etcd.ts';
import { eachTransport, fakeKv } from './fake-kv.ts';
import { framed, RawGrpc, resultOf } from './raw-grpc.ts';

const CHECK = '/grpc.health.v1.Health/Check';
const WATCH = '/grpc.health.v1.Health/Watch';

eachTransport('the health service of gRPC', {}, (serveFake) => {
  const rows: readonly (readonly [string, number, number | undefined])[] = [
    ['', GrpcCode.OK, ServingStatus.SERVING],
    ['etcdserverpb.KV', GrpcCode.NOT_FOUND, undefined],
  ];
  for (const [service, code, status] of rows) {
    test(`"${service}" -> ${code}`, { timeout: 20_000 }, async () => {
      const fake = await serveFake(fakeKv());
      const raw = new RawGrpc(fake.url);
      const result = await raw.call(CHECK, framed(encodeHealthCheckRequest({ service })));
      const [message] = result.messages;
      assert.deepEqual([result.code, message && decodeHealthCheckResponse(message).status], [code, status]);
      raw.close();
      await fake.server.close();
    });
  }

  test('a watcher is told that the server stops', { timeout: 20_000 }, async () => {
    const fake = await serveFake(fakeKv());
    const raw = new RawGrpc(fake.url);
    const stream = raw.open(WATCH);
    const result = resultOf(stream);
    const first = new Promise((resolve) => stream.once('data', resolve));
    stream.end(framed(encodeHealthCheckRequest({ service: '' })));
    await first;
    await fake.server.close();
    const statuses = (await result).messages.map((message) => decodeHealthCheckResponse(message).status);
    assert.deepEqual(statuses, [ServingStatus.SERVING, ServingStatus.NOT_SERVING]);
    raw.close();
  });
});
