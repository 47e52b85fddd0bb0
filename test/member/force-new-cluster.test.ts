import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMember } from '../../member/member.ts';
import { putOf, rangeOf } from '../kit/writers.ts';
import { RealCluster, realDoors, until } from './kit.ts';

test('a member of a lost cluster goes on alone with all that was acknowledged', { timeout: 60_000 }, async () => {
  const cluster = await RealCluster.create(3);
  try {
    await cluster.start();
    await cluster.leader();
    const writes = Array.from({ length: 50 }, (_, i) => `k${i}`);
    for (const key of writes) await cluster.client('m1').put(putOf(key, key));
    for (const name of ['m1', 'm2', 'm3'])
      await until(
        async () => (await cluster.client(name).range(rangeOf('k', 'l'))).count === writes.length || undefined,
      );
    const { revision } = cluster.member('m2').machine;
    const id = cluster.member('m2').id;
    await Promise.all(cluster.names.map((name) => cluster.kill(name)));

    // Twice: started so again, there is nobody left to remove.
    for (let start = 1; start <= 2; start++) {
      const config = { ...cluster.config('m2'), forceNewCluster: true };
      cluster.members.set('m2', await startMember(config, realDoors()));
      const kv = cluster.client('m2');
      const found = await until(async () => {
        const { kvs } = await kv.range(rangeOf('k', 'l')).catch(() => ({ kvs: [] }));
        return kvs.length >= writes.length ? kvs : undefined;
      });
      assert.equal(found.length, writes.length);
      assert.equal(cluster.member('m2').id, id);
      const { members } = await kv.memberList({ linearizable: true });
      assert.deepEqual(
        members.map(({ ID }) => ID),
        [id],
      );
      await kv.put(putOf(`after${start}`, '1'));
      assert.equal(cluster.member('m2').machine.revision, revision + start);
      await cluster.kill('m2');
    }

    // As usual from then on, and with nobody of before.
    await cluster.start('m2');
    await until(async () => {
      const { count } = await cluster
        .client('m2')
        .range(rangeOf('after', 'aftes'))
        .catch(() => ({ count: 0 }));
      return count === 2 || undefined;
    });
    await cluster.start('m3');
    assert.equal((await cluster.member('m3').ended).type, 'removed');
  } finally {
    await cluster.destroy();
  }
});
