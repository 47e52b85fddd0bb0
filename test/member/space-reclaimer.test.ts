import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { EMPTY_PUT_REQUEST, EMPTY_RANGE_REQUEST } from '../../proto/gen/etcd.ts';
import { RealCluster, until } from './kit.ts';

const MIB = 1024 * 1024;

test('what was deleted and compacted leaves the disk by itself, and what stays is there', {
  timeout: 60_000,
}, async () => {
  const cluster = await RealCluster.create(1, { limits: { compactEveryBytes: 8 * MIB } });
  try {
    await cluster.start();
    await cluster.leader();
    const client = cluster.client('m1');
    const backendDir = join(cluster.config('m1').dataDir, 'backend');
    for (let i = 0; i < 400; i++)
      await client.put({ ...EMPTY_PUT_REQUEST, key: `gone/${i}`, value: randomBytes(100_000) });
    await client.put({ ...EMPTY_PUT_REQUEST, key: 'kept', value: randomBytes(1000) });
    assert.ok((await client.status()).dbSize > 35 * MIB, 'it was filled');

    const { header } = await client.deleteRange({ key: 'gone/', rangeEnd: 'gone0', prevKv: false });
    assert.ok((await client.status()).dbSize > 35 * MIB, 'history keeps what was deleted');
    await client.compact({ revision: header?.revision ?? 0, physical: false });
    await until(async () => {
      const { dbSize, dbSizeInUse } = await client.status();
      return dbSize < 2 * MIB && dbSizeInUse < 2 * MIB ? true : undefined;
    });
    await until(async () => ((await bytesIn(backendDir)) < 4 * MIB ? true : undefined));
    const { kvs } = await client.range({ ...EMPTY_RANGE_REQUEST, key: 'kept' });
    assert.ok((kvs[0]?.length ?? 0) > 1000, 'encoded: key and value');
  } finally {
    await cluster.destroy();
  }
});

test('a compaction that wins little rewrites nothing', { timeout: 30_000 }, async () => {
  const cluster = await RealCluster.create(1);
  try {
    await cluster.start();
    await cluster.leader();
    const client = cluster.client('m1');
    for (let i = 0; i < 10; i++) await client.put({ ...EMPTY_PUT_REQUEST, key: 'k', value: randomBytes(1000) });
    await client.compact({ revision: 10, physical: true });
    await client.put({ ...EMPTY_PUT_REQUEST, key: 'k', value: randomBytes(1000) });
    await client.compact({ revision: 11, physical: true });
    await new Promise((resolve) => setTimeout(resolve, 200)); // it would have begun
    const facts = (cluster.facts.get('m1') ?? []).map(({ type }) => type);
    assert.ok(facts.includes('storeCompacted') && !facts.includes('spaceReclaimed'));
  } finally {
    await cluster.destroy();
  }
});

test('a physical compaction leaves no row that is of no use, and every row that is', { timeout: 30_000 }, async () => {
  const cluster = await RealCluster.create(1, { limits: { sweepRows: 7 } });
  try {
    await cluster.start();
    await cluster.leader();
    const client = cluster.client('m1');
    const put = (key: string) => client.put({ ...EMPTY_PUT_REQUEST, key, value: randomBytes(500) });
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 50; i++) await put(`k${i}`);
      await client.deleteRange({ key: `k${round}`, rangeEnd: '', prevKv: false });
    }
    await put('k2'); // here again
    const { header } = await put('k9');
    const revision = header?.revision ?? 0;
    await put('k9');
    const before = await rowsIn(cluster);
    await client.compact({ revision, physical: true });
    const after = await rowsIn(cluster);
    const swept = (cluster.facts.get('m1') ?? []).find(({ type }) => type === 'storeSwept');
    assert.equal(swept?.type === 'storeSwept' && swept.rows, before - after);
    assert.equal(before, 4 * 50 + 4 + 3);
    assert.equal(after, 50 - 1 + 1, 'one for each key that is there, and one for k9 at the compact revision');
    const { kvs } = await client.range({ ...EMPTY_RANGE_REQUEST, key: 'k9', revision });
    assert.ok((kvs[0]?.length ?? 0) > 500);
    await cluster.kill('m1');
    await cluster.start('m1');
    await cluster.leader();
    const { count } = await cluster.client('m1').range({ ...EMPTY_RANGE_REQUEST, key: 'k', rangeEnd: 'l' });
    assert.equal(count, 49);
    assert.equal(await rowsIn(cluster), after);
  } finally {
    await cluster.destroy();
  }
});

/** Rows of revisions that lie in the backend of m1. */
async function rowsIn(cluster: RealCluster): Promise<number> {
  const { writer, machine } = cluster.member('m1').replica;
  await writer.reached(machine.applied);
  const view = writer.backend.view();
  const rows = await view.scan('revision', { limit: 1e6, maxBytes: 1e9 });
  await view.close();
  return rows.length;
}

/** What the files of the directory take. */
async function bytesIn(dir: string): Promise<number> {
  const entries = await readdir(dir, { recursive: true });
  const sizes = await Promise.all(entries.map((entry) => stat(join(dir, entry)).catch(() => undefined)));
  return sizes.reduce((sum, each) => sum + (each?.isFile() ? each.size : 0), 0);
}
