import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8Bytes, utf8Text } from '../../../base/bytes.ts';
import { encodeConfRow } from '../../../proto/gen/command.ts';
import { encodeMember } from '../../../proto/gen/etcd.ts';
import type { Backend } from '../../../storage/backend/backend.ts';
import { MemoryBackends } from '../../../storage/backend/memory.ts';
import { BoltReader } from '../../../storage/etcd-file/bolt-reader.ts';
import { encodeEtcdRevision, uint64Bytes } from '../../../storage/etcd-file/buckets.ts';
import { databaseBytes } from '../../../storage/etcd-file/digest.ts';
import { importRows } from '../../../storage/etcd-file/import.ts';
import { etcdSnapshot } from '../../../storage/etcd-file/snapshot-stream.ts';
import { appliedRow, compactRow, leaseRow } from '../../../storage/machine/rows.ts';
import { encodeTombstone, keyValueSize, writeKeyValue } from '../../../storage/mvcc/key-value.ts';
import { fileBytes, memoryFile } from './kit.ts';

/** Which row becomes which, both ways. */

const LEASE = -5n; // ids are 64 bits with a sign
const KEEP = { bumpRevision: 0, dropAuth: false };

async function exported(backend: Backend): Promise<BoltReader> {
  const view = backend.view();
  const parts: Uint8Array[] = [];
  for await (const { bytes } of etcdSnapshot(view)) parts.push(bytes);
  await view.close();
  const bytes = Buffer.concat(parts);
  return BoltReader.open(memoryFile(bytes), databaseBytes(bytes.length).sizeBytes, { audit: false });
}

async function imported(reader: BoltReader, options = KEEP): Promise<Backend> {
  const backend = await new MemoryBackends().open('/b', 'revisionsFirst');
  const rows = importRows(reader, options);
  for (let step = await rows.next(); step.done !== true; step = await rows.next()) await backend.write(step.value);
  return backend;
}

async function reading(buckets: Parameters<typeof fileBytes>[0]): Promise<BoltReader> {
  const bytes = await fileBytes(buckets);
  return BoltReader.open(memoryFile(bytes), bytes.length, { audit: false });
}

function keyValue(key: string, revision: number, value = ''): Uint8Array {
  const bytes = new Uint8Array(keyValueSize(key, revision, revision, 1, utf8Bytes(value), LEASE));
  writeKeyValue(bytes, 0, key, revision, revision, 1, utf8Bytes(value), LEASE);
  return bytes;
}

const textRows = async (reader: BoltReader, bucket: string): Promise<readonly string[]> =>
  (await reader.allRows(bucket)).map(({ key, value }) => `${utf8Text(key)} ${utf8Text(value)}`);

test('a member’s rows as etcd’s buckets', async () => {
  const backend = await new MemoryBackends().open('/b', 'revisionsFirst');
  const ids = [0x8211f1d0f64f3269n, 0x91n] as const;
  const member = {
    ID: ids[1],
    name: 'm1',
    peerURLs: ['http://a:1'],
    clientURLs: ['http://a:2', 'http://b:2'],
    isLearner: true,
  };
  const idKey = Buffer.alloc(8);
  idKey.writeBigUInt64BE(ids[1]);
  const conf = { voters: [ids[0]], learners: [ids[1]], votersOutgoing: [], learnersNext: [], autoLeave: false };
  await backend.write([
    appliedRow(300, 7),
    compactRow(4),
    leaseRow(LEASE, 60),
    { op: 'put', space: 'meta', key: utf8Bytes('conf'), value: encodeConfRow(conf) },
    { op: 'put', space: 'meta', key: Buffer.concat([utf8Bytes('removed/'), idKey]), value: Buffer.of(1) },
    { op: 'put', space: 'member', key: idKey, value: encodeMember(member) },
  ]);
  const reader = await exported(backend);
  assert.deepEqual(await textRows(reader, 'members'), [
    '91 {"id":145,"peerURLs":["http://a:1"],"isLearner":true,"name":"m1","clientURLs":["http://a:2","http://b:2"]}',
  ]);
  assert.deepEqual(await textRows(reader, 'members_removed'), ['91 removed']);
  assert.deepEqual(await textRows(reader, 'cluster'), ['clusterVersion 3.5.0']);
  const meta = new Map((await reader.allRows('meta')).map(({ key, value }) => [utf8Text(key), Buffer.from(value)]));
  assert.deepEqual([...meta.keys()], ['confState', 'consistent_index', 'scheduledCompactRev', 'term']);
  assert.equal(
    meta.get('confState')?.toString(),
    '{"voters":[9372538179322589801],"learners":[145],"auto_leave":false}',
  );
  assert.deepEqual(meta.get('consistent_index'), Buffer.from(uint64Bytes(300)));
  assert.deepEqual(meta.get('term'), Buffer.from(uint64Bytes(7)));
  assert.deepEqual(meta.get('scheduledCompactRev'), Buffer.from(encodeEtcdRevision(4, 0)));
});

