import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { freePorts } from '../kit/ports.ts';
import { type Members, startMembers } from './members.ts';
import { exchange } from './raw-http.ts';

const CORS = 'http://a.example,http://b.example:81';
const TIMEOUT = { timeout: 40_000 };

interface KeyValueJson {
  readonly key: string;
  readonly value?: string;
  readonly create_revision: string;
  readonly lease?: string;
}

/** A client as those for the gateway are written: it knows paths, base64 and JSON, and nothing of gRPC. */
class GatewayClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async post<T>(path: string, body: object): Promise<T> {
    const response = await fetch(`${this.#url}/v3${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error((answer as { readonly message: string }).message);
    return answer as T;
  }

  async put(key: string, value: string, lease?: string): Promise<void> {
    await this.post('/kv/put', { key: encode(key), value: encode(value), ...(lease === undefined ? {} : { lease }) });
  }

  async get(key: string): Promise<readonly string[]> {
    const { kvs = [] } = await this.post<{ kvs?: readonly KeyValueJson[] }>('/kv/range', { key: encode(key) });
    return kvs.map(({ value = '' }) => decode(value));
  }

  /** True when the key was not there and is now. */
  async create(key: string, value: string, lease: string): Promise<boolean> {
    const { succeeded = false } = await this.post<{ succeeded?: boolean }>('/kv/txn', {
      compare: [{ key: encode(key), result: 'EQUAL', target: 'CREATE', create_revision: 0 }],
      success: [{ request_put: { key: encode(key), value: encode(value), lease } }],
      failure: [{ request_range: { key: encode(key) } }],
    });
    return succeeded;
  }

  async replace(key: string, before: string, value: string): Promise<boolean> {
    const { succeeded = false } = await this.post<{ succeeded?: boolean }>('/kv/txn', {
      compare: [{ key: encode(key), result: 'EQUAL', target: 'VALUE', value: encode(before) }],
      success: [{ requestPut: { key: encode(key), value: encode(value) } }],
    });
    return succeeded;
  }

  /** The events of a key or prefix, until the signal fires. */
  async *watch(
    create: object,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly type?: string; readonly kv: KeyValueJson }> {
    const response = await fetch(`${this.#url}/v3/watch`, {
      method: 'POST',
      body: JSON.stringify({ create_request: create }),
      signal,
    });
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true });
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const { result } = JSON.parse(rest.slice(0, end)) as {
          readonly result: { readonly events?: readonly { readonly type?: string; readonly kv: KeyValueJson }[] };
        };
        rest = rest.slice(end + 1);
        yield* result.events ?? [];
      }
    }
  }
}

const encode = (text: string): string => Buffer.from(text).toString('base64');
const decode = (base64: string): string => Buffer.from(base64, 'base64').toString();

