import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  ELEMENT_BYTES,
  encodeMetaPage,
  PAGE_BYTES,
  PAGE_HEADER_BYTES,
} from '../../../storage/etcd-file/bolt-format.ts';
import { BoltReader } from '../../../storage/etcd-file/bolt-reader.ts';
import { EtcdFileError } from '../../../storage/etcd-file/etcd-file-error.ts';
import { contentOf, fileBytes, memoryFile } from './kit.ts';

/** One bucket: leaves 2 and 3 under the branch 4, the buckets in 5. */
let sound: Buffer;

before(async () => {
  const rows = Array.from({ length: 150 }, (_, i) => ({
    key: Buffer.from(`key-${String(i).padStart(8, '0')}`),
    value: Buffer.from(`value ${i}`),
  }));
  sound = await fileBytes([{ name: 'key', rows }]);
  assert.equal(sound.length, 6 * PAGE_BYTES);
});

const page = (id: number): number => id * PAGE_BYTES;
const element = (id: number, index: number): number => page(id) + PAGE_HEADER_BYTES + index * ELEMENT_BYTES;
const both =
  (damage: (bytes: Buffer, meta: number) => void) =>
  (bytes: Buffer): void => {
    damage(bytes, PAGE_HEADER_BYTES);
    damage(bytes, PAGE_BYTES + PAGE_HEADER_BYTES);
  };

/** What is damaged, how, and what the error says. */
const TABLE: readonly (readonly [string, (bytes: Buffer) => unknown, RegExp])[] = [
  ['both magic numbers', both((b, meta) => b.writeUInt32LE(1, meta)), /^page 0: no sound meta page.*no magic number/],
  ['both versions', both((b, meta) => b.writeUInt32LE(3, meta + 4)), /^page 0: no sound meta page.*format version 3/],
  ['both checksums', both((b, meta) => b.writeUInt8(1, meta + 63)), /^page 0: no sound meta page.*wrong checksum/],
  ['a page that names another', (b) => b.writeUInt32LE(9, page(3)), /^page 3: it says that it is page 9$/],
  ['a leaf that is a meta page', (b) => b.writeUInt16LE(4, page(2) + 8), /^page 2: it should be a branch or a leaf/],
  ['too many elements', (b) => b.writeUInt16LE(60_000, page(2) + 10), /^page 2: 60000 elements do not fit/],
  [
    'an endless overflow',
    (b) => b.writeUInt32LE(0xffffffff, page(2) + 12),
    /^page 2: it says that it is \d+ bytes long$/,
  ],
  ['an overflow into the next page', (b) => b.writeUInt32LE(1, page(2) + 12), /^page 3: it is referred to twice$/],
  ['an empty leaf', (b) => b.writeUInt16LE(0, page(2) + 10), /^page 2: an empty leaf$/],
  [
    'a key outside of its page',
    (b) => b.writeUInt32LE(5000, element(2, 3) + 4),
    /^page 2: element 3 lies outside of it$/,
  ],
  ['a key inside the header', (b) => b.writeUInt32LE(4, element(2, 3) + 4), /^page 2: element 3 lies outside of it$/],
  [
    'an endless value',
    (b) => b.writeUInt32LE(0xfffffff0, element(2, 3) + 12),
    /^page 2: element 3 lies outside of it$/,
  ],
  [
    'keys out of order',
    (b) => b.write('~', page(2) + b.subarray(page(2)).indexOf('key-00000005')),
    /^page 2: a key is out of order$/,
  ],
  [
    'a branch key above its child',
    (b) => b.write('key-00000199', page(4) + b.subarray(page(4)).lastIndexOf('key-')),
    /^page 3: a key is below the one in the branch$/,
  ],
  ['a child twice', (b) => b.writeUInt32LE(2, element(4, 1) + 8), /^page 2: it is referred to twice$/],
  ['a child that is its own parent', (b) => b.writeUInt32LE(4, element(4, 1) + 8), /^page 4: it is referred to twice$/],
  [
    'a child beyond the end',
    (b) => b.writeUInt32LE(6, element(4, 1) + 8),
    /^something refers to page 6, the pages are 2 to 5$/,
  ],
  [
    'a child beyond all numbers',
    (b) => b.fill(0xff, element(4, 1) + 8, element(4, 1) + 16),
    /^something refers to page Infinity/,
  ],
  ['a branch without children', (b) => b.writeUInt16LE(0, page(4) + 10), /^page 4: a branch without children$/],
  ['a row among the buckets', (b) => b.writeUInt32LE(0, element(5, 0)), /^there is a row among the buckets$/],
  ['a bucket among the rows', (b) => b.writeUInt32LE(1, element(2, 0)), /^the bucket "key" has a bucket in it$/],
];

