import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { after, afterEach, before, suite, test } from 'node:test';
import { Registry } from 'prom-client';
import type { AuthClient } from '../../client/auth-client.ts';
import { connectKvClient } from '../../client/grpc-client.ts';
import type { TlsSettings } from '../../io/node/tls/settings.ts';
import { TlsSource } from '../../io/node/tls/source.ts';
import {
  AuthService,
  ClusterService,
  ElectionService,
  EMPTY_DELETE_RANGE_REQUEST,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  EMPTY_WATCH_CREATE_REQUEST,
  KVService,
  LeaseService,
  LockService,
  MaintenanceService,
  WatchService,
} from '../../proto/gen/etcd.ts';
import type { Method } from '../../proto/method.ts';
import { type EtcdServer, type EtcdServerOptions, serveEtcd, type TransportName } from '../../rpc/server.ts';
import { Authority, pemOf } from '../kit/authority.ts';
import { temporaryFolder } from '../kit/cluster.ts';
import { CHEAP_AUTH, guard, login, PASSWORDS, watchComesTo } from '../member/auth-kit.ts';
import { RealCluster } from '../member/kit.ts';
import { framed, RawGrpc, type RawResult, resultOf } from './raw-grpc.ts';

const TIMEOUT = { timeout: 20_000 };
const NAMELESS = 'etcdserver: user name is empty';
const a1 = { ...EMPTY_RANGE_REQUEST, key: 'a1' };

let cluster: RealCluster;
let auth: AuthClient;

before(async () => {
  cluster = await RealCluster.create(1, { auth: CHEAP_AUTH });
  await cluster.start();
  await guard(cluster, 'm1');
  auth = cluster.auth('m1');
});
after(() => cluster?.destroy());

/** What a test has opened. */
let opened: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of opened.reverse()) await close();
  opened = [];
});

function rawClient(server: EtcdServer): RawGrpc {
  const raw = new RawGrpc(server.urls[0] ?? '');
  opened.push(() => raw.close());
  return raw;
}

async function serve(options: Partial<EtcdServerOptions> = {}): Promise<EtcdServer> {
  const quiet = (): void => undefined;
  const server = await serveEtcd({
    kv: cluster.public('m1'),
    auth,
    ownKv: cluster.client('m1'),
    listenUrls: ['http://127.0.0.1:0'],
    logger: { info: quiet, warn: quiet, error: quiet },
    registry: new Registry(),
    ...options,
  });
  opened.push(() => server.close());
  return server;
}

type AnyMethod = Pick<Method<never, unknown>, 'path' | 'requestStream' | 'responseStream'>;
const bytesFor = <Request>(
  method: Pick<Method<Request, unknown>, 'path' | 'encodeRequest'>,
  request: Request,
): readonly [string, Uint8Array] => [method.path, method.encodeRequest(request)];

/** Requests that are well formed, so that nothing but the missing name can be wrong with them; for other methods the empty one is. */
const REQUESTS = new Map<string, Uint8Array>([
  bytesFor(KVService.Range, a1),
  bytesFor(KVService.RangeStream, a1),
  bytesFor(KVService.Put, { ...EMPTY_PUT_REQUEST, key: 'a1' }),
  bytesFor(KVService.DeleteRange, { ...EMPTY_DELETE_RANGE_REQUEST, key: 'a1' }),
  bytesFor(KVService.Txn, {
    compare: [],
    success: [{ request: { case: 'requestRange', requestRange: a1 } }],
    failure: [],
  }),
  bytesFor(WatchService.Watch, {
    requestUnion: { case: 'createRequest', createRequest: { ...EMPTY_WATCH_CREATE_REQUEST, key: 'a1' } },
  }),
  bytesFor(LockService.Lock, { name: 'a', lease: 78n }),
  bytesFor(LockService.Unlock, { key: 'a1' }),
  bytesFor(ElectionService.Campaign, { name: 'a', lease: 78n, value: new Uint8Array(0) }),
  bytesFor(ElectionService.Leader, { name: 'a' }),
  bytesFor(ElectionService.Observe, { name: 'a' }),
  bytesFor(ElectionService.Resign, { leader: { name: 'a', key: 'a1', rev: 1, lease: 78n } }),
  bytesFor(ElectionService.Proclaim, {
    leader: { name: 'a', key: 'a1', rev: 1, lease: 78n },
    value: new Uint8Array(0),
  }),
]);