suite('clients of the gateway on a member with HTTP of its own', () => {
  let members: Members;
  let client: GatewayClient;
  let httpUrl = '';
  let metricsUrl = '';

  before(async () => {
    const [httpPort, metricsPort] = await freePorts(2);
    httpUrl = `http://127.0.0.1:${httpPort}`;
    metricsUrl = `http://127.0.0.1:${metricsPort}`;
    members = await startMembers(
      1,
      ['--listen-client-http-urls', httpUrl, '--listen-metrics-urls', metricsUrl, '--cors', CORS],
      () => metricsUrl,
    );
    client = new GatewayClient(httpUrl);
  }, TIMEOUT);
  after(() => members?.stop());

  test('put, get, replace, delete', TIMEOUT, async () => {
    await client.put('gw/a', 'eins');
    assert.deepEqual(await client.get('gw/a'), ['eins']);
    assert.equal(await client.replace('gw/a', 'zwei', 'drei'), false);
    assert.equal(await client.replace('gw/a', 'eins', 'grün'), true);
    assert.deepEqual(await client.get('gw/a'), ['grün']);
    const { deleted } = await client.post<{ deleted: string }>('/kv/deleterange', { key: encode('gw/a') });
    assert.equal(deleted, '1');
    assert.deepEqual(await client.get('gw/a'), []);
    await assert.rejects(client.put('', 'x'), { message: 'etcdserver: key is not provided' });
  });

  test('a lease that is kept alive, and a lock made of it', TIMEOUT, async () => {
    const { ID } = await client.post<{ ID: string; TTL: string }>('/lease/grant', { TTL: 30, ID: 0 });
    assert.equal(await client.create('gw/lock', 'me', ID), true);
    assert.equal(await client.create('gw/lock', 'you', ID), false);
    const renewed = await client.post<{ result: { TTL: string } }>('/lease/keepalive', { ID });
    assert.equal(renewed.result.TTL, '30');
    const left = await client.post<{ grantedTTL: string; keys: string[] }>('/kv/lease/timetolive', { ID, keys: true });
    assert.deepEqual([left.grantedTTL, left.keys.map(decode)], ['30', ['gw/lock']]);
    await client.post('/kv/lease/revoke', { ID });
    assert.deepEqual(await client.get('gw/lock'), []);
    await assert.rejects(client.post('/lease/revoke', { ID }), { message: 'etcdserver: requested lease not found' });
  });

  test('a watch', TIMEOUT, async () => {
    const abort = new AbortController();
    const seen: string[] = [];
    const request = { key: encode('gw/w/'), range_end: encode('gw/w0'), start_revision: 1 };
    const watching = (async () => {
      for await (const { type = 'PUT', kv } of client.watch(request, abort.signal)) {
        seen.push(`${type} ${decode(kv.key)}=${decode(kv.value ?? '')}`);
        if (seen.length === 3) return;
      }
    })();
    await client.put('gw/w/a', '1');
    await client.put('gw/w/b', '2');
    await client.post('/kv/deleterange', { key: encode('gw/w/a') });
    await watching;
    abort.abort();
    assert.deepEqual(seen, ['PUT gw/w/a=1', 'PUT gw/w/b=2', 'DELETE gw/w/a=']);
  });

  test('locks, elections, the cluster', TIMEOUT, async () => {
    const { key } = await client.post<{ key: string }>('/lock/lock', { name: encode('gw/l') });
    assert.match(decode(key), /^gw\/l\/[0-9a-f]+$/);
    await client.post('/lock/unlock', { key });
    const { leader } = await client.post<{ leader: object }>('/election/campaign', {
      name: encode('gw/e'),
      value: encode('me'),
    });
    const { kv } = await client.post<{ kv: KeyValueJson }>('/election/leader', { name: encode('gw/e') });
    assert.equal(decode(kv.value ?? ''), 'me');
    await client.post('/election/resign', { leader });
    const { members: list } = await client.post<{ members: { name: string }[] }>('/cluster/member/list', {});
    assert.deepEqual(
      list.map(({ name }) => name),
      ['m0'],
    );
    const status = await client.post<{ version: string }>('/maintenance/status', {});
    assert.match(status.version, /^3\./);
  });

  test('each port serves its own', TIMEOUT, async () => {
    await assert.rejects(fetch(`${members.urls[0]}/health`), 'HTTP on the port of gRPC');
    const rows: readonly (readonly [string, string, number])[] = [
      [httpUrl, '/health', 200],
      [httpUrl, '/version', 200],
      [httpUrl, '/metrics', 200],
      [metricsUrl, '/health', 200],
      [metricsUrl, '/livez', 200],
      [metricsUrl, '/metrics', 200],
      [metricsUrl, '/version', 404],
      [metricsUrl, '/v3/kv/range', 404],
    ];
    for (const [url, path, status] of rows) {
      const response = await fetch(`${url}${path}`);
      await response.text();
      assert.equal(response.status, status, `${url}${path}`);
    }
  });

  // What a real etcd with the same flag answers, byte for byte, and whatever is asked for.
  test('browsers may call from the origins that were named, and from no other', TIMEOUT, async () => {
    const rows: readonly (readonly [origin: string, isAllowed: boolean])[] = [
      ['http://a.example', true],
      ['http://b.example:81', true],
      ['http://b.example', false],
      ['http://c.example', false],
      ['https://a.example', false],
      ['http://A.example', false],
      ['http://a.example/', false],
      ['http://a.example,http://b.example:81', false],
      ['null', false],
      ['', false],
    ];
    for (const [origin, isAllowed] of rows) {
      for (const [method, path] of [
        ['OPTIONS', '/v3/kv/range'],
        ['POST', '/v3/kv/range'],
        ['GET', '/health'],
        ['GET', '/metrics'],
      ] as const) {
        const { headers } = await exchange(httpUrl + path, { method, headers: { origin } });
        assert.deepEqual(
          ['origin', 'methods', 'headers'].map((name) => headers[`access-control-allow-${name}`]),
          isAllowed
            ? [origin, 'POST, GET, OPTIONS, PUT, DELETE', 'accept, content-type, authorization']
            : [undefined, undefined, undefined],
          `${method} ${path} from ${origin}`,
        );
      }
    }
  });
});
