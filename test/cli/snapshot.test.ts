import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { nodeDisk } from '../../io/node/disk.ts';
import { EMPTY_USER, encodeUser } from '../../proto/gen/etcd.ts';
import { checkedStore } from '../../storage/backend/checked.ts';
import { rocksStore } from '../../storage/backend/rocks.ts';
import { KEELSON, temporaryFolder } from '../kit/cluster.ts';
import { type RunResult, run } from '../kit/process.ts';
import { putOf } from '../kit/writers.ts';
import { RealCluster } from '../member/kit.ts';
import { fakeKv, serveFake } from '../rpc/fake-kv.ts';
import { fileBytes } from '../storage/etcd-file/kit.ts';

/** `keelson snapshot` as a user types it, without any other program. */

let folder: { readonly path: string; remove(): Promise<void> };
let cluster: RealCluster;
let server: Awaited<ReturnType<typeof serveFake>>;
let backup: string;

before(async () => {
  folder = await temporaryFolder();
  cluster = await RealCluster.create(1);
  await cluster.start();
  const kv = cluster.client(await cluster.leader());
  for (let i = 0; i < 20; i++) await kv.put(putOf(`k${i % 10}`, `v${i}`));
  server = await serveFake(kv);
  backup = join(folder.path, 'backup.db');
  const saved = await keelson('snapshot', 'save', backup, '--endpoints', server.url);
  assert.deepEqual(saved, { code: 0, stdout: `Snapshot saved at ${backup}\n`, stderr: '' });
});
after(async () => {
  await server?.server.close();
  await cluster?.destroy();
  await folder?.remove();
});

const keelson = (...args: readonly string[]): Promise<RunResult> =>
  run(process.execPath, [KEELSON, ...args], { timeoutMs: 30_000, cwd: folder.path });

/** Signed with its SHA-256, as a saved file is. */
async function saved(name: string, database: Buffer): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, Buffer.concat([database, createHash('sha256').update(database).digest()]));
  return path;
}

test('save: the file is its owner’s alone, an existing one stays, nothing is left of one that fails', async () => {
  assert.equal((await stat(backup)).mode & 0o777, 0o600);
  const before = await readFile(backup);
  const again = await keelson('snapshot', 'save', backup, '--endpoints', server.url);
  assert.deepEqual([again.code, again.stderr], [1, `keelson: ${backup}: is there already\n`]);
  assert.deepEqual(await readFile(backup), before);
  const broken = await serveFake(
    fakeKv({
      async *snapshot() {
        yield { header: undefined, remainingBytes: 0, blob: Buffer.alloc(4096), version: '' };
        yield { header: undefined, remainingBytes: 0, blob: Buffer.alloc(32), version: '' };
      },
    }),
  );
  try {
    const failed = await keelson('snapshot', 'save', 'broken.db', '--endpoints', broken.url);
    assert.match(failed.stderr, /its SHA-256 is not the one that it ends with\n$/);
    assert.equal(failed.code, 1);
  } finally {
    await broken.server.close();
  }
  assert.deepEqual(await readdir(folder.path), ['backup.db']);
});

test('status in every format', async () => {
  const json = JSON.parse((await keelson('snapshot', 'status', backup, '-w', 'json')).stdout) as Record<
    string,
    unknown
  >;
  const { hash, totalSize } = json;
  assert.deepEqual(json, { hash, revision: 21, totalKey: 10, totalSize, version: '' });
  assert.equal(totalSize, (await stat(backup)).size - 32);
  const simple = await keelson('snapshot', 'status', backup);
  assert.equal(simple.stdout, `${Number(hash).toString(16)}, 21, 10, 29 kB, \n`);
  const table = (await keelson('snapshot', 'status', '--write-out=table', backup)).stdout.split('\n');
  assert.equal(
    table[1],
    `|${centred('HASH', Number(hash).toString(16).length + 2)}| REVISION | TOTAL KEYS | TOTAL SIZE | VERSION |`,
  );
  assert.ok(table.every((line) => line === '' || line.length === table[0]?.length));
  assert.match(
    (await keelson('snapshot', 'status', backup, '-w', 'fields')).stdout,
    /^"Hash" : \d+\n"Revision" : 21\n"Keys" : 10\n/,
  );
});

test('restore, with a switch before the file or after it', async () => {
  const first = await keelson(
    'snapshot',
    'restore',
    '--skip-hash-check',
    backup,
    '--data-dir',
    'first',
    '--bump-revision',
    '0',
  );
  assert.match(first.stdout, /revision 21, nothing compacted, 20 revisions of keys, 0 leases\.\n/);
  const second = await keelson('snapshot', 'restore', backup, '--skip-hash-check=false', '--data-dir', 'second');
  assert.match(second.stdout, /revision 1000000021, compacted at 1000000021, 20 revisions of keys, 0 leases\.\n/);
  assert.deepEqual(await readdir(join(folder.path, 'second')), ['FORMAT', 'backend', 'wal']);
});