test('what is restored is what was saved: revisions, leases, users and roles', async () => {
  const tombstone = Buffer.concat([encodeEtcdRevision(3, 0), utf8Bytes('t')]);
  const lease = Buffer.from('08fbffffffffffffffff01103c', 'hex');
  const leaseKey = Buffer.alloc(8);
  leaseKey.writeBigInt64BE(LEASE);
  const user = Buffer.from('0a04726f6f741a04726f6f74', 'hex');
  const buckets = [
    {
      name: 'auth',
      rows: [
        { key: utf8Bytes('authEnabled'), value: Buffer.of(1) },
        { key: utf8Bytes('authRevision'), value: uint64Bytes(9) },
      ],
    },
    { name: 'authRoles', rows: [] },
    {
      name: 'authUsers',
      rows: [
        { key: utf8Bytes('a/b'), value: user },
        { key: utf8Bytes('root'), value: user },
      ],
    },
    {
      name: 'key',
      rows: [
        { key: encodeEtcdRevision(2, 0), value: keyValue('a', 2, 'x') },
        { key: encodeEtcdRevision(2, 1), value: keyValue('b', 2) },
        { key: tombstone, value: encodeTombstone('a', 0) },
      ],
    },
    { name: 'lease', rows: [{ key: leaseKey, value: lease }] },
    { name: 'meta', rows: [{ key: utf8Bytes('finishedCompactRev'), value: encodeEtcdRevision(2, 0) }] },
  ];
  const again = await exported(await imported(await reading(buckets)));
  const rowsOf = async (reader: BoltReader, bucket: string): Promise<readonly string[]> =>
    (await reader.allRows(bucket)).map(({ key, value }) =>
      Buffer.concat([key, Buffer.of(0xff), value]).toString('hex'),
    );
  const before = await reading(buckets);
  for (const { name } of buckets.slice(0, 5))
    assert.deepEqual(await rowsOf(again, name), await rowsOf(before, name), name);
  assert.deepEqual(
    (await again.allRows('meta')).map(({ key }) => utf8Text(key)),
    ['scheduledCompactRev'],
  );
  const open = await exported(await imported(await reading(buckets), { ...KEEP, dropAuth: true }));
  assert.deepEqual([await open.allRows('auth'), await open.allRows('authUsers')], [[], []]);
});

test('of the rows that hold a raised revision only the last stays', async () => {
  const empty = new Uint8Array(0);
  const key = {
    name: 'key',
    rows: [
      { key: encodeEtcdRevision(2, 0), value: keyValue('a', 2) },
      { key: encodeEtcdRevision(100, 0), value: empty },
      { key: encodeEtcdRevision(101, 0), value: keyValue('b', 101) },
    ],
  };
  const again = await exported(await imported(await reading([key]), { ...KEEP, bumpRevision: 1000 }));
  const rows = (await again.allRows('key')).map((row) => [Buffer.from(row.key).readUInt32BE(4), row.value.length > 0]);
  assert.deepEqual(rows, [
    [2, true],
    [101, true],
    [1101, false],
  ]);
});

/** Rows that etcd never writes, by bucket. */
const REFUSED: readonly (readonly [string, string, Uint8Array, Uint8Array])[] = [
  ['a key that is no revision', 'key', utf8Bytes('hello'), keyValue('a', 2)],
  ['a revision without its separator', 'key', encodeEtcdRevision(2, 0).fill(0x2d, 8, 9), keyValue('a', 2)],
  ['a revision beyond 2^53', 'key', encodeEtcdRevision(2, 0).fill(0xff, 0, 8), keyValue('a', 2)],
  ['revision 0', 'key', encodeEtcdRevision(0, 0), keyValue('a', 0)],
  ['a value that is no KeyValue', 'key', encodeEtcdRevision(2, 0), Buffer.of(1, 2, 3)],
  ['a KeyValue of another revision', 'key', encodeEtcdRevision(2, 0), keyValue('a', 3)],
  ['a tombstone without a key', 'key', Buffer.concat([encodeEtcdRevision(2, 0), utf8Bytes('t')]), Buffer.alloc(0)],
  ['a lease under another id', 'lease', Buffer.alloc(8, 1), Buffer.of(8, 2, 16, 60)],
  ['a lease without an id', 'lease', Buffer.alloc(8), Buffer.of(16, 60)],
  ['a lease that is none', 'lease', Buffer.alloc(8, 1), Buffer.of(0xff)],
  ['a compaction that is no revision', 'meta', utf8Bytes('scheduledCompactRev'), Buffer.of(4)],
  ['a user that is none', 'authUsers', utf8Bytes('u'), Buffer.of(0x0a, 9)],
  ['a role that is none', 'authRoles', utf8Bytes('r'), Buffer.of(0x0a, 9)],
];

test('what etcd never writes is refused, naming the row', async () => {
  for (const [what, name, key, value] of REFUSED) {
    const buckets = [...(name === 'key' ? [] : [{ name: 'key', rows: [] }]), { name, rows: [{ key, value }] }];
    const sorted = buckets.sort((a, b) => (a.name < b.name ? -1 : 1));
    const message = `the row ${Buffer.from(key).toString('hex')} of the bucket "${name}" is none that etcd writes`;
    await assert.rejects(
      async () => imported(await reading(sorted)),
      { name: 'EtcdFileError', code: 'CORRUPT', message },
      what,
    );
  }
  await assert.rejects(async () => imported(await reading([{ name: 'other', rows: [] }])), /it has no bucket "key"/);
});