for (const [what, damage, message] of TABLE) {
  test(`${what}: ${message.source}`, async () => {
    const bytes = Buffer.from(sound);
    damage(bytes);
    const error: unknown = await contentOf(bytes).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof EtcdFileError, String(error));
    assert.equal(error.code, 'CORRUPT');
    assert.match(error.message, message);
  });
}

test('a file that was cut says at which page', async () => {
  await assert.rejects(contentOf(sound.subarray(0, page(4) + 100)), {
    message: 'page 4: the file ends here, of 6 pages it has 4',
  });
});

test('one damaged meta page is what the other is for', async () => {
  for (const id of [0, 1]) {
    const bytes = Buffer.from(sound);
    bytes.fill(0, page(id), page(id + 1));
    const [bucket] = await contentOf(bytes);
    assert.equal(bucket?.rows.length, 150);
  }
});

test('what lies behind the last page counts for nothing', async () => {
  const [bucket] = await contentOf(Buffer.concat([sound, Buffer.alloc(5 * PAGE_BYTES, 0xaa)]));
  assert.equal(bucket?.rows.length, 150);
});

/** The sound file with a freelist in page 6 that names `free`, of 8 pages. */
function withFreelist(free: readonly number[], count = free.length): Buffer {
  const bytes = Buffer.concat([sound, Buffer.alloc(2 * PAGE_BYTES)]);
  const meta = encodeMetaPage(0, { root: 5, pages: 8, txid: 7n });
  meta.writeBigUInt64LE(6n, PAGE_HEADER_BYTES + 32);
  meta.writeBigUInt64LE(fnv1a64(meta.subarray(PAGE_HEADER_BYTES, PAGE_HEADER_BYTES + 56)), PAGE_HEADER_BYTES + 56);
  meta.copy(bytes);
  bytes.writeUInt32LE(6, page(6));
  bytes.writeUInt16LE(0x10, page(6) + 8);
  bytes.writeUInt16LE(count, page(6) + 10);
  const list = count === 0xffff ? [free.length, ...free] : free;
  for (const [i, id] of list.entries()) bytes.writeUInt32LE(id, page(6) + PAGE_HEADER_BYTES + 8 * i);
  return bytes;
}

function fnv1a64(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn;
  return hash;
}

test('a freelist must agree with what is in use', async () => {
  await contentOf(withFreelist([7]));
  await contentOf(withFreelist([7], 0xffff));
  const table: readonly (readonly [Buffer, RegExp])[] = [
    [withFreelist([]), /^page 7: nothing refers to it and it is not free$/],
    [withFreelist([7, 7]), /^page 7: the freelist names it twice$/],
    [withFreelist([7, 3]), /^page 3: it is in use, the freelist says that it is free$/],
    [withFreelist([7, 8]), /^the freelist names page 8$/],
    [withFreelist([7], 2000), /^page 6: a freelist of 2000 pages$/],
  ];
  for (const [bytes, message] of table) await assert.rejects(contentOf(bytes), { name: 'EtcdFileError', message });
});

test('a walk that leads back ends also without the audit', async () => {
  for (const child of [2, 4]) {
    const bytes = Buffer.from(sound);
    bytes.writeUInt32LE(child, element(4, 1) + 8);
    const reader = await BoltReader.open(memoryFile(bytes), bytes.length, { audit: false });
    await assert.rejects(
      async () => {
        for await (const rows of reader.rows('key')) assert.ok(rows.length > 0);
      },
      { name: 'EtcdFileError', message: /out of order|below the one in the branch/ },
    );
  }
});
