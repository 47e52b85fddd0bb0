import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareBytes } from '../../../base/bytes.ts';
import { PAGE_BYTES } from '../../../storage/etcd-file/bolt-format.ts';
import type { BoltRow } from '../../../storage/etcd-file/bolt-writer.ts';
import { EtcdFileError } from '../../../storage/etcd-file/etcd-file-error.ts';
import { asText, type Content, contentOf, fileBytes } from './kit.ts';

const key = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 24 }),
  fc.uint8Array({ minLength: 1500, maxLength: 6000 }), // branch pages that overflow
);
const value = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: PAGE_BYTES - 80, max: PAGE_BYTES + 80 }).map((n) => new Uint8Array(n).fill(7)),
  },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 40_000 }).map((n) => new Uint8Array(n).fill(9)) },
);

function sortedRows(rows: readonly BoltRow[]): readonly BoltRow[] {
  const sorted = [...rows].sort((a, b) => compareBytes(a.key, b.key));
  return sorted.filter((row, i) => i === 0 || compareBytes(sorted[i - 1]?.key ?? row.key, row.key) !== 0);
}

const content: fc.Arbitrary<Content> = fc
  .uniqueArray(
    fc.record({
      name: fc.string({ minLength: 1, maxLength: 20, unit: 'binary-ascii' }),
      rows: fc.array(fc.record({ key, value }), { maxLength: 60 }),
    }),
    { minLength: 1, maxLength: 12, selector: ({ name }) => name },
  )
  .map((buckets) =>
    buckets.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, rows }) => ({ name, rows: sortedRows(rows) })),
  );

/** Rows like those of the bucket of revisions. */
function revisions(count: number, valueBytes: (i: number) => number): readonly BoltRow[] {
  return Array.from({ length: count }, (_, i) => {
    const revision = Buffer.alloc(17, 0x5f);
    revision.writeBigUInt64BE(BigInt(i), 0);
    revision.writeBigUInt64BE(0n, 9);
    return { key: revision, value: Buffer.alloc(valueBytes(i), i & 0xff) };
  });
}

test('what is written is read back, every page in use once', async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.integer({ min: 1, max: 70 }), async (buckets, batch) => {
      const bytes = await fileBytes(buckets, batch);
      assert.equal(bytes.length % PAGE_BYTES, 0);
      assert.deepEqual(asText(await contentOf(bytes)), asText(buckets));
    }),
    { numRuns: 60 },
  );
});

for (const [rows, valueBytes, pages] of [
  [1, 0, 1],
  [123, 0, 1], // 33 bytes a row: a full leaf
  [124, 0, 3], // and one more row: two leaves and a branch
  [123 * 123, 0, 124],
  [123 * 123 + 1, 0, 127], // two branches and one above; no branch has a single child
  [40_000, 60, 940],
] as const) {
  test(`${rows} rows of ${valueBytes} bytes are a tree of ${pages} pages`, async () => {
    const bucket = { name: 'key', rows: revisions(rows, () => valueBytes) };
    const bytes = await fileBytes([bucket], 1000);
    const [read] = await contentOf(bytes);
    assert.equal(read?.rows.length, rows);
    assert.equal(bytes.length / PAGE_BYTES - 3, pages, 'besides two meta pages and the one of the buckets');
    assert.ok(branchesOf(bytes).every((children) => children >= 2));
  });
}

test('long values overflow and stay whole', async () => {
  const bucket = { name: 'key', rows: revisions(200, (i) => (i * 7919) % 90_000) };
  assert.deepEqual(asText(await contentOf(await fileBytes([bucket], 7))), asText([bucket]));
});

test('a damaged file is an EtcdFileError, or nobody can see the damage', async () => {
  const buckets: Content = [
    { name: 'key', rows: revisions(700, (i) => i % 90) },
    { name: 'meta', rows: [] },
  ];
  const sound = await fileBytes(buckets);
  const hit = fc.record({ at: fc.nat(sound.length - 1), byte: fc.integer({ min: 0, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(hit, { minLength: 1, maxLength: 12 }), fc.nat(sound.length), async (hits, cut) => {
      const bytes = Buffer.from(sound);
      for (const { at, byte } of hits) bytes[at] = byte;
      for (const damaged of [bytes, bytes.subarray(0, cut)]) {
        await contentOf(damaged).catch((error: unknown) => assert.ok(error instanceof EtcdFileError, String(error)));
      }
    }),
    { numRuns: 150 },
  );
});

test('garbage is an EtcdFileError', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 20_000 }), async (bytes) => {
      await assert.rejects(contentOf(Buffer.from(bytes)), EtcdFileError);
    }),
    { numRuns: 50 },
  );
});

/** The number of children of every branch page. */
function branchesOf(bytes: Buffer): readonly number[] {
  const children: number[] = [];
  for (let at = 2 * PAGE_BYTES; at < bytes.length; at += PAGE_BYTES * (1 + bytes.readUInt32LE(at + 12))) {
    if (bytes.readUInt16LE(at + 8) === 1) children.push(bytes.readUInt16LE(at + 10));
  }
  return children;
}