const METHODS: readonly AnyMethod[] = [
  ...[KVService, WatchService, LeaseService, ClusterService, MaintenanceService, AuthService],
  ...[LockService, ElectionService],
].flatMap((service) => Object.values<AnyMethod>(service));

/** What the server does not serve to anybody, what anybody may know, and what one does to get a name. */
const OPEN = new Set([MaintenanceService.Hash.path, AuthService.AuthStatus.path, AuthService.Authenticate.path]);

for (const transport of ['own', 'grpc-js'] satisfies readonly TransportName[]) {
  test(`${transport}: no method of any service serves who has no name`, TIMEOUT, async () => {
    const server = await serve({ transport });
    const raw = rawClient(server);
    for (const { path } of METHODS) {
      if (OPEN.has(path)) continue;
      const stream = raw.open(path);
      const result = resultOf(stream);
      stream.end(framed(REQUESTS.get(path) ?? new Uint8Array(0)));
      // A watch goes on when the client has no more to say: its first answer is what counts.
      if (path === WatchService.Watch.path) stream.once('data', () => setImmediate(() => stream.close()));
      assert.equal(refusalIn(path, await result), NAMELESS, path);
    }
  });

  test(`${transport}: a token in either field of the metadata`, TIMEOUT, async () => {
    const { token = '' } = (await login(auth, 'alice')).credentials;
    const server = await serve({ transport });
    const raw = rawClient(server);
    const range = (headers: Record<string, string>): Promise<RawResult> =>
      raw.call(KVService.Range.path, framed(KVService.Range.encodeRequest(a1)), headers);
    const table: readonly (readonly [Record<string, string>, number])[] = [
      [{ token }, 0],
      [{ authorization: token }, 0],
      [{ authorization: `Bearer ${token}` }, 0],
      [{ token: `Bearer ${token}` }, 0],
      [{ token, authorization: 'x' }, 0],
      [{ token: 'x', authorization: token }, 16],
      [{ authorization: `Basic ${token}` }, 16],
      [{}, 3],
    ];
    for (const [headers, code] of table) assert.equal((await range(headers)).code, code, JSON.stringify(headers));
  });
}

/** The text of a refusal; of a watch that of its first answer. */
function refusalIn(path: string, { text, messages }: RawResult): string {
  if (path !== WatchService.Watch.path) return text;
  const [message] = messages;
  const response = message && WatchService.Watch.decodeResponse(message);
  return response?.canceled === true ? response.cancelReason.replace(/^rpc error: .* desc = /, '') : text;
}

test('a stream is in the name of who opened it, a key kept alive and a watch alike', TIMEOUT, async () => {
  const { token = '' } = (await login(auth, 'alice')).credentials;
  const server = await serve();
  const raw = rawClient(server);
  for (const [id, code] of [
    [78n, 0],
    [77n, 7],
  ] as const) {
    const { path, encodeRequest } = LeaseService.LeaseKeepAlive;
    assert.equal((await raw.call(path, framed(encodeRequest({ ID: id })), { token })).code, code);
  }
  const stream = raw.open(LockService.Lock.path, { token });
  const locked = resultOf(stream);
  stream.end(framed(LockService.Lock.encodeRequest({ name: 'b', lease: 78n })));
  assert.equal((await locked).text, 'etcdserver: permission denied', 'a lock is a key like others');
});

test('a client with a name and a password gets a new token when its own is stale', TIMEOUT, async () => {
  const server = await serve();
  const kv = connectKvClient({
    endpoints: [server.urls[0] ?? ''],
    user: { username: 'bob', password: PASSWORDS.bob },
  });
  const root = await login(auth, 'root');
  await auth.userGrantRole({ user: 'bob', role: 'a' }, root);
  opened.push(() => kv.close());
  assert.equal((await kv.range(a1)).count, 1);
  await auth.userChangePassword({ name: 'bob', password: PASSWORDS.bob, hashedPassword: '' }, root);
  assert.equal((await kv.range(a1)).count, 1);
  await assert.rejects(kv.range({ ...a1, key: 'b1' }), { code: 'AUTH_PERMISSION_DENIED' });
  await auth.userRevokeRole({ name: 'bob', role: 'a' }, root);
  await assert.rejects(kv.range(a1), { code: 'AUTH_PERMISSION_DENIED' });
});

