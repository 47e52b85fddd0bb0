import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { after, before, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { bytesReply, type Reply } from '../../../apiserver/handlers/reply.ts';
import type { ApiRequest } from '../../../apiserver/http/api-request.ts';
import { type ApiServer, serveApi } from '../../../apiserver/http/serve.ts';
import { createCa, issueClient, issueServing } from '../../../apiserver/pki/certificate.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('TLS', { timeout: 15_000 }, () => {
  const now = Date.now();
  const ca = createCa('ca', now);
  const stranger = createCa('stranger', now);
  const serving = issueServing(ca, { commonName: 'api' }, ['127.0.0.1'], now);
  const alice = issueClient(ca, { commonName: 'alice', organizations: ['admins', 'people'] }, now);
  const mallory = issueClient(stranger, { commonName: 'alice' }, now);
  const stopping = new AbortController();
  let server: ApiServer;

  /** Says who came and how; /watch stays open until the server stops. */
  const handler = async (came: ApiRequest): Promise<Reply> => {
    if (came.url === '/watch') {
      const run = () => new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
      return { type: 'stream', status: 200, headers: { 'content-type': 'application/json' }, run };
    }
    const body = (await came.body()).toString();
    const { commonName, organizations } = came.clientCertificate ?? {};
    return bytesReply(
      200,
      'application/json',
      JSON.stringify({ commonName, organizations, bad: came.badCertificate, body }),
    );
  };

  before(async () => {
    server = await serveApi({
      handler,
      host: '127.0.0.1',
      port: 0,
      tls: { key: serving.keyPem, cert: serving.certificatePem, clientCa: ca.certificatePem },
      logger: quiet,
      headersTimeoutMs: 300,
      stop: () => stopping.abort(),
    });
  });
  after(() => server.close());

  const overHttp1 = (pair?: { keyPem: string; certificatePem: string }, body = ''): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const own = pair === undefined ? {} : { key: pair.keyPem, cert: pair.certificatePem };
      const options = {
        host: '127.0.0.1',
        port: server.port,
        ca: ca.certificatePem,
        method: 'POST',
        agent: false,
        ...own,
      } as const;
      const sent = request(options, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve(JSON.parse(text));
      });
      sent.on('error', reject);
      sent.end(body);
    });

  it('knows clients by the certificates of its CA, over HTTP/1.1', async () => {
    assert.deepEqual(await overHttp1(alice, 'hello'), {
      commonName: 'alice',
      organizations: ['admins', 'people'],
      bad: false,
      body: 'hello',
    });
    assert.deepEqual(await overHttp1(), { bad: false, body: '' });
  });

  it('tells certificates of another CA apart', async () => {
    assert.deepEqual(await overHttp1(mallory), { bad: true, body: '' });
  });

  it('does not wait for ever for the headers of a request', async () => {
    const socket = connectTls({ host: '127.0.0.1', port: server.port, ca: ca.certificatePem });
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
    socket.write('GET /x HTTP/1.1\r\nHost: a\r\n');
    await new Promise((resolve) => socket.on('close', resolve));
    assert.match(text, /^HTTP\/1\.1 408 /);
  });

  it('speaks HTTP/2, and ends sessions when it stops', async () => {
    const session = connect(`https://127.0.0.1:${server.port}`, {
      ca: ca.certificatePem,
      key: alice.keyPem,
      cert: alice.certificatePem,
    });
    const closed = new Promise<void>((resolve) => session.on('close', () => resolve()));
    const stream = session.request({ ':path': '/x', ':method': 'POST' });
    stream.end('two');
    let text = '';
    for await (const chunk of stream) text += chunk;
    assert.deepEqual(JSON.parse(text), {
      commonName: 'alice',
      organizations: ['admins', 'people'],
      bad: false,
      body: 'two',
    });
    const watch = session.request({ ':path': '/watch' });
    await new Promise((resolve) => watch.on('response', resolve));
    const ended = new Promise<void>((resolve) => watch.on('end', () => resolve()));
    watch.resume();
    await server.close();
    await ended;
    await closed;
  });
});
