import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { connectKvClient } from '../../client/grpc-client.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { EMPTY_PUT_REQUEST, EMPTY_RANGE_REQUEST, EMPTY_WATCH_CREATE_REQUEST } from '../../proto/gen/etcd.ts';
import { client as program, temporaryFolder } from '../kit/cluster.ts';
import { startRealEtcd } from '../kit/etcd.ts';
import { freePorts } from '../kit/ports.ts';
import { run } from '../kit/process.ts';
import { kvClientSuite } from './suite.ts';

const skip = process.env['KEELSON_TEST_ETCD'] === undefined;
const TIMEOUT = { timeout: 60_000 };

suite('the client over gRPC on a real etcd', { skip }, () => {
  kvClientSuite('grpc', async () => {
    const folder = await temporaryFolder();
    const etcd = await startRealEtcd(folder.path);
    const client = connectKvClient({ endpoints: etcd.clientUrls });
    return {
      client,
      stop: async () => {
        await client.close();
        await etcd.stop();
        await folder.remove();
      },
    };
  });

  test('another endpoint takes over when one dies, and a broken watch says so', TIMEOUT, async () => {
    const folder = await temporaryFolder();
    const etcd = await startRealEtcd(folder.path, 3);
    const client = connectKvClient({ endpoints: etcd.clientUrls });
    try {
      await client.put({ ...EMPTY_PUT_REQUEST, key: 'failover' });
      const watches = etcd.clientUrls.map(() => client.watch());
      for (const watch of watches) {
        watch.create({ ...EMPTY_WATCH_CREATE_REQUEST, key: 'failover' });
        assert.equal((await watch.next())?.[0]?.created, true);
      }
      await etcd.processes[0]?.stop('SIGKILL');
      const ends = await Promise.allSettled(
        watches.map((watch) =>
          Promise.race([watch.next(), new Promise((resolve) => setTimeout(resolve, 2_000, 'open'))]),
        ),
      );
      const broken = ends.filter((end) => end.status === 'rejected');
      assert.equal(broken.length, 1, 'the streams were spread over the members, and only one of them broke');
      // A client that knows no endpoint but the dead one and a living one must not notice.
      for (let i = 0; i < 6; i++) assert.equal(await countOf(client), 1);
      for (const watch of watches) watch.close();
    } finally {
      await client.close();
      await Promise.all(etcd.processes.map((member) => member.stop('SIGKILL')));
      await folder.remove();
    }
  });
});

suite('the client of a cluster with authentication', {
  skip: skip || process.env['KEELSON_TEST_ETCDCTL'] === undefined,
}, () => {
  test('name and password earn a token, for calls and watches', TIMEOUT, async () => {
    const folder = await temporaryFolder();
    const etcd = await startRealEtcd(folder.path);
    const known = connectKvClient({ endpoints: etcd.clientUrls, user: { username: 'root', password: 'secret' } });
    const wrong = connectKvClient({ endpoints: etcd.clientUrls, user: { username: 'root', password: 'guess' } });
    const nobody = connectKvClient({ endpoints: etcd.clientUrls });
    try {
      const etcdctl = (...words: string[]): Promise<unknown> =>
        run(program('ETCDCTL'), ['--endpoints', etcd.clientUrls.join(','), ...words]);
      await etcdctl('user', 'add', 'root:secret');
      await etcdctl('user', 'grant-role', 'root', 'root');
      await etcdctl('auth', 'enable');
      const watch = known.watch();
      watch.create({ ...EMPTY_WATCH_CREATE_REQUEST, key: 'failover' });
      assert.equal((await watch.next())?.[0]?.created, true);
      await known.put({ ...EMPTY_PUT_REQUEST, key: 'failover' });
      assert.equal(await countOf(known), 1);
      // The store's own users change: the token's revision is old, and a new one is fetched unseen.
      await etcdctl('--user', 'root:secret', 'role', 'add', 'other');
      assert.equal(await countOf(known), 1);
      await assert.rejects(countOf(wrong), { message: /authentication failed/ });
      await assert.rejects(countOf(nobody), { message: /user name is empty/ });
      watch.close();
    } finally {
      await Promise.all([known.close(), wrong.close(), nobody.close()]);
      await etcd.stop();
      await folder.remove();
    }
  });
});

suite('the client over gRPC without a server', () => {
  test(
    'a read ends at its deadline, a write that was never sent too, and a closed client refuses',
    TIMEOUT,
    async () => {
      const [port] = await freePorts(1);
      const client = connectKvClient({ endpoints: [`http://127.0.0.1:${port}`] });
      const started = Date.now();
      const range = client.range({ ...EMPTY_RANGE_REQUEST, key: 'a' }, { timeoutMs: 400 });
      await assert.rejects(range, (error: { code?: string }) =>
        ['DEADLINE_EXCEEDED', 'TIMEOUT_CONNECTION_LOST'].includes(error.code ?? ''),
      );
      const put = client.put({ ...EMPTY_PUT_REQUEST, key: 'a' }, { timeoutMs: 400 });
      await assert.rejects(put, { name: 'StoreError' });
      assert.ok(Date.now() - started < 5_000);
      const watch = client.watch();
      watch.create({ ...EMPTY_WATCH_CREATE_REQUEST, key: 'a' });
      await assert.rejects(watch.next(), { name: 'StoreError' });
      await client.close();
      await assert.rejects(client.range({ ...EMPTY_RANGE_REQUEST, key: 'a' }), { code: 'STOPPED' });
    },
  );

  test('a call that is cancelled while it waits ends at once', TIMEOUT, async () => {
    const [port] = await freePorts(1);
    const client = connectKvClient({ endpoints: [`http://127.0.0.1:${port}`] });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 100);
    await assert.rejects(client.range({ ...EMPTY_RANGE_REQUEST, key: 'a' }, { signal: abort.signal }), {
      code: 'REQUEST_CANCELED',
    });
    await client.close();
  });
});

async function countOf(client: KvClient): Promise<number> {
  return (await client.range({ ...EMPTY_RANGE_REQUEST, key: 'failover' })).count;
}
