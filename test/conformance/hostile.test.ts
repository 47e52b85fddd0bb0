import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { connect as connectHttp2, constants } from 'node:http2';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Cluster, client, type Endpoints, Kubectl, temporaryFolder } from '../kit/cluster.ts';

/** Bad input of every kind gets etcd's or Kubernetes' own error, changes nothing, and stops nobody. */

let folder: { readonly path: string; remove(): Promise<void> };
let cluster: Cluster;
let kubectl: Kubectl;
let started: Endpoints;
let ca: Buffer;

before(async () => {
  folder = await temporaryFolder();
  cluster = await Cluster.start(join(folder.path, 'data'));
  started = cluster.endpoints;
  kubectl = new Kubectl(client('KUBECTL'), started.kubeconfig, join(folder.path, 'cache'));
  ca = await readFile(started.ca ?? '');
});
after(async () => {
  const { members, apiservers } = await cluster.refresh();
  const pids = (e: Endpoints): number[] => [...e.members, ...e.apiservers].map((p) => p.pid);
  assert.deepEqual(pids({ ...started, members, apiservers }), pids(started), 'no process went down');
  await cluster?.stop();
  await folder?.remove();
});

const frame = (message: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

/** One gRPC call with raw bytes: the status and message of its trailers. */
function call(path: string, body: Buffer): Promise<{ readonly status: string; readonly message: string }> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(started.members[0]?.client ?? '');
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let trailers: Record<string, unknown> = {};
    stream.on('response', (headers) => {
      if (headers['grpc-status'] !== undefined) trailers = headers;
    });
    stream.on('trailers', (headers) => {
      trailers = headers;
    });
    stream.on('error', reject);
    stream.on('close', () => {
      session.close();
      resolve({
        status: String(trailers['grpc-status']),
        message: decodeURIComponent(String(trailers['grpc-message'] ?? '')),
      });
    });
    stream.resume();
    stream.end(body);
    stream.setTimeout(10_000, () => stream.close(constants.NGHTTP2_CANCEL));
  });
}

test('gRPC: malformed messages, unknown methods, empty and huge requests', async () => {
  const garbage = await call('/etcdserverpb.KV/Put', frame(Buffer.from('ffffffffffffffffffff', 'hex')));
  assert.equal(garbage.status, '13');
  assert.match(garbage.message, /^grpc: error unmarshalling request: /);
  assert.deepEqual(await call('/etcdserverpb.KV/Put', frame(Buffer.alloc(0))), {
    status: '3',
    message: 'etcdserver: key is not provided',
  });
  assert.equal((await call('/etcdserverpb.KV/NoSuchMethod', frame(Buffer.alloc(0)))).status, '12');
  assert.equal((await call('/no.such.Service/Method', frame(Buffer.alloc(0)))).status, '12');
  const value = Buffer.alloc(1_600_000, 0x78);
  const put = Buffer.concat([Buffer.from([0x0a, 1, 0x6b, 0x12]), varint(value.length), value]);
  assert.deepEqual(await call('/etcdserverpb.KV/Put', frame(put)), {
    status: '3',
    message: 'etcdserver: request is too large',
  });
  const huge = await call('/etcdserverpb.KV/Put', frame(Buffer.alloc(3_000_000, 0x78)));
  assert.equal(huge.status, '8');
  assert.equal((await cluster.etcdctl(['get', 'k'])).stdout, '', 'nothing was written');
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let v = value; ; v = Math.floor(v / 128)) {
    if (v < 128) return Buffer.from([...bytes, v]);
    bytes.push((v % 128) | 0x80);
  }
}

test('sockets: garbage on client and peer ports, half-open connections', async () => {
  const ports = [started.members[0]?.client, started.members[0]?.peer, started.apiservers[0]?.url].map((url) =>
    Number(new URL(url ?? '').port),
  );
  for (const port of ports) {
    for (const bytes of [
      Buffer.alloc(64, 0xff),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff'),
      Buffer.from('00'),
      Buffer.alloc(200_000, 0x41),
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
        socket.on('error', () => resolve());
        socket.on('close', () => resolve());
        socket.resume();
        setTimeout(() => socket.destroy(), 150);
      });
    }
  }
  const idle = Array.from({ length: 100 }, (_, i) =>
    connect(ports[i % ports.length] ?? 0, '127.0.0.1').on('error', () => {}),
  );
  await delay(300);
  assert.equal((await cluster.etcdctl(['put', 'after', 'garbage'])).stdout, 'OK\n');
  for (const socket of idle) socket.destroy();
});

interface Answer {
  readonly code: number;
  readonly body: Record<string, unknown>;
}

