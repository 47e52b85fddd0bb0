import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { suite, test } from 'node:test';
import { Registry } from 'prom-client';
import { CONNECTION_DEFAULTS } from '../../rpc/connection-options.ts';
import { type EtcdServerOptions, serveEtcd, type TransportName } from '../../rpc/server.ts';
import { fakeKv } from './fake-kv.ts';
import { exchange } from './raw-http.ts';

const TIMEOUT = { timeout: 20_000 };
const quiet = (): void => undefined;

function serve(more: Partial<EtcdServerOptions>): ReturnType<typeof serveEtcd> {
  return serveEtcd({
    kv: fakeKv(),
    listenUrls: ['http://127.0.0.1:0'],
    listenMetricsUrls: ['http://127.0.0.1:0'],
    logger: { info: quiet, warn: quiet, error: quiet },
    registry: new Registry(),
    ...more,
  });
}

suite('what flags say about the edge', () => {
  test('names that are not ours are not answered to: DNS rebinding', TIMEOUT, async () => {
    const server = await serve({ hostWhitelist: ['127.0.0.1', 'store.example'] });
    const [url = '', metrics = ''] = [...server.urls, ...server.metricsUrls];
    const rows: readonly (readonly [string, number])[] = [
      ['store.example', 200],
      ['store.example:2379', 200],
      ['evil.example', 421],
      ['evil.example:2379', 421],
      ['store.example.evil.example', 421],
      ['[::1]:2379', 421],
    ];
    for (const [host, status] of rows) {
      const answer = await exchange(`${url}/version`, { method: 'GET', headers: { host } });
      assert.equal(answer.status, status, host);
      if (status === 421) assert.match(answer.body, /the Host header was unrecognized[\s\S]+CVE-2018-5702/);
    }
    const foreign = { method: 'POST', body: '{"key":"YQ=="}', headers: { host: 'evil.example' } };
    assert.equal((await exchange(`${url}/v3/kv/range`, foreign)).status, 421);
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };
    const socket = { method: 'GET', headers: { host: 'evil.example', 'sec-websocket-version': '13', ...upgrade } };
    assert.equal((await exchange(`${url}/v3/watch`, socket)).status, 421);
    assert.equal((await exchange(`${url}/version`, { method: 'GET' })).status, 200);
    // Only metrics and health are there, which tell nothing of the store.
    assert.equal((await exchange(`${metrics}/health`, { method: 'GET', headers: { host: 'x' } })).status, 200);
    await server.close();
  });

  test('the gateway can be left out', TIMEOUT, async () => {
    const server = await serve({ servesGateway: false });
    const range = { method: 'POST', body: '{"key":"YQ=="}' };
    assert.equal((await exchange(`${server.urls[0]}/v3/kv/range`, range)).status, 404);
    assert.equal((await exchange(`${server.urls[0]}/health`, { method: 'GET' })).status, 200);
    await server.close();
  });

  for (const transport of ['own', 'grpc-js'] satisfies readonly TransportName[]) {
    test(`${transport}: calls at once on a connection, within our own bound`, TIMEOUT, async () => {
      for (const [maxStreams, granted] of [
        [7, 7],
        [4_294_967_295, CONNECTION_DEFAULTS.maxStreams],
      ] as const) {
        const server = await serve({ transport, connections: { ...CONNECTION_DEFAULTS, maxStreams } });
        const session = connectHttp2(server.urls[0] ?? '');
        session.on('error', quiet);
        await once(session, 'remoteSettings');
        assert.equal(session.remoteSettings.maxConcurrentStreams, granted);
        session.destroy();
        await server.close();
      }
    });
  }

  test('who is silent is pinged, or not', TIMEOUT, async () => {
    for (const [keepaliveTimeMs, isPinged] of [
      [500, true],
      [0, false],
    ] as const) {
      const server = await serve({ connections: { ...CONNECTION_DEFAULTS, keepaliveTimeMs } });
      const session = connectHttp2(server.urls[0] ?? '');
      session.on('error', quiet);
      let pings = 0;
      session.on('ping', () => pings++);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      assert.equal(pings > 0, isPinged);
      session.destroy();
      await server.close();
    }
  });
});
