import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { connectKvClient } from '../../client/grpc-client.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { temporaryFolder } from '../kit/cluster.ts';
import { type RealEtcd, startRealEtcd } from '../kit/etcd.ts';
import { type FakeServer, serveFake } from './fake-kv.ts';
import { b64, exchange, lines, type RawAnswer } from './raw-http.ts';
import { clientFrame, webSocket } from './raw-websocket.ts';

const skip = process.env['KEELSON_TEST_ETCD'] === undefined;
const TIMEOUT = { timeout: 30_000 };

/** Path, body, and for streams how many lines to read before going. */
type Row = readonly [path: string, body: string, lines?: number];

const K = b64('diff/a');
const KEYS = `"key":"${b64('diff/')}","range_end":"${b64('diff0')}"`;

/** In this order: each side has a store of its own, and both see the same history. */
const ROWS: readonly Row[] = [
  ['/v3/kv/put', `{"key":"${K}","value":"${b64('1')}"}`],
  ['/v3/kv/put', `{"key":"${K}","value":"${b64('\u0000\u00ff<&>')}","prev_kv":true}`],
  ['/v3/kv/put', `{"key":"${b64('diff/b')}","prevKv":true}`],
  ['/v3/kv/put', `{"key":"${b64('diff/url')}","value":"-_8"}`],
  ['/v3/kv/put', `{"key":"${b64('diff/lease')}","lease":"12345"}`],
  ['/v3/kv/put', '{}'],
  ['/v3/kv/put', ''],
  ['/v3/kv/put', `{"key":"${K}","ignore_value":true,"value":"MQ=="}`],
  ['/v3beta/kv/range', `{"key":"${K}"}`],
  ['/v3/kv/range', `{${KEYS}}`],
  ['/v3/kv/range', `{"key":"${b64('diff/')}","rangeEnd":"${b64('diff0')}","limit":"1","sortOrder":"DESCEND"}`],
  ['/v3/kv/range', `{${KEYS},"limit":1e0,"sort_order":2,"sort_target":"MOD"}`],
  ['/v3/kv/range', `{${KEYS},"sort_order":"SIDEWAYS"}`],
  ['/v3/kv/range', `{${KEYS},"count_only":true}`],
  ['/v3/kv/range', `{${KEYS},"keys_only":true,"serializable":true}`],
  ['/v3/kv/range', `{"key":"${K}","revision":2}`],
  ['/v3/kv/range', `{"key":"${K}","revision":"999"}`],
  ['/v3/kv/range', `{"key":"${K}","revision":null,"unknown":{"deep":[1,{"a":null}]}}`],
  ['/v3/kv/range', `  \n {"key" :"${K}"} trailing`],
  ['/v3/kv/range', `{"key":"${b64('nothing')}"}`],
  [
    '/v3/kv/txn',
    `{"compare":[{"key":"${K}","target":"VERSION","result":"GREATER","version":"1"}],"success":[{"request_range":{"key":"${K}"}},{"requestPut":{"key":"${K}","value":"Mg=="}}]}`,
  ],
  [
    '/v3/kv/txn',
    `{"compare":[{"key":"${K}","target":3,"value":"eA=="}],"failure":[{"requestDeleteRange":{"key":"${b64('diff/b')}","prev_kv":true}},{"request_txn":{"success":[{"request_range":{"key":"eA=="}}]}}]}`,
  ],
  ['/v3/kv/txn', `{"success":[{"request_put":{"key":"YQ=="}},{"request_put":{"key":"YQ=="}}]}`],
  ['/v3/kv/txn', `{"success":[{"request_put":{"key":"YQ=="},"request_range":{}}]}`],
  ['/v3/kv/txn', '{}'],
  ['/v3/kv/deleterange', `{"key":"${b64('diff/url')}","prev_kv":true}`],
  ['/v3/kv/deleterange', `{"key":"${b64('nothing')}"}`],
  ['/v3/kv/compaction', '{"revision":"3"}'],
  ['/v3/kv/compaction', '{"revision":"1"}'],
  ['/v3/kv/range', `{"key":"${K}","revision":1}`],
  // Leases.
  ['/v3/lease/grant', '{"TTL":"600","ID":"7587"}'],
  ['/v3/lease/grant', '{"TTL":600,"ID":7587}'],
  ['/v3/lease/grant', '{"TTL":"99999999999"}'],
  ['/v3/kv/put', `{"key":"${b64('diff/leased')}","lease":7587}`],
  ['/v3/lease/timetolive', '{"ID":"7587","keys":true}'],
  ['/v3/kv/lease/timetolive', '{"ID":"1"}'],
  ['/v3/lease/leases', '{}'],
  ['/v3/kv/lease/leases', ''],
  ['/v3/lease/keepalive', '{"ID":"7587"}', 1],
  ['/v3/lease/keepalive', '{"ID":"7587"} {"ID":7587}\n{"ID":"1"}', 3],
  ['/v3/lease/keepalive', '', 1],
  ['/v3/lease/revoke', '{"ID":"7587"}'],
  ['/v3/kv/lease/revoke', '{"ID":"7587"}'],
  // Watches.
  ['/v3/watch', `{"create_request":{"key":"${K}","start_revision":"4"}}`, 2],
  ['/v3/watch', `{"createRequest":{"key":"${K}","startRevision":4,"prevKv":true,"filters":["NOPUT",1]}}`, 1],
  ['/v3/watch', `{"create_request":{"key":"${K}","start_revision":1}}`, 2],
  ['/v3/watch', `{"create_request":{"key":"${K}","watch_id":"7"}}{"cancel_request":{"watch_id":"7"}}`, 2],
  // Locks and elections.
  ['/v3/lease/grant', '{"TTL":"600","ID":"48"}'],
  ['/v3/lock/lock', '{"name":"bG9jaw==","lease":"48"}'],
  ['/v3/lock/lock', '{"name":"bG9jaw==","lease":"48"}'],
  ['/v3/lock/lock', '{"name":"bG9jaw==","lease":"99"}'],
  ['/v3/lock/unlock', '{"key":"bG9jay8zMA=="}'],
  ['/v3/lock/unlock', '{"key":"bG9jay8zMA=="}'],
  ['/v3/lock/unlock', '{}'],
  ['/v3/election/leader', '{"name":"ZWxlY3Q="}'],
  ['/v3/election/campaign', '{"name":"ZWxlY3Q=","lease":"48","value":"bWU="}'],
  ['/v3/election/campaign', '{"name":"ZWxlY3Q=","lease":"48","value":"bWUy"}'],
  ['/v3/election/campaign', '{"name":"ZWxlY3Q=","lease":"99","value":"bWUy"}'],
  ['/v3/election/leader', '{"name":"ZWxlY3Q="}'],
  ['/v3/election/observe', '{"name":"ZWxlY3Q="}', 1],
  [
    '/v3/election/proclaim',
    '{"leader":{"name":"ZWxlY3Q=","key":"ZWxlY3QvMzA=","rev":"1","lease":"48"},"value":"bm8="}',
  ],
  ['/v3/election/proclaim', '{"value":"bm8="}'],
  ['/v3/election/resign', '{"leader":{"name":"ZWxlY3Q=","key":"ZWxlY3QvMzA=","rev":"1","lease":"48"}}'],
  ['/v3/election/resign', '{}'],
  // The cluster and its members.
  ['/v3/cluster/member/list', '{}'],
  ['/v3/maintenance/alarm', '{}'],
  ['/v3/maintenance/alarm', '{"action":"GET","alarm":"NOSPACE"}'],
  ['/v3/maintenance/hashkv', '{"revision":"9999"}'],
  // What is not JSON, and JSON that is no message.
  ['/v3/kv/range', '{"key":"Z'],
  ['/v3/kv/range', '{,}'],
  ['/v3/kv/range', '{"key" "x"}'],
  ['/v3/kv/range', '{"key":"a",}'],
  ['/v3/kv/range', '{"key":"YQ==" "b":1}'],
  ['/v3/kv/range', '{"a":[1 2]}'],
  ['/v3/kv/range', '{"a":[1,]}'],
  ['/v3/kv/range', '{"a":tru}'],
  ['/v3/kv/range', '{"a":nul'],
  ['/v3/kv/range', '{"a":01}'],
  ['/v3/kv/range', '{"a":-}'],
  ['/v3/kv/range', '{"a":1.}'],
  ['/v3/kv/range', '{"a":1e}'],
  ['/v3/kv/range', '{"a":"\\x"}'],
  ['/v3/kv/range', '{"a":"\\u12g4"}'],
  ['/v3/kv/range', '{"a":"\u0001"}'],
  ['/v3/kv/range', "{'a':1}"],
  ['/v3/kv/range', 'key=value'],
  ['/v3/kv/range', '\u00e9'],
  ['/v3/kv/range', '   '],
  ['/v3/kv/range', '5'],
  ['/v3/kv/range', '-'],
  ['/v3/kv/range', 'null'],
  ['/v3/kv/range', '[]'],
  ['/v3/kv/range', '"text"'],
  ['/v3/kv/range', '{"key":1}'],
  ['/v3/kv/range', '{"key":{}}'],
  ['/v3/kv/range', '{"key":[]}'],
  ['/v3/kv/range', '{"key":"YQ","range_end":"!"}'],
  ['/v3/kv/range', '{\n "key":"YQ==",\n  "limit":"x"}'],
  ['/v3/kv/range', '{"key":"YQ==","limit":" 1"}'],
  ['/v3/kv/range', '{"key":"YQ==","limit":1.5}'],
  ['/v3/kv/range', '{"key":"YQ==","limit":"9223372036854775808"}'],
  ['/v3/kv/range', '{"key":"YQ==","limit":true}'],
  ['/v3/kv/range', '{"key":"YQ==","serializable":"true"}'],
  ['/v3/kv/range', '{"key":"YQ==","sort_order":true}'],
  ['/v3/kv/range', '{"key":"YQ==","sort_order":99999999999}'],
  ['/v3/kv/range', '{"key":"YQ==","key":"YQ=="}'],
  ['/v3/kv/range', '{"range_end":"YQ==","rangeEnd":"YQ=="}'],
  ['/v3/kv/txn', '{"compare":{}}'],
  ['/v3/kv/txn', '{"compare":[null]}'],
  ['/v3/kv/txn', '{"success":[{"request_put":[]}]}'],
  ['/v3/kv/put', `{"key":"\u00e9\u00e9","value":5}`],
  // Where nothing is.
  ['/v3/nothing', '{}'],
  ['/v3/kv/rangestream', '{}'],
  ['/v3/', '{}'],
  ['/v3/kv/range/', '{}'],
];

