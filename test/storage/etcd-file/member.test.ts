import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { utf8Bytes } from '../../../base/bytes.ts';
import type { KvClient } from '../../../client/kv-client.ts';
import { MEMBER_LIMITS } from '../../../member/limits.ts';
import { localClient } from '../../../member/local-client.ts';
import { startMember } from '../../../member/member.ts';
import { type RestoreOptions, restoreEtcdFile } from '../../../member/restore-etcd-file.ts';
import type { HashKVResponse } from '../../../proto/gen/etcd.ts';
import { ETCD_FILE_LIMITS } from '../../../storage/etcd-file/limits.ts';
import { etcdFileStatus } from '../../../storage/etcd-file/status.ts';
import { putOf, rangeOf } from '../../kit/writers.ts';
import { RealCluster, realDoors, until } from '../../member/kit.ts';
import { hashOfFile, memoryFile, temporaryDirectory } from './kit.ts';

/** A member with a history, its snapshot, and what comes of it. */

const LEASE = 0x7fff_0000_0000_0001n;
const COMPACTED = 6;

let folder: { readonly path: string; remove(): Promise<void> };
let cluster: RealCluster;
let kv: KvClient;
let file: string;
let hash: HashKVResponse;

before(async () => {
  folder = await temporaryDirectory();
  cluster = await RealCluster.create(1);
  await cluster.start();
  kv = cluster.client(await cluster.leader());
  await kv.leaseGrant({ ID: LEASE, TTL: 600 });
  for (let i = 0; i < 300; i++) await kv.put(putOf(`key/${i % 100}`, `value ${i}`));
  await kv.put({ ...putOf('attached', 'x'), lease: LEASE });
  await kv.put(putOf('long', 'x'.repeat(1_000_000)));
  await kv.deleteRange({ key: 'key/7', rangeEnd: '', prevKv: false });
  await kv.compact({ revision: COMPACTED, physical: true });
  hash = await kv.hashKv({ revision: 0 });
  file = join(folder.path, 'backup.db');
  await writeFile(file, await snapshotOf(kv));
});
after(async () => {
  await cluster?.destroy();
  await folder?.remove();
});

async function snapshotOf(store: KvClient): Promise<Buffer> {
  const blobs: Uint8Array[] = [];
  for await (const { blob } of store.snapshot()) blobs.push(blob);
  return Buffer.concat(blobs);
}

let restores = 0;

/** Restores into a new directory, starts the member, hands it to `look`. */
async function restored(options: Partial<RestoreOptions>, look: (store: KvClient) => Promise<void>): Promise<void> {
  const config = {
    ...cluster.config('m1'),
    dataDir: join(folder.path, `restored-${restores++}`),
    listenPeerAddresses: ['127.0.0.1:0'],
  };
  await restoreEtcdFile(config, realDoors(), {
    path: file,
    skipHashCheck: false,
    bumpRevision: 0,
    dropAuth: false,
    ...options,
  });
  const member = await startMember(config, realDoors());
  try {
    await until(() => member.isLeader || undefined);
    await look(localClient(member));
  } finally {
    await member.stop();
  }
}

test('the hash of everything is that of the file', async () => {
  const { hash: whole, header } = await kv.hash();
  assert.equal(whole, await hashOfFile(await snapshotOf(kv)));
  assert.equal(header?.revision, hash.header?.revision);
  await kv.put(putOf('key/1', 'another'));
  assert.notEqual((await kv.hash()).hash, whole);
  await writeFile(file, await snapshotOf(kv));
  hash = await kv.hashKv({ revision: 0 });
});

test('pieces are of 32 KiB, count down, and end with the digest', async () => {
  let total: number | undefined;
  let received = 0;
  const digest = createHash('sha256');
  let last: Uint8Array = new Uint8Array(0);
  for await (const { blob, remainingBytes, version, header } of kv.snapshot()) {
    assert.equal(version, '3.5.0');
    assert.equal(header, undefined);
    last = blob;
    if (remainingBytes === 0 && blob.length === 32) break;
    total ??= remainingBytes + blob.length;
    assert.ok(blob.length === ETCD_FILE_LIMITS.blobBytes || remainingBytes === 0);
    received += blob.length;
    assert.equal(remainingBytes, total - received);
    digest.update(blob);
  }
  assert.equal(received, total);
  assert.deepEqual(Buffer.from(last), digest.digest());
});

test('a snapshot is of one moment, whatever is written while it is read; other calls are answered', async () => {
  const before = await kv.hashKv({ revision: 0 });
  const blobs: Uint8Array[] = [];
  for await (const { blob } of kv.snapshot()) {
    blobs.push(blob);
    await kv.put(putOf('meanwhile', String(blobs.length)));
  }
  const bytes = Buffer.concat(blobs);
  const status = await etcdFileStatus(memoryFile(bytes));
  assert.equal(status.revision, before.hashRevision);
});

test('no more than a few at a time; one that is left makes room', async () => {
  const open = await Promise.all(
    Array.from({ length: MEMBER_LIMITS.maxEtcdSnapshots }, async () => {
      const iterator = kv.snapshot()[Symbol.asyncIterator]();
      await iterator.next();
      return iterator;
    }),
  );
  await assert.rejects(snapshotOf(kv), { code: 'TOO_MANY_REQUESTS' });
  for (const iterator of open) await iterator.return?.();
  assert.ok((await snapshotOf(kv)).length > 0);
});