test('a client passes on the token that comes with a call, and leaves it as it is', TIMEOUT, async () => {
  const server = await serve();
  const kv = connectKvClient({ endpoints: [server.urls[0] ?? ''] });
  opened.push(() => kv.close());
  const alice = await login(auth, 'alice');
  assert.equal((await kv.range(a1, alice)).count, 1);
  await assert.rejects(kv.range(a1), { code: 'AUTH_USER_EMPTY' });
  await assert.rejects(kv.range(a1, { credentials: { token: 'x' } }), { code: 'AUTH_INVALID_TOKEN' });
  assert.equal(await watchComesTo(kv, { key: 'a1', rangeEnd: '' }, alice), 'ok');
  assert.match(await watchComesTo(kv, { key: 'b1', rangeEnd: '' }, alice), /permission denied/);
});

test('health checks ask nobody who they are, and the JSON gateway does', TIMEOUT, async () => {
  const server = await serve();
  const url = server.urls[0] ?? '';
  for (const path of ['/health', '/livez', '/readyz', '/version', '/metrics'])
    assert.equal((await fetch(url + path)).status, 200, path);
  const post = async (
    path: string,
    body: unknown,
    headers = {},
  ): Promise<{ status: number; json: Record<string, unknown> }> => {
    const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body), headers });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  const range = { key: Buffer.from('a1').toString('base64') };
  assert.equal((await post('/v3/kv/range', range)).json['message'], NAMELESS);
  const { json } = await post('/v3/auth/authenticate', { name: 'alice', password: PASSWORDS.alice });
  assert.equal((await post('/v3/kv/range', range, { Authorization: String(json['token']) })).json['count'], '1');
});

suite('certificates', { skip: spawnSync('openssl', ['version']).status !== 0 }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let identity: { readonly cert: Buffer; readonly key: Buffer };
  let ca: Buffer;
  let settings: TlsSettings;
  before(async () => {
    folder = await temporaryFolder();
    const authority = await Authority.create(folder.path, 'ca');
    const alice = await authority.issue('alice', { commonName: 'alice', names: ['IP:127.0.0.1'] });
    identity = await pemOf(alice);
    ca = await readFile(authority.ca);
    settings = {
      certFile: alice.cert,
      keyFile: alice.key,
      trustedCaFile: authority.ca,
      requireClientCertificate: true,
      minVersion: 'TLS1.2',
    };
  });
  after(() => folder.remove());

  for (const transport of ['own', 'grpc-js'] satisfies readonly TransportName[]) {
    for (const [trustsCertificates, headers, code] of [
      [true, {}, 0],
      [true, { 'grpcgateway-accept': '*/*' }, 3],
      [true, { token: 'forged' }, 16],
      [false, {}, 3],
    ] as const) {
      const name = `${transport}: alice's certificate, trusted: ${trustsCertificates}, with ${JSON.stringify(headers)}: ${code}`;
      test(name, TIMEOUT, async () => {
        const tls = new TlsSource(settings);
        const server = await serve({ transport, tls, trustsCertificates, listenUrls: ['https://127.0.0.1:0'] });
        const session = connect(server.urls[0] ?? '', { ca, ...identity });
        session.on('error', () => undefined);
        opened.push(() => session.destroy());
        const call = session.request({
          ...{ ':method': 'POST', ':path': KVService.Range.path, 'content-type': 'application/grpc', te: 'trailers' },
          ...headers,
        });
        const result = resultOf(call);
        call.end(framed(KVService.Range.encodeRequest(a1)));
        assert.equal((await result).code, code);
      });
    }
  }

  test('JSON over HTTP is not in the name of the certificate', TIMEOUT, async () => {
    const tls = new TlsSource(settings);
    const server = await serve({ tls, trustsCertificates: true, listenUrls: ['https://127.0.0.1:0'] });
    const text = await new Promise<string>((resolve, reject) => {
      const options = { method: 'POST', ca, ...identity, agent: false };
      const request = httpsRequest(`${server.urls[0]}/v3/kv/range`, options, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve(body));
      });
      request.on('error', reject);
      request.end(JSON.stringify({ key: Buffer.from('a1').toString('base64') }));
    });
    assert.match(text, /user name is empty/);
  });
});