/** Path, messages (each sent when that many have come as were sent before), and how many must come. */
type SocketRow = readonly [
  name: string,
  path: string,
  messages: readonly string[],
  count: number,
  more?: { readonly headers?: Readonly<Record<string, string>>; readonly untilClosed?: boolean },
];

const SOCKETS: readonly SocketRow[] = [
  ['a watch', '/v3/watch', [`{"create_request":{"key":"${K}"}}`], 1],
  [
    'a watch and its end',
    '/v3/watch',
    [`{"create_request":{"key":"${K}","watch_id":"7"}}`, '{"cancel_request":{"watch_id":"7"}}'],
    2,
  ],
  ['a range', '/v3/kv/range', [`{"key":"${K}"}`], 1, { untilClosed: true }],
  ['renewals', '/v3/lease/keepalive', ['{"ID":"1"}', '{"ID":"2"}'], 2],
  ['what is no JSON', '/v3/kv/range', ['{,}'], 1, { untilClosed: true }],
  ['an error', '/v3/kv/range', ['{}'], 1, { untilClosed: true }],
  ['where nothing is', '/v3/nothing', ['{}'], 1, { untilClosed: true }],
  ['a token among the protocols', '/v3/watch', [], 0, { headers: { 'Sec-WebSocket-Protocol': 'Bearer, x.1' } }],
  ['another protocol', '/v3/watch', [], 0, { headers: { 'Sec-WebSocket-Protocol': 'other' } }],
  ['another version', '/v3/watch', [], 0, { headers: { 'Sec-WebSocket-Version': '12' } }],
  ['no key', '/v3/watch', [], 0, { headers: { 'Sec-WebSocket-Key': '' } }],
];

