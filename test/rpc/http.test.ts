import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { StoreError } from '../../base/store-error.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { EMPTY_RANGE_RESPONSE, EMPTY_STATUS_RESPONSE } from '../../proto/gen/etcd.ts';
import { fakeKv, serveFake } from './fake-kv.ts';
import { exchange } from './raw-http.ts';

const TIMEOUT = { timeout: 20_000 };
const noLeader: Partial<KvClient> = {
  range: (request) =>
    request.serializable ? Promise.resolve(EMPTY_RANGE_RESPONSE) : Promise.reject(new StoreError('TIMEOUT')),
  status: () => Promise.resolve({ ...EMPTY_STATUS_RESPONSE, errors: ['etcdserver: no leader'] }),
};
const timesOut: Partial<KvClient> = { range: noLeader.range ?? fakeKv().range };
const alarmed: Partial<KvClient> = {
  status: () =>
    Promise.resolve({
      ...EMPTY_STATUS_RESPONSE,
      leader: 2n,
      errors: ['memberID:2 alarm:NOSPACE ', 'memberID:2 alarm:CORRUPT '],
    }),
};
const learner: Partial<KvClient> = {
  status: () => Promise.resolve({ ...EMPTY_STATUS_RESPONSE, leader: 2n, isLearner: true }),
};

suite('HTTP on the client port', () => {
  const rows: readonly (readonly [string, Partial<KvClient>, number, string])[] = [
    ['/health', {}, 200, '{"health":"true","reason":""}'],
    ['/health', noLeader, 503, '{"health":"false","reason":"RAFT NO LEADER"}\n'],
    ['/health?serializable=true', noLeader, 200, '{"health":"true","reason":""}'],
    ['/health', timesOut, 503, '{"health":"false","reason":"RANGE ERROR:etcdserver: request timed out"}\n'],
    ['/health', alarmed, 503, '{"health":"false","reason":"ALARM NOSPACE"}\n'],
    ['/health?exclude=NOSPACE', alarmed, 503, '{"health":"false","reason":"ALARM CORRUPT"}\n'],
    ['/health?exclude=NOSPACE&exclude=CORRUPT', alarmed, 200, '{"health":"true","reason":""}'],
    ['/livez', {}, 200, 'ok\n'],
    ['/livez?verbose', {}, 200, '[+]serializable_read ok\nok\n'],
    ['/livez/serializable_read', {}, 200, 'ok\n'],
    ['/livez', noLeader, 200, 'ok\n'],
    ['/readyz', {}, 200, 'ok\n'],
    ['/readyz/linearizable_read', timesOut, 503, '[-]linearizable_read failed: etcdserver: request timed out\n\n'],
    ['/readyz/non_learner?verbose', learner, 503, '[-]non_learner failed: not supported for learner\n\n'],
    ['/readyz/data_corruption', alarmed, 503, '[-]data_corruption failed: alarm activated: CORRUPT\n\n'],
    ['/readyz?exclude=linearizable_read', timesOut, 200, 'ok\n'],
    [
      '/readyz?verbose&exclude=non_learner',
      {},
      200,
      '[+]data_corruption ok\n[+]serializable_read ok\n[+]linearizable_read ok\nok\n',
    ],
    ['/version', {}, 200, '{"etcdserver":"3.7.1","etcdcluster":"3.7.0","storage":"3.7.0"}'],
    ['/nothing', {}, 404, '404 page not found\n'],
  ];
  for (const [path, overrides, status, body] of rows) {
    test(`${path} -> ${status} ${body.trimEnd().slice(0, 60)}`, TIMEOUT, async () => {
      const fake = await serveFake(fakeKv(overrides));
      try {
        const response = await fetch(`${fake.url}${path}`);
        assert.deepEqual([response.status, await response.text()], [status, body]);
      } finally {
        await fake.server.close();
      }
    });
  }

  test('metrics are told whatever the method, without a body for HEAD', TIMEOUT, async () => {
    const fake = await serveFake(fakeKv());
    const { headers } = await exchange(`${fake.url}/metrics`, { method: 'GET' });
    for (const method of ['HEAD', 'POST', 'PUT', 'DELETE']) {
      const answer = await exchange(`${fake.url}/metrics`, { method });
      assert.deepEqual([answer.status, answer.headers['content-type']], [200, headers['content-type']], method);
      assert.equal(answer.body.includes('etcd_server_health_success'), method !== 'HEAD', method);
    }
    const refused = await exchange(`${fake.url}/health`, { method: 'HEAD' });
    assert.deepEqual([refused.status, refused.headers.allow, refused.body], [405, 'GET', '']);
    await fake.server.close();
  });

  test('other methods are refused, and what was asked is counted', TIMEOUT, async () => {
    const fake = await serveFake(fakeKv());
    const refused = await fetch(`${fake.url}/health`, { method: 'POST', body: 'x' });
    assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET']);
    await refused.text();
    await (await fetch(`${fake.url}/health`)).text();
    await (await fetch(`${fake.url}/livez`)).text();
    const metrics = await (await fetch(`${fake.url}/metrics`)).text();
    assert.match(metrics, /^etcd_server_health_success 1$/m);
    assert.match(metrics, /^etcd_server_healthcheck\{type="livez",name="serializable_read"\} 1$/m);
    await fake.server.close();
  });
});