function rest(
  method: string,
  path: string,
  options: { readonly headers?: Record<string, string>; readonly body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, started.apiservers[0]?.url);
    const req = request(url, { method, ca, headers: options.headers ?? {} }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          code: res.statusCode ?? 0,
          body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
        });
      });
    });
    req.on('error', reject);
    req.setTimeout(15_000, () => req.destroy(new Error('no answer')));
    req.end(options.body);
  });
}

test('REST: who is not known gets 401, who may not gets 403', async () => {
  assert.equal((await rest('GET', '/api/v1/namespaces', { headers: { authorization: 'Bearer nonsense' } })).code, 401);
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"system:serviceaccount:kube-system:admin"}').toString('base64url')}.`;
  const refused = await rest('GET', '/api/v1/namespaces', { headers: { authorization: `Bearer ${unsigned}` } });
  assert.deepEqual(refused, {
    code: 401,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    },
  });
  const anonymous = await rest('GET', '/api/v1/secrets');
  assert.equal(anonymous.code, 403);
  assert.equal(
    anonymous.body['message'],
    'secrets is forbidden: User "system:anonymous" cannot list resource "secrets" in API group "" at the cluster scope',
  );
  assert.equal(
    (
      await rest('GET', '/api/v1/secrets', {
        headers: { 'impersonate-user': 'kubernetes-admin', 'impersonate-group': 'system:masters' },
      })
    ).code,
    403,
  );
});

test('REST: bad bodies, types, sizes and paths', async () => {
  await kubectl.ok(['create', 'serviceaccount', 'tester']);
  await kubectl.ok([
    'create',
    'clusterrolebinding',
    'tester',
    '--clusterrole=cluster-admin',
    '--serviceaccount=default:tester',
  ]);
  const authorization = `Bearer ${(await kubectl.ok(['create', 'token', 'tester'])).trim()}`;
  const post = (
    body: string | Buffer,
    type = 'application/json',
    path = '/api/v1/namespaces/default/configmaps',
  ): Promise<Answer> => rest('POST', path, { headers: { authorization, 'content-type': type }, body });
  const cases: readonly (readonly [string, Promise<Answer>, number, string])[] = [
    ['no JSON', post('{"a"'), 400, 'BadRequest'],
    ['not an object', post('[1,2]'), 400, 'BadRequest'],
    [
      'wrong type of a field',
      post('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":1}}'),
      400,
      'BadRequest',
    ],
    ['another kind', post('{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}'), 400, 'BadRequest'],
    [
      'unknown field, strictly',
      post(
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"dada":{}}',
        'application/json',
        '/api/v1/namespaces/default/configmaps?fieldValidation=Strict',
      ),
      400,
      'BadRequest',
    ],
    [
      'malformed protobuf',
      post(Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(20, 0xff)]), 'application/vnd.kubernetes.protobuf'),
      400,
      'BadRequest',
    ],
    ['a type nobody speaks', post('x', 'text/csv'), 415, 'UnsupportedMediaType'],
    ['four megabytes', post(`{"data":{"a":"${'x'.repeat(4_000_000)}"}}`), 413, 'RequestEntityTooLarge'],
    ['no name', post('{"apiVersion":"v1","kind":"ConfigMap","metadata":{}}'), 422, 'Invalid'],
    [
      'a verb nobody serves',
      rest('PUT', '/api/v1/namespaces/default/configmaps', { headers: { authorization } }),
      405,
      'MethodNotAllowed',
    ],
    [
      'a bad selector',
      rest('GET', '/api/v1/configmaps?labelSelector=a%20b%20c', { headers: { authorization } }),
      400,
      'BadRequest',
    ],
    [
      'an unknown field label',
      rest('GET', '/api/v1/configmaps?fieldSelector=spec.x=1', { headers: { authorization } }),
      400,
      'BadRequest',
    ],
    [
      'a bad continue token',
      rest('GET', '/api/v1/configmaps?continue=%%%', { headers: { authorization } }).catch(() =>
        rest('GET', '/api/v1/configmaps?continue=zzz', { headers: { authorization } }),
      ),
      400,
      'BadRequest',
    ],
    [
      'deep nesting',
      post(
        `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      ),
      400,
      'BadRequest',
    ],
  ];
  for (const [what, answer, code, reason] of cases) {
    const { code: got, body } = await answer;
    assert.deepEqual(
      { what, code: got, reason: body['reason'], kind: body['kind'] },
      { what, code, reason, kind: 'Status' },
    );
  }
  const nowhere = await rest('GET', '/apis/nothing/v1/things', { headers: { authorization } });
  assert.deepEqual(nowhere, { code: 404, body: { text: '404 page not found\n' } });
  const polluted = await post(
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto"},"__proto__":{"admin":true},"data":{"__proto__":"x"}}',
  );
  assert.ok(polluted.code === 201 || polluted.code === 400, `${polluted.code}`);
  assert.equal((await rest('GET', '/readyz', { headers: { authorization } })).code, 200);
});