test('a caller that gives up', async () => {
  const abort = new AbortController();
  const pieces = kv.snapshot({ signal: abort.signal })[Symbol.asyncIterator]();
  await pieces.next();
  abort.abort();
  await assert.rejects(pieces.next(), { code: 'REQUEST_CANCELED' });
  await assert.rejects(kv.snapshot({ timeoutMs: 0 })[Symbol.asyncIterator]().next(), { code: 'DEADLINE_EXCEEDED' });
});

test('restored as it was: every revision, leases with their keys, the compact revision', async () => {
  await restored({ bumpRevision: 0 }, async (store) => {
    const again = await store.hashKv({ revision: hash.hashRevision });
    assert.deepEqual(
      [again.hash, again.compactRevision, again.hashRevision],
      [hash.hash, hash.compactRevision, hash.hashRevision],
    );
    const old = await store.range({ ...rangeOf('key/50'), revision: 60 });
    assert.deepEqual(old.kvs.length, 1);
    await assert.rejects(store.range({ ...rangeOf('key/50'), revision: COMPACTED - 1 }), { code: 'COMPACTED' });
    const lease = await store.leaseTimeToLive({ ID: LEASE, keys: true });
    assert.equal(lease.grantedTTL, 600);
    assert.deepEqual(lease.keys, ['attached']);
    const [long] = (await store.range(rangeOf('long'))).kvs;
    assert.ok(long !== undefined);
    const put = await store.put(putOf('next', '1'));
    assert.equal(put.header?.revision, hash.hashRevision + 1);
    await store.leaseRevoke({ ID: LEASE });
    assert.equal((await store.range(rangeOf('attached'))).kvs.length, 0);
  });
});

test('restored with a raised revision: what came before is compacted, what is there stays', async () => {
  await restored({ bumpRevision: 1000 }, async (store) => {
    const raised = hash.hashRevision + 1000;
    const all = await store.range(rangeOf('\0', '\0'));
    assert.equal(all.header?.revision, raised);
    assert.equal(all.count, 101);
    await assert.rejects(store.range({ ...rangeOf('long'), revision: raised - 1 }), { code: 'COMPACTED' });
    assert.equal((await store.range({ ...rangeOf('long'), revision: raised })).count, 1);
    assert.equal((await store.put(putOf('next', '1'))).header?.revision, raised + 1);
  });
});

test('members that were restored from different files, or not at all, are of different clusters', async () => {
  const ids: (bigint | undefined)[] = [];
  const look = async (store: KvClient): Promise<void> => {
    ids.push((await store.memberList({ linearizable: true })).header?.clusterId);
  };
  await restored({ bumpRevision: 0 }, look);
  await restored({ bumpRevision: 0 }, look);
  await restored({ bumpRevision: 7 }, look);
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[0], ids[2]);
  assert.ok(!ids.includes(cluster.member('m1').clusterId));
});

test('nothing is left of a restore that failed, and nothing is written into a directory that is not empty', async () => {
  const bytes = await snapshotOf(kv);
  const dataDir = join(folder.path, 'refused');
  const config = { ...cluster.config('m1'), dataDir };
  const attempt = async (name: string, content: Buffer, options: Partial<RestoreOptions> = {}): Promise<void> => {
    const path = join(folder.path, name);
    await writeFile(path, content);
    await restoreEtcdFile(config, realDoors(), {
      path,
      skipHashCheck: false,
      bumpRevision: 0,
      dropAuth: false,
      ...options,
    });
  };
  const flipped = Buffer.from(bytes);
  flipped.writeUInt32LE(1, 2 * 4096); // the first page says that it is another
  await assert.rejects(attempt('flipped.db', flipped), { code: 'DIGEST' });
  await assert.rejects(attempt('flipped.db', flipped, { skipHashCheck: true }), { code: 'CORRUPT' });
  await assert.rejects(attempt('bare.db', bytes.subarray(0, -32)), {
    code: 'DIGEST',
    message: 'snapshot missing hash but --skip-hash-check=false',
  });
  await assert.rejects(attempt('short.db', bytes.subarray(0, 8192), { skipHashCheck: true }), { code: 'CORRUPT' });
  assert.deepEqual(
    (await readdir(folder.path)).filter((name) => name.startsWith('refused')),
    [],
  );
  await attempt('bare.db', bytes.subarray(0, -32), { skipHashCheck: true });
  await assert.rejects(attempt('bare.db', bytes), /is not empty/);
  assert.deepEqual(
    (await readdir(folder.path)).filter((name) => name.startsWith('refused')),
    ['refused'],
  );
});

test('a restore that was interrupted is begun anew', async () => {
  const dataDir = join(folder.path, 'interrupted');
  await mkdir(join(`${dataDir}.restoring`, 'wal'), { recursive: true });
  await writeFile(join(`${dataDir}.restoring`, 'wal', 'something'), utf8Bytes('half'));
  const config = { ...cluster.config('m1'), dataDir };
  const done = await restoreEtcdFile(config, realDoors(), {
    path: file,
    skipHashCheck: false,
    bumpRevision: 0,
    dropAuth: false,
  });
  assert.equal(done.revision, hash.hashRevision);
  assert.deepEqual(await readdir(dataDir), ['FORMAT', 'backend', 'wal']);
});