/** Of a handshake, what a client looks at. */
function headersIn(handshake: string): Readonly<Record<string, string>> {
  const lines = handshake.split('\r\n').slice(1);
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2)));
  const { upgrade, connection, 'sec-websocket-accept': accept, 'sec-websocket-protocol': protocol } = headers;
  return { upgrade, connection, accept, protocol } as Readonly<Record<string, string>>;
}

suite('the JSON gateway answers as that of a real etcd', { skip }, () => {
  let etcds: readonly RealEtcd[] = [];
  let kv: KvClient | undefined;
  let ours: FakeServer;
  let theirs = '';
  let removeFolder = async (): Promise<void> => undefined;

  before(async () => {
    const folder = await temporaryFolder();
    removeFolder = folder.remove;
    etcds = await Promise.all([1, 2].map((n) => startRealEtcd(join(folder.path, String(n)))));
    theirs = etcds[0]?.clientUrls[0] ?? '';
    kv = connectKvClient({ endpoints: etcds[1]?.clientUrls ?? [] });
    ours = await serveFake(kv);
  }, TIMEOUT);
  after(async () => {
    await ours?.server.close();
    await kv?.close();
    await Promise.all(etcds.map((etcd) => etcd.stop()));
    await removeFolder();
  });

  const ask = (url: string, [path, body, count]: Row): Promise<RawAnswer> =>
    count === undefined
      ? exchange(`${url}${path}`, { body })
      : lines(`${url}${path}`, { body, count, timeoutMs: 5_000 });

  for (const row of ROWS) {
    test(`${row[0]} ${row[1].replace(/[^ -~]/g, '.').slice(0, 90)}`, TIMEOUT, async () => {
      const expected = comparable(await ask(theirs, row));
      assert.deepEqual(comparable(await ask(ours.url, row)), expected);
    });
  }

  for (const [name, path, messages, count, more] of SOCKETS) {
    test(`websocket: ${name}`, TIMEOUT, async () => {
      const script = {
        ...more,
        send: messages.map((message, i) => ({ bytes: clientFrame(message), after: i })),
        count,
      };
      const [is, expected] = await Promise.all(
        [ours.url, theirs].map(async (url) => {
          const { frames, handshake } = await webSocket(url + path, script);
          const body = frames.filter((frame) => !frame.startsWith('close:')).join('\n');
          return comparable({ status: Number(handshake.split(' ')[1]), headers: headersIn(handshake), body });
        }),
      );
      assert.deepEqual(is, expected);
    });
  }

  test('methods, origins and preflight requests', TIMEOUT, async () => {
    for (const options of [
      { method: 'GET' },
      { method: 'PUT', body: '{}' },
      { method: 'OPTIONS', headers: { origin: 'http://a.example' } },
      { body: '{}', headers: { 'grpc-timeout': 'soon' } },
      { body: '{}', headers: { 'content-type': 'text/plain', accept: 'text/html' } },
    ]) {
      const expected = comparable(await exchange(`${theirs}/v3/kv/range`, options));
      assert.deepEqual(
        comparable(await exchange(`${ours.url}/v3/kv/range`, options)),
        expected,
        JSON.stringify(options),
      );
    }
  });

  test('nothing of this was a defect', () => {
    assert.deepEqual(ours.defects, []);
  });
});

const HEADERS = [
  'accept',
  'protocol',
  'content-type',
  'access-control-allow-origin',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'grpc-metadata-content-type',
];

/** Without what differs from store to store, and without the spaces that protojson adds in some builds and not in others. */
function comparable({ status, headers, body }: RawAnswer): object {
  return {
    status,
    headers: Object.fromEntries(HEADERS.map((name) => [name, headers[name]])),
    body: body
      .replace(/("(?:[^"\\]|\\.)*")|, /g, (match, text: string | undefined) => (text === undefined ? ',' : match))
      .replace(/"(cluster_id|member_id|ID|memberID)":"\d{10,}"/g, '"$1":"…"')
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:…')
      .replace(/\u00a0/g, ' '),
  };
}
