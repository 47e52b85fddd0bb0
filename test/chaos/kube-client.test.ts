import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ensurePki, type Pki, servingCertificate } from '../../apiserver/pki/store.ts';
import { CONFIG_MAPS, KubeClient } from '../../chaos/cluster/kubernetes/client.ts';
import type { WatchTold } from '../../chaos/cluster/kubernetes/watch.ts';

/** What the workloads take for done, refused and unknown; a wrong answer here would make every check worthless. */

const PLACE = { resource: CONFIG_MAPS, namespace: 'ns', name: 'a' };
const OBJECT = { metadata: { name: 'a', uid: 'u', resourceVersion: '7' }, data: { value: 'x' } };
const QUICK = { timeoutMs: 1_500 };

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const json =
  (status: number, body: unknown): Answer =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const status = (code: number, reason: string): Answer => json(code, { kind: 'Status', code, reason, message: reason });
const cut: Answer = (request) => void request.socket.destroy();

let folder: string;
let pki: Pki;
let servers: readonly { readonly server: Server; readonly url: string; answer: Answer; calls: number }[];
/** Nobody listens there. */
let nowhere: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-kube-client-'));
  pki = await ensurePki(folder);
  const { keyPem, certificatePem } = servingCertificate(pki, ['127.0.0.1']);
  servers = await Promise.all(
    [0, 1].map(async () => {
      const server = createServer({ key: keyPem, cert: certificatePem });
      const each = { server, url: '', answer: cut, calls: 0 };
      server.on('request', (request, response) => {
        each.calls++;
        each.answer(request, response);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return Object.assign(each, { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` });
    }),
  );
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  nowhere = `https://127.0.0.1:${(closed.address() as AddressInfo).port}`;
  await new Promise((resolve) => closed.close(resolve));
});
after(async () => {
  for (const { server } of servers) server.close().closeAllConnections();
  await rm(folder, { recursive: true, force: true });
});

function clientOf(urls: readonly string[], ...answers: readonly Answer[]): KubeClient {
  for (const [i, each] of servers.entries()) {
    each.answer = answers[i] ?? cut;
    each.calls = 0;
  }
  const credentials = { ca: pki.ca.certificatePem, cert: pki.admin.certificatePem, key: pki.admin.keyPem };
  return new KubeClient({ members: [], apiservers: urls, credentials });
}
const urls = (): readonly string[] => servers.map(({ url }) => url);
const calls = (): readonly number[] => servers.map(({ calls }) => calls);

const ROWS: readonly (readonly [what: string, answers: readonly Answer[], type: string, calls: readonly number[]])[] = [
  ['an answer is done', [json(200, OBJECT)], 'done', [1, 0]],
  ['a conflict is refused', [status(409, 'Conflict')], 'refused', [1, 0]],
  ['a broken connection leaves it unknown, and it is not tried again', [cut, json(200, OBJECT)], 'unknown', [1, 0]],
  ['so does a server error', [status(500, 'InternalError'), json(200, OBJECT)], 'unknown', [1, 0]],
  ['so does an answer that is none', [json(200, { hello: 'world' })], 'unknown', [1, 0]],
  ['so does silence', [() => undefined], 'unknown', [1, 0]],
];
for (const [what, answers, type, expected] of ROWS) {
  test(`a write: ${what}`, { timeout: 10_000 }, async () => {
    const client = clientOf(urls(), ...answers);
    assert.equal((await client.update(PLACE, OBJECT, QUICK)).type, type);
    assert.deepEqual(calls(), expected);
    assert.equal(client.oddities.length, what.includes('none') ? 1 : 0);
    client.close();
  });
}

test('a write that reached nobody goes to the next server, or is refused', { timeout: 10_000 }, async () => {
  const client = clientOf([nowhere, ...urls()], json(201, OBJECT));
  assert.equal((await client.create(PLACE, OBJECT, QUICK)).type, 'done');
  assert.deepEqual(calls(), [1, 0]);
  client.close();
  const alone = clientOf([nowhere]);
  const outcome = await alone.create(PLACE, OBJECT, { timeoutMs: 300 });
  assert.equal(outcome.type === 'refused' && outcome.status.code, 0);
  alone.close();
});

test('a read is tried elsewhere until somebody answers', { timeout: 10_000 }, async () => {
  const client = clientOf([nowhere, ...urls()], status(504, 'Timeout'), json(200, OBJECT));
  const found = await client.get(PLACE, QUICK);
  assert.equal(found.type === 'done' && found.value.resourceVersion, 7);
  assert.deepEqual(calls(), [1, 1]);
  client.close();
});

test('a watch tells what it is told, and how it ended', { timeout: 10_000 }, async () => {
  const bookmark = { metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } } };
  const lines = [
    JSON.stringify({ type: 'ADDED', object: OBJECT }),
    JSON.stringify({ type: 'BOOKMARK', object: bookmark }),
  ];
  const gone = JSON.stringify({ type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old' } });
  const stream =
    (end: string, isCut: boolean): Answer =>
    (_, response) => {
      response.writeHead(200);
      // In pieces that do not end where lines do.
      const text = `${[...lines, end].join('\n')}`;
      response.write(text.slice(0, 20));
      response.write(text.slice(20), () => (isCut ? response.destroy() : response.end()));
    };
  const ends: readonly (readonly [Answer, string, number])[] = [
    [stream('', false), 'ended', 2],
    [stream(`${gone}\n`, false), 'refused', 2],
    [stream('{"type":"ADDED","obj', true), 'broken', 2],
    [stream('rubbish\n', false), 'garbled', 2],
    [status(410, 'Expired'), 'refused', 0],
  ];
  for (const [answer, type, count] of ends) {
    const client = clientOf(urls(), answer);
    const told: WatchTold[] = [];
    const watch = { query: {}, seconds: 1, onTold: (each: WatchTold) => told.push(each) };
    const close = await client.watch(PLACE, watch, new AbortController().signal);
    assert.equal(close.type, type);
    assert.deepEqual(
      told.map((each) => (each.type === 'event' ? each.object.name : `${each.resourceVersion} ${each.endsInitial}`)),
      ['a', '9 true'].slice(0, count),
    );
    assert.equal(client.oddities.length, type === 'garbled' ? 1 : 0);
    client.close();
  }
});
