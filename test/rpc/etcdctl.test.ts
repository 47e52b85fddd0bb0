import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectKvClient } from '../../client/grpc-client.ts';
import type { KvClient } from '../../client/kv-client.ts';
import type { TransportName } from '../../rpc/server.ts';
import { kvClientSuite } from '../client/suite.ts';
import { client as program, temporaryFolder } from '../kit/cluster.ts';
import { type RealEtcd, startRealEtcd } from '../kit/etcd.ts';
import { type RunResult, run, start } from '../kit/process.ts';
import { eachTransport, type FakeServer, serveFake } from './fake-kv.ts';

const skip = process.env['KEELSON_TEST_ETCD'] === undefined || process.env['KEELSON_TEST_ETCDCTL'] === undefined;
const TIMEOUT = { timeout: 30_000 };

/** A server of ours before a real etcd: what etcdctl sees has gone through both of our sides. */
interface Proxy {
  readonly served: FakeServer;
  stop(): Promise<void>;
}

async function startProxy(transport: TransportName): Promise<Proxy> {
  const folder = await temporaryFolder();
  let etcd: RealEtcd | undefined;
  let kv: KvClient | undefined;
  const stop = async (): Promise<void> => {
    await kv?.close();
    await etcd?.stop();
    await folder.remove();
  };
  try {
    etcd = await startRealEtcd(folder.path);
    kv = connectKvClient({ endpoints: etcd.clientUrls });
    const served = await serveFake(kv, undefined, transport);
    return {
      served,
      stop: async () => {
        await served.server.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

eachTransport('etcdctl through our server to a real etcd', { skip }, (_, transport) => {
  let proxy: Proxy;
  const etcdctl = async (...words: string[]): Promise<string> => {
    const result: RunResult = await run(program('ETCDCTL'), ['--endpoints', proxy.served.url, ...words]);
    assert.equal(result.code, 0, `etcdctl ${words.join(' ')}: ${result.stderr}`);
    return result.stdout;
  };
  before(async () => {
    proxy = await startProxy(transport);
  });
  after(() => proxy?.stop());

  test('put, get, del', TIMEOUT, async () => {
    assert.equal(await etcdctl('put', 'ctl/a', '1'), 'OK\n');
    assert.equal(await etcdctl('put', 'ctl/b', '2'), 'OK\n');
    assert.equal(await etcdctl('get', '--prefix', 'ctl/'), 'ctl/a\n1\nctl/b\n2\n');
    assert.equal(await etcdctl('del', '--prefix', 'ctl/'), '2\n');
  });

  test('txn', TIMEOUT, async () => {
    const result = await run(program('ETCDCTL'), ['--endpoints', proxy.served.url, 'txn'], {
      input: 'mod("txn/a") = "0"\n\nput txn/a 1\n\nget txn/a\n\n',
    });
    assert.equal(result.stdout, 'SUCCESS\n\nOK\n', result.stderr);
  });

  test('lease grant, timetolive, keep-alive, revoke', TIMEOUT, async () => {
    const id = /lease ([0-9a-f]+) granted/.exec(await etcdctl('lease', 'grant', '60'))?.[1] ?? '';
    assert.notEqual(id, '');
    await etcdctl('put', '--lease', id, 'lease/a', '1');
    assert.match(await etcdctl('lease', 'timetolive', '--keys', id), /attached keys\(\[lease\/a\]\)/);
    assert.match(await etcdctl('lease', 'keep-alive', '--once', id), /keepalived with TTL\(60\)/);
    assert.match(await etcdctl('lease', 'revoke', id), /revoked/);
  });

  test('watch', TIMEOUT, async () => {
    const watch = start(program('ETCDCTL'), [
      '--endpoints',
      proxy.served.url,
      'watch',
      '--prefix',
      'watch/',
      '--rev',
      '1',
    ]);
    try {
      await etcdctl('put', 'watch/a', 'seen');
      await watch.waitFor(/watch\/a\nseen\n/, 10_000);
    } finally {
      await watch.stop();
    }
  });

  test('compaction, and reading what it forgot', TIMEOUT, async () => {
    await etcdctl('put', 'compact/a', '1');
    const revision = Number(/"revision":(\d+)/.exec(await etcdctl('put', 'compact/a', '2', '-w', 'json'))?.[1]);
    assert.match(await etcdctl('compaction', String(revision)), /compacted revision/);
    const old = await run(program('ETCDCTL'), ['--endpoints', proxy.served.url, 'get', 'compact/a', '--rev', '1']);
    assert.match(old.stderr, /etcdserver: mvcc: required revision has been compacted/);
  });

  test('member list, endpoint status, health and hashkv, alarm list', TIMEOUT, async () => {
    assert.match(await etcdctl('member', 'list'), /started, m0/);
    assert.match(await etcdctl('endpoint', 'status'), /true, false/);
    assert.match(await etcdctl('endpoint', 'health'), /is healthy/);
    assert.match(await etcdctl('endpoint', 'hashkv'), /\d+/);
    assert.equal(await etcdctl('alarm', 'list'), '');
  });

  test('what is not served says so', TIMEOUT, async () => {
    const result = await run(program('ETCDCTL'), ['--endpoints', proxy.served.url, 'user', 'list']);
    assert.match(result.stderr, /Unimplemented/);
  });

  test('nothing of this was a defect', () => {
    assert.deepEqual(proxy.served.defects, []);
  });
});

eachTransport('our client through our server to a real etcd', { skip }, (_, transport) => {
  kvClientSuite('proxied', async () => {
    const proxy = await startProxy(transport);
    const client = connectKvClient({ endpoints: [proxy.served.url] });
    return {
      client,
      stop: async () => {
        await client.close();
        await proxy.stop();
      },
    };
  });
});
