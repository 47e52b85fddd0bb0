import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_PUT_REQUEST } from '../../proto/gen/etcd.ts';
import { RealCluster, until } from './kit.ts';

const TIMEOUT = { timeout: 60_000 };

test(
  'members of two versions take part side by side; the format rises when the last one is upgraded',
  TIMEOUT,
  async (t) => {
    const cluster = await RealCluster.create(3, { limits: { stateHashMs: 50 } });
    t.after(() => cluster.destroy());
    cluster.formats.set('m3', 1);
    await cluster.start();
    await cluster.leader();
    const put = (name: string, key: string) => cluster.client(name).put({ ...EMPTY_PUT_REQUEST, key });
    for (const name of cluster.names) await put(name, name);
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const name of cluster.names) assert.equal(cluster.member(name).machine.clusterFormat, 1);
    const { applied } = cluster.member('m1').machine;

    await cluster.kill('m3');
    cluster.formats.delete('m3');
    await cluster.start('m3');
    await until(() => cluster.names.every((name) => cluster.member(name).machine.clusterFormat === 2));
    for (const name of cluster.names) await put(name, `${name} again`);
    const decided = (name: string) => cluster.member(name).machine.stateHash.decided;
    await until(() => cluster.names.every((name) => decided(name) !== undefined));
    assert.ok(cluster.member('m3').machine.applied > applied);
    assert.equal(new Set(cluster.names.map(decided)).size, 1);
    for (const name of cluster.names) assert.equal(cluster.member(name).fenced, undefined);
  },
);

test('who understands less than the cluster writes is refused by the others', TIMEOUT, async (t) => {
  const cluster = await RealCluster.create(3);
  t.after(() => cluster.destroy());
  await cluster.start();
  await until(() => cluster.names.every((name) => cluster.member(name).machine.clusterFormat === 2));
  const [host] = cluster.names;
  const client = cluster.client(host ?? '');
  const joining = { name: 'm4', peerUrls: ['http://127.0.0.1:1'] };
  await until(() =>
    client.memberAdd({ peerURLs: joining.peerUrls, isLearner: true }).then(
      () => true,
      () => undefined,
    ),
  );
  cluster.add(joining);
  cluster.formats.set('m4', 1);
  await assert.rejects(cluster.start('m4'), /connection|closed|no member list/i);
  const refused = cluster.names.slice(0, 3).flatMap((name) => cluster.facts.get(name) ?? []);
  assert.ok(refused.some((fact) => fact.type === 'refused' && /the cluster writes format 2/.test(fact.reason)));
});
