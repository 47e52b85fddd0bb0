import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { get } from 'node:https';
import { connect } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { Registry } from 'prom-client';
import { connectKvClient } from '../../client/grpc-client.ts';
import type { TlsSettings } from '../../io/node/tls/settings.ts';
import { TlsSource } from '../../io/node/tls/source.ts';
import { EMPTY_RANGE_REQUEST } from '../../proto/gen/etcd.ts';
import { type EtcdServer, serveEtcd } from '../../rpc/server.ts';
import { Authority, pemOf } from '../kit/authority.ts';
import { temporaryFolder } from '../kit/cluster.ts';
import { fakeKv } from './fake-kv.ts';

const TIMEOUT = { timeout: 20_000 };
const skip = spawnSync('openssl', ['version']).status !== 0;

suite('TLS on the client port', { skip }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let identity: { readonly cert: Buffer; readonly key: Buffer };
  let ca: Buffer;
  let settings: TlsSettings;
  before(async () => {
    folder = await temporaryFolder();
    const authority = await Authority.create(folder.path, 'ca');
    const server = await authority.issue('server', { commonName: 'keelson test', names: ['IP:127.0.0.1'] });
    identity = await pemOf(server);
    ca = await readFile(authority.ca);
    settings = {
      certFile: server.cert,
      keyFile: server.key,
      trustedCaFile: authority.ca,
      requireClientCertificate: false,
      minVersion: 'TLS1.2',
    };
  });
  after(() => folder.remove());

  const serve = (requireClientCertificate: boolean): Promise<EtcdServer> => {
    const quiet = (): void => undefined;
    return serveEtcd({
      kv: fakeKv(),
      listenUrls: ['https://127.0.0.1:0'],
      tls: new TlsSource({ ...settings, requireClientCertificate }),
      logger: { info: quiet, warn: quiet, error: quiet },
      registry: new Registry(),
    });
  };

  test('gRPC and HTTP share the port', TIMEOUT, async () => {
    const server = await serve(false);
    const url = server.urls[0] ?? '';
    const client = connectKvClient({ endpoints: [url], tls: { ca } });
    assert.equal((await client.range({ ...EMPTY_RANGE_REQUEST, key: 'a' })).header?.revision, 3);
    assert.equal(await httpsStatus(`${url}/health`, ca), 200);
    // Who can speak both is curl or a browser.
    for (const [offered, chosen] of [
      [['h2', 'http/1.1'], 'http/1.1'],
      [['h2'], 'h2'],
      [[], false],
    ] as const) {
      const socket = connectTls({
        port: Number(new URL(url).port),
        host: '127.0.0.1',
        ca,
        ALPNProtocols: [...offered],
      });
      await once(socket, 'secureConnect');
      assert.equal(socket.alpnProtocol, chosen);
      socket.destroy();
    }
    await client.close();
    await server.close();
  });

  test('a port of HTTP of its own speaks HTTP/1.1 alone, and that of gRPC nothing else', TIMEOUT, async () => {
    const quiet = (): void => undefined;
    const server = await serveEtcd({
      kv: fakeKv(),
      listenUrls: ['https://127.0.0.1:0'],
      listenHttpUrls: ['https://127.0.0.1:0'],
      listenMetricsUrls: ['https://127.0.0.1:0', 'http://127.0.0.1:0'],
      tls: new TlsSource(settings),
      logger: { info: quiet, warn: quiet, error: quiet },
      registry: new Registry(),
    });
    const [url = '', httpUrl = '', metricsUrl = ''] = [...server.urls, ...server.httpUrls, ...server.metricsUrls];
    const client = connectKvClient({ endpoints: [url], tls: { ca } });
    assert.equal((await client.range({ ...EMPTY_RANGE_REQUEST, key: 'a' })).header?.revision, 3);
    await assert.rejects(httpsStatus(`${url}/health`, ca));
    assert.equal(await httpsStatus(`${httpUrl}/health`, ca), 200);
    assert.equal(await httpsStatus(`${metricsUrl}/metrics`, ca), 200);
    assert.equal((await fetch(`${server.metricsUrls[1]}/health`)).status, 200);
    const misled = connectKvClient({ endpoints: [httpUrl], tls: { ca } });
    await assert.rejects(misled.range({ ...EMPTY_RANGE_REQUEST, key: 'a' }, { timeoutMs: 500 }), {
      name: 'StoreError',
    });
    await Promise.all([client.close(), misled.close()]);
    await server.close();
  });

  test('a client certificate can be demanded', TIMEOUT, async () => {
    const server = await serve(true);
    const url = server.urls[0] ?? '';
    const known = connectKvClient({ endpoints: [url], tls: { ca, ...identity } });
    assert.equal((await known.range({ ...EMPTY_RANGE_REQUEST, key: 'a' })).header?.revision, 3);
    const unknown = connectKvClient({ endpoints: [url], tls: { ca } });
    await assert.rejects(unknown.range({ ...EMPTY_RANGE_REQUEST, key: 'a' }, { timeoutMs: 500 }), {
      name: 'StoreError',
    });
    await Promise.all([known.close(), unknown.close()]);
    await server.close();
  });

  test('whoever does not speak TLS is dropped', TIMEOUT, async () => {
    const server = await serve(false);
    const socket = connect(Number(new URL(server.urls[0] ?? '').port), '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume().write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await closed;
    await server.close();
  });

  test('an address that cannot be had is an error of the start', TIMEOUT, async () => {
    const server = await serve(false);
    const taken = server.urls[0] ?? '';
    const quiet = (): void => undefined;
    const second = serveEtcd({
      kv: fakeKv(),
      listenUrls: [taken],
      tls: new TlsSource(settings),
      logger: { info: quiet, warn: quiet, error: quiet },
      registry: new Registry(),
    });
    await assert.rejects(second, { code: 'EADDRINUSE' });
    await server.close();
  });
});

function httpsStatus(url: string, ca: Buffer): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  });
}