test('users and roles are restored unless they are to be left out; what is none is refused', async () => {
  const user = encodeUser({ ...EMPTY_USER, name: utf8Bytes('root'), password: utf8Bytes('hash') });
  const file = (name: string, row: Uint8Array): Promise<string> =>
    fileBytes([
      { name: 'auth', rows: [{ key: Buffer.from('authEnabled'), value: Buffer.of(1) }] },
      { name: 'authUsers', rows: [{ key: Buffer.from('root'), value: row }] },
      { name: 'key', rows: [] },
    ]).then((database) => saved(name, database));
  const rowsOf = async (dir: string): Promise<readonly string[]> => {
    const backend = await checkedStore(rocksStore(nodeDisk), (error) => assert.fail(error.message)).open(
      join(folder.path, dir, 'backend', '1'),
      'revisionsFirst',
    );
    const view = backend.view();
    const rows = await view.scan('auth', { limit: 10, maxBytes: 10_000 });
    await view.close();
    await backend.close();
    return rows.map(({ key, value }) => `${utf8Text(key)} ${Buffer.from(value).toString('hex')}`);
  };
  const sound = await file('auth.db', user);
  assert.equal((await keelson('snapshot', 'restore', sound, '--data-dir', 'kept')).code, 0);
  assert.deepEqual(await rowsOf('kept'), [
    'auth/authEnabled 01',
    `authUsers/root ${Buffer.from(user).toString('hex')}`,
  ]);
  assert.equal((await keelson('snapshot', 'restore', '--drop-auth', sound, '--data-dir', 'dropped')).code, 0);
  assert.deepEqual(await rowsOf('dropped'), []);
  const refused = await keelson(
    'snapshot',
    'restore',
    await file('bad.db', Buffer.of(0x0a, 0x7f)),
    '--data-dir',
    'bad',
  );
  assert.equal(
    refused.stderr,
    `keelson: ${join(folder.path, 'bad.db')}: the row 726f6f74 of the bucket "authUsers" is none that etcd writes\n`,
  );
  assert.ok(!(await readdir(folder.path)).some((name) => name.startsWith('bad') && name !== 'bad.db'));
});

/** Arguments, exit code, what is said. */
const REFUSALS: readonly (readonly [readonly string[], number, RegExp])[] = [
  [['status'], 2, /missing required argument 'file'/],
  [['status', 'a', 'b'], 2, /too many arguments/],
  [['status', 'a', '-w', 'yaml'], 2, /Allowed choices are simple, json, table, fields/],
  [['status', 'nothing.db'], 1, /nothing\.db: ENOENT/],
  [['restore'], 2, /missing argument: the snapshot file/],
  [['restore', 'a', '--skip-hash-check', 'b'], 2, /too many arguments: a b/],
  [['restore', 'a', '--bump-revision', '-1'], 2, /--bump-revision: must be a whole number of at least 0/],
  [
    ['restore', 'a', '--bump-revision', '0', '--mark-compacted'],
    2,
    /--mark-compacted required if --bump-revision > 0, disallowed otherwise/,
  ],
  [['restore', 'a', '--mark-compacted=false'], 2, /--mark-compacted=false needs --bump-revision 0/],
  [['restore', 'a', '--wal-dir', 'w'], 2, /--wal-dir is not supported/],
  [
    ['restore', 'a', '--name', 'x', '--initial-cluster', 'y=http://127.0.0.1:1'],
    2,
    /couldn't find local name "x" in the initial cluster/,
  ],
  [['restore', 'a', '--initial-cluster', 'default=ftp://h:1'], 2, /URL must begin with http/],
  [['save'], 2, /missing argument: the snapshot file/],
  [['save', 'a', '--endpoints', 'http://a:1,http://b:1'], 2, /one selected member/],
  [['save', 'a', '--cert', 'c'], 2, /--cert and --key go together/],
  [['save', 'a', '--cacert', 'nothing.pem'], 2, /--cacert: cannot read nothing\.pem/],
  [['save', 'a', '--endpoints', 'http://127.0.0.1:1'], 1, /connect|ECONNREFUSED|No connection/i],
  [['rescue'], 2, /unknown command 'rescue'/],
];

test('what is refused is one line and an exit code, and writes nothing', async () => {
  const before = await readdir(folder.path);
  for (const [args, code, message] of REFUSALS) {
    const result = await keelson('snapshot', ...args);
    assert.match(result.stderr, message, args.join(' '));
    assert.match(result.stderr, /^keelson: [^\n]+\n$/, args.join(' '));
    assert.equal(result.code, code, args.join(' '));
  }
  assert.deepEqual(await readdir(folder.path), before);
});

/** A head in the middle of its column, as wide as the widest cell: a hash has leading zeros now and then. */
function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return text.padStart(left + text.length).padEnd(width);
}
