import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DiskFile } from '../../../io/doors.ts';
import { nodeDisk } from '../../../io/node/disk.ts';
import { backendHash } from '../../../storage/etcd-file/backend-hash.ts';
import { BoltReader } from '../../../storage/etcd-file/bolt-reader.ts';
import { type BoltBucket, type BoltRow, planBoltFile, writeBoltFile } from '../../../storage/etcd-file/bolt-writer.ts';
import { databaseBytes } from '../../../storage/etcd-file/digest.ts';

/** Rows by bucket, both sorted. */
export type Content = readonly { readonly name: string; readonly rows: readonly BoltRow[] }[];

/** Buckets whose rows come in batches of `batch`. */
export function bucketsOf(content: Content, batch = 50): readonly BoltBucket[] {
  return content.map(({ name, rows }) => ({
    name: Buffer.from(name, 'latin1'),
    async *rows() {
      for (let i = 0; i < rows.length; i += batch) yield rows.slice(i, i + batch);
    },
  }));
}

export async function fileBytes(content: Content, batch?: number): Promise<Buffer> {
  const buckets = bucketsOf(content, batch);
  const plan = await planBoltFile(buckets);
  const parts: Buffer[] = [];
  for await (const part of writeBoltFile(buckets, plan)) parts.push(part);
  const bytes = Buffer.concat(parts);
  if (bytes.length !== plan.sizeBytes) throw new RangeError(`planned ${plan.sizeBytes}, written ${bytes.length}`);
  return bytes;
}

/** The Hash call's answer, of the database in a snapshot file. */
export async function hashOfFile(bytes: Buffer): Promise<number> {
  const { sizeBytes } = databaseBytes(bytes.length);
  const reader = await BoltReader.open(memoryFile(bytes), sizeBytes, { audit: false });
  return backendHash(
    reader.bucketNames.map((name) => ({ name: Buffer.from(name, 'latin1'), rows: () => reader.rows(name) })),
  );
}

/** A file in memory. */
export function memoryFile(bytes: Buffer): DiskFile {
  const refuse = (): Promise<never> => Promise.reject(new TypeError('only read here'));
  return {
    read: async (offset, sizeBytes) => Buffer.from(bytes.subarray(offset, offset + sizeBytes)),
    readInto: async (offset, into) => bytes.copy(into, 0, offset),
    readIntoNow: (offset, into) => bytes.copy(into, 0, offset),
    size: async () => bytes.length,
    close: async () => undefined,
    write: refuse,
    sync: refuse,
    allocate: refuse,
    truncate: refuse,
  };
}

/** Everything that is in a database, every page accounted for. */
export async function contentOf(bytes: Buffer): Promise<Content> {
  const reader = await BoltReader.open(memoryFile(bytes), bytes.length, { audit: true });
  const content: { name: string; rows: BoltRow[] }[] = [];
  for (const name of reader.bucketNames) {
    const rows: BoltRow[] = [];
    for await (const batch of reader.rows(name)) rows.push(...batch);
    content.push({ name, rows });
  }
  reader.assertAudited();
  return content;
}

/** Comparable: hexadecimal texts. */
export function asText(content: Content): readonly string[] {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return content.flatMap(({ name, rows }) => [
    `[${name}]`,
    ...rows.map(({ key, value }) => `${hex(key)}=${hex(value)}`),
  ]);
}

export async function temporaryDirectory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'keelson-etcd-file-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function openBytes(dir: string, bytes: Buffer): Promise<DiskFile> {
  const path = join(dir, `${Math.random()}.db`);
  await writeFile(path, bytes);
  return nodeDisk.open(path, 'read');
}
