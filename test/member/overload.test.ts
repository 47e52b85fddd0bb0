import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8Bytes } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { nodeDisk } from '../../io/node/disk.ts';
import type { MemberConfig } from '../../member/config.ts';
import { EMPTY_PUT_REQUEST, EMPTY_RANGE_REQUEST } from '../../proto/gen/etcd.ts';
import type { Backend, BackendStore, KeyOrder } from '../../storage/backend/backend.ts';
import { rocksStore } from '../../storage/backend/rocks.ts';
import { RealCluster, until } from './kit.ts';

const TIMEOUT = { timeout: 60_000 };
const MIB = 1024 * 1024;

test(
  'proposals that nobody can commit are refused beyond the bound; the others are answered when somebody can',
  TIMEOUT,
  () =>
    withCluster(3, { limits: { maxPendingProposals: 100, requestTimeoutMs: 30_000 } }, async (cluster) => {
      const { survivor, back } = await loseMajority(cluster);
      const outcomes = Promise.all(
        Array.from({ length: 150 }, (_, i) => outcomeOf(put(cluster.client(survivor), `k${i}`, 'v'))),
      );
      await back();
      const codes = await outcomes;
      assert.deepEqual(codes, [...new Array(100).fill('ok'), ...new Array(50).fill('TOO_MANY_REQUESTS')]);
      await assertKept(cluster.client(survivor), codes);
      await put(cluster.client(survivor), 'later', 'v');
    }),
);

test(
  'reads that nobody can confirm are refused beyond the bound; the others are answered when somebody can',
  TIMEOUT,
  () =>
    withCluster(3, { limits: { maxWaitingReads: 100, requestTimeoutMs: 30_000 } }, async (cluster) => {
      await put(cluster.client('m1'), 'k', 'v');
      const { survivor, back } = await loseMajority(cluster);
      const read = () => outcomeOf(cluster.client(survivor).range({ ...EMPTY_RANGE_REQUEST, key: 'k' }));
      const outcomes = Promise.all(Array.from({ length: 150 }, read));
      await back();
      const codes = await outcomes;
      // One of them may be asked about while the others wait.
      const refused = codes.filter((code) => code === 'TOO_MANY_REQUESTS').length;
      assert.ok(refused === 49 || refused === 50, `${refused} refused`);
      assert.equal(codes.filter((code) => code === 'ok').length, 150 - refused);
      assert.equal(await read(), 'ok');
    }),
);

test(
  'when applying is far behind, what would come on top is refused, and nothing that was taken is lost',
  TIMEOUT,
  async () => {
    const held = new HeldBackends();
    const limits = { maxApplyGap: 200, requestTimeoutMs: 30_000 };
    const setUp = (cluster: RealCluster): unknown => cluster.backends.set('m1', held);
    const body = async (cluster: RealCluster): Promise<void> => {
      const client = cluster.client('m1');
      held.hold();
      const { large, small } = await overwhelm(cluster).finally(() => held.release());
      const codes = await Promise.all(small);
      assert.ok(codes.indexOf('TOO_MANY_REQUESTS') >= 200, 'only beyond the bound');
      await assertKept(client, codes);
      assert.deepEqual(new Set(await Promise.all(large)), new Set(['ok']));
      await put(client, 'later', 'v');
    };
    await withCluster(1, { limits }, body, setUp);
  },
);

/** More than the backend may lag behind, then small puts until one is refused. */
async function overwhelm(
  cluster: RealCluster,
): Promise<{ readonly large: readonly Promise<string>[]; readonly small: readonly Promise<string>[] }> {
  const client = cluster.client('m1');
  const { writer } = cluster.member('m1').replica;
  const large = Array.from({ length: 70 }, (_, i) => outcomeOf(put(client, `large${i}`, 'x'.repeat(MIB))));
  await until(() => writer.isFull || undefined);
  const small: Promise<string>[] = [];
  for (let refused: string | undefined; refused === undefined; ) {
    assert.ok(small.length < 10_000, 'refused at last');
    for (let i = 0; i < 20; i++) small.push(outcomeOf(put(client, `k${small.length}`, 'v')));
    await new Promise((resolve) => setTimeout(resolve, 10));
    refused = await Promise.race([...small.slice(-20), undefined]);
  }
  return { large, small };
}

async function withCluster(
  size: number,
  config: Partial<MemberConfig>,
  body: (cluster: RealCluster) => Promise<void>,
  setUp: (cluster: RealCluster) => unknown = () => undefined,
): Promise<void> {
  const cluster = await RealCluster.create(size, config);
  try {
    setUp(cluster);
    await cluster.start();
    await cluster.leader();
    // A member's own first proposal would count among those of the test.
    for (const facts of cluster.facts.values())
      await until(() => facts.some(({ type }) => type === 'published') || undefined);
    await body(cluster);
  } finally {
    await cluster.destroy();
  }
}

/** One member of three is left, and knows that it has no leader; `back` starts the others again. */
async function loseMajority(cluster: RealCluster): Promise<{ readonly survivor: string; back(): Promise<void> }> {
  const leader = await cluster.leader();
  const [survivor = ''] = cluster.names.filter((name) => name !== leader);
  const lost = cluster.names.filter((name) => name !== survivor);
  for (const name of lost) await cluster.kill(name);
  await until(() => (cluster.member(survivor).leader === 0n ? true : undefined));
  return { survivor, back: () => cluster.start(...lost) };
}

function put(client: KvClient, key: string, value: string): Promise<unknown> {
  return client.put({ ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(value) });
}

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
}

/** Exactly the puts that were acknowledged are there. */
async function assertKept(client: KvClient, codes: readonly string[]): Promise<void> {
  for (const [i, code] of codes.entries()) {
    const { kvs } = await client.range({ ...EMPTY_RANGE_REQUEST, key: `k${i}` });
    assert.equal(kvs.length, code === 'ok' ? 1 : 0, `k${i}: ${code}`);
  }
}

/** RocksDB whose writes can be held up, as a disk that hangs would. */
class HeldBackends implements BackendStore {
  readonly #inner = rocksStore(nodeDisk);
  readonly remove = this.#inner.remove;
  readonly rename = this.#inner.rename;
  #gate: Promise<void> = Promise.resolve();
  #release = (): void => undefined;

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#release();
  }

  async open(path: string, order: KeyOrder): Promise<Backend> {
    const inner = await this.#inner.open(path, order);
    return {
      isPacked: inner.isPacked,
      write: async (ops, options) => {
        await this.#gate;
        await inner.write(ops, options);
      },
      get: (space, key) => inner.get(space, key),
      getMany: (space, keys) => inner.getMany(space, keys),
      view: () => inner.view(),
      sync: () => inner.sync(),
      size: () => inner.size(),
      storedBytes: (space, range) => inner.storedBytes(space, range),
      reclaim: (space, range) => inner.reclaim(space, range),
      close: () => inner.close(),
    };
  }
}
